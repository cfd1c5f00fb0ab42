/** Direct calls of `generateReply`, without a chat: for a model, a tool, and the model again. */

import { type ChatMessage, registerFunction } from "mlflow-ag2/agents";
import { objectSchema, agentWithoutModel, textSchema, agentWithModel, type Scenario } from "./fixtures.js";

export const scenario: Scenario = async (server) => {
  const shout = (args: { text: string }): string => args.text.toUpperCase();
  const assistant = agentWithModel(server, "assistant", "You shout.");
  const runner = agentWithoutModel("runner");
  registerFunction(shout, {
    caller: assistant,
    executor: runner,
    description: "Upper case",
    parameters: objectSchema({ text: textSchema("a text") }),
  });
  const messages: ChatMessage[] = [{ role: "user", content: "Shout hello." }];
  const first = (await assistant.generateReply({ messages })) as ChatMessage;
  messages.push(first);
  const second = (await runner.generateReply({ messages })) as ChatMessage;
  messages.push(...(second.tool_responses ?? []));
  const third = await assistant.generateReply({ messages });
  return { tool_call: first, tool_result: second, text: third };
};
