/** The OpenAI Agents SDK, observed by `mlflow-ag2/openai-agents` in every host, and read back from MLflow. */

import assert from "node:assert/strict";
import type { Trace } from "mlflow-ag2";
import { declareFrameworkTests } from "../support/framework-tests.js";

/** The first span of this name. */
function spanNamed(trace: Trace, name: string): Trace["data"]["spans"][number] {
  const span = trace.data.spans.find((each) => each.name === name);
  assert.ok(span !== undefined, `no span is named ${name}`);
  return span;
}

const USAGE = { input_tokens: 11, output_tokens: 4, total_tokens: 15, cache_read_input_tokens: 3 };
const RUN = ["  AGENT assistant", "    CHAT_MODEL Generation"];
const WORKFLOW = ["AGENT Agent workflow", ...RUN];
const FAILED = "Error in agent run: Error: the model is down";
const inner = (lines: readonly string[]): string[] => lines.map((line) => `  ${line}`);
/** A page has no asynchronous context, so that what a tool starts without a parent would be a trace of its own. */
const TOOL_IN_PAGE = {
  tree: [...WORKFLOW, "    TOOL weather", "    CHAT_MODEL Generation"],
};
const TOOL_ERROR = [
  "AGENT Agent workflow ! …",
  "  AGENT assistant ! …",
  "    CHAT_MODEL Generation",
  "    TOOL weather ! …",
];

declareFrameworkTests({
  title: "OpenAI Agents SDK",
  program: "openai-agents",
  scenarios: {
    twoTurns: {
      column: "two-turn chat",
      value: ["Hello Ada.", "You are Ada."],
      state: "OK",
      tree: ["AGENT conversation", ...RUN, ...RUN],
      check(trace) {
        assert.equal(trace.info.tokenUsage?.input_tokens, 22);
        assert.equal(trace.info.traceMetadata["mlflow.trace.session"], "group 7");
        assert.equal(trace.info.tags["group_id"], "group 7");
      },
    },
    tool: {
      column: "tool",
      value: "It is sunny.",
      state: "OK",
      tree: [...WORKFLOW, "    TOOL weather", "      UNKNOWN look up", "    CHAT_MODEL Generation"],
      check(trace) {
        const tool = spanNamed(trace, "weather");
        assert.deepEqual(tool.inputs, { city: "Oslo" });
        assert.equal(tool.outputs, "Sun in Oslo");
        const model = spanNamed(trace, "Generation");
        assert.deepEqual(model.getAttribute("mlflow.chat.tokenUsage"), USAGE);
        assert.equal(model.getAttribute("mlflow.llm.model"), "gpt-4o-mini");
        assert.equal(model.getAttribute("mlflow.message.format"), "openai-agent");
        assert.deepEqual((model.outputs as { role: string }[])[0]?.role, "assistant");
        assert.deepEqual(spanNamed(trace, "assistant").getAttribute("tools"), ["weather"]);
        assert.match(JSON.stringify(spanNamed(trace, "Agent workflow").inputs), /Weather in Oslo\?/);
        assert.match(JSON.stringify(spanNamed(trace, "Agent workflow").outputs), /It is sunny\./);
      },
    },
    stream: {
      column: "stream",
      value: ["Two", " fish", " swim"],
      state: "OK",
      tree: WORKFLOW,
      check(trace) {
        assert.match(JSON.stringify(spanNamed(trace, "Generation").outputs), /"content":"Two fish swim"/);
      },
    },
    error: {
      column: "error",
      thrown: "Error: the model is down",
      state: "ERROR",
      tree: [`AGENT Agent workflow ! ${FAILED}`, `  AGENT assistant ! ${FAILED}`, "    CHAT_MODEL Generation ! …"],
    },
    twoAtOnce: {
      column: "two at once",
      value: ["Two fish", "Two birds"],
      state: "OK",
      tree: ["UNKNOWN both", ...inner(WORKFLOW), ...inner(WORKFLOW)],
    },
    toolError: {
      thrown: "ToolCallError: Failed to run function tools: Error: no such city",
      state: "ERROR",
      tree: [...TOOL_ERROR, "      UNKNOWN look up"],
    },
    response: {
      value: "It is sunny.",
      state: "OK",
      tree: [...WORKFLOW.slice(0, 2), "    CHAT_MODEL Response"],
      check(trace) {
        const model = spanNamed(trace, "Response");
        assert.deepEqual(model.getAttribute("mlflow.chat.tokenUsage"), USAGE);
        assert.equal(model.getAttribute("mlflow.llm.model"), "gpt-4o-mini");
        assert.equal(model.getAttribute("temperature"), 0.5);
        assert.equal((model.getAttribute("mlflow.chat.tools") as unknown[]).length, 1);
        assert.equal((model.outputs as { type: string }[])[0]?.type, "message");
      },
    },
    handoff: {
      value: "42.",
      state: "OK",
      tree: [
        "AGENT Agent workflow",
        "  AGENT triage",
        "    CHAT_MODEL Generation",
        "    CHAIN Handoff",
        "  AGENT expert",
        "    CHAT_MODEL Generation",
      ],
      check(trace) {
        assert.deepEqual(spanNamed(trace, "Handoff").inputs, { from_agent: "triage" });
        assert.deepEqual(spanNamed(trace, "Handoff").outputs, { to_agent: "expert" });
      },
    },
    guardrail: {
      thrown: 'InputGuardrailTripwireTriggered: Input guardrail triggered: {"reason":"rude"}',
      state: "ERROR",
      tree: ["AGENT Agent workflow ! …", "  AGENT assistant ! …", "    GUARDRAIL polite"],
      check: (trace) => assert.deepEqual(spanNamed(trace, "polite").outputs, { triggered: true }),
    },
    failedAttempt: {
      value: "Better.",
      state: "OK",
      tree: ["AGENT retry", `  AGENT assistant ! ${FAILED}`, "    CHAT_MODEL Generation ! …", ...RUN],
    },
  },
  detached: { Chromium: 1 },
  differences: {
    // It reports no outputs of streams, and does not wait for guardrails before it calls the model.
    "Node, oldest version": {
      stream: { check: () => undefined },
      guardrail: {
        tree: [
          "AGENT Agent workflow ! …",
          "  AGENT assistant ! …",
          "    GUARDRAIL polite",
          "    CHAT_MODEL Generation",
        ],
      },
    },
    Chromium: { tool: TOOL_IN_PAGE, toolError: { tree: TOOL_ERROR }, twoAtOnce: { tree: WORKFLOW } },
  },
});
