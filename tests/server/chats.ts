/** Small conversations for the tests, with a model that needs no network. */

import {
  type ChatMessage,
  type ChatResult,
  ConversableAgent,
  type ModelClient,
  type ModelResponse,
  type ToolFunction,
} from "mlflow-ag2/agents";

/** The next response of the model: a message, or an error to throw. */
export type Reply = ChatMessage | Error;

/** A model that gives these replies, one per call, each with a usage of 10 and 5 tokens. */
export function modelSaying(...replies: Reply[]): ModelClient {
  let calls = 0;
  return {
    create: async (request): Promise<ModelResponse> => {
      const reply = replies[calls++];
      if (reply === undefined)
        throw new Error(`the model was called ${calls} times, but has ${replies.length} replies`);
      if (reply instanceof Error) throw reply;
      return {
        id: `completion-${calls}`,
        model: request.model ?? "gpt-4o-mini",
        choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", ...reply } }],
        usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 },
      };
    },
  };
}

/** A model's message that calls the tool `probe`. */
export function callingProbe(args: Record<string, unknown> = {}): ChatMessage {
  return {
    content: null,
    tool_calls: [{ id: "call_1", type: "function", function: { name: "probe", arguments: JSON.stringify(args) } }],
  };
}

/** A model's message that ends the chat. */
export const GOODBYE: ChatMessage = { content: "Done. TERMINATE" };

/** Two agents: one that has `model`, one that answers for the user and ends the chat at TERMINATE. */
export function agents(
  model: ModelClient,
  names: { assistant?: string; user?: string } = {},
): { assistant: ConversableAgent; user: ConversableAgent } {
  return {
    assistant: new ConversableAgent({
      name: names.assistant ?? "assistant",
      llmConfig: { configList: [{ model: "gpt-4o-mini", client: model }] },
      humanInputMode: "NEVER",
    }),
    user: new ConversableAgent({
      name: names.user ?? "user",
      llmConfig: false,
      humanInputMode: "NEVER",
      isTerminationMsg: (message) => typeof message.content === "string" && message.content.includes("TERMINATE"),
    }),
  };
}

/** A chat of one question and one answer: a root, a turn and a model call. */
export async function shortChat(reply: Reply = GOODBYE): Promise<ChatResult> {
  const { assistant, user } = agents(modelSaying(reply));
  return user.initiateChat(assistant, { message: "Hello.", silent: true });
}

/** How many spans `shortChat` makes. */
export const SHORT_CHAT_SPANS = 3;

/** A chat in which the model calls the tool `probe` once. */
export async function toolChat(
  probe: ToolFunction,
  parameters: Record<string, unknown> = { type: "object", properties: {} },
): Promise<ChatResult> {
  const { assistant, user } = agents(modelSaying(callingProbe(), GOODBYE));
  assistant.registerForLlm({ name: "probe", description: "A probe", parameters })(probe);
  user.registerForExecution({ name: "probe" })(probe);
  return user.initiateChat(assistant, { message: "Use the probe.", silent: true });
}
