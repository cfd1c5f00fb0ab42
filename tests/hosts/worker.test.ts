/** The tracer in Cloudflare's Workers, where timers and requests end with the request that began them. */

import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { Stats } from "mlflow-ag2";
import { SHORT_CHAT_SPANS } from "../server/chats.js";
import { spansIn } from "./programs/otlp.js";
import { type RecordingServer, startRecordingServer } from "../support/recording-server.js";
import { startWorker, type Worker } from "../support/workerd.js";

describe("in a Worker", () => {
  let server: RecordingServer;
  let worker: Worker;
  let isSilent = false;

  before(async () => {
    server = await startRecordingServer(() => (isSilent ? "never" : undefined));
    worker = await startWorker(fileURLToPath(new URL("workers/chats.js", import.meta.url)), {
      TRACKING_URI: server.uri,
    });
  });
  after(async () => {
    await worker?.stop();
    await server?.stop();
  });
  beforeEach(() => void (isSilent = false));

  async function ask(path: string): Promise<Stats> {
    const answer = await fetch(`${worker.uri}${path}`);
    assert.equal(answer.status, 200, await answer.clone().text());
    return ((await answer.json()) as { stats: Stats }).stats;
  }

  async function until(path: string, isDone: (stats: Stats) => boolean): Promise<Stats> {
    for (;;) {
      const stats = await ask(path);
      if (isDone(stats)) return stats;
    }
  }

  test("nothing is sent before flush() is called, and nothing fails", async () => {
    const { buffered, hookFailures } = await ask("/chat");
    assert.deepEqual([buffered, hookFailures, server.received.length], [SHORT_CHAT_SPANS, 0, 0]);
  });

  test("spans that wait are sent by a later request's flush", async () => {
    const { buffered, delivered } = await ask("/flush");
    assert.deepEqual([buffered, delivered], [0, SHORT_CHAT_SPANS]);
  });

  test("an experiment set at import is found by the first flush, one that a request awaits at once", async () => {
    const requests = (): string[] =>
      server.received.filter(({ path }) => path.includes("experiments")).map(({ body }) => String(body));
    assert.equal(requests().length, 1);
    assert.match(requests()[0]!, /'set at import'/);
    const answer = await fetch(`${worker.uri}/experiment`);
    assert.deepEqual(await answer.json(), { experimentId: "7", name: "set in a request" });
    assert.equal(requests().length, 2);
  });

  test("a flush in waitUntil continues after the response", async () => {
    const { delivered } = await ask("/wait-until");
    await until("/flush", (stats) => stats.delivered === delivered + SHORT_CHAT_SPANS);
  });

  test("a flush that waits for open traces delivers the trace of an answer that is still streamed", async () => {
    server.received.length = 0;
    const answer = await fetch(`${worker.uri}/stream`);
    assert.equal(await answer.text(), "one two three");
    const names = (): string[] => server.exports().flatMap(({ body }) => spansIn(body).map((span) => span.name));
    const end = Date.now() + 60_000;
    while (!names().includes("streamed answer") && Date.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    assert.ok(names().includes("streamed answer"), String(names()));
  });

  test("a flush that ended with its request delays no later one, and loses no span", async () => {
    isSilent = true;
    const before = await ask("/forget");
    assert.equal(before.buffered, SHORT_CHAT_SPANS);
    isSilent = false;
    const { delivered, dropped } = await until("/flush", (stats) => stats.buffered === 0);
    assert.equal(delivered, before.delivered + SHORT_CHAT_SPANS);
    assert.deepEqual(dropped, before.dropped);
  });

  test("chats of requests at the same time are all delivered", async () => {
    const { delivered } = await ask("/flush");
    await Promise.all(Array.from({ length: 8 }, () => ask("/wait-until")));
    const { hookFailures } = await until("/flush", (stats) => stats.delivered === delivered + 8 * SHORT_CHAT_SPANS);
    assert.equal(hookFailures, 0);
  });
});
