/**
 * Messages as they travel between agents and to a model. The field names are those of the OpenAI
 * API (`tool_calls`, `tool_call_id`), because a message goes to the wire as it is; AG2's own
 * additions (`tool_responses`, `context`, `override_role`) keep AG2's spelling for the same reason.
 */

import { AgentError } from "./errors.js";

/** One part of a multimodal content, as in the OpenAI API: `{ type: "text", text }`, `{ type: "image_url", image_url }`, … */
export interface ContentPart {
  /** The kind of part: "text", "image_url", "input_audio", … */
  type: string;
  /** Of a part of type "text". */
  text?: string;
  /** Of a part of type "image_url"; the API wants the object, some servers take the address alone. */
  image_url?:
    | string
    | {
        /** `https:` or `data:image/png;base64,…`. */
        url: string;
        /** How closely the model looks: "low", "high" or "auto". */
        detail?: string;
      };
  /** Of a part that stands for a function: its name. */
  name?: string;
  /** The fields of other kinds of parts, as on the wire. */
  [key: string]: unknown;
}

/**
 * A list of content parts. `includes` also takes a text (and does not find it), so that the usual
 * `message.content.includes("TERMINATE")` is well typed without asking for the kind of content first.
 */
export interface ContentParts extends Array<ContentPart> {
  includes(searchElement: ContentPart | string, fromIndex?: number): boolean;
}

/** What a message says: text, a list of parts, or nothing (a tool call alone). */
export type MessageContent = string | ContentParts | null;

/** The function a model wants called; `arguments` is JSON text, as the model wrote it. */
export interface FunctionCall {
  /** The function's, as the model wrote it; it may have invented one. */
  name: string;
  /** JSON text as a rule; models do write other things. */
  arguments: string;
  /** What else a server adds. */
  [key: string]: unknown;
}

/** One entry of a message's `tool_calls`. Some servers leave `id` and `type` out. */
export interface ToolCall {
  /** By which the answer tells what it answers (`tool_call_id`). */
  id?: string | null;
  /** "function". */
  type?: string | null;
  /** What is called, with which arguments. */
  function: FunctionCall;
  /** What else a server adds. */
  [key: string]: unknown;
}

/** One entry of AG2's `tool_responses`: sent to the model as a message of its own. */
export interface ToolResponse {
  /** The `id` of the call; not given where the call had none. */
  tool_call_id?: string;
  /** "tool", or "function" for a call in the API's old style. */
  role: string;
  /** The result as text, or what went wrong. */
  content: MessageContent;
  /** Fields of your own, which go to the model as well. */
  [key: string]: unknown;
}

/** A chat message. Every field is optional here; `normalizeMessage` tells which combinations are valid. */
export interface ChatMessage {
  /**
   * On the wire "system", "user", "assistant", "tool" or "function". Where an agent keeps a message, all but the
   * last two give way to "assistant" for what it said and "user" for what it was told, or to `override_role`.
   */
  role?: string;
  /** What is said; null beside calls. */
  content?: MessageContent;
  /** The speaker's name; added when the message is kept. */
  name?: string | null;
  /** The tools that a model wants run. */
  tool_calls?: ToolCall[] | null;
  /** The function that a model wants run, in the API's old style. */
  function_call?: FunctionCall | null;
  /** Of an answer to one call: its `id`. */
  tool_call_id?: string | null;
  /** The answers to several tool calls, in one message between agents. */
  tool_responses?: ToolResponse[];
  /** Values for a template in `content`; used up by the first model call that sees the message. */
  context?: Record<string, unknown>;
  /** The role this message is kept with, whoever sends it. */
  override_role?: string;
  /** Fields of your own: hooks on the way and observers see them, histories do not keep them. */
  [key: string]: unknown;
}

/** A message whose text is made from its `context` when it is sent to a model. */
export interface TemplateMessage extends Omit<ChatMessage, "content"> {
  /** Makes the text from `context`. */
  content: (context: Record<string, unknown>) => string;
  /** The values that the text is made from. */
  context: Record<string, unknown>;
}

/** What can be sent: plain text, a message, or a message with a template. */
export type MessageInput = string | ChatMessage | TemplateMessage;

/** The body of a completion request: `messages` and, under their wire names, all other parameters. */
export interface ModelRequest {
  /** The conversation, the system message first. */
  messages: ChatMessage[];
  /** The model's name; `OpenAIWrapper` takes it from its configuration. */
  model?: string;
  /** What the model may call: `{ type: "function", function: { name, description, parameters } }`. */
  tools?: readonly Readonly<Record<string, unknown>>[];
  /** Whether the completion shall arrive in pieces; not given: at once. */
  stream?: boolean;
  /** Any other parameter of the API under its name on the wire. */
  [parameter: string]: unknown;
}

