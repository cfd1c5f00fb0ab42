/** Off means off: no span is recorded, no request is sent, and tracing can be enabled again. */

import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import * as mlflow from "mlflow-ag2";
import { type RecordingServer, startRecordingServer } from "../support/recording-server.js";
import { SHORT_CHAT_SPANS, shortChat } from "./chats.js";
import { lastTrace, resetTracing } from "./tracing.js";

const globals = globalThis as { MLFLOW_AG2_DISABLED?: boolean };

/** Every way to switch off within a program, and the way back. */
const WAYS: Record<string, { off: () => void; on: () => void; leavesEnabled: boolean }> = {
  "autolog({ disable: true })": {
    off: () => mlflow.autolog({ disable: true }),
    on: () => mlflow.autolog(),
    leavesEnabled: true,
  },
  "autolog({ logTraces: false })": {
    off: () => mlflow.autolog({ logTraces: false }),
    on: () => mlflow.autolog(),
    leavesEnabled: true,
  },
  "disable()": { off: mlflow.disable, on: mlflow.enable, leavesEnabled: false },
  "disable() and autolog() after it": {
    off: () => {
      mlflow.disable();
      mlflow.autolog();
    },
    on: mlflow.enable,
    leavesEnabled: false,
  },
  "globalThis.MLFLOW_AG2_DISABLED": {
    off: () => void (globals.MLFLOW_AG2_DISABLED = true),
    on: () => void delete globals.MLFLOW_AG2_DISABLED,
    leavesEnabled: false,
  },
};

describe("off means off", () => {
  let server: RecordingServer;

  beforeEach(async () => {
    await resetTracing();
    server = await startRecordingServer();
  });
  afterEach(async () => {
    await resetTracing();
    await server.stop();
  });

  test("without autolog() nothing is recorded", async () => {
    mlflow.setTrackingUri(server.uri);
    const before = mlflow.stats();
    await shortChat();
    await mlflow.flush();
    assert.equal(mlflow.stats().started, before.started);
    assert.equal(server.received.length, 0);
  });

  for (const [way, { off, on, leavesEnabled }] of Object.entries(WAYS)) {
    test(`with ${way} no span is made and no request sent`, async () => {
      mlflow.autolog();
      mlflow.setTrackingUri(server.uri);
      off();
      const { started } = mlflow.stats();
      const lastId = mlflow.getLastActiveTraceId();
      await shortChat();
      await mlflow.flush();
      assert.equal(mlflow.stats().started, started);
      assert.equal(mlflow.getLastActiveTraceId(), lastId);
      assert.equal(mlflow.isEnabled(), leavesEnabled);
      assert.deepEqual(server.received, []);
    });

    test(`after ${way} tracing can be switched on again`, async () => {
      mlflow.autolog();
      mlflow.setTrackingUri(server.uri);
      off();
      await shortChat();
      on();
      const { started } = mlflow.stats();
      await shortChat();
      const { delivered } = await mlflow.flush();
      assert.equal(mlflow.stats().started - started, SHORT_CHAT_SPANS);
      assert.equal(delivered, SHORT_CHAT_SPANS);
      assert.equal(server.exports().length, 1);
      assert.equal(mlflow.isEnabled(), true);
    });
  }

  test("a chat has the same result with tracing on and off", async () => {
    const off = await shortChat();
    mlflow.autolog();
    const on = await shortChat();
    assert.deepEqual({ ...on, chatId: 0 }, { ...off, chatId: 0 });
    assert.equal((await lastTrace()).data.spans.length, SHORT_CHAT_SPANS);
  });

  test("spans that were recorded before disable() are still delivered", async () => {
    mlflow.autolog();
    mlflow.setTrackingUri(server.uri);
    await shortChat();
    mlflow.disable();
    const { pending } = await mlflow.flush();
    assert.equal(pending, 0);
    assert.equal(server.exports().length, 1);
  });
});
