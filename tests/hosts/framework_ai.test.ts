/** Vercel's `ai` in versions 5 to 7, observed by `mlflow-ag2/ai` in every host, and read back from MLflow. */

import assert from "node:assert/strict";
import type { Trace } from "mlflow-ag2";
import { declareFrameworkTests } from "../support/framework-tests.js";

type Span = Trace["data"]["spans"][number];

/** The spans of this name. */
const named = (trace: Trace, name: string): Span[] => trace.data.spans.filter((span) => span.name === name);
const inner = (lines: readonly string[]): string[] => lines.map((line) => `  ${line}`);

const GENERATE = ["LLM ai.generateText", "  LLM ai.generateText.doGenerate"];
const TOOL_LOOP = [...GENERATE, "  TOOL weather", "    UNKNOWN look up", GENERATE[1]!];
const USAGE = { input_tokens: 11, output_tokens: 4, total_tokens: 15 };

function assertToolLoop(trace: Trace): void {
  const [tool] = named(trace, "weather");
  assert.deepEqual([tool?.inputs, tool?.outputs], [{ city: "Oslo" }, "Sun in Oslo"]);
  assert.equal(tool?.getAttribute("gen_ai.tool.call.id"), "call_1");
  const [asks, answers] = named(trace, "ai.generateText.doGenerate");
  assert.ok(asks !== undefined && answers !== undefined);
  const { input_tokens: input, output_tokens: output } = asks.getAttribute("mlflow.chat.tokenUsage") as typeof USAGE;
  assert.deepEqual([input, output], [USAGE.input_tokens, USAGE.output_tokens]);
  assert.equal(asks.getAttribute("mlflow.llm.model"), "gpt-4o-mini");
  assert.equal(asks.getAttribute("mlflow.llm.provider"), "openai");
  assert.equal(asks.getAttribute("mlflow.message.format"), "vercel_ai");
  const known = asks.getAttribute("mlflow.chat.tools") as { function: { name: string } }[];
  assert.deepEqual(
    known.map((tool) => tool.function.name),
    ["weather"],
  );
  const { toolCalls } = asks.outputs as { toolCalls: { toolCallId: string; toolName: string }[] };
  assert.deepEqual(
    toolCalls.map(({ toolCallId, toolName }) => [toolCallId, toolName]),
    [["call_1", "weather"]],
  );
  assert.equal((answers.outputs as { text: string }).text, "It is sunny.");
  assert.equal(trace.data.spans[0]?.outputs, "It is sunny.");
  assert.equal(trace.info.tokenUsage?.["input_tokens"], 22);
}

declareFrameworkTests({
  title: "Vercel AI SDK",
  program: "ai",
  versions: { "Node, version 6": { ai: "ai-6" } },
  scenarios: {
    twoTurns: {
      column: "two-turn chat",
      value: ["Hello Ada.", "You are Ada."],
      state: "OK",
      tree: ["UNKNOWN conversation", ...inner(GENERATE), ...inner(GENERATE)],
      check: ({ info }) => assert.equal(info.tokenUsage?.["total_tokens"], 30),
    },
    tool: { column: "tool", value: "It is sunny.", state: "OK", tree: TOOL_LOOP, check: assertToolLoop },
    stream: {
      column: "stream",
      value: ["Two", " fish", " swim"],
      state: "OK",
      tree: ["LLM ai.streamText", "  LLM ai.streamText.doStream"],
      check(trace) {
        const [root, model] = trace.data.spans;
        assert.ok(root !== undefined && model !== undefined);
        assert.equal(root.outputs, "Two fish swim");
        assert.equal((model.outputs as { text: string }).text, "Two fish swim");
        assert.equal(trace.info.tokenUsage?.["output_tokens"], 4);
      },
    },
    error: {
      column: "error",
      thrown: "Error: the model is down",
      state: "ERROR",
      tree: ["LLM ai.generateText ! the model is down", "  LLM ai.generateText.doGenerate ! the model is down"],
      check(trace) {
        for (const { events } of trace.data.spans)
          assert.equal(events[0]?.attributes["exception.message"], "the model is down");
      },
    },
    twoAtOnce: {
      column: "two at once",
      value: ["Two fish", "Two birds"],
      state: "OK",
      tree: ["UNKNOWN both", ...inner(GENERATE), ...inner(GENERATE)],
    },
    toolError: {
      value: "I do not know.",
      state: "OK",
      tree: TOOL_LOOP.map((line) => (line === "  TOOL weather" ? `${line} ! no such city` : line)),
    },
    streamError: {
      value: ["the model is down"],
      state: "ERROR",
      tree: ["LLM ai.streamText ! the model is down", "  LLM ai.streamText.doStream ! the model is down"],
    },
    abort: { value: true, state: "OK", tree: ["LLM ai.streamText", "  LLM ai.streamText.doStream"] },
    object: {
      value: { city: "Oslo" },
      state: "OK",
      tree: ["LLM ai.generateObject", "  LLM ai.generateObject.doGenerate"],
      check: (trace) => assert.deepEqual(trace.data.spans[0]?.outputs, { city: "Oslo" }),
    },
    agent: { value: "It is sunny.", state: "OK", tree: TOOL_LOOP, check: assertToolLoop },
    embed: {
      value: [1, 2],
      state: "OK",
      tree: ["EMBEDDING ai.embed", "  EMBEDDING ai.embed.doEmbed"],
      check: ({ info }) => assert.equal(info.tokenUsage?.["input_tokens"], 3),
    },
  },
});
