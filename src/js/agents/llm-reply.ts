/** Replies by a model (AG2: `ConversableAgent.generate_oai_reply`, `_generate_oai_reply_from_client`). */

import { agentState } from "./agent-state.js";
import type { ConversableAgent } from "./conversable-agent.js";
import type { ChatMessage, FunctionCall } from "./message.js";
import type { OpenAIWrapper } from "./openai-wrapper.js";
import { warn } from "./warn.js";
import type { ReplyFunction } from "./reply-chain.js";
import type { CallContext } from "./scope.js";
import { normalizeName } from "./tool.js";

/** The last function of the default chain: asks the agent's model, if it has one. */
export const generateOaiReply: ReplyFunction = async (agent, messages, _sender, config, context) => {
  const client = (config as OpenAIWrapper | undefined) ?? agent.client;
  if (client === undefined) return [false];
  const { hooks, systemMessage } = agent[agentState];
  const asked = await hooks.pass("safeguardLlmInputs", [systemMessage, ...messages], context);
  if (asked === null) return [true, { content: "LLM call blocked by safeguard", role: "assistant" }];
  const reply = await replyFromClient(agent, client, asked, context);
  if (reply === undefined) return [false];
  return [true, await hooks.passOrThrow("safeguardLlmOutputs", reply, context)];
};

/** What the model says to `messages`: its text, or a message with calls. */
export async function replyFromClient(
  agent: ConversableAgent,
  client: OpenAIWrapper,
  messages: ChatMessage[],
  context: CallContext,
): Promise<string | ChatMessage | undefined> {
  const variables = takeVariables(messages.at(-1));
  const response = await client.create({ messages: messages.flatMap(unrolled) }, { agent, variables, context });
  const reply = client.extractTextOrCompletionObject(response)[0];
  if (reply === undefined || reply === null) {
    warn(`the answer of model \`${response.model}\` holds no message`);
    return undefined;
  }
  return typeof reply === "string" ? reply : withUsableCalls(reply);
}

/** The template values of a message, which they leave: the text is made once, with the values given for it. */
function takeVariables(message: ChatMessage | undefined): Record<string, unknown> | undefined {
  const variables = message?.context;
  if (message !== undefined) delete message.context;
  return variables;
}

/**
 * Tool responses as the messages that the API wants. The content of a tool message is only their
 * sum; of any other message (a person's answer that interrupted the calls) it follows them.
 */
function unrolled(message: ChatMessage): ChatMessage[] {
  const { tool_responses: responses, ...rest } = message;
  if (responses === undefined || responses.length === 0) return [message];
  return message.role === "tool" ? responses : [...responses, rest];
}

/** A copy of a model's message with which a model may be asked again: names it accepts, and no empty `id` or `type`. */
function withUsableCalls(message: ChatMessage): ChatMessage {
  const { function_call: called, tool_calls: calls } = message;
  const usable: ChatMessage = { ...message };
  if (called) usable.function_call = withUsableName(called);
  if (calls) {
    usable.tool_calls = calls.map((call) => {
      const copy = { ...call, function: withUsableName(call.function) };
      if (copy.id == null) delete copy.id;
      if (copy.type == null) delete copy.type;
      return copy;
    });
  }
  return usable;
}

function withUsableName(call: FunctionCall): FunctionCall {
  return { ...call, name: normalizeName(call.name) };
}
