/**
 * Programs that are instrumented with OpenTelemetry, through `mlflow-ag2/otel` in every host, read back from MLflow.
 */

import assert from "node:assert/strict";
import type { Trace } from "mlflow-ag2";
import { declareFrameworkTests } from "../support/framework-tests.js";

/** The first span of this name. */
function spanNamed(trace: Trace, name: string): Trace["data"]["spans"][number] {
  const span = trace.data.spans.find((each) => each.name === name);
  assert.ok(span !== undefined, `no span is named ${name}`);
  return span;
}

const CHAT = "CHAT_MODEL chat gpt-4o-mini";
const TURN = ["AGENT invoke_agent assistant", `  ${CHAT}`];
const inner = (lines: readonly string[]): string[] => lines.map((line) => `  ${line}`);

declareFrameworkTests({
  title: "OpenTelemetry",
  program: "otel",
  scenarios: {
    twoTurns: {
      column: "two-turn chat",
      value: ["Hello Ada.", "You are Ada."],
      state: "OK",
      tree: ["CHAIN conversation", ...inner(TURN), ...inner(TURN)],
      check(trace) {
        assert.equal(trace.info.tokenUsage?.input_tokens, 22);
        assert.equal(trace.info.traceMetadata["mlflow.trace.session"], "session 7");
        assert.equal(spanNamed(trace, "conversation").inputs, "two turns");
        assert.equal(spanNamed(trace, "conversation").outputs, "You are Ada.");
      },
    },
    tool: {
      column: "tool",
      value: "It is sunny.",
      state: "OK",
      tree: [
        "AGENT invoke_agent assistant",
        `  ${CHAT}`,
        "  TOOL execute_tool weather",
        "    UNKNOWN look up",
        "      UNKNOWN dns",
        `  ${CHAT}`,
      ],
      check(trace) {
        assert.deepEqual(spanNamed(trace, "execute_tool weather").inputs, { city: "Oslo" });
        assert.deepEqual(spanNamed(trace, "execute_tool weather").outputs, { sun: true });
        const model = spanNamed(trace, "chat gpt-4o-mini");
        assert.equal(model.getAttribute("mlflow.llm.model"), "gpt-4o-mini");
        assert.equal(model.getAttribute("mlflow.llm.provider"), "openai");
        assert.deepEqual(model.getAttribute("mlflow.chat.tokenUsage"), {
          input_tokens: 11,
          output_tokens: 4,
          total_tokens: 15,
          cache_read_input_tokens: 3,
        });
        assert.deepEqual(model.getAttribute("mlflow.chat.messages"), [
          { role: "user", content: "Weather in Oslo?" },
          { role: "assistant", content: "Let me see." },
        ]);
      },
    },
    stream: {
      column: "stream",
      value: ["Two", " fish", " swim"],
      state: "OK",
      tree: ["LLM ai.streamText.doStream"],
      check(trace) {
        const span = spanNamed(trace, "ai.streamText.doStream");
        assert.deepEqual(span.inputs, [{ role: "user", content: "A joke about fish, please." }]);
        assert.equal(span.outputs, "Two fish swim");
        assert.equal(trace.info.tokenUsage?.total_tokens, 15);
        assert.equal(span.events.filter(({ name }) => name === "ai.stream.firstChunk").length, 3);
      },
    },
    error: {
      column: "error",
      thrown: "Error: the model is down",
      state: "ERROR",
      tree: ["AGENT invoke_agent assistant ! the model is down", `  ${CHAT} ! the model is down`],
      check(trace) {
        const [event] = spanNamed(trace, "chat gpt-4o-mini").events;
        assert.equal(event?.attributes["exception.message"], "the model is down");
      },
    },
    twoAtOnce: {
      column: "two at once",
      value: ["Two fish", "Two birds"],
      state: "OK",
      tree: ["UNKNOWN both", ...inner(TURN), ...inner(TURN)],
    },
    exporter: {
      state: "OK",
      tree: ["UNKNOWN root", "  UNKNOWN child"],
      check(trace) {
        const child = spanNamed(trace, "child");
        assert.equal(child.startTimeNs, 1_700_000_000_010_000_000n);
        assert.equal(child.endTimeNs, 1_700_000_000_020_000_000n);
      },
    },
    openInference: {
      state: "OK",
      tree: ["LLM ChatCompletion"],
      check(trace) {
        const span = spanNamed(trace, "ChatCompletion");
        assert.deepEqual(span.inputs, [{ role: "user", content: "Hi." }]);
        assert.deepEqual(span.outputs, [{ role: "assistant", content: "Hello." }]);
        assert.equal(span.getAttribute("mlflow.llm.provider"), "azure");
        assert.equal(trace.info.tokenUsage?.total_tokens, 3);
      },
    },
    manual: {
      state: "OK",
      tree: ["UNKNOWN mine", "  UNKNOWN active", ...inner(inner(TURN))],
    },
  },
});
