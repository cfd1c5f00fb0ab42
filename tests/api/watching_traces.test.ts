import assert from "node:assert/strict";
import { afterEach, before, test } from "node:test";
import {
  autolog,
  MlflowAg2Error,
  onTrace,
  setTrackingUri,
  stats,
  type Trace,
  type TraceListener,
  withSpan,
} from "mlflow-ag2";
import { chatDetails, chatResult, ended, message, started } from "./reporting.js";

const alice = { name: "alice" };
const bob = { name: "bob" };

const undos: (() => void)[] = [];

before(() => {
  setTrackingUri("memory:");
  autolog();
});
afterEach(() => undos.splice(0).forEach((undo) => undo()));

function listen(listener: TraceListener): () => void {
  const undo = onTrace(listener);
  undos.push(undo);
  return undo;
}

/** The traces that the listener was called with, and the next one that fits. */
function watched(): { traces: Trace[]; until(fits: (trace: Trace) => boolean): Promise<Trace> } {
  const traces: Trace[] = [];
  const waiting: (() => void)[] = [];
  listen((trace) => {
    traces.push(trace);
    for (const check of waiting) check();
  });
  return {
    traces,
    until: (fits) =>
      new Promise((resolve) => {
        const check = (): void => {
          const found = traces.find(fits);
          if (found !== undefined) resolve(found);
        };
        waiting.push(check);
        check();
      }),
  };
}

test("the listener gets a trace while it runs, and once more when it has ended", async () => {
  const { traces, until } = watched();
  const chat = started("chat", chatDetails(alice, bob, "hello"));
  const growing = await until(({ data }) => data.spans.length > 0);
  assert.deepEqual([growing.info.state, growing.data.spans[0]?.endTimeNs], ["IN_PROGRESS", undefined]);
  message(chat, { sender: alice, recipient: bob, message: { content: "hello", role: "user" }, valid: true });
  const call = started("modelCall", { agent: bob, request: { messages: [], model: "m" }, configIndex: 0 }, chat);
  const open = await until(({ data }) => data.spans.some(({ name }) => name === "chat_completion"));
  assert.equal(open.info.state, "IN_PROGRESS");
  ended(call, { response: { model: "m", choices: [] }, costUsd: 0, isCached: false });
  ended(chat, chatResult("bye"));
  const done = await until(({ info }) => info.state === "OK");
  assert.equal(traces.at(-1), done);
  assert.ok(done.data.spans.every(({ endTimeNs }) => endTimeNs !== undefined));
});

test("many changes at one time cause one call", async () => {
  const { traces, until } = watched();
  withSpan((span) => {
    for (let index = 0; index < 1000; index += 1) span.setAttribute(`a${index}`, index);
  });
  const done = await until(({ info }) => info.state === "OK");
  assert.equal(traces.length, 1);
  assert.equal(done.data.spans[0]?.getAttribute("a999"), 999);
});

test("concurrent traces cause separate calls", async () => {
  const { until } = watched();
  const one = started("chat", chatDetails(alice, bob, "one"));
  const other = started("chat", chatDetails(bob, alice, "other"));
  const first = await until(() => true);
  const second = await until(({ info }) => info.traceId !== first.info.traceId);
  ended(one, chatResult("1"));
  ended(other, chatResult("2"));
  await Promise.all(
    [first, second].map(({ info }) =>
      until(({ info: { traceId, state } }) => traceId === info.traceId && state === "OK"),
    ),
  );
});

test("after the undo the listener is not called any more, and another one still is", async () => {
  let calls = 0;
  const undo = listen(() => void (calls += 1));
  const { until } = watched();
  undo();
  withSpan(() => undefined);
  await until(({ info }) => info.state === "OK");
  assert.equal(calls, 0);
});

test("a trace that was ended by disabling causes one more call", async () => {
  const { until } = watched();
  started("chat", chatDetails(alice, bob, "never answered"));
  await until(({ info }) => info.state === "IN_PROGRESS");
  autolog({ disable: true });
  await until(({ info }) => info.state !== "IN_PROGRESS");
  autolog();
});

test("an exception of a listener reaches neither the program nor the other listeners", async () => {
  const failures = stats().hookFailures;
  listen(() => {
    throw new Error("broken view");
  });
  const { until } = watched();
  assert.equal(
    withSpan(() => 7),
    7,
  );
  await until(({ info }) => info.state === "OK");
  assert.equal(stats().hookFailures, failures);
});

test("a listener that is no function throws at once", () => {
  assert.throws(
    () => onTrace(undefined as never),
    (error) => MlflowAg2Error.is(error) && error.code === "invalid_argument",
  );
});
