/**
 * Messages between agents and to models. The field names are those of the OpenAI API (`tool_calls`,
 * `tool_call_id`), because messages are sent unchanged; AG2's own fields (`tool_responses`,
 * `context`, `override_role`) have AG2's spelling.
 */

import { AgentError } from "../util/errors.js";

/**
 * One part of a multimodal content, as in the OpenAI API: `{ type: "text", text }`, `{ type: "image_url", image_url
 * }`, …
 */
export interface ContentPart {
  /** The kind of part: "text", "image_url", "input_audio", … */
  type: string;
  /** The text of a part of type "text". */
  text?: string;
  /** The image of a part of type "image_url"; the API requires the object, some servers accept the URL alone. */
  image_url?:
    | string
    | {
        /** The URL: `https:` or `data:image/png;base64,…`. */
        url: string;
        /** The level of detail: "low", "high" or "auto". */
        detail?: string;
      };
  /** The name of a function, of a part that represents one. */
  name?: string;
  /** The fields of other kinds of parts, as in the API. */
  [key: string]: unknown;
}

/**
 * A list of content parts. `includes` also accepts a text (which it never finds), so that
 * `message.content.includes("TERMINATE")` type-checks without a check of the kind of content.
 */
export interface ContentParts extends Array<ContentPart> {
  includes(searchElement: ContentPart | string, fromIndex?: number): boolean;
}

/** The content of a message: text, a list of parts, or null (a tool call alone). */
export type MessageContent = string | ContentParts | null;

/** A function call of a model. */
export interface FunctionCall {
  /** The name of the function, as the model wrote it; there may be no such function. */
  name: string;
  /** The arguments, as the model wrote them: usually JSON text. */
  arguments: string;
  /** Other fields that a server adds. */
  [key: string]: unknown;
}

/** One entry of a message's `tool_calls`. Some servers leave `id` and `type` out. */
export interface ToolCall {
  /** The id that the response repeats as `tool_call_id`. */
  id?: string | null;
  /** The type of the call: "function". */
  type?: string | null;
  /** The function and its arguments. */
  function: FunctionCall;
  /** Other fields that a server adds. */
  [key: string]: unknown;
}

/** One entry of AG2's `tool_responses`: sent to the model as a message of its own. */
export interface ToolResponse {
  /** The `id` of the call; not given if the call has none. */
  tool_call_id?: string;
  /** The role: "tool", or "function" for a call in the API's old style. */
  role: string;
  /** The result as text, or the error. */
  content: MessageContent;
  /** Fields of your own, which are sent to the model too. */
  [key: string]: unknown;
}

/** A chat message. Every field is optional here; `normalizeMessage` tells which combinations are valid. */
export interface ChatMessage {
  /**
   * The role: "system", "user", "assistant", "tool" or "function". In an agent's history, all but the last two
   * are replaced by `override_role`, else by "assistant" for sent and "user" for received messages.
   */
  role?: string;
  /** The content; null beside tool calls. */
  content?: MessageContent;
  /** The speaker's name; set when the message is added to a history. */
  name?: string | null;
  /** The tool calls of a model. */
  tool_calls?: ToolCall[] | null;
  /** The function call of a model, in the API's old style. */
  function_call?: FunctionCall | null;
  /** The `id` of the call, of a response to one call. */
  tool_call_id?: string | null;
  /** The responses to several tool calls, in one message between agents. */
  tool_responses?: ToolResponse[];
  /** Values for a template in `content`; removed by the first model call that gets the message. */
  context?: Record<string, unknown>;
  /** The role of this message in histories, whether sent or received. */
  override_role?: string;
  /** Fields of your own: hooks and observers get them, histories do not contain them. */
  [key: string]: unknown;
}

/** A message whose text is made from its `context` when it is sent to a model. */
export interface TemplateMessage extends Omit<ChatMessage, "content"> {
  /** Makes the text from `context`. */
  content: (context: Record<string, unknown>) => string;
  /** The values for the text. */
  context: Record<string, unknown>;
}

/** A message to send: text, a message object, or a message with a template. */
export type MessageInput = string | ChatMessage | TemplateMessage;

