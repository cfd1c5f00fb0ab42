/** What AG2 changes in a request before OpenAI's API, or a server that speaks like it, gets it (oai/client.py, `OpenAIClient.create`). */

import type { ChatMessage, ModelRequest } from "./message.js";
import { warn } from "./warn.js";

/** What the first reasoning models refuse. */
const REFUSED_BY_O1 = "temperature top_p frequency_penalty presence_penalty logprobs top_logprobs logit_bias".split(" ");
const O1_WITHOUT_SYSTEM = /^o1-(mini|preview)(-2024-09-12)?$/;

/**
 * The request as it goes to the wire: a stream is asked for its token counts, and some models get
 * messages and parameters they accept. What needs no change is the same object.
 */
export function prepareRequest(request: Readonly<ModelRequest>): ModelRequest {
  const { model = "" } = request;
  let prepared: ModelRequest = request;
  if (model.startsWith("o1")) prepared = withoutRefused(prepared, model);
  if (O1_WITHOUT_SYSTEM.test(model)) {
    prepared = withoutSystem(prepared, (message) => ({ ...message, role: "user", content: `System message: ${String(message.content)}` }));
  }
  if (model.includes("mistral")) prepared = withoutSystem(prepared, (message) => ({ ...message, role: "user" }));
  if (model === "deepseek-reasoner") prepared = { ...prepared, messages: takingTurns(prepared.messages) };
  if (!prepared.stream) return prepared;
  return { ...prepared, stream_options: { include_usage: true, ...(prepared["stream_options"] as object | undefined) } };
}

const warned = new Set<string>();

function withoutRefused(request: ModelRequest, model: string): ModelRequest {
  const { max_tokens, ...kept } = request;
  const warnOnce = (what: string): void => {
    const text = `${what} is left out: model \`${model}\` refuses it`;
    if (!warned.has(text)) warn(text);
    warned.add(text);
  };
  for (const parameter of REFUSED_BY_O1) {
    if (!(parameter in kept)) continue;
    warnOnce(`\`${parameter}\``);
    delete kept[parameter];
  }
  if (kept.stream) warnOnce("`stream`");
  // What the model thinks counts too.
  return { ...kept, ...(max_tokens !== undefined && { max_completion_tokens: max_tokens }), ...("stream" in kept && { stream: false }) };
}

function withoutSystem(request: ModelRequest, change: (message: ChatMessage) => ChatMessage): ModelRequest {
  return { ...request, messages: request.messages.map((message) => (message.role === "system" ? change(message) : message)) };
}

/** The system message first, then user and assistant in turns, a user at the end: `_patch_messages_for_deepseek_reasoner`. */
function takingTurns(messages: readonly ChatMessage[]): ChatMessage[] {
  const system = messages.find(({ role }) => role === "system");
  const ordered = system === undefined ? messages : [system, ...messages.filter((message) => message !== system)];
  let before: string | undefined;
  const turns = ordered.map((message): ChatMessage => {
    const isSecond = message.role === before && (message.role === "user" || message.role === "assistant");
    const turned = isSecond ? { ...message, role: message.role === "user" ? "assistant" : "user" } : message;
    before = turned.role;
    return turned;
  });
  return before === "user" ? turns : [...turns, { role: "user", content: "continue" }];
}
