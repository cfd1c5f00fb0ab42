/** A ratio of all traces is recorded: whole traces, and nothing that becomes part of a trace that is not recorded. */

import assert from "node:assert/strict";
import { before, beforeEach, test } from "node:test";
import {
  autolog,
  getCurrentActiveSpan,
  getTracingContextHeadersForHttpRequest,
  init,
  setTrackingUri,
  startSpan,
  stats,
  trace,
  updateCurrentTrace,
  withSpan,
  withTracingContextFromHeaders,
} from "mlflow-ag2";
import { chatDetails, chatResult, ended, message, started } from "./reporting.js";
import { turn } from "./tree.js";

const alice = { name: "alice" };
const bob = { name: "bob" };

before(() => {
  setTrackingUri("memory:");
  autolog();
});
beforeEach(() => init({ samplingRatio: 1 }));

/** What `work` adds to the counts. */
async function counted(
  work: () => unknown,
): Promise<{ started: number; sampledOut: number; detached: number; traces: number }> {
  const before = stats();
  await work();
  const after = stats();
  assert.deepEqual(
    [after.eventErrors, after.hookFailures, after.open],
    [before.eventErrors, before.hookFailures, before.open],
  );
  return {
    started: after.started - before.started,
    sampledOut: after.sampledOut - before.sampledOut,
    detached: after.detached - before.detached,
    traces: after.traces - before.traces,
  };
}

/** A chat with a reply, a tool call in it, and a manual span in the tool. */
async function chat(): Promise<void> {
  const scope = started("chat", chatDetails(alice, bob, "hi"));
  message(scope, { sender: alice, recipient: bob, message: { content: "hi" }, valid: true });
  const reply = started("reply", { agent: bob, messages: [] } as never, scope);
  const tool = started(
    "toolCall",
    { agent: bob, name: "tool", callId: undefined, description: undefined, arguments: {} },
    reply,
  );
  withSpan(() => undefined, { name: "in the tool", parent: { scope: tool } });
  await turn();
  ended(tool, { result: 1, content: "1" });
  message(reply, { sender: bob, recipient: alice, message: { content: "ho" }, valid: true });
  ended(reply, { reply: { content: "ho" } });
  ended(scope, chatResult("ho"));
}

test("without a ratio everything is recorded", async () => {
  const { started, sampledOut, traces } = await counted(chat);
  assert.deepEqual({ started, sampledOut, traces }, { started: 4, sampledOut: 0, traces: 1 });
});

test("a chat that is not sampled is only counted", async () => {
  init({ samplingRatio: 0 });
  assert.deepEqual(await counted(chat), { started: 0, sampledOut: 1, detached: 0, traces: 0 });
});

test("operations inside a trace that is not sampled are not recorded", async () => {
  init({ samplingRatio: 0 });
  const counts = await counted(() =>
    withSpan(async (span) => {
      assert.equal(getCurrentActiveSpan(), null);
      updateCurrentTrace({ tags: { a: "b" } });
      withSpan(() => undefined, { name: "inside", samplingRatio: 1 });
      await turn();
      startSpan({ name: "after", parent: span }).end();
      trace(() => 1, { name: "traced", samplingRatio: 1 })();
      await chat();
      const generated = withSpan(
        function* () {
          yield withSpan(() => 1, { name: "in a step", samplingRatio: 1 });
        },
        { name: "generator" },
      );
      assert.deepEqual([...generated], [1]);
    }),
  );
  assert.deepEqual(counts, { started: 0, sampledOut: 1, detached: 0, traces: 0 });
});

test("a ratio of its own decides for a span that begins a trace, and for the chat in it", async () => {
  init({ samplingRatio: 0 });
  const kept = await counted(() => withSpan(chat, { name: "kept", samplingRatio: 1 }));
  assert.deepEqual([kept.started, kept.sampledOut, kept.traces], [5, 0, 1]);
  init({ samplingRatio: 1 });
  const left = await counted(() => trace(chat, { name: "left out", samplingRatio: 0 })());
  assert.deepEqual([left.started, left.sampledOut], [0, 1]);
});

test("inside a trace that is recorded a ratio changes nothing", async () => {
  const counts = await counted(() =>
    withSpan(() => withSpan(() => undefined, { name: "inner", samplingRatio: 0 }), { name: "outer" }),
  );
  assert.deepEqual([counts.started, counts.sampledOut], [2, 0]);
});

test("headers say that the trace is not recorded, always with the same ids", () => {
  const { traceparent } = withSpan(
    (span) => {
      const first = getTracingContextHeadersForHttpRequest();
      assert.deepEqual(getTracingContextHeadersForHttpRequest(span), first);
      return first;
    },
    { samplingRatio: 0 },
  );
  assert.match(traceparent!, /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-00$/);
  const { started } = stats();
  withTracingContextFromHeaders(traceparent!, () => withSpan(() => undefined, { samplingRatio: 1 }));
  assert.equal(stats().started, started);
});

test("about that ratio of traces is recorded", async () => {
  init({ samplingRatio: 0.25 });
  const counts = await counted(() => {
    for (let index = 0; index < 2000; index += 1) startSpan({ name: "one" }).end();
  });
  assert.equal(counts.started + counts.sampledOut, 2000);
  // Eight standard deviations around 500.
  assert.ok(counts.started > 345 && counts.started < 655, `${counts.started} of 2000`);
});

test("results and errors of the work reach the caller, recorded or not", async () => {
  const error = new Error("no");
  assert.equal(
    withSpan(() => 7, { samplingRatio: 0 }),
    7,
  );
  assert.throws(
    () =>
      withSpan(
        () => {
          throw error;
        },
        { samplingRatio: 0 },
      ),
    (thrown) => thrown === error,
  );
  await assert.rejects(
    withSpan(() => Promise.reject(error), { samplingRatio: 0 }),
    (thrown) => thrown === error,
  );
});

test("an invalid sampling ratio is rejected at once", () => {
  for (const samplingRatio of [-0.1, 1.1, Number.NaN, "0.5" as never, null as never]) {
    assert.throws(() => init({ samplingRatio }), { code: "invalid_argument", message: /samplingRatio/ });
    assert.throws(() => startSpan({ name: "one", samplingRatio }), { code: "invalid_argument" });
    assert.throws(() => trace(() => 1, { samplingRatio }), { code: "invalid_argument" });
  }
});
