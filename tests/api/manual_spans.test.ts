import assert from "node:assert/strict";
import { before, beforeEach, test } from "node:test";
import {
  disable,
  enable,
  getCurrentActiveSpan,
  getTrace,
  setTrackingUri,
  SpanStatusCode,
  SpanType,
  startSpan,
  stats,
  withSpan,
  type LiveSpan,
} from "mlflow-ag2";
import { outline, traceOf, turn } from "./tree.js";

before(() => setTrackingUri("memory:"));
beforeEach(() => enable());

test("a manual span is a trace with the data that it was given", async () => {
  const options = { inputs: { city: "Oslo" }, attributes: { limit: 3 } };
  const span = startSpan({ name: "look up", spanType: "RETRIEVER", ...options });
  span.setAttribute("found", true);
  span.setAttributes({ found: false, note: "none" });
  span.addEvent({ name: "asked", attributes: { times: 2 }, timestamp: 1_700_000_000_000_000_000n });
  span.end({ outputs: ["rain"] });
  const trace = await traceOf(span);
  const [shown] = trace.data.spans;
  assert.deepEqual(outline(trace), ["RETRIEVER look up OK"]);
  assert.equal(trace.info.traceId, span.traceId);
  assert.equal(shown!.spanId, span.spanId);
  assert.equal(span.parentId, null);
  assert.deepEqual(shown!.inputs, { city: "Oslo" });
  assert.deepEqual(shown!.outputs, ["rain"]);
  assert.deepEqual(
    [shown!.getAttribute("limit"), shown!.getAttribute("found"), shown!.getAttribute("note")],
    [3, false, "none"],
  );
  const asked = 1_700_000_000_000_000_000n;
  assert.deepEqual(shown!.events, [{ name: "asked", timeNs: asked, timestamp: asked, attributes: { times: 2 } }]);
});

test("a span without a type is UNKNOWN, one without a name is `span`, and both can be given later or odd", async () => {
  const span = startSpan({ name: "" });
  span.setSpanType(SpanType.PARSER);
  const child = startSpan({ name: "odd", parent: span, spanType: "my own type" });
  const bare = startSpan({ name: "bare", parent: span });
  bare.end();
  child.end();
  span.end();
  assert.deepEqual(outline(await traceOf(span)), ["PARSER span OK", "  my own type odd OK", "  UNKNOWN bare OK"]);
});

test("children have the id of their parent", async () => {
  const root = startSpan({ name: "root" });
  const child = startSpan({ name: "child", parent: root });
  const grandchild = startSpan({ name: "grandchild", parent: child });
  grandchild.end();
  child.end();
  root.end();
  assert.deepEqual(outline(await traceOf(root)), [
    "UNKNOWN root OK",
    "  UNKNOWN child OK",
    "    UNKNOWN grandchild OK",
  ]);
  assert.equal(child.parentId, root.spanId);
  assert.equal(grandchild.parentId, child.spanId);
  assert.equal(grandchild.traceId, root.traceId);
});

test("the status is the one that was set, in either spelling, and OK by default", async () => {
  const root = startSpan({ name: "root" });
  const record = (name: string, change: (span: LiveSpan) => void): void => {
    const span = startSpan({ name, parent: root });
    change(span);
    span.end();
  };
  record("short", (span) => span.setStatus("ERROR", "no such city"));
  record("long", (span) => span.setStatus(SpanStatusCode.ERROR, "no such city"));
  record("better", (span) => {
    span.setStatus("ERROR", "not yet");
    span.setStatus("OK");
  });
  root.end({ status: "ERROR" });
  const trace = await traceOf(root);
  assert.deepEqual(
    trace.data.spans.map(({ status }) => [status.code, status.description]),
    [
      ["ERROR", ""],
      ["ERROR", "no such city"],
      ["ERROR", "no such city"],
      ["OK", ""],
    ],
  );
  assert.equal(trace.info.state, "ERROR");
});

test("an exception that is recorded is an event, and no failure by itself", async () => {
  const span = startSpan({ name: "careful" });
  span.recordException(new RangeError("too far"));
  span.recordException("just text");
  span.end();
  const [shown] = (await traceOf(span)).data.spans;
  assert.equal(shown!.status.code, "OK");
  assert.deepEqual(
    shown!.events.map(({ name, attributes }) => [name, attributes["exception.type"], attributes["exception.message"]]),
    [
      ["exception", "RangeError", "too far"],
      ["exception", "string", "just text"],
    ],
  );
});

