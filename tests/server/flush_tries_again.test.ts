/** What `flush()` does with its time: it tries at once and again, asks for headers each time, and ends in time. */

import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import * as mlflow from "mlflow-ag2";
import { type Answer, type RecordingServer, startRecordingServer } from "../support/recording-server.js";
import { resetTracing } from "./tracing.js";

const AWAY: Answer = { status: 503, body: "", headers: { "retry-after": "3600" } };

describe("flush()", () => {
  let server: RecordingServer;
  let answer: (isExport: boolean) => Answer | "never" | undefined;

  beforeEach(async () => {
    await resetTracing();
    server = await startRecordingServer(({ path }) => answer(path.endsWith("/v1/traces")));
    mlflow.init({ trackingUri: server.uri });
  });
  afterEach(async () => {
    await resetTracing();
    await server.stop();
  });

  test("tries again as long as there is time, however long the server asks to wait, with new headers each time", async () => {
    let left = 3;
    answer = (isExport) => (isExport && left-- > 0 ? AWAY : undefined);
    let asked = 0;
    mlflow.init({ headers: () => ({ "x-attempt": String(++asked) }) });
    mlflow.withSpan(() => 1, { name: "patient" });
    const { delivered, pending } = await mlflow.flush({ timeoutMs: 60_000 });
    assert.deepEqual([delivered, pending], [1, 0]);
    const attempts = server.exports().map(({ headers }) => headers["x-attempt"]);
    assert.equal(new Set(attempts).size, 4);
  });

  test("makes its last attempt shortly before its end, and shutdown() too", async () => {
    answer = (isExport) => (isExport ? AWAY : undefined);
    for (const end of [mlflow.flush, mlflow.shutdown]) {
      mlflow.withSpan(() => 1, { name: "waits" });
      const before = server.exports().length;
      await end({ timeoutMs: 3000 });
      assert.ok(server.exports().length >= before + 3, `${server.exports().length - before} attempts`);
    }
    mlflow.enable();
  });

  test("ends even if the clock stands still", async () => {
    answer = () => AWAY;
    mlflow.withSpan(() => 1, { name: "waits" });
    const { now } = performance;
    const frozen = performance.now();
    performance.now = () => frozen;
    try {
      assert.equal((await mlflow.flush({ timeoutMs: 300 })).pending, 1);
      assert.equal((await mlflow.shutdown({ timeoutMs: 300 })).dropped, 1);
    } finally {
      performance.now = now;
      mlflow.enable();
    }
  });

  test("waits for open traces only if it is asked to, and not for those that begin later", async () => {
    answer = () => undefined;
    const open = mlflow.startSpan({ name: "open", parent: null });
    assert.equal((await mlflow.flush()).delivered, 0);
    const flushed = mlflow.flush({ timeoutMs: 60_000, waitForOpenTraces: true });
    const later = mlflow.startSpan({ name: "later", parent: null });
    await new Promise((resolve) => setTimeout(resolve, 200));
    open.end();
    assert.deepEqual(await flushed, { delivered: 1, pending: 0, dropped: 0 });
    later.end();
    const never = mlflow.startSpan({ name: "never", parent: null });
    assert.equal((await mlflow.flush({ timeoutMs: 300, waitForOpenTraces: true })).pending, 0);
    never.end();
  });

  test("a server that cannot read gzip and says so by an error is asked again without it, and nothing counts as failed", async () => {
    for (const status of [400, 415, 500]) {
      await server.stop();
      let plain = 0;
      server = await startRecordingServer(({ path, headers }) => {
        if (!path.endsWith("/v1/traces")) return undefined;
        if (headers["content-encoding"] === "gzip") return { status, body: "" };
        plain += 1;
        return undefined;
      });
      mlflow.init({ trackingUri: server.uri });
      const before = mlflow.stats();
      for (let index = 0; index < 2; index += 1) {
        mlflow.withSpan(() => "x".repeat(10_000), { name: "large" });
        assert.equal((await mlflow.flush()).delivered, 1);
      }
      assert.equal(mlflow.stats().retries, before.retries);
      assert.deepEqual([plain, server.exports().length], [2, 3], "gzip is tried once");
    }
  });

  test("spans go to the server that was set when they ended, with the credentials of that time", async () => {
    answer = (isExport) => (isExport ? AWAY : undefined);
    mlflow.init({ token: "first-token" });
    mlflow.withSpan(() => 1, { name: "of the first" });
    await mlflow.flush({ timeoutMs: 300 });
    const other = await startRecordingServer();
    mlflow.init({ trackingUri: other.uri, token: "second-token" });
    answer = () => undefined;
    mlflow.withSpan(() => 1, { name: "of the second" });
    const { delivered } = await mlflow.flush({ timeoutMs: 30_000 });
    await other.stop();
    assert.equal(delivered, 2);
    assert.equal(server.exports().at(-1)!.headers.authorization, "Bearer first-token");
    assert.deepEqual(
      other.exports().map(({ headers }) => headers.authorization),
      ["Bearer second-token"],
    );
  });
});
