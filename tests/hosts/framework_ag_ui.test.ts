/** Agents behind AG-UI, observed by `mlflow-ag2/ag-ui` in every host, and read back from MLflow. */

import assert from "node:assert/strict";
import type { Trace } from "mlflow-ag2";
import { startAgUiServer } from "../support/ag-ui-server.js";
import { declareFrameworkTests } from "../support/framework-tests.js";

/** The only span of this name. */
function spanNamed(trace: Trace, name: string): Trace["data"]["spans"][number] {
  const [span, other] = trace.data.spans.filter((each) => each.name === name);
  assert.ok(span !== undefined && other === undefined, `not one span is named ${name}`);
  return span;
}

declareFrameworkTests({
  title: "AG-UI",
  program: "ag-ui",
  async start(trackingUri) {
    const { uri, stop } = await startAgUiServer(trackingUri);
    return { settings: { agentUrl: uri }, stop };
  },
  scenarios: {
    twoTurns: {
      column: "two-turn chat",
      value: ["Hello, I am Ada.", "You are Ada."],
      state: "OK",
      tree: ["UNKNOWN conversation", "  AGENT chat", "    MESSAGE message", "  AGENT chat", "    MESSAGE message"],
    },
    tool: {
      column: "tool",
      value: "It is sunny.",
      state: "OK",
      tree: ["AGENT tool", "  CHAIN forecast", "    TOOL weather", "  MESSAGE message"],
      check(trace) {
        const tool = spanNamed(trace, "weather");
        assert.deepEqual([tool.inputs, tool.outputs], [{ city: "Oslo" }, "Sun in Oslo"]);
        assert.equal(tool.getAttribute("gen_ai.tool.call.id"), "call_1");
        const run = spanNamed(trace, "tool");
        assert.deepEqual(run.inputs, { messages: [{ role: "user", content: "Weather in Oslo?" }] });
        const [asks, , answers] = (run.outputs as { messages: Record<string, unknown>[] }).messages;
        assert.deepEqual(asks?.["tool_calls"], [
          { id: "call_1", type: "function", function: { name: "weather", arguments: '{"city":"Oslo"}' } },
        ]);
        assert.equal(answers?.["content"], "It is sunny.");
        const roles = (run.getAttribute("mlflow.chat.messages") as { role: string }[]).map(({ role }) => role);
        assert.deepEqual(roles, ["user", "assistant", "tool", "assistant"]);
        assert.equal(trace.info.traceMetadata["mlflow.trace.session"], "thread of tool");
      },
    },
    stream: {
      column: "stream",
      value: ["Two", " fish", " swim"],
      state: "OK",
      tree: ["AGENT stream", "  MESSAGE message"],
      check: (trace) => assert.equal(spanNamed(trace, "message").outputs, "Two fish swim"),
    },
    error: {
      column: "error",
      state: "ERROR",
      tree: ["AGENT error ! the agent is down", "  MESSAGE message"],
      check: (trace) => assert.equal(spanNamed(trace, "message").outputs, "Two fish"),
    },
    twoAtOnce: {
      column: "two at once",
      value: ["Hello, fish", "Hello, birds"],
      state: "OK",
      tree: ["UNKNOWN both", "  AGENT chat", "    MESSAGE message", "  AGENT chat", "    MESSAGE message"],
    },
    pageTool: {
      value: "You like blue.",
      state: "OK",
      tree: ["AGENT page-tool", "  TOOL choose", "  MESSAGE message"],
      check(trace) {
        const tool = spanNamed(trace, "choose");
        assert.deepEqual([tool.inputs, tool.outputs], [{ options: ["red", "blue"] }, "blue"]);
      },
    },
    unansweredPageTool: { value: "Fine.", state: "OK", tree: ["AGENT page-tool", "  MESSAGE message"] },
    state: {
      value: { count: 1 },
      state: "OK",
      tree: ["AGENT state", "  MESSAGE message"],
      check: (trace) =>
        assert.deepEqual(
          spanNamed(trace, "state").events.map(({ name }) => name),
          ["state_snapshot", "state_delta"],
        ),
    },
    backEnd: { state: "OK", tree: ["AGENT back-end", "  UNKNOWN back end"] },
    down: { state: "ERROR", tree: ["AGENT down ! …"] },
    abort: {
      state: "OK",
      tree: ["AGENT endless", "  MESSAGE message"],
    },
  },
});
