/** Replies by a model (AG2: `ConversableAgent.generate_oai_reply`, `_generate_oai_reply_from_client`). */

import { agentState } from "./agent-state.js";
import type { ConversableAgent } from "./conversable-agent.js";
import type { ChatMessage, FunctionCall } from "../message/message.js";
import type { OpenAIWrapper } from "../models/openai-wrapper.js";
import { warn } from "../util/warn.js";
import type { ReplyFunction } from "./reply-chain.js";
import type { CallContext } from "../types.js";
import { setParsed } from "../chat/parsed.js";
import { normalizeName } from "../tools/tool.js";

/** The last function of the default chain: calls the agent's model, if it has one. */
export const generateOaiReply: ReplyFunction = async (agent, messages, _sender, config, context) => {
  const client = (config as OpenAIWrapper | undefined) ?? agent.client;
  if (client === undefined) return [false];
  const { hooks, systemMessage } = agent[agentState];
  const requestMessages = await hooks.apply("safeguardLlmInputs", [systemMessage, ...messages], context);
  if (requestMessages === null) return [true, { content: "LLM call blocked by safeguard", role: "assistant" }];
  const reply = await replyFromClient(agent, client, requestMessages, context);
  if (reply === undefined) return [false];
  return [true, await hooks.applyOrThrow("safeguardLlmOutputs", reply, context)];
};

/** The reply of the model to `messages`: its text, or a message with tool calls. */
export async function replyFromClient(
  agent: ConversableAgent,
  client: OpenAIWrapper,
  messages: ChatMessage[],
  context: CallContext,
): Promise<string | ChatMessage | undefined> {
  const variables = extractVariables(messages.at(-1));
  const response = await client.create(
    { messages: messages.flatMap(expandToolResponses) },
    { agent, variables, context },
  );
  setParsed(context.scope, client.parsedContent(response));
  const reply = client.extractTextOrCompletionObject(response)[0];
  if (reply === undefined || reply === null) {
    warn(`the answer of model \`${response.model}\` holds no message`);
    return undefined;
  }
  return typeof reply === "string" ? reply : withValidCalls(reply);
}

/** Removes and returns the template values of a message: they are used for one model call. */
function extractVariables(message: ChatMessage | undefined): Record<string, unknown> | undefined {
  const variables = message?.context;
  if (message !== undefined) delete message.context;
  return variables;
}

/**
 * Expands a message with tool responses into the messages that the API requires. The content of a
 * tool message repeats its responses and is dropped; the content of any other message (a person's
 * reply that interrupted the calls) follows them.
 */
function expandToolResponses(message: ChatMessage): ChatMessage[] {
  const { tool_responses: responses, ...rest } = message;
  if (responses === undefined || responses.length === 0) return [message];
  return message.role === "tool" ? responses : [...responses, rest];
}

/** A copy of a model's message that can be sent back: with valid function names, and without empty `id` or `type`. */
function withValidCalls(message: ChatMessage): ChatMessage {
  const { function_call: call, tool_calls: calls } = message;
  const valid: ChatMessage = { ...message };
  if (call) valid.function_call = withValidName(call);
  if (calls) {
    valid.tool_calls = calls.map((call) => {
      const copy = { ...call, function: withValidName(call.function) };
      if (copy.id == null) delete copy.id;
      if (copy.type == null) delete copy.type;
      return copy;
    });
  }
  return valid;
}

function withValidName(call: FunctionCall): FunctionCall {
  return { ...call, name: normalizeName(call.name) };
}