/** The body of a completion request: `messages` and all other parameters under their names in the API. */
export interface ModelRequest {
  /** The conversation, the system message first. */
  messages: ChatMessage[];
  /** The model's name; `OpenAIWrapper` takes it from its configuration. */
  model?: string;
  /** The tools that the model may call: `{ type: "function", function: { name, description, parameters } }`. */
  tools?: readonly Readonly<Record<string, unknown>>[];
  /** Whether the completion is streamed; not given: no. */
  stream?: boolean;
  /** Any other parameter of the API, under its name there. */
  [parameter: string]: unknown;
}

/** The token counts of one completion. */
export interface ModelTokenUsage {
  /** The tokens of the request. */
  prompt_tokens?: number | null;
  /** The tokens of the response, including reasoning. */
  completion_tokens?: number | null;
  /** The total. */
  total_tokens?: number | null;
  /** Details, such as `prompt_tokens_details`. */
  [key: string]: unknown;
}

/** One alternative of a completion. */
export interface ModelChoice {
  /** The message of the model. */
  message: ChatMessage;
  /** The reason why the message ends: "stop", "length", "tool_calls", "content_filter", … */
  finish_reason?: string | null;
  /** The index among the choices. */
  index?: number;
  /** Other fields that a server adds, such as `logprobs`. */
  [key: string]: unknown;
}

/**
 * A completion, in the shape of the OpenAI API's `chat.completion`; `cost` (US dollars) is added by `OpenAIWrapper`.
 */
export interface ModelResponse {
  /** The server's id of the completion. */
  id?: string;
  /** The model of the response, which determines price and usage. */
  model: string;
  /** The choices: one, unless the request asked for `n`. Agents use the first. */
  choices: ModelChoice[];
  /** The token counts, if the server sends them. */
  usage?: ModelTokenUsage | null;
  /** The cost in US dollars; set by `OpenAIWrapper`. */
  cost?: number;
  /** Other fields that a server adds, such as `created` and `system_fingerprint`. */
  [key: string]: unknown;
}

/** Converts a text to a message; a message object is returned itself (AG2: `message_to_dict`). */
export function toMessage(message: MessageInput): ChatMessage {
  return typeof message === "string" ? { content: message } : (message as ChatMessage);
}

/**
 * The text of a content: parts are joined by line breaks, images become `<image>`
 * (AG2: code_utils.py, `content_str`). Parts of other kinds become `<kind>`; AG2 throws for them,
 * which ends the chat.
 *
 * @example
 * const image = { type: "image_url", image_url: "https://example.org/cat.png" };
 * const parts = [{ type: "text", text: "What is this?" }, image];
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

const HISTORY_FIELDS = ["content", "function_call", "tool_responses", "tool_call_id", "name", "context"] as const;

/**
 * Converts a message to the form for an agent's history and for models; `undefined` for a message
 * that has neither content nor a call (AG2: conversable_agent.py, `normilize_message_to_oai`, whose
 * order of fields this keeps). As in AG2 the contents of `tool_responses` become text in place.
 *
 * @param name the speaker, for messages that do not name one
 * @param role "assistant" for a message that the agent has sent, "user" for one that it has received
 */
export function normalizeMessage(message: MessageInput, name: string, role: string): ChatMessage | undefined {
  const original = toMessage(message);
  const normalized: ChatMessage = {};
  for (const field of HISTORY_FIELDS) {
    const value = original[field];
    if (value !== null && value !== undefined) (normalized as Record<string, unknown>)[field] = value;
  }
  if (original.tool_calls?.length) normalized.tool_calls = original.tool_calls;
  if (normalized.content === undefined) {
    if (normalized.function_call === undefined && normalized.tool_calls === undefined) return undefined;
    normalized.content = null;
  }
  if (original.role === "function" || original.role === "tool") {
    normalized.role = original.role;
    for (const response of normalized.tool_responses ?? []) response.content = responseText(response.content);
  } else {
    normalized.role = original.override_role ?? role;
  }
  // The API accepts calls only in messages of the assistant, and no name beside them.
  if (normalized.function_call || normalized.tool_calls) normalized.role = "assistant";
  else normalized.name ??= name;
  return normalized;
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
