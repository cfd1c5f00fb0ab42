/** The changes that AG2 makes to requests for some models (oai/client.py, `OpenAIClient.create`). */

import type { ChatMessage, ModelRequest } from "../message/message.js";
import { warn } from "../util/warn.js";

/** The parameters that the first reasoning models reject. */
const UNSUPPORTED_BY_O1 = "temperature top_p frequency_penalty presence_penalty logprobs top_logprobs logit_bias".split(
  " ",
);
const O1_WITHOUT_SYSTEM = /^o1-(mini|preview)(-2024-09-12)?$/;

/**
 * The request as it is sent: a stream asks for token counts, names are such as OpenAI accepts, and some models get
 * messages and parameters that they accept. A request that needs no change is returned itself.
 */
export function prepareRequest(request: Readonly<ModelRequest>): ModelRequest {
  const { model = "" } = request;
  let prepared: ModelRequest = request;
  if (model.startsWith("o1")) prepared = withoutUnsupportedParameters(prepared, model);
  if (O1_WITHOUT_SYSTEM.test(model)) {
    prepared = replaceSystemMessages(prepared, (message) => ({
      ...message,
      role: "user",
      content: `System message: ${String(message.content)}`,
    }));
  }
  if (model.includes("mistral"))
    prepared = replaceSystemMessages(prepared, (message) => ({ ...message, role: "user" }));
  if (model === "deepseek-reasoner") prepared = { ...prepared, messages: alternateRoles(prepared.messages) };
  const messages = prepared.messages.map(withAcceptedName);
  if (messages.some((message, index) => message !== prepared.messages[index])) prepared = { ...prepared, messages };
  if (!prepared.stream) return prepared;
  return {
    ...prepared,
    stream_options: { include_usage: true, ...(prepared["stream_options"] as object | undefined) },
  };
}

/** Replaces the characters that OpenAI rejects in the names of speakers, such as white space. */
function withAcceptedName(message: ChatMessage): ChatMessage {
  const name = message.name?.replace(/[\s<|\\/>]/g, "_").slice(0, 64) ?? message.name;
  return name === message.name ? message : { ...message, name };
}

function withoutUnsupportedParameters(request: ModelRequest, model: string): ModelRequest {
  const { max_tokens, ...remaining } = request;
  const warnOf = (what: string): void => warn(`\`${what}\` is left out: model \`${model}\` refuses it`);
  for (const parameter of UNSUPPORTED_BY_O1) {
    if (!(parameter in remaining)) continue;
    warnOf(parameter);
    delete remaining[parameter];
  }
  if (remaining.stream) warnOf("stream");
  // `max_completion_tokens` includes the tokens of reasoning.
  return {
    ...remaining,
    ...(max_tokens !== undefined && { max_completion_tokens: max_tokens }),
    ...("stream" in remaining && { stream: false }),
  };
}

function replaceSystemMessages(request: ModelRequest, change: (message: ChatMessage) => ChatMessage): ModelRequest {
  return {
    ...request,
    messages: request.messages.map((message) => (message.role === "system" ? change(message) : message)),
  };
}

/**
 * Puts the system message first, alternates user and assistant, ends with a user:
 * `_patch_messages_for_deepseek_reasoner`.
 */
function alternateRoles(messages: readonly ChatMessage[]): ChatMessage[] {
  const system = messages.find(({ role }) => role === "system");
  const ordered = messages.toSorted((one, other) => Number(other === system) - Number(one === system));
  let previousRole: string | undefined;
  const turns = ordered.map((message): ChatMessage => {
    const isSecond = message.role === previousRole && (message.role === "user" || message.role === "assistant");
    const alternated = isSecond ? { ...message, role: message.role === "user" ? "assistant" : "user" } : message;
    previousRole = alternated.role;
    return alternated;
  });
  return previousRole === "user" ? turns : [...turns, { role: "user", content: "continue" }];
}
