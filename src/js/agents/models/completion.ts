/**
 * Parsing of completions. Python's client (openai/types/chat/chat_completion.py and the files beside
 * it) parses one into an object that has every declared field, null if the server left it out, in
 * the order of declaration, followed by undeclared fields. AG2 dumps that object into the messages
 * between agents. This file does the same, so that messages and traces have the same text here and
 * in Python.
 */

import { APIError, invalidResponse } from "../util/errors.js";
import type { ModelResponse } from "../message/message.js";
import { type Fields, isFields } from "../util/fields.js";

const COMPLETION = "id choices created model object moderation service_tier system_fingerprint usage";
const CHOICE = "finish_reason index logprobs message";
const MESSAGE = "content refusal role annotations audio function_call tool_calls";
const TOOL_CALL = "id function type";
const FUNCTION_CALL = "arguments name";
const USAGE = "completion_tokens prompt_tokens total_tokens completion_tokens_details prompt_tokens_details";
const COMPLETION_DETAILS = "accepted_prediction_tokens audio_tokens reasoning_tokens rejected_prediction_tokens";
const PROMPT_DETAILS = "audio_tokens cache_write_tokens cached_tokens";

/**
 * Parses the completion in the body of a response.
 *
 * @throws APIError with code "invalid_response" if the text is not JSON or not a completion
 */
export function readCompletion(text: string): ModelResponse {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw invalidCompletion("is not JSON", cause);
  }
  // Some servers report errors with status 200.
  const { error, choices } = Object(parsed) as Fields;
  if (isFields(error)) throw APIError.fromAnswer(undefined, error);
  if (!Array.isArray(choices)) throw invalidCompletion("has no `choices`");
  return fillCompletion(parsed as Fields);
}

function invalidCompletion(what: string, cause?: unknown): APIError {
  return Object.assign(invalidResponse(`answer ${what}`, cause), { name: "APIResponseValidationError" });
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
  return fill(message, MESSAGE, {
    function_call: fillCall,
    tool_calls: (call) => fill(call, TOOL_CALL, { function: fillCall }),
  });
}

/**
 * A copy of `value` that has the fields `names` in this order, null where absent. The functions of
 * `nested` fill the fields inside, each entry of a list by itself. Other values than objects are
 * returned unchanged.
 */
function fill(
  value: unknown,
  names: string,
  nested: Readonly<Record<string, (field: unknown) => unknown>> = {},
): unknown {
  if (!isFields(value)) return value;
  const filled: Fields = {};
  for (const name of names.split(" ")) filled[name] = value[name] ?? null;
  Object.assign(filled, value);
  for (const [name, fillField] of Object.entries(nested)) {
    const field = filled[name];
    filled[name] = Array.isArray(field) ? field.map(fillField) : fillField(field);
  }
  return filled;
}
