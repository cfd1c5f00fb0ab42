/** Traces as text. */

import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { Span, Trace, TraceInfo } from "mlflow-ag2";
import { printTrace, traceText } from "mlflow-ag2/view/console";

const environment = { ...process.env };
const isTTY = process.stdout.isTTY;
afterEach(() => {
  process.env = { ...environment };
  process.stdout.isTTY = isTTY;
});

interface Given {
  parent?: string;
  type?: string;
  from?: number;
  /** The end; not given for a running span. */
  to?: number;
  failed?: string;
  tokens?: [number, number];
  model?: string;
  /** In US dollars, as MLflow records it. */
  cost?: number;
}

function span(name: string, id: string, given: Given): Span {
  const { parent, type = "AGENT", from = 0, to, failed, tokens, model, cost } = given;
  const usage = tokens && { input_tokens: tokens[0], output_tokens: tokens[1], total_tokens: tokens[0] + tokens[1] };
  return new Span({
    name,
    spanId: id,
    parentId: parent ?? null,
    traceId: "tr-0123456789abcdef0123456789abcdef",
    status:
      failed === undefined
        ? { code: to === undefined ? "UNSET" : "OK", description: "" }
        : { code: "ERROR", description: failed },
    startTimeNs: BigInt(from * 1e6),
    endTimeNs: to === undefined ? undefined : BigInt(to * 1e6),
    attributes: {
      "mlflow.spanType": type,
      ...(usage && { "mlflow.chat.tokenUsage": usage }),
      ...(model !== undefined && { "mlflow.llm.model": model }),
      ...(cost !== undefined && { "mlflow.llm.cost": { total_cost: cost } }),
    },
    events: [],
  });
}

function trace(spans: Span[], state: "OK" | "IN_PROGRESS" = "OK"): Trace {
  const info = {
    traceId: "tr-0123456789abcdef0123456789abcdef",
    experimentId: "0",
    state,
    requestTimeMs: 0,
    executionDurationMs: state === "OK" ? 65_250 : undefined,
    clientRequestId: undefined,
    requestPreview: undefined,
    responsePreview: undefined,
    tags: {},
    traceMetadata: (state === "OK"
      ? { "mlflow.trace.tokenUsage": '{"input_tokens":30,"output_tokens":7,"total_tokens":37}' }
      : {}) as Record<string, string>,
  };
  return new Trace(new TraceInfo(info), spans);
}

const CHAT = trace([
  span("initiate_chat", "1", { type: "CHAIN", to: 65_250 }),
  span("Assistant", "2", { parent: "1", from: 1, to: 13.5 }),
  span("chat_completion", "3", { parent: "2", type: "LLM", from: 2, to: 12, tokens: [30, 7] }),
  span("User", "4", { parent: "1", from: 20, to: 1520 }),
  span("calculator", "5", { parent: "4", type: "TOOL", from: 21, to: 23, failed: "no such\noperator" }),
]);

test("a trace is one line for itself and one for each span, in order of start", () => {
  // Later spans are on later lines, in any order of the data.
  const shuffled = new Trace(CHAT.info, [...CHAT.data.spans].reverse());
  const text = [
    "tr-0123456789abcdef0123456789abcdef · OK, 1 failed · 1 min 5 s · 5 spans · 30 input + 7 output = 37 tokens",
    "CHAIN initiate_chat          1 min 5 s",
    "├─ AGENT Assistant            12.50 ms",
    "│  └─ LLM   chat_completion   10.00 ms  30 input + 7 output = 37 tokens",
    "└─ AGENT User                   1.50 s",
    "   └─ TOOL  calculator         2.00 ms  ERROR: no such operator",
  ].join("\n");
  assert.deepEqual([traceText(CHAT, { colors: false }), traceText(shuffled, { colors: false })], [text, text]);
});