test("times that are given are kept", async () => {
  const span = startSpan({ name: "then", startTimeNs: 1_700_000_000_000_000_000n });
  span.end({ endTimeNs: 1_700_000_001_500_000_000 });
  const { info, data } = await traceOf(span);
  assert.equal(data.spans[0]!.startTimeNs, 1_700_000_000_000_000_000n);
  assert.equal(info.executionDurationMs, 1500);
});

test("after its end a span does not change any more", async () => {
  const { eventErrors } = stats();
  const span = startSpan({ name: "over" });
  span.end({ outputs: 1 });
  span.setOutputs(2);
  span.setAttribute("late", 1);
  span.addEvent({ name: "late" });
  span.end({ outputs: 3, status: "ERROR" });
  const [shown] = (await traceOf(span)).data.spans;
  assert.deepEqual(
    [shown!.outputs, shown!.getAttribute("late"), shown!.status.code, shown!.events],
    [1, undefined, "OK", []],
  );
  assert.equal(stats().eventErrors, eventErrors);
});

test("an invalid argument is ignored and counted, and never throws", async () => {
  const { hookFailures } = stats();
  const span = startSpan({
    name: {
      toString: () => {
        throw new Error("no");
      },
    } as never,
  });
  assert.equal(span.traceId, "no-op-span-trace-id");
  const good = startSpan({
    name: 42 as never,
    inputs: {
      get bad(): number {
        throw new Error("no");
      },
    },
  });
  good.setAttributes(null as never);
  good.addEvent(null as never);
  good.end(null as never);
  assert.deepEqual(outline(await traceOf(good)), ["UNKNOWN 42 OK"]);
  assert.equal(stats().hookFailures, hookFailures + 3);
});

test("withSpan() is around work that is done at once", async () => {
  let inside: LiveSpan | undefined;
  const result = withSpan(
    (span) => {
      inside = span;
      span.setInputs({ a: 1 });
      assert.equal(getCurrentActiveSpan(), span);
      return withSpan(() => ({ sum: 3 }), { name: "inner", spanType: "TOOL" });
    },
    { name: "outer" },
  );
  assert.deepEqual(result, { sum: 3 });
  assert.equal(getCurrentActiveSpan(), null);
  const trace = await traceOf(inside!);
  assert.deepEqual(outline(trace), ["UNKNOWN outer OK", "  TOOL inner OK"]);
  assert.deepEqual(
    trace.data.spans.map(({ inputs, outputs }) => [inputs, outputs]),
    [
      [{ a: 1 }, { sum: 3 }],
      [undefined, { sum: 3 }],
    ],
  );
});

test("withSpan() ends when a promise does, and what runs inside is below it across every await", async () => {
  let root: LiveSpan | undefined;
  const result = await withSpan(
    async (span) => {
      root = span;
      await turn();
      await Promise.all(
        ["a", "b"].map((name) =>
          withSpan(
            async (own) => {
              await turn();
              assert.equal(getCurrentActiveSpan(), own);
              startSpan({ name: `below ${name}` }).end();
            },
            { name },
          ),
        ),
      );
      span.setOutputs("set by hand");
      return "returned";
    },
    { name: "root" },
  );
  assert.equal(result, "returned");
  const trace = await traceOf(root!);
  assert.deepEqual(outline(trace), [
    "UNKNOWN root OK",
    "  UNKNOWN a OK",
    "  UNKNOWN b OK",
    "    UNKNOWN below a OK",
    "    UNKNOWN below b OK",
  ]);
  assert.equal(trace.data.spans[0]!.outputs, "set by hand");
});

for (const [kind, fail] of [
  [
    "throws",
    (error: unknown) => {
      throw error;
    },
  ],
  ["rejects", (error: unknown) => Promise.reject(error)],
] as const) {
  test(`an error that the work ${kind} reaches the caller unchanged, and is on every span it passed`, async () => {
    const error = new RangeError("too far");
    let root: LiveSpan | undefined;
    const attempt = async (): Promise<unknown> =>
      withSpan(
        (span) => {
          root = span;
          return withSpan(() => fail(error), { name: "inner" });
        },
        { name: "outer" },
      );
    await assert.rejects(attempt, (thrown) => thrown === error);
    const trace = await traceOf(root!);
    assert.deepEqual(outline(trace), ["UNKNOWN outer ERROR", "  UNKNOWN inner ERROR"]);
    for (const span of trace.data.spans) {
      assert.equal(span.status.description, "too far");
      assert.equal(span.events[0]!.attributes["exception.type"], "RangeError");
    }
  });
}

