/** A server that is not there or sends malformed responses: the chat is not affected, and the user can find out. */

import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import * as mlflow from "mlflow-ag2";
import { freePort } from "../support/mlflow-server.js";
import { type Answer, type RecordingServer, startRecordingServer } from "../support/recording-server.js";
import { SHORT_CHAT_SPANS, shortChat } from "./chats.js";
import { resetTracing, warningsDuring } from "./tracing.js";

const FLUSH = { timeoutMs: 300 };

/** Chats twice and tries to deliver, against a server that does not take anything. */
async function chatTwice(
  uri: string,
  silent: boolean,
): Promise<{ history: unknown; warnings: string[]; flushed: mlflow.FlushResult }> {
  mlflow.autolog({ silent });
  mlflow.setTrackingUri(uri);
  let history: unknown;
  let flushed: mlflow.FlushResult | undefined;
  const warnings = await warningsDuring(async () => {
    history = (await shortChat()).chatHistory;
    await mlflow.flush(FLUSH);
    await shortChat();
    flushed = await mlflow.flush(FLUSH);
  });
  assert.ok(flushed);
  return { history, warnings, flushed };
}

function assertNothingLost(before: mlflow.Stats, flushed: mlflow.FlushResult): void {
  const after = mlflow.stats();
  const dropped = Object.values(after.dropped).reduce((sum, count) => sum + count, 0);
  assert.equal(after.started - before.started, 2 * SHORT_CHAT_SPANS);
  assert.equal(after.started, after.delivered + after.buffered + after.open + dropped, "a span is unaccounted for");
  assert.equal(flushed.pending, after.buffered);
  assert.equal(after.delivered, before.delivered);
}

