/** `generateReply` called by hand, without a chat: for a model, a tool, and the model again. */

import { type ChatMessage, registerFunction } from "mlflow-ag2/agents";
import { object, speaker, text, thinker, type Twin } from "./stage.js";

export const twin: Twin = async (stage) => {
  const shout = (args: { text: string }): string => args.text.toUpperCase();
  const assistant = thinker(stage, "assistant", "You shout.");
  const runner = speaker("runner");
  registerFunction(shout, { caller: assistant, executor: runner, description: "Upper case", parameters: object({ text: text("a text") }) });
  const messages: ChatMessage[] = [{ role: "user", content: "Shout hello." }];
  const first = (await assistant.generateReply({ messages })) as ChatMessage;
  messages.push(first);
  const second = (await runner.generateReply({ messages })) as ChatMessage;
  messages.push(...(second.tool_responses ?? []));
  const third = await assistant.generateReply({ messages });
  return { tool_call: first, tool_result: second, text: third };
};
