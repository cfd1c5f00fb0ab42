/** LangChain and LangGraph, observed by `mlflow-ag2/langchain` in every host, and read back from MLflow. */

import assert from "node:assert/strict";
import type { Trace } from "mlflow-ag2";
import { declareFrameworkTests } from "../support/framework-tests.js";

/** The only span of this name. */
function spanNamed(trace: Trace, name: string): Trace["data"]["spans"][number] {
  const [span, other] = trace.data.spans.filter((each) => each.name === name);
  assert.ok(span !== undefined && other === undefined, `not one span is named ${name}`);
  return span;
}

const USAGE = { input_tokens: 11, output_tokens: 4, total_tokens: 15, cache_read_input_tokens: 3 };
const JOKE = ["  CHAIN ChatPromptTemplate", "  CHAT_MODEL ScriptedModel", "  CHAIN StrOutputParser"];
const CHAIN = ["CHAIN RunnableSequence", ...JOKE];
const inner = (lines: readonly string[]): string[] => lines.map((line) => `  ${line}`);
/** The last one is the function of the conditional edge, whose name depends on the version. */
const TURN = ["CHAIN LangGraph", "  CHAIN agent", "    CHAT_MODEL ScriptedModel", "    CHAIN …"];
const NO_INTERRUPT = "LangGraph has no `interrupt` where bundlers take its build for browsers";

declareFrameworkTests({
  title: "LangChain",
  program: "langchain",
  inPages: { "@langchain/langgraph": "@langchain/langgraph/web" },
  scenarios: {
    twoTurns: {
      column: "two-turn chat",
      value: ["I am Ada.", "Hello Ada.", "Who am I?", "You are Ada."],
      state: "OK",
      tree: ["UNKNOWN conversation", ...inner(TURN), ...inner(TURN)],
      check: ({ info }) => assert.deepEqual(info.tokenUsage?.["input_tokens"], 22),
    },
    tool: {
      column: "tool",
      value: "It is sunny.",
      state: "OK",
      tree: [...TURN, "  CHAIN tools", "    TOOL weather", "      UNKNOWN look up", ...TURN.slice(1)],
      check(trace) {
        const tool = spanNamed(trace, "weather");
        assert.deepEqual(tool.inputs, { city: "Oslo" });
        assert.equal((tool.outputs as { content: string }).content, "Sun in Oslo");
        assert.equal(tool.getAttribute("gen_ai.tool.call.id"), "call_1");
        const [model] = trace.data.spans.filter(({ spanType }) => spanType === "CHAT_MODEL");
        assert.ok(model);
        assert.deepEqual(model.getAttribute("mlflow.chat.tokenUsage"), USAGE);
        assert.equal(model.getAttribute("mlflow.llm.model"), "gpt-4o-mini");
        assert.equal(model.getAttribute("mlflow.llm.provider"), "openai");
        assert.equal(model.getAttribute("mlflow.message.format"), "langchain");
        assert.equal(model.getAttribute("langgraph_node"), "agent");
        assert.equal((model.getAttribute("mlflow.chat.tools") as unknown[]).length, 1);
      },
    },
    stream: {
      column: "stream",
      value: ["Two", " fish", " swim"],
      state: "OK",
      tree: CHAIN,
      check(trace) {
        assert.deepEqual(spanNamed(trace, "RunnableSequence").inputs, { topic: "fish" });
        assert.deepEqual(spanNamed(trace, "RunnableSequence").outputs, { output: "Two fish swim" });
        const { generations } = spanNamed(trace, "ScriptedModel").outputs as { generations: { text: string }[][] };
        assert.equal(generations[0]?.[0]?.text, "Two fish swim");
        const usage = spanNamed(trace, "ScriptedModel").getAttribute("mlflow.chat.tokenUsage");
        // The oldest version drops details where it joins chunks.
        assert.deepEqual({ ...USAGE, ...(usage as object) }, USAGE);
        assert.equal((usage as typeof USAGE).input_tokens, USAGE.input_tokens);
      },
    },
    error: {
      column: "error",
      thrown: "Error: the model is down",
      state: "ERROR",
      tree: [
        "CHAIN RunnableSequence ! the model is down",
        "  CHAIN ChatPromptTemplate",
        "  CHAT_MODEL ScriptedModel ! the model is down",
      ],
      check(trace) {
        const [event] = spanNamed(trace, "ScriptedModel").events;
        assert.equal(event?.attributes["exception.message"], "the model is down");
      },
    },
    twoAtOnce: {
      column: "two at once",
      value: ["Two fish", "Two birds"],
      state: "OK",
      tree: ["UNKNOWN both", ...inner(CHAIN), ...inner(CHAIN)],
    },
    toolError: {
      thrown: "Error: no such city",
      state: "ERROR",
      tree: [
        "CHAIN LangGraph ! no such city",
        ...TURN.slice(1),
        "  CHAIN tools ! no such city",
        "    TOOL weather ! no such city",
        "      UNKNOWN look up",
      ],
    },
    streamError: {
      thrown: "Error: the stream broke",
      state: "ERROR",
      tree: [
        "CHAIN RunnableSequence ! the stream broke",
        "  CHAIN ChatPromptTemplate",
        "  CHAT_MODEL ScriptedModel ! the stream broke",
        "  CHAIN StrOutputParser ! the stream broke",
      ],
      check: (trace) => assert.equal(spanNamed(trace, "ScriptedModel").outputs, "Two fish"),
    },
    abort: {
      value: "stopped",
      state: "ERROR",
      tree: ["CHAIN waiting ! …"],
    },
    retriever: {
      value: [{ pageContent: "About whales", metadata: { page: 7 } }],
      state: "OK",
      tree: ["RETRIEVER Books"],
      check: (trace) =>
        assert.deepEqual(spanNamed(trace, "Books").outputs, [{ page_content: "About whales", metadata: { page: 7 } }]),
    },
    interrupt: {
      value: { answer: "yes" },
      state: "OK",
      tree: ["UNKNOWN interrupted", "  CHAIN LangGraph", "    CHAIN ask", "  CHAIN LangGraph", "    CHAIN ask"],
      check(trace) {
        const [event] = trace.data.spans.flatMap(({ events }) => events);
        assert.equal(event?.name, "GraphInterrupt");
      },
    },
  },
  differences: {
    Chromium: { interrupt: { missing: NO_INTERRUPT } },
    workerd: { interrupt: { missing: NO_INTERRUPT } },
  },
});
