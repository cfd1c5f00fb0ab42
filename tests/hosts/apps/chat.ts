/** The two-agent example as a function, for hosts that begin with a function: every host must resolve its imports. */

import { autolog, flush, getLastActiveTraceId, getTrace, setExperiment, setTrackingUri, stats } from "mlflow-ag2";
import { ConversableAgent } from "mlflow-ag2/agents";

/** Runs the conversation with the settings in `?trackingUri=…&experiment=…&baseUrl=…`, and returns its trace. */
export async function chat(query: string): Promise<unknown> {
  const settings = new URLSearchParams(query);
  const setting = (name: string): string => settings.get(name) ?? "";
  autolog();
  setTrackingUri(setting("trackingUri"));
  setExperiment(setting("experiment"));

  const calculator = ({ a, b, operator }: { a: number; b: number; operator: "+" | "-" | "*" | "/" }): number =>
    operator === "+" ? a + b : operator === "-" ? a - b : operator === "*" ? a * b : Math.trunc(a / b);
  const parameters = {
    type: "object",
    properties: {
      a: { type: "integer", description: "a" },
      b: { type: "integer", description: "b" },
      operator: { enum: ["+", "-", "*", "/"], type: "string", description: "operator" },
    },
    required: ["a", "b", "operator"],
  };
  const assistant = new ConversableAgent({
    name: "Assistant",
    systemMessage:
      "You are a helpful AI assistant. You can help with simple calculations. " +
      "Return 'TERMINATE' when the task is done.",
    llmConfig: { configList: [{ model: "gpt-4o-mini", apiKey: "test-key", baseUrl: setting("baseUrl") }] },
  });
  const userProxy = new ConversableAgent({
    name: "Tool Agent",
    llmConfig: false,
    humanInputMode: "NEVER",
    isTerminationMsg: (m) => m.content?.includes("TERMINATE") === true,
  });
  assistant.registerForLlm({ name: "calculator", description: "A simple calculator", parameters })(calculator);
  userProxy.registerForExecution({ name: "calculator" })(calculator);
  const { chatHistory, summary, cost, humanInput } = await userProxy.initiateChat(assistant, {
    message: "What is (44231 + 13312 / (230 - 20)) * 4?",
  });

  const flushed = await flush();
  const trace = await getTrace(getLastActiveTraceId());
  return {
    results: { chat: { chat_history: chatHistory, summary, cost, human_input: humanInput } },
    trace: trace && { state: trace.info.state, tokenUsage: trace.info.tokenUsage, spans: trace.data.spans.length },
    flushed,
    stats: stats(),
  };
}