describe("trouble with the server", () => {
  let server: RecordingServer | undefined;
  let untraced: unknown;

  beforeEach(async () => {
    await resetTracing();
    untraced = (await shortChat()).chatHistory;
  });
  afterEach(async () => {
    await resetTracing();
    await server?.stop();
    server = undefined;
  });

  test("no server: the chat is untouched, one warning names the fix, stats() has the error", async () => {
    const before = mlflow.stats();
    const { history, warnings, flushed } = await chatTwice(`http://127.0.0.1:${await freePort()}`, false);
    assert.deepEqual(history, untraced);
    assert.equal(warnings.length, 1, warnings.join("\n"));
    assert.match(warnings[0] ?? "", /^mlflow-ag2: .+\[\w+\]$/s);
    assert.ok(mlflow.stats().lastError);
    assertNothingLost(before, flushed);
  });

  test("no server and silent is on: no warning, but stats() has the error", async () => {
    const { warnings } = await chatTwice(`http://127.0.0.1:${await freePort()}`, true);
    assert.deepEqual(warnings, []);
    assert.ok(mlflow.stats().lastError);
  });

  const answers: Record<string, Answer> = {
    "500 for everything": { status: 500, body: "oops" },
    "401 for everything": { status: 401, body: "You are not authenticated." },
    "404 for everything": { status: 404, body: "<html>not here</html>", headers: { "content-type": "text/html" } },
    "501, as a server with a file store does": {
      status: 501,
      body: JSON.stringify({ detail: "REST OTLP span logging is not supported by FileStore" }),
    },
  };
  for (const [what, answer] of Object.entries(answers)) {
    test(`a server that answers ${what}: the chat is untouched, one warning, every span accounted for`, async () => {
      server = await startRecordingServer(() => answer);
      const before = mlflow.stats();
      const { history, warnings, flushed } = await chatTwice(server.uri, false);
      assert.deepEqual(history, untraced);
      assert.equal(warnings.length, 1, warnings.join("\n"));
      assert.ok(mlflow.stats().lastError);
      assertNothingLost(before, flushed);
    });
  }

  test("a busy server with Retry-After: no warning yet, every span waits, each flush asks again a few times at most", async () => {
    server = await startRecordingServer(() => ({ status: 503, body: "", headers: { "retry-after": "3600" } }));
    const before = mlflow.stats();
    const { history, warnings, flushed } = await chatTwice(server.uri, false);
    assert.deepEqual(history, untraced);
    assert.deepEqual(warnings, []);
    assert.ok(mlflow.stats().lastError);
    assertNothingLost(before, flushed);
    assert.equal(flushed.pending, 2 * SHORT_CHAT_SPANS);
    const { length } = server.received;
    assert.ok(length >= 2 && length <= 10, `two flushes sent ${length} requests`);
  });

  test("a malformed response for an experiment: setExperiment rejects with a code, the chat is untouched", async () => {
    server = await startRecordingServer(() => ({
      status: 200,
      body: "<html>hello</html>",
      headers: { "content-type": "text/html" },
    }));
    mlflow.autolog();
    mlflow.setTrackingUri(server.uri);
    await warningsDuring(async () => {
      const experiment = mlflow.setExperiment("somewhere");
      await assert.rejects(experiment, (error) => mlflow.MlflowAg2Error.is(error) && error.code === "not_mlflow");
      assert.deepEqual((await shortChat()).chatHistory, untraced);
    });
  });

  test("a server that recovers gets the spans that waited", async () => {
    let isDown = true;
    server = await startRecordingServer(() =>
      isDown ? { status: 503, body: "", headers: { "retry-after": "0" } } : undefined,
    );
    const before = mlflow.stats();
    mlflow.autolog({ silent: true });
    mlflow.setTrackingUri(server.uri);
    await shortChat();
    await mlflow.flush(FLUSH);
    isDown = false;
    const { pending } = await mlflow.flush({ timeoutMs: 120_000 });
    assert.equal(pending, 0);
    assert.equal(mlflow.stats().delivered - before.delivered, SHORT_CHAT_SPANS);
  });

  test("shutdown() ends within its time, and counts the spans that are left", async () => {
    server = await startRecordingServer(() => "never");
    mlflow.autolog({ silent: true });
    mlflow.setTrackingUri(server.uri);
    await shortChat();
    const before = mlflow.stats();
    const flushed = await mlflow.shutdown({ timeoutMs: 200 });
    const { open, buffered, dropped } = mlflow.stats();
    assert.deepEqual(flushed, { delivered: 0, pending: 0, dropped: SHORT_CHAT_SPANS });
    assert.deepEqual(
      [open, buffered, (dropped["shutdown"] ?? 0) - (before.dropped["shutdown"] ?? 0)],
      [0, 0, SHORT_CHAT_SPANS],
    );
    assert.equal(mlflow.isEnabled(), false);
  });

  test("shutdown() delivers what it can, and enable() starts again", async () => {
    server = await startRecordingServer();
    mlflow.autolog({ silent: true });
    mlflow.setTrackingUri(server.uri);
    await shortChat();
    assert.deepEqual(await mlflow.shutdown(), { delivered: SHORT_CHAT_SPANS, pending: 0, dropped: 0 });
    await shortChat();
    mlflow.enable();
    await shortChat();
    assert.equal((await mlflow.flush()).delivered, SHORT_CHAT_SPANS);
  });

  test("tracing to a server that never responds does not delay the chat", async () => {
    const answered: (() => void)[] = [];
    const hung: mlflow.Fetch = () =>
      new Promise((_resolve, reject) => answered.push(() => reject(new Error("closed"))));
    mlflow.init({ fetch: hung, trackingUri: "http://127.0.0.1:9" });
    mlflow.autolog({ silent: true });
    try {
      assert.deepEqual((await shortChat()).chatHistory, untraced);
      const flushed = await mlflow.flush(FLUSH);
      assert.equal(flushed.delivered, 0);
    } finally {
      mlflow.init({ fetch: globalThis.fetch });
      for (const close of answered) close();
    }
  });
});
