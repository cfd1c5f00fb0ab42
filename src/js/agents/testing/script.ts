/** Scripts: the responses of a scripted model, and the requests that they are for. */

import { cloneData } from "../util/clone-data.js";
import { checkOptions, type OptionRule, type OptionRules } from "../util/options.js";
import { APIConnectionError, APIError, type APIErrorBody } from "../util/errors.js";
import { fillCompletion, readCompletion } from "../models/completion.js";
import { type ChatMessage, contentText, type ModelRequest, type ModelResponse } from "../message/message.js";

/** Conditions for a request, which must all hold. */
export interface ScriptMatch {
  /** The model of the request. */
  model?: string;
  /** Whether the completion is streamed. */
  stream?: boolean;
  /** Whether the request has tools. */
  has_tools?: boolean;
  /** The number of messages, including the system message. */
  messages_len?: number;
  /** The role of the last message: "tool" for responses of tools. */
  last_role?: string;
  /** The name in the last message. */
  last_name?: string;
  /** A part of the last message's text, with the same case. */
  last_contains?: string;
  /** A part of the first message's text, which is usually the system message. */
  first_contains?: string;
  /** A part of the text of any message. */
  any_contains?: string;
  /** A part of the joined text of the system messages. */
  system_contains?: string;
}

/** One response of the model. All fields are optional. */
export interface ScriptStep {
  /** The requests that the response is for; not given: any. */
  match?: ScriptMatch;
  /** The text; for a long one, an object with a text to repeat. */
  content?:
    | string
    | null
    | {
        /** The text to repeat, without separator. */
        repeat_text: string;
        /** The number of repetitions. */
        times: number;
      };
  /** The tool calls. */
  tool_calls?: readonly {
    /** The id; not given: "call_1", "call_2", … */
    id?: string;
    /** The name of the tool. */
    name: string;
    /** Written as JSON; a text goes as it is. Not given: "{}". */
    arguments?: Readonly<Record<string, unknown>> | string;
  }[];
  /** A function call in the API's old style. */
  function_call?: {
    /** The name of the function. */
    name: string;
    /** Written as JSON; a text goes as it is. Not given: "{}". */
    arguments?: Readonly<Record<string, unknown>> | string;
  };
  /** The tokens of prompt and completion, a whole usage object, or null for none; not given: 10 and 5. */
  usage?: readonly [prompt: number, completion: number] | Readonly<Record<string, unknown>> | null;
  /** The HTTP status; from 400 on the request fails with `error`. */
  status?: number;
  /** The error of a failed request; not given: a `server_error`. */
  error?: APIErrorBody;
  /** The body of the response, which is parsed as a server's. */
  raw_body?: string;
  /** Whether the connection is closed without a response. */
  drop?: boolean;
  /** The delay of the response in milliseconds. */
  delay_ms?: number;
  /** The chunks of a streamed text; not given: of `chunk_size` characters. */
  chunks?: readonly string[];
  /** The number of characters in a chunk of a streamed text; not given: 8. */
  chunk_size?: number;
  /** The delay of each chunk of a streamed response in milliseconds. */
  chunk_delay_ms?: number;
  /** The number of chunks after which the connection of a streamed response is closed. */
  drop_after_chunks?: number;
  /** The number of times that the step may be used; not given: once. */
  repeat?: number | "forever";
  /** Whether the step may stay unused. */
  optional?: boolean;
  /** The id of the completion; not given: made of the script's name and the step's number. */
  id?: string;
  /** The model of the response; not given: the request's. */
  model?: string;
  /** The finish reason; not given: "tool_calls", "function_call" or "stop", depending on the content. */
  finish_reason?: string;
  /** Notes of your own. */
  [key: string]: unknown;
}

/** A whole script. */
export interface Script {
  /** The name, which is part of the ids of completions; not given: "script". */
  name?: string;
  /** The responses. Each request uses the first remaining one that matches. */
  responses?: readonly ScriptStep[];
  /** The response if none matches; not given: that is an error. */
  fallback?: ScriptStep;
  /** Notes of your own. */
  [key: string]: unknown;
}

const SCRIPT_FIELDS: OptionRules<Script> = { responses: "any", name: "text", fallback: "any" };

const MATCH_FIELDS: OptionRules<ScriptMatch> = {
  model: "text",
  stream: "flag",
  has_tools: "flag",
  messages_len: "count",
  last_role: "text",
  last_name: "text",
  last_contains: "text",
  first_contains: "text",
  any_contains: "text",
  system_contains: "text",
};

const STEP_FIELDS: OptionRules<ScriptStep> = {
  content: "any",
  match: "any",
  tool_calls: "any",
  function_call: "any",
  usage: "any",
  status: "count",
  error: "any",
  raw_body: "text",
  drop: "flag",
  delay_ms: "any",
  chunks: "any",
  chunk_size: "count",
  chunk_delay_ms: "any",
  drop_after_chunks: "count",
  repeat: "any",
  optional: "flag",
  id: "text",
  model: "text",
  finish_reason: "text",
};

const CALL_FIELDS = { name: "text", arguments: "any", id: "text" } as const;

/**
 * Checks a script: fields that are nearly those of a script are mistakes, and steps that have none of them.
 *
 * @throws AgentError `invalid_option`
 */