/** The token counts of one completion. */
export interface ModelTokenUsage {
  /** Of the messages and tools that went in. */
  prompt_tokens?: number | null;
  /** Of the answer, hidden reasoning included. */
  completion_tokens?: number | null;
  /** Of both. */
  total_tokens?: number | null;
  /** Details, such as `prompt_tokens_details`. */
  [key: string]: unknown;
}

/** One alternative of a completion. */
export interface ModelChoice {
  /** What the model says, or wants called. */
  message: ChatMessage;
  /** Why it stopped: "stop", "length", "tool_calls", "content_filter", … */
  finish_reason?: string | null;
  /** Its place among the choices, counted from 0. */
  index?: number;
  /** What else a server adds, such as `logprobs`. */
  [key: string]: unknown;
}

/** A completion, in the shape of the OpenAI API's `chat.completion`; `cost` (US dollars) is added by `OpenAIWrapper`. */
export interface ModelResponse {
  /** The server's id of the completion. */
  id?: string;
  /** The model that answered; prices and usage go by it. */
  model: string;
  /** The alternatives: one, unless the request asked for `n`. Agents take the first. */
  choices: ModelChoice[];
  /** Its tokens, if the server tells them. */
  usage?: ModelTokenUsage | null;
  /** In US dollars; added by `OpenAIWrapper`. */
  cost?: number;
  /** What else a server adds, such as `created` and `system_fingerprint`. */
  [key: string]: unknown;
}

/** A text becomes a message with that content; a message stays the object it is (AG2: `message_to_dict`). */
export function toMessage(message: MessageInput): ChatMessage {
  return typeof message === "string" ? { content: message } : (message as ChatMessage);
}

/**
 * The text of a content: parts are joined by line breaks, images become `<image>`
 * (AG2: code_utils.py, `content_str`). Parts of other kinds become `<kind>`; AG2 throws there,
 * which would end a chat because of a sound clip.
 *
 * @example
 * const parts = [{ type: "text", text: "What is this?" }, { type: "image_url", image_url: "https://example.org/cat.png" }];
 * console.log(contentText(parts)); // "What is this?\n<image>"
 */
export function contentText(content: MessageContent | undefined): string {
  if (typeof content === "string") return content;
  // A template has no text before it is sent to a model.
  return Array.isArray(content) ? content.map(partText).join("\n") : "";
}

function partText({ type, text = "", name }: ContentPart): string {
  if (/^(input_)?text$/.test(type)) return text;
  if (/^(input_image|image_url)$/.test(type)) return "<image>";
  if (/^(function|tool_calls?)$/.test(type)) return name === undefined ? "<function>" : `<function: ${name}>`;
  return `<${type}>`;
}

const KEPT_FIELDS = ["content", "function_call", "tool_responses", "tool_call_id", "name", "context"] as const;

/**
 * The form in which an agent keeps a message in its history and sends it to a model, or `undefined`
 * for a message that has neither content nor a call (AG2: conversable_agent.py,
 * `normilize_message_to_oai`; the order of the fields is AG2's too). As in AG2 the contents of
 * `tool_responses` are made text in place.
 *
 * @param name the speaker, for messages that do not name one
 * @param role "assistant" for what the keeping agent said, "user" for what it was told
 */
export function normalizeMessage(message: MessageInput, name: string, role: string): ChatMessage | undefined {
  const given = toMessage(message);
  const kept: ChatMessage = {};
  for (const field of KEPT_FIELDS) {
    const value = given[field];
    if (value !== null && value !== undefined) (kept as Record<string, unknown>)[field] = value;
  }
  if (given.tool_calls != null && given.tool_calls.length > 0) kept.tool_calls = given.tool_calls;
  if (kept.content === undefined) {
    if (kept.function_call === undefined && kept.tool_calls === undefined) return undefined;
    kept.content = null;
  }
  if (given.role === "function" || given.role === "tool") {
    kept.role = given.role;
    for (const response of kept.tool_responses ?? []) response.content = responseText(response.content);
  } else {
    kept.role = given.override_role ?? role;
  }
  // Only a message of the assistant may carry calls, and the API refuses a name beside them.
  if (kept.function_call || kept.tool_calls) kept.role = "assistant";
  else kept.name ??= name;
  return kept;
}

function responseText(content: unknown): string {
  if (content === null || content === undefined || typeof content === "string" || Array.isArray(content)) {
    return contentText(content as MessageContent | undefined);
  }
  return String(content);
}

/** The error for a message that `normalizeMessage` refuses. */
export function invalidMessage(what: string): AgentError {
  return new AgentError("invalid_message", `${what} is no chat message: give it \`content\` or \`tool_calls\``);
}
