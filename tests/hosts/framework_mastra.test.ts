/** Mastra, observed by `mlflow-ag2/mastra` in every host, and read back from MLflow. */

import assert from "node:assert/strict";
import type { Trace } from "mlflow-ag2";
import { declareFrameworkTests } from "../support/framework-tests.js";

/** The only span of this name. */
function spanNamed(trace: Trace, name: string): Trace["data"]["spans"][number] {
  const [span, other] = trace.data.spans.filter((each) => each.name === name);
  assert.ok(span !== undefined && other === undefined, `not one span is named ${name}`);
  return span;
}

const step = (number: number, ...inside: string[]): string[] => [
  `    CHAIN step: ${number}`,
  `      CHAT_MODEL inference: ${number}`,
  ...inside,
];
const RUN = ["AGENT agent run: 'forecaster'", "  LLM llm: 'gpt-4o-mini'"];
const ANSWER = [...RUN, ...step(0)];
const toolLoop = (failure = ""): string[] => [
  ...RUN,
  ...step(0, `      TOOL tool: 'weather'${failure}`, "        UNKNOWN look up"),
  ...step(1),
];

const withoutInference = (tree: string[]): { tree: string[] } => ({
  tree: tree.filter((line) => !line.includes("CHAT_MODEL")),
});

const FAILED = " ! the model has failed";

const ERROR = [`${RUN[0]} ! the model is down`, ...ANSWER.slice(1).map((line) => line + FAILED)];

declareFrameworkTests({
  title: "Mastra",
  program: "mastra",
  missing: { Chromium: "Mastra needs Node's modules (`fs`, `crypto`, `stream/web`)" },
  scenarios: {
    twoTurns: { column: "two-turn chat", value: ["Hello Ada.", "You are Ada."], state: "OK", tree: ANSWER },
    tool: {
      column: "tool",
      value: "It is sunny.",
      state: "OK",
      tree: toolLoop(),
      check(trace) {
        const tool = spanNamed(trace, "tool: 'weather'");
        assert.deepEqual([tool.inputs, tool.outputs], [{ city: "Oslo" }, "Sun in Oslo"]);
        const isOldest = trace.data.spans.every(({ spanType }) => spanType !== "CHAT_MODEL");
        assert.equal(tool.getAttribute("gen_ai.tool.call.id"), isOldest ? undefined : "call_1");
        const model = spanNamed(trace, "llm: 'gpt-4o-mini'");
        assert.equal(model.getAttribute("mlflow.llm.model"), "gpt-4o-mini");
        assert.equal(model.getAttribute("mlflow.llm.provider"), "openai");
        const usage = model.getAttribute("mlflow.chat.tokenUsage") as Record<string, number>;
        assert.deepEqual([usage["input_tokens"], usage["output_tokens"], usage["total_tokens"]], [22, 8, 30]);
        const tools = model.getAttribute("mlflow.chat.tools") as { function: { name: string } }[] | undefined;
        assert.equal(tools?.[0]?.function.name, isOldest ? undefined : "weather");
        assert.equal(trace.info.tokenUsage?.["input_tokens"], 22);
        assert.equal((spanNamed(trace, RUN[0]!.slice(6)).outputs as { text: string }).text, "It is sunny.");
      },
    },
    stream: {
      column: "stream",
      value: ["Two", " fish", " swim"],
      state: "OK",
      tree: ANSWER,
      check: (trace) => assert.equal((spanNamed(trace, "step: 0").outputs as { text: string }).text, "Two fish swim"),
    },
    error: {
      column: "error",
      thrown: "Error: the model is down",
      state: "ERROR",
      tree: ERROR,
    },
    twoAtOnce: { column: "two at once", value: ["Two fish", "Two birds"], state: "OK", tree: ANSWER },
    toolError: { value: "I do not know.", state: "OK", tree: toolLoop(" ! no such city") },
    workflow: {
      value: { n: 8 },
      state: "OK",
      tree: ["WORKFLOW workflow run: 'quadruple'", "  TASK workflow step: 'double'", "  TASK workflow step: 'twice'"],
      check: (trace) => assert.deepEqual(spanNamed(trace, "workflow step: 'twice'").outputs, { n: 8 }),
    },
    workflowError: {
      value: "failed",
      state: "ERROR",
      tree: [
        "WORKFLOW workflow run: 'quadruple' ! a negative number",
        "  TASK workflow step: 'double' ! a negative number",
      ],
    },
  },
  // Before the calls of models had spans of their own.
  differences: {
    "Node, oldest version": {
      twoTurns: withoutInference(ANSWER),
      tool: withoutInference(toolLoop()),
      stream: withoutInference(ANSWER),
      error: withoutInference(ERROR),
      twoAtOnce: withoutInference(ANSWER),
      toolError: withoutInference(toolLoop(" ! no such city")),
    },
  },
});