export function checkScript(script: Script): void {
  checkFields("the script", script, SCRIPT_FIELDS);
  const { responses = [], fallback } = script;
  for (const [index, step] of [...responses, ...(fallback ? [fallback] : [])].entries()) {
    const what = index < responses.length ? `step ${index + 1} of the script` : "the script's fallback";
    checkFields(what, step, STEP_FIELDS);
    checkOptions(`match in ${what}`, step.match ?? {}, MATCH_FIELDS);
    for (const call of step.tool_calls ?? []) checkOptions(`tool_calls in ${what}`, call, CALL_FIELDS);
  }
}

/** Checks fields beside which there may be notes. */
function checkFields(what: string, fields: object, rules: Readonly<Record<string, OptionRule>>): void {
  const hasField = typeof fields === "object" && fields !== null && Object.keys(fields).some((name) => name in rules);
  checkOptions(what, fields, rules, hasField);
}

/** The creation time of all responses in seconds, so that they are the same in every run. */
const CREATED = 1_700_000_000;

const CONDITIONS: { readonly [Name in keyof ScriptMatch]-?: (wanted: never, request: ModelRequest) => boolean } = {
  model: (wanted: string, { model }) => model === wanted,
  stream: (wanted: boolean, { stream }) => Boolean(stream) === wanted,
  has_tools: (wanted: boolean, { tools }) => (tools ?? []).length > 0 === wanted,
  messages_len: (wanted: number, { messages }) => messages.length === wanted,
  last_role: (wanted: string, { messages }) => messages.at(-1)?.role === wanted,
  last_name: (wanted: string, { messages }) => messages.at(-1)?.name === wanted,
  last_contains: (wanted: string, { messages }) => textOf(messages.at(-1)).includes(wanted),
  first_contains: (wanted: string, { messages }) => messages.length > 0 && textOf(messages[0]).includes(wanted),
  any_contains: (wanted: string, { messages }) => messages.some((message) => textOf(message).includes(wanted)),
  system_contains: (wanted: string, { messages }) =>
    messages
      .filter(({ role }) => role === "system")
      .map(textOf)
      .join("\n")
      .includes(wanted),
};

/** Whether `request` matches the conditions of `step`, which `checkScript` has checked. */
export function matches({ match = {} }: ScriptStep, request: ModelRequest): boolean {
  return Object.entries(match).every(([name, wanted]) => {
    const condition = CONDITIONS[name as keyof ScriptMatch] as (wanted: unknown, request: ModelRequest) => boolean;
    return condition(wanted, request);
  });
}

/** The text of a message for conditions. */
export function textOf(message: ChatMessage | undefined): string {
  const { content } = message ?? {};
  return Array.isArray(content) ? content.map(({ text }) => text ?? "").join("\n") : contentText(content);
}

/**
 * The completion of `step`.
 *
 * @param id the completion's id, unless the step has its own
 * @throws APIError for steps that fail
 */
export function completionFor(step: ScriptStep, id: string, request: ModelRequest): ModelResponse {
  if (step.drop) throw new APIConnectionError("the scripted model server broke the connection");
  const { status = 200 } = step;
  if (status >= 400)
    throw APIError.fromAnswer(status, step.error ?? { message: "scripted failure", type: "server_error", code: null });
  if (step.raw_body !== undefined) return readCompletion(step.raw_body);

  const calls = step.tool_calls?.map((call, index) => ({
    id: call.id ?? `call_${index + 1}`,
    type: "function",
    function: { name: call.name, arguments: jsonText(call.arguments) },
  }));
  const legacy = step.function_call && {
    name: step.function_call.name,
    arguments: jsonText(step.function_call.arguments),
  };
  const { content = null } = step;
  const message = {
    role: "assistant",
    content: typeof content === "object" && content !== null ? content.repeat_text.repeat(content.times) : content,
    refusal: null,
    ...(calls && calls.length > 0 && { tool_calls: calls }),
    ...(legacy && { function_call: legacy }),
  };
  const finish_reason = step.finish_reason ?? (calls?.length ? "tool_calls" : legacy ? "function_call" : "stop");
  const count = typeof request["n"] === "number" ? request["n"] : 1;
  return fillCompletion({
    id: step.id ?? id,
    created: CREATED,
    model: step.model ?? request.model ?? "gpt-4o-mini",
    object: "chat.completion",
    choices: Array.from({ length: count }, (_, index) => ({
      index,
      message: cloneData(message),
      logprobs: null,
      finish_reason,
    })),
    system_fingerprint: "fp_script",
    usage: usageIn(step),
  });
}

function usageIn({ usage = [10, 5] }: ScriptStep): Record<string, unknown> | null {
  if (usage === null) return null;
  if (!isTokenPair(usage)) {
    const { prompt_tokens = 0, completion_tokens = 0 } = usage as {
      prompt_tokens?: number;
      completion_tokens?: number;
    };
    return { total_tokens: prompt_tokens + completion_tokens, ...usage };
  }
  return { prompt_tokens: usage[0], completion_tokens: usage[1], total_tokens: usage[0] + usage[1] };
}

function isTokenPair(usage: NonNullable<ScriptStep["usage"]>): usage is readonly [number, number] {
  return Array.isArray(usage);
}

function jsonText(value: Readonly<Record<string, unknown>> | string = {}): string {
  return typeof value === "string" ? value : spacedJson(value);
}

/** JSON with a space after each comma and colon, as Python's `json.dumps` writes it and most models do. */
function spacedJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spacedJson).join(", ")}]`;
  if (typeof value === "object" && value !== null) {
    return `{${Object.entries(value)
      .map(([key, entry]) => `${JSON.stringify(key)}: ${spacedJson(entry)}`)
      .join(", ")}}`;
  }
  return JSON.stringify(value);
}