test("an unhandled rejection is still an unhandled rejection, once", async () => {
  const seen: unknown[] = [];
  // The test runner listens too, and would take the error for the test's own.
  const listeners = process.listeners("unhandledRejection");
  process.removeAllListeners("unhandledRejection");
  process.on("unhandledRejection", (error) => void seen.push(error));
  const error = new Error("unhandled");
  void withSpan(
    async () => {
      throw error;
    },
    { name: "dropped" },
  );
  await turn();
  await turn();
  process.removeAllListeners("unhandledRejection");
  for (const listener of listeners) process.on("unhandledRejection", listener);
  assert.deepEqual(seen, [error]);
});

test("a thenable that starts its work on `then` is not started", () => {
  const query = {
    asked: 0,
    then(resolve: (value: number) => void) {
      this.asked += 1;
      resolve(1);
    },
  };
  assert.equal(
    withSpan(() => query, { name: "lazy" }),
    query,
  );
  assert.equal(query.asked, 0);
});

test("`parent: null` starts a separate trace that is not marked as detached", async () => {
  const { detached } = stats();
  let inner: LiveSpan | undefined;
  withSpan(
    (outer) => {
      inner = startSpan({ name: "apart", parent: null });
      assert.notEqual(inner.traceId, outer.traceId);
      inner.end();
    },
    { name: "outer" },
  );
  assert.deepEqual(outline(await traceOf(inner!)), ["UNKNOWN apart OK"]);
  assert.equal(stats().detached, detached);
});

test("work that outlives the operation it was started in begins a trace of its own, marked and counted", async () => {
  const { detached } = stats();
  let late: LiveSpan | undefined;
  let done: Promise<void> | undefined;
  const outer = withSpan(
    (span) => {
      done = turn().then(() => withSpan((own) => void (late = own), { name: "late" }));
      return span;
    },
    { name: "outer" },
  );
  await done;
  assert.notEqual(late!.traceId, outer.traceId);
  assert.equal((await traceOf(late!)).data.spans[0]!.getAttribute("mlflow_ag2.detached"), true);
  assert.equal((await traceOf(outer)).data.spans.length, 1);
  assert.equal(stats().detached, detached + 1);
});

test("work that outlives its span but not its trace is below the nearest open span around it, marked", async () => {
  const { detached } = stats();
  const root = await withSpan(
    async (span) => {
      let done: Promise<void> | undefined;
      withSpan(
        () => {
          const late = withSpan(() => turn(), { name: "first" });
          done = late.then(() => withSpan(() => void withSpan(() => 1, { name: "inner" }), { name: "late" }));
        },
        { name: "ended" },
      );
      await done;
      withSpan(() => 1, { name: "in time" });
      return span;
    },
    { name: "outer" },
  );
  const trace = await traceOf(root);
  assert.deepEqual(outline(trace), [
    "UNKNOWN outer OK",
    "  UNKNOWN ended OK",
    "    UNKNOWN first OK",
    "  UNKNOWN late OK",
    "    UNKNOWN inner OK",
    "  UNKNOWN in time OK",
  ]);
  const marked = trace.data.spans.filter((span) => span.getAttribute("mlflow_ag2.late") === true);
  assert.deepEqual(
    marked.map(({ name }) => name),
    ["late"],
  );
  assert.equal(stats().detached, detached);
});

test("while tracing is off there is one shared span, which does nothing", async () => {
  disable();
  const { started } = stats();
  const span = startSpan({ name: "unseen", inputs: 1 });
  assert.equal(startSpan({ name: "other" }), span);
  span.setInputs(1);
  span.setOutputs(1);
  span.setSpanType("LLM");
  span.setAttribute("a", 1);
  span.setAttributes({ a: 1 });
  span.setStatus("ERROR", "no");
  span.addEvent({ name: "no" });
  span.recordException(new Error("no"));
  span.end({ outputs: 1 });
  const value = {};
  assert.equal(
    withSpan((given) => (assert.equal(given, span), value)),
    value,
  );
  const promise = Promise.resolve(1);
  assert.equal(
    withSpan(() => promise),
    promise,
  );
  assert.equal(getCurrentActiveSpan(), null);
  assert.equal(await getTrace(span.traceId), null);
  assert.equal(stats().started, started);
});

test("a span that is open when tracing is switched off is closed, and ending it later is no error", async () => {
  const { eventErrors } = stats();
  const span = startSpan({ name: "cut" });
  disable();
  enable();
  span.end({ outputs: 1 });
  assert.equal(stats().open, 0);
  assert.equal(stats().eventErrors, eventErrors);
  assert.deepEqual(outline(await traceOf(span)), ["UNKNOWN cut UNSET"]);
});

test("nothing is left open", () => {
  assert.equal(stats().open, 0);
});
