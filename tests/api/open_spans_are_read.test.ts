import assert from "node:assert/strict";
import { before, beforeEach, describe, test } from "node:test";
import {
  enable,
  getCurrentActiveSpan,
  init,
  MlflowAg2Error,
  setTrackingUri,
  SpanAttributeKey,
  SpanLogLevel,
  startSpan,
  withSpan,
  withTracingContextFromHeaders,
} from "mlflow-ag2";
import { traceOf } from "./tree.js";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const SPAN = "b7ad6b7169203331";

describe("an open span", () => {
  before(() => setTrackingUri("memory:"));
  beforeEach(() => enable());

  test("tells what it was given, each time anew", () => {
    const span = startSpan({ name: "look up", inputs: { city: "Oslo" }, attributes: { limit: 3 } });
    assert.deepEqual(span.inputs, { city: "Oslo" });
    assert.equal(span.outputs, undefined);
    assert.equal(span.spanType, "UNKNOWN");
    assert.equal(span.status.statusCode, "STATUS_CODE_UNSET");
    assert.equal(span.getAttribute("limit"), 3);
    assert.equal(span.getAttribute("unknown"), undefined);
    span.setInputs([1, { deep: null }]);
    span.setOutputs("rain");
    span.setSpanType("RETRIEVER");
    span.setAttribute("limit", 4);
    span.setStatus("ERROR", "no such city");
    assert.deepEqual([span.inputs, span.outputs, span.spanType], [[1, { deep: null }], "rain", "RETRIEVER"]);
    assert.equal(span.attributes["limit"], 4);
    assert.equal(span.attributes[SpanAttributeKey.OUTPUTS], "rain");
    assert.deepEqual(span.status, { code: "ERROR", description: "no such city", statusCode: "STATUS_CODE_ERROR" });
    span.end();
  });

  test("tells its times, in nanoseconds and as OpenTelemetry does", () => {
    const span = startSpan({ name: "then", startTimeNs: 1_700_000_000_000_000_007n });
    assert.deepEqual([span.startTimeNs, span.endTimeNs], [1_700_000_000_000_000_007n, undefined]);
    assert.deepEqual([span.startTime, span.endTime], [[1_700_000_000, 7], null]);
    span.end({ endTimeNs: 1_700_000_001_500_000_000n });
    assert.deepEqual([span.endTimeNs, span.endTime], [1_700_000_001_500_000_000n, [1_700_000_001, 500_000_000]]);
  });

  test("tells its events and its links, which have attributes", async () => {
    const span = startSpan({ name: "look up" });
    span.addEvent({ name: "asked", attributes: { times: 2 }, timestamp: 1_700_000_000_000_000_000n });
    span.addLink({ traceId: `tr-${TRACE}`, spanId: SPAN, attributes: { kind: "follows", order: 1 } });
    span.addLink({ traceId: TRACE, spanId: SPAN });
    span.addEvent({ name: "answered" });
    const links = [
      { traceId: `tr-${TRACE}`, spanId: SPAN, attributes: { kind: "follows", order: 1 } },
      { traceId: `tr-${TRACE}`, spanId: SPAN, attributes: {} },
    ];
    assert.deepEqual(span.links, links);
    assert.deepEqual(
      span.events.map(({ name, attributes }) => [name, attributes]),
      [
        ["asked", { times: 2 }],
        ["answered", {}],
      ],
    );
    assert.equal(span.events[0]!.timestamp, 1_700_000_000_000_000_000n);
    span.end();
    assert.deepEqual((await traceOf(span)).data.spans[0]!.links, links);
  });

  test("leaves out a link whose ids are none, with its attributes", () => {
    const span = startSpan({ name: "look up" });
    span.addEvent({ name: "asked" });
    for (const traceId of ["", "tr-1", TRACE.replace("0", "g"), undefined as never])
      span.addLink({ traceId, spanId: SPAN, attributes: { stray: true } });
    span.addLink({ traceId: TRACE, spanId: "", attributes: { stray: true } });
    assert.deepEqual([span.links, span.events[0]!.attributes], [[], {}]);
    span.end();
  });

  test("takes a log level by number and by name, and no other", () => {
    const span = startSpan({ name: "retry", spanType: "TOOL" });
    assert.equal(span.logLevel, SpanLogLevel.INFO);
    span.setLogLevel(SpanLogLevel.WARNING);
    assert.equal(span.logLevel, 30);
    span.setLogLevel("debug");
    assert.equal(span.getAttribute(SpanAttributeKey.LOG_LEVEL), 10);
    for (const level of [35, "LOUD", undefined, null])
      assert.throws(
        () => span.setLogLevel(level as never),
        (error) => MlflowAg2Error.is(error) && error.code === "invalid_argument",
      );
    span.recordException(new Error("no"));
    assert.equal(span.logLevel, SpanLogLevel.ERROR);
    span.setLogLevel("CRITICAL");
    span.recordException(new Error("no"));
    assert.equal(span.logLevel, SpanLogLevel.CRITICAL);
    span.end();
  });

  test("can be read after its end, and by the span that is active", () => {
    const span = withSpan(
      (own) => {
        assert.deepEqual(getCurrentActiveSpan()?.inputs, { city: "Oslo" });
        assert.equal(getCurrentActiveSpan()?.parentId, null);
        return own;
      },
      { name: "look up", inputs: { city: "Oslo" }, captureOutputs: false },
    );
    assert.deepEqual([span.inputs, span.status.code], [{ city: "Oslo" }, "OK"]);
  });

  test("tells what it holds before `redact` has seen it, which a trace does not", async () => {
    const seen: unknown[] = [];
    init({ redact: (span) => void (span.inputs = "<hidden>") });
    try {
      const root = startSpan({ name: "root", inputs: "secret" });
      const child = startSpan({ name: "child", parent: root, inputs: "secret" });
      seen.push(
        root.inputs,
        child.inputs,
        (await traceOf(root)).data.spans.map(({ inputs }) => inputs),
      );
      child.end();
      root.end();
      seen.push(
        (await traceOf(root)).data.spans.map(({ inputs }) => inputs),
        root.inputs,
      );
    } finally {
      init({ redact: null });
    }
    assert.deepEqual(seen, ["secret", "secret", [undefined, undefined], ["<hidden>", "<hidden>"], "<hidden>"]);
  });

  test("of a trace that another program began is found among the parts of the trace", () => {
    withTracingContextFromHeaders(`00-${TRACE}-${SPAN}-01`, () => {
      const first = startSpan({ name: "first", inputs: 1 });
      const second = startSpan({ name: "second", inputs: 2 });
      assert.deepEqual([first.inputs, second.inputs, second.parentId], [1, 2, SPAN]);
      second.end();
      first.end();
    });
  });

  test("that records nothing reads as MLflow's does", () => {
    const span = withSpan((own) => own, { name: "unseen", inputs: 1, samplingRatio: 0 });
    assert.deepEqual(
      [span.inputs, span.outputs, span.attributes, span.events, span.links, span.parentId, span.logLevel],
      [null, null, {}, [], [], null, null],
    );
    assert.deepEqual(
      [span.status.code, span.spanType, span.startTime, span.endTime],
      ["UNSET", "UNKNOWN", [0, 0], null],
    );
    assert.equal(span.getAttribute("limit"), null);
    assert.throws(() => span.setLogLevel("LOUD" as never), MlflowAg2Error);
    span.addLink({ traceId: TRACE, spanId: SPAN });
  });
});
