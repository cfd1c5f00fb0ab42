/** Our own agents, with a model that answers at once: what tracing adds to a program that does nothing else. */

import * as mlflow from "mlflow-ag2";
import { AssistantAgent, UserProxyAgent, registerFunction } from "mlflow-ag2/agents";
import { makeChat } from "../lib/workload.mjs";
import { respond } from "./counting.mjs";

const MANY = 2 ** 30;

/** Replies from the workload; every second one calls a tool. */
function scripted(turns) {
  const chat = makeChat(turns);
  let calls = 0;
  return {
    async create({ model }) {
      const { reply, usage } = chat.turns[calls % turns];
      const callsTool = calls % 2 === 1;
      calls += 1;
      const tool = {
        id: `call_${calls}`,
        type: "function",
        function: { name: "search", arguments: `{"query":"item ${calls}","limit":5}` },
      };
      const message = callsTool ? { role: "assistant", content: null, tool_calls: [tool] } : reply;
      return {
        id: `chatcmpl-${calls}`,
        object: "chat.completion",
        created: 1_700_000_000,
        model,
        choices: [{ index: 0, finish_reason: callsTool ? "tool_calls" : "stop", message }],
        usage: {
          prompt_tokens: usage.input_tokens,
          completion_tokens: usage.output_tokens,
          total_tokens: usage.total_tokens,
        },
      };
    },
    cost: () => 0,
  };
}

export default {
  async create() {
    mlflow.init({
      trackingUri: "http://127.0.0.1:9",
      experimentId: "0",
      fetch: async (address) => respond(address),
      compression: false,
      maxBufferSpans: MANY,
      maxBufferBytes: MANY,
    });
    mlflow.autolog();
    return {
      /** Agents without messages. */
      agents(turns) {
        const assistant = new AssistantAgent({
          name: "assistant",
          llmConfig: { configList: [{ model: "gpt-4o-mini", client: scripted(turns) }] },
        });
        const user = new UserProxyAgent({
          name: "user",
          humanInputMode: "NEVER",
          maxConsecutiveAutoReply: turns,
          defaultAutoReply: makeChat(1).turns[0].question.content,
        });
        registerFunction(async () => ({ hits: 3, best: "doc", score: 0.87 }), {
          caller: assistant,
          executor: user,
          name: "search",
          description: "Searches the documents.",
          parameters: {
            type: "object",
            properties: { query: { type: "string" }, limit: { type: "integer" } },
            required: ["query"],
          },
        });
        return { assistant, user };
      },
      chat: ({ assistant, user }, turns) =>
        user.initiateChat(assistant, { message: "What does the last report say?", maxTurns: turns, silent: true }),
      trace: (isOn) => (isOn ? mlflow.enable() : mlflow.disable()),
      started: () => mlflow.stats().started,
      flush: () => mlflow.flush(),
    };
  },
};
