/** A script: what a model will say, in order, and to which requests. */

import { APIConnectionError, APIError, type APIErrorBody } from "../errors.js";
import { fillCompletion, readCompletion } from "../completion.js";
import { type ChatMessage, contentText, type ModelRequest, type ModelResponse } from "../message.js";

/** What a request must be like; all conditions given must hold. */
export interface ScriptMatch {
  /** The model that is asked. */
  model?: string;
  /** Whether the completion shall arrive in pieces. */
  stream?: boolean;
  /** Whether the model is told of any tools. */
  has_tools?: boolean;
  /** How many messages there are, the system message included. */
  messages_len?: number;
  /** The role of the last message: "tool" for the answers of tools. */
  last_role?: string;
  /** The speaker of the last message. */
  last_name?: string;
  /** A piece of the last message's text, case and all. */
  last_contains?: string;
  /** A piece of the first message's text, which is the system message as a rule. */
  first_contains?: string;
  /** A piece of the text of some message. */
  any_contains?: string;
  /** A piece of the text of the system messages together. */
  system_contains?: string;
}

/** One answer of the model. Everything is optional. */
export interface ScriptStep {
  /** Which requests the answer is for; not given: any. */
  match?: ScriptMatch;
  /** The text; an object repeats a text, for long ones. */
  content?:
    | string
    | null
    | {
        /** What is said again and again, without anything between. */
        repeat_text: string;
        /** How often. */
        times: number;
      };
  /** The tools that the model asks for. */
  tool_calls?: readonly {
    /** Not given: "call_1", "call_2", … */
    id?: string;
    /** The tool's. */
    name: string;
    /** Written as JSON; a text goes as it is. Not given: "{}". */
    arguments?: Readonly<Record<string, unknown>> | string;
  }[];
  /** A call in the API's old style. */
  function_call?: {
    /** The function's. */
    name: string;
    /** Written as JSON; a text goes as it is. Not given: "{}". */
    arguments?: Readonly<Record<string, unknown>> | string;
  };
  /** Tokens of prompt and completion, a whole usage object, or null for none; not given: 10 and 5. */
  usage?: readonly [prompt: number, completion: number] | Readonly<Record<string, unknown>> | null;
  /** From 400 on the request is refused with `error`. */
  status?: number;
  /** What a refusal says; not given: a `server_error`. */
  error?: APIErrorBody;
  /** The body of the answer as it is. */
  raw_body?: string;
  /** Breaks the connection. */
  drop?: boolean;
  /** How long the answer takes, in milliseconds. */
  delay_ms?: number;
  /** The pieces in which a streamed text arrives; not given: of `chunk_size` characters. */
  chunks?: readonly string[];
  /** How many characters each piece of a streamed text has; not given: 8. */
  chunk_size?: number;
  /** How long each piece of a streamed answer takes, in milliseconds. */
  chunk_delay_ms?: number;
  /** Breaks the connection after so many pieces of a streamed answer. */
  drop_after_chunks?: number;
  /** How often the step may be used; not given: once. */
  repeat?: number | "forever";
  /** Whether the step may stay unused. */
  optional?: boolean;
  /** The completion's; not given: made of the script's name and the step's place. */
  id?: string;
  /** The model that answers; not given: the one that was asked. */
  model?: string;
  /** Not given: "tool_calls", "function_call" or "stop", by what the answer holds. */
  finish_reason?: string;
  /** Notes of your own. */
  [key: string]: unknown;
}

/** A whole script. */
export interface Script {
  /** Stands in the ids of the completions; not given: "script". */
  name?: string;
  /** The answers. Each request uses up the first one that is left and fits. */
  responses?: readonly ScriptStep[];
  /** The answer when none fits; not given: that is an error. */
  fallback?: ScriptStep;
  /** Notes of your own. */
  [key: string]: unknown;
}

/** All answers bear the same time (in seconds), so that they do not change from run to run. */
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
    messages.filter(({ role }) => role === "system").map(textOf).join("\n").includes(wanted),
};

/** Whether `request` is one that `step` answers. @throws Error for a condition that does not exist */
export function fits({ match = {} }: ScriptStep, request: ModelRequest): boolean {
  return Object.entries(match).every(([name, wanted]) => {
    const condition = CONDITIONS[name as keyof ScriptMatch] as ((wanted: unknown, request: ModelRequest) => boolean) | undefined;
    if (condition === undefined) throw new Error(`the script has an unknown condition \`${name}\`: use ${Object.keys(CONDITIONS).join(", ")}`);
    return condition(wanted, request);
  });
}

/** The text of a message, as conditions see it. */
export function textOf(message: ChatMessage | undefined): string {
  const { content } = message ?? {};
  return Array.isArray(content) ? content.map(({ text }) => text ?? "").join("\n") : contentText(content);
}

/**
 * The answer that `step` stands for.
 *
 * @param id the completion's id, unless the step has its own
 * @throws APIError for steps that fail
 */
export function play(step: ScriptStep, id: string, request: ModelRequest): ModelResponse {
  if (step.drop) throw new APIConnectionError("the scripted model server broke the connection");
  const { status = 200 } = step;
  if (status >= 400) throw APIError.fromAnswer(status, step.error ?? { message: "scripted failure", type: "server_error", code: null });
  if (step.raw_body !== undefined) return readCompletion(step.raw_body);

  const calls = step.tool_calls?.map((call, index) => ({
    id: call.id ?? `call_${index + 1}`,
    type: "function",
    function: { name: call.name, arguments: jsonText(call.arguments) },
  }));
  const legacy = step.function_call && { name: step.function_call.name, arguments: jsonText(step.function_call.arguments) };
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
    choices: Array.from({ length: count }, (_, index) => ({ index, message: structuredClone(message), logprobs: null, finish_reason })),
    system_fingerprint: "fp_script",
    usage: usageIn(step),
  });
}

function usageIn({ usage = [10, 5] }: ScriptStep): Record<string, unknown> | null {
  if (usage === null) return null;
  if (!isPair(usage)) {
    const { prompt_tokens = 0, completion_tokens = 0 } = usage as { prompt_tokens?: number; completion_tokens?: number };
    return { total_tokens: prompt_tokens + completion_tokens, ...usage };
  }
  return { prompt_tokens: usage[0], completion_tokens: usage[1], total_tokens: usage[0] + usage[1] };
}

function isPair(usage: NonNullable<ScriptStep["usage"]>): usage is readonly [number, number] {
  return Array.isArray(usage);
}

function jsonText(value: Readonly<Record<string, unknown>> | string = {}): string {
  return typeof value === "string" ? value : spacedJson(value);
}

/** JSON with a space after each comma and colon, as Python's `json.dumps` writes it and most models do. */
function spacedJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spacedJson).join(", ")}]`;
  if (typeof value === "object" && value !== null) {
    return `{${Object.entries(value).map(([key, entry]) => `${JSON.stringify(key)}: ${spacedJson(entry)}`).join(", ")}}`;
  }
  return JSON.stringify(value);
}