test("a model call has its model and its cost, and the trace the sum of both calls", () => {
  const call: Given = { parent: "1", type: "LLM", to: 2, tokens: [30, 7] };
  const priced = trace([
    span("chat", "1", { type: "CHAIN", to: 10 }),
    span("call", "2", { ...call, model: "gpt-4o-mini", cost: 0.00012 }),
    span("call", "3", { ...call, model: "a\nmodel\u001b[2J", cost: 1.5 }),
    span("call", "4", { parent: "1", type: "LLM", to: 2, model: "free" }),
  ]);
  assert.equal(
    traceText(priced, { colors: false }),
    [
      "tr-0123456789abcdef0123456789abcdef · OK · 1 min 5 s · 4 spans · 30 input + 7 output = 37 tokens · $1.50",
      "CHAIN chat                  10.00 ms",
      "├─ LLM   call gpt-4o-mini    2.00 ms  30 input + 7 output = 37 tokens  $0.00012",
      "├─ LLM   call a model\ufffd[2J    2.00 ms  30 input + 7 output = 37 tokens  $1.50",
      "└─ LLM   call free           2.00 ms",
    ].join("\n"),
  );
});

test("a running span is marked as running", () => {
  const running = trace([span("initiate_chat", "1", { type: "CHAIN" })], "IN_PROGRESS");
  assert.equal(
    traceText(running, { colors: false }),
    "tr-0123456789abcdef0123456789abcdef · IN_PROGRESS · 1 span\nCHAIN initiate_chat    running",
  );
});

test("a span whose parent is missing is a root, and cycles of parents are handled", () => {
  const odd = trace([
    span("late", "7", { parent: "missing", to: 1 }),
    span("a", "8", { parent: "9", from: 1, to: 2 }),
    span("b", "9", { parent: "8", from: 1, to: 2 }),
  ]);
  const names = traceText(odd, { colors: false })
    .split("\n")
    .slice(1)
    .map((line) => line.replace(/ +[\d.]+ ms/, ""));
  assert.deepEqual(names, ["AGENT late", "AGENT a", "└─ AGENT b"]);
});

test("the text of a model cannot control the terminal", () => {
  const evil = trace([span("\u001b[2Jgone\r\n\u009b31m\u202e", "1", { to: 1, failed: "\u0007\u001b]0;title\u0007" })]);
  assert.doesNotMatch(traceText(evil, { colors: false }).replaceAll("\n", ""), /\p{Cc}|\p{Bidi_Control}/u);
});

test("terminals get colours, NO_COLOR disables and FORCE_COLOR enables them, an option overrides both", () => {
  const isColored = (options?: { colors?: boolean }): boolean => traceText(CHAT, options).includes("\u001b[");
  delete process.env["NO_COLOR"];
  delete process.env["FORCE_COLOR"];
  process.stdout.isTTY = false;
  assert.equal(isColored(), false);
  assert.equal(isColored({ colors: true }), true);
  process.env["FORCE_COLOR"] = "1";
  assert.equal(isColored(), true);
  delete process.env["FORCE_COLOR"];
  process.stdout.isTTY = true;
  assert.equal(isColored(), true);
  assert.equal(isColored({ colors: false }), false);
  process.env["NO_COLOR"] = "1";
  assert.equal(isColored(), false);
  const plain = traceText(CHAT, { colors: false });
  assert.equal(traceText(CHAT, { colors: true }).replace(/\u001b\[[\d;]*m/g, ""), plain);
});

test("printTrace prints once, with the given function", () => {
  const printed: string[] = [];
  printTrace(CHAT, { colors: false, print: (text) => void printed.push(text) });
  assert.deepEqual(printed, [traceText(CHAT, { colors: false })]);
});

test("outside of pages the import of the element does nothing", async () => {
  const { MlflowTraceElement } = await import("mlflow-ag2/view");
  assert.equal(typeof MlflowTraceElement, "function");
  assert.equal(typeof customElements, "undefined");
});
