/**
 * Reading a completion. Python's client (openai/types/chat/chat_completion.py and its neighbours)
 * makes an object of it in which every declared field is there, null if the server left it out, in
 * the order of declaration, with the server's own additions behind. AG2 dumps that object into the
 * messages between agents. We do the same, so that messages and traces have the same text here and
 * in Python.
 */

import { type APIError, unreadable } from "./errors.js";
import type { ModelResponse } from "./message.js";

/** An object read from JSON. */
export type Fields = Record<string, unknown>;

const COMPLETION = "id choices created model object moderation service_tier system_fingerprint usage";
const CHOICE = "finish_reason index logprobs message";
const MESSAGE = "content refusal role annotations audio function_call tool_calls";
const TOOL_CALL = "id function type";
const FUNCTION_CALL = "arguments name";
const USAGE = "completion_tokens prompt_tokens total_tokens completion_tokens_details prompt_tokens_details";
const COMPLETION_DETAILS = "accepted_prediction_tokens audio_tokens reasoning_tokens rejected_prediction_tokens";
const PROMPT_DETAILS = "audio_tokens cache_write_tokens cached_tokens";

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
    throw noCompletion("is not JSON", cause);
  }
  if (!isFields(parsed) || !Array.isArray(parsed["choices"])) throw noCompletion("has no `choices`");
  return fillCompletion(parsed);
}

function noCompletion(what: string, cause?: unknown): APIError {
  return Object.assign(unreadable(`answer ${what}`, cause), { name: "APIResponseValidationError" });
}

/** A copy of `completion` with all fields of OpenAI's `ChatCompletion`, null where absent, in their order. */
export function fillCompletion(completion: object): ModelResponse {
  return fill(completion, COMPLETION, {
    choices: (choice) => fill(choice, CHOICE, { message: fillMessage }),
    usage: (usage) =>
      fill(usage, USAGE, {
        completion_tokens_details: (details) => fill(details, COMPLETION_DETAILS),
        prompt_tokens_details: (details) => fill(details, PROMPT_DETAILS),
      }),
  }) as ModelResponse;
}

function fillMessage(message: unknown): unknown {
  const fillCall = (call: unknown): unknown => fill(call, FUNCTION_CALL);
  return fill(message, MESSAGE, { function_call: fillCall, tool_calls: (call) => fill(call, TOOL_CALL, { function: fillCall }) });
}

/** A copy of `given` with the fields `names` in this order, those in `inner` filled themselves; what is no object stays as it is, and of a list each entry is filled. */
function fill(given: unknown, names: string, inner: Readonly<Record<string, (field: unknown) => unknown>> = {}): unknown {
  if (!isFields(given)) return given;
  const filled: Fields = {};
  for (const name of names.split(" ")) filled[name] = given[name] ?? null;
  Object.assign(filled, given);
  for (const [name, fillField] of Object.entries(inner)) {
    const field = filled[name];
    filled[name] = Array.isArray(field) ? field.map(fillField) : fillField(field);
  }
  return filled;
}

/** Whether `value` is an object read from JSON. */
export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
