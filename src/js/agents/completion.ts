/**
 * Reading a completion. Python's client (openai/types/chat/chat_completion.py and its neighbours)
 * makes an object of it in which every declared field is there, null if the server left it out, in
 * the order of declaration, with the server's own additions behind. AG2 dumps that object into the
 * messages between agents. We do the same, so that messages and traces have the same text here and
 * in Python.
 */

import { APIError } from "./errors.js";
import type { ModelResponse } from "./message.js";

type Fields = Record<string, unknown>;

const COMPLETION = ["id", "choices", "created", "model", "object", "moderation", "service_tier", "system_fingerprint", "usage"];
const CHOICE = ["finish_reason", "index", "logprobs", "message"];
const MESSAGE = ["content", "refusal", "role", "annotations", "audio", "function_call", "tool_calls"];
const TOOL_CALL = ["id", "function", "type"];
const FUNCTION_CALL = ["arguments", "name"];
const USAGE = ["completion_tokens", "prompt_tokens", "total_tokens", "completion_tokens_details", "prompt_tokens_details"];
const COMPLETION_DETAILS = ["accepted_prediction_tokens", "audio_tokens", "reasoning_tokens", "rejected_prediction_tokens"];
const PROMPT_DETAILS = ["audio_tokens", "cache_write_tokens", "cached_tokens"];

/**
 * The completion in the body of an answer.
 *
 * @throws APIError with code "invalid_response" when the text is not JSON or not a completion
 */
export function readCompletion(text: string): ModelResponse {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw unreadable("is not JSON", cause);
  }
  if (!isFields(parsed) || !Array.isArray(parsed["choices"])) throw unreadable("has no `choices`");
  return fillCompletion(parsed);
}

function unreadable(what: string, cause?: unknown): APIError {
  const error = new APIError(`the model server's answer ${what}: check that \`baseUrl\` leads to an OpenAI-compatible API`, {
    code: "invalid_response",
    cause,
  });
  error.name = "APIResponseValidationError";
  return error;
}

/** A copy of `completion` with all fields of OpenAI's `ChatCompletion`, null where absent, in their order. */
export function fillCompletion(completion: object): ModelResponse {
  const filled = fill(completion as Fields, COMPLETION);
  filled["choices"] = mapFields(filled["choices"], (given) => {
    const choice = fill(given, CHOICE);
    choice["message"] = fillMessage(choice["message"]);
    return choice;
  });
  filled["usage"] = fillUsage(filled["usage"]);
  return filled as unknown as ModelResponse;
}

function fillMessage(given: unknown): unknown {
  if (!isFields(given)) return given;
  const message = fill(given, MESSAGE);
  message["function_call"] = fillNested(message["function_call"], FUNCTION_CALL);
  message["tool_calls"] = mapFields(message["tool_calls"], (call) => {
    const filled = fill(call, TOOL_CALL);
    filled["function"] = fillNested(filled["function"], FUNCTION_CALL);
    return filled;
  });
  return message;
}

function fillUsage(given: unknown): unknown {
  if (!isFields(given)) return given;
  const usage = fill(given, USAGE);
  usage["completion_tokens_details"] = fillNested(usage["completion_tokens_details"], COMPLETION_DETAILS);
  usage["prompt_tokens_details"] = fillNested(usage["prompt_tokens_details"], PROMPT_DETAILS);
  return usage;
}

function fill(given: Fields, names: readonly string[]): Fields {
  const filled: Fields = {};
  for (const name of names) filled[name] = given[name] ?? null;
  return Object.assign(filled, given);
}

function fillNested(given: unknown, names: readonly string[]): unknown {
  return isFields(given) ? fill(given, names) : given;
}

function mapFields(given: unknown, change: (fields: Fields) => Fields): unknown {
  return Array.isArray(given) ? given.map((entry: unknown) => (isFields(entry) ? change(entry) : entry)) : given;
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
