/** The objects of the WebAssembly module have their documented names, and bundlers accept its glue. */

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import * as mlflow from "mlflow-ag2";
import { bundle } from "../support/bundle.js";

/** A server that rejects every request, takes spans, or has one experiment. */
const refusing: mlflow.Fetch = async () => Response.json({ message: "who are you?" }, { status: 401 });
const accepting: mlflow.Fetch = async () => new Response(null);
const knowing: mlflow.Fetch = async () =>
  Response.json({ experiment: { experiment_id: "7", name: "chats", lifecycle_stage: "active" } });

beforeEach(async () => {
  await mlflow.shutdown({ timeoutMs: 0 });
  mlflow.enable();
  mlflow.autolog({ disable: true, silent: true });
});

test("counts have the same names from the first span on", () => {
  mlflow.startSpan({ name: "counted" }).end();
  const { dropped, ...counts } = mlflow.stats();
  assert.deepEqual(Object.keys(dropped).sort(), [
    "bufferFull",
    "openFull",
    "redacted",
    "refused",
    "retriesExhausted",
    "shutdown",
    "tooLarge",
    "unavailable",
    "unreadable",
  ]);
  assert.deepEqual(Object.keys(counts).sort(), [
    "buffered",
    "changesFailed",
    "changesWaiting",
    "delivered",
    "detached",
    "droppedInfos",
    "eventErrors",
    "hookFailures",
    "inMemory",
    "lastError",
    "notPersisted",
    "open",
    "orphans",
    "redactFailures",
    "requests",
    "restored",
    "retries",
    "sampledOut",
    "started",
    "timedOut",
    "traces",
    "truncated",
    "unavailable",
  ]);
});

test("the latest failure has a code, a message and a time, and is over once all goes well", async () => {
  mlflow.init({ trackingUri: "http://mlflow.test", fetch: refusing });
  const before = Date.now();
  mlflow.startSpan({ name: "refused" }).end();
  do await mlflow.flush({ timeoutMs: 50 });
  while (mlflow.stats().retries === 0);
  const { lastError } = mlflow.stats();
  assert.deepEqual(Object.keys(lastError ?? {}).sort(), ["code", "isOver", "message", "sinceMs", "timestampMs"]);
  assert.equal(lastError?.isOver, false);
  assert.ok(lastError.timestampMs >= before - 1 && lastError.timestampMs <= Date.now() + 1, `${lastError.timestampMs}`);
  assert.equal(lastError?.code, "unauthorized");
  assert.match(lastError?.message ?? "", /who are you\?/);
  mlflow.init({ fetch: accepting });
  await mlflow.flush({ timeoutMs: 60_000 });
  assert.deepEqual(mlflow.stats().lastError, { ...lastError, isOver: true });
});

test("what only memory keeps is not delivered", async () => {
  mlflow.setTrackingUri("memory:");
  const { delivered, inMemory } = mlflow.stats();
  mlflow.startSpan({ name: "kept" }).end();
  assert.deepEqual(await mlflow.flush(), { delivered: 0, pending: 0, dropped: 0 });
  assert.deepEqual([mlflow.stats().delivered, mlflow.stats().inMemory], [delivered, inMemory + 1]);
});

test("the result of a flush counts what arrived, waits and was lost", async () => {
  mlflow.init({ trackingUri: "http://mlflow.test", fetch: refusing });
  mlflow.startSpan({ name: "waits" }).end();
  assert.deepEqual(await mlflow.flush({ timeoutMs: 50 }), { delivered: 0, pending: 1, dropped: 0 });
  assert.deepEqual(await mlflow.shutdown({ timeoutMs: 50 }), { delivered: 0, pending: 0, dropped: 1 });
});

test("an experiment has an id and a name, and two calls for the same one both resolve", async () => {
  mlflow.init({ trackingUri: "http://mlflow.test", fetch: knowing });
  const found = { experimentId: "7", name: "chats" };
  assert.deepEqual(await Promise.all([mlflow.setExperiment("chats"), mlflow.setExperiment("chats")]), [found, found]);
});

test("an experiment that was replaced before it was found rejects with a code", async () => {
  mlflow.init({ trackingUri: "http://mlflow.test", fetch: knowing });
  const first = mlflow.setExperiment("first");
  const second = mlflow.setExperiment("second");
  await assert.rejects(first, (error) => mlflow.MlflowAg2Error.is(error) && error.code === "experiment_replaced");
  assert.equal((await second).experimentId, "7");
});

test("functions of the program that the exporter calls may use the tracer themselves", async () => {
  const taken: string[] = [];
  const useTracer = (name: string): void => {
    mlflow.startSpan({ name }).end();
    assert.ok(mlflow.stats().started > 0);
    assert.equal(mlflow.getTrackingUri(), "http://mlflow.test");
    void mlflow.flush({ timeoutMs: 10 });
  };
  let isFirst = true;
  mlflow.init({
    trackingUri: "http://mlflow.test",
    headers: () => {
      if (isFirst) useTracer("in headers");
      return { "x-key": "1" };
    },
    fetch: async (_address, { body }) => {
      if (isFirst) useTracer("in fetch");
      isFirst = false;
      if (body === undefined) return Response.json({ store_type: "SqlStore", workspaces_enabled: false });
      taken.push(new TextDecoder().decode(body as Uint8Array));
      return new Response("", { headers: { "content-type": "application/x-protobuf" } });
    },
    redact: () => void mlflow.stats(),
    compression: false,
  });
  mlflow.startSpan({ name: "outside" }).end();
  while (mlflow.stats().buffered > 0) await mlflow.flush({ timeoutMs: 1000 });
  mlflow.init({ redact: null, headers: null, fetch: null, compression: true, trackingUri: "memory:" });
  for (const name of ["outside", "in headers", "in fetch"]) {
    assert.ok(
      taken.some((body) => body.includes(name)),
      name,
    );
  }
});

test("a bundler has no warnings", async () => {
  const { warnings } = await bundle('export * from "mlflow-ag2";');
  assert.deepEqual(warnings, []);
});
