/** Servers that hang, break off, talk without end or send the tracer elsewhere. */

import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, test } from "node:test";
import * as mlflow from "mlflow-ag2";
import { type RecordingServer, startRecordingServer } from "../support/recording-server.js";
import { SHORT_CHAT_SPANS, shortChat } from "./chats.js";
import { resetTracing } from "./tracing.js";

type Answerer = (request: IncomingMessage, response: ServerResponse) => void;

describe("an answer that is none", () => {
  let answer: Answerer;
  let front: Server;
  let uri: string;
  let behind: RecordingServer;

  beforeEach(async () => {
    await resetTracing();
    behind = await startRecordingServer();
    front = createServer((request, response) => {
      request.resume().once("end", () => answer(request, response));
    });
    await new Promise<void>((resolve) => front.listen(0, "127.0.0.1", resolve));
    uri = `http://127.0.0.1:${(front.address() as AddressInfo).port}`;
    mlflow.autolog({ silent: true });
    mlflow.init({ trackingUri: uri, token: "geheim", headers: { "X-Api-Key": "geheim too" }, timeoutMs: 150 });
  });
  afterEach(async () => {
    await resetTracing();
    await behind.stop();
    front.closeAllConnections();
    await new Promise((resolve) => front.close(resolve));
  });

  /** Chats and tries to deliver; the rest of the time limit is for a server that has recovered. */
  async function chatAndFlush(timeoutMs: number): Promise<mlflow.FlushResult> {
    await shortChat();
    return mlflow.flush({ timeoutMs });
  }

  const healthy: Answerer = (_, response) => response.end();
  const BROKEN: Record<string, Answerer> = {
    "never comes": () => undefined,
    "stops after the headers": (_, response) => response.writeHead(200).flushHeaders(),
    "stops in the middle": (_, response) =>
      void response.writeHead(200, { "content-length": "100" }).write("some of it"),
    "is broken off": (_, response) =>
      void response.writeHead(200, { "content-length": "100" }).write("some", () => response.destroy()),
    "is a closed connection": (_, response) => void response.destroy(),
    "is a redirect to itself": (request, response) => void response.writeHead(307, { location: request.url }).end(),
    "is a redirect to nowhere": (_, response) => void response.writeHead(302).end(),
    "is a redirect to no address": (_, response) => void response.writeHead(308, { location: "http://[" }).end(),
  };
  for (const [what, broken] of Object.entries(BROKEN)) {
    test(`one that ${what}: the spans wait, and arrive when the server has recovered`, async () => {
      answer = broken;
      let first = await chatAndFlush(400);
      while (mlflow.stats().lastError === undefined) first = await mlflow.flush({ timeoutMs: 400 });
      assert.deepEqual([first.delivered, first.pending], [0, SHORT_CHAT_SPANS]);
      answer = healthy;
      const second = await mlflow.flush({ timeoutMs: 120_000 });
      assert.deepEqual([second.delivered, second.pending], [SHORT_CHAT_SPANS, 0]);
    });
  }

  test("one that never ends is read no further than necessary", async () => {
    let isCutOff = false;
    const chunk = Buffer.alloc(1 << 20, "x");
    answer = (_, response) => {
      const more = (): void => void response.write(chunk, (error) => void (error || setImmediate(more)));
      response.on("close", () => (isCutOff = true));
      more();
    };
    mlflow.init({ timeoutMs: 10_000 });
    const { delivered, pending } = await chatAndFlush(1_000);
    // It is no response of MLflow's, so it is unknown whether the server has the spans.
    assert.deepEqual([delivered, pending], [0, SHORT_CHAT_SPANS]);
    while (!isCutOff) await new Promise(setImmediate);
  });

  for (const status of [301, 302, 307, 308]) {
    test(`a redirect with ${status} on the same host is followed with the same body and headers`, async () => {
      const bodies: number[] = [];
      answer = ({ method, url, headers }, response) => {
        if (method === "POST" && url?.endsWith("/v1/traces") === true) bodies.push(Number(headers["content-length"]));
        if (url === "/v1/traces") response.writeHead(status, { location: "/mlflow/v1/traces" }).end();
        else response.writeHead(method === "POST" && headers["authorization"] === "Bearer geheim" ? 200 : 500).end();
      };
      mlflow.init({ timeoutMs: 10_000 });
      const { delivered } = await chatAndFlush(20_000);
      assert.equal(delivered, SHORT_CHAT_SPANS);
      assert.equal(bodies.length, 2);
      assert.equal(bodies[0], bodies[1]);
    });

    test(`a redirect with ${status} to another server takes neither spans nor secrets there`, async () => {
      answer = (_, response) =>
        void response.writeHead(status, { location: `${behind.uri}/v1/traces?code=geheim` }).end();
      mlflow.init({ timeoutMs: 10_000 });
      const { pending } = await chatAndFlush(1_000);
      assert.equal(pending, SHORT_CHAT_SPANS);
      assert.deepEqual(behind.received, []);
      const { message } = mlflow.stats().lastError ?? {};
      assert.ok(
        message?.includes(behind.uri) && message.includes("tracking URI") && !message.includes("geheim"),
        message,
      );
    });
  }
});
