/**
 * Reads what model libraries hand around, by looking at its shape: each has its own field names for
 * the same counts. Pure; never throws on plain data. NaN stands for "not told".
 */

import { field, textField } from "../unknowns.js";
import { Detail } from "./details.js";

/** Token counts as a model reported them; NaN where it did not. */
export interface RawUsage {
  readonly prompt: number;
  readonly completion: number;
  readonly total: number;
  readonly cacheRead: number;
  readonly cacheCreation: number;
}

/** The model's name in a request. */
export function readModel(request: Readonly<Record<string, unknown>>): string | undefined {
  return typeof request["model"] === "string" ? request["model"] : undefined;
}

/** The token counts in a response's `usage` (mlflow/ag2/ag2_logger.py `_parse_usage`, and cached tokens, which Python drops). */
export function readUsage(response: unknown): RawUsage {
  // Google's API and JavaScript's other libraries have names of their own for it.
  const usage = field(response, "usage") ?? field(response, "usageMetadata") ?? field(response, "tokenUsage");
  const details = field(usage, "prompt_tokens_details") ?? field(usage, "input_tokens_details");
  return {
    prompt: count(usage, "prompt_tokens", "input_tokens", "promptTokens", "inputTokens", "promptTokenCount"),
    completion: count(usage, "completion_tokens", "output_tokens", "completionTokens", "outputTokens", "candidatesTokenCount"),
    total: count(usage, "total_tokens", "totalTokens", "totalTokenCount"),
    cacheRead: firstCount(count(details, "cached_tokens"), count(usage, "cache_read_input_tokens", "cachedInputTokens", "cachedContentTokenCount")),
    cacheCreation: count(usage, "cache_creation_input_tokens"),
  };
}

/** Parameters of a request that OpenTelemetry has names for, by our numbers for them. */
const PARAMETERS: readonly (readonly [name: string, which: number])[] = [
  ["temperature", Detail.temperature],
  ["max_tokens", Detail.maxTokens],
  ["max_completion_tokens", Detail.maxTokens],
  ["top_p", Detail.topP],
  ["frequency_penalty", Detail.frequencyPenalty],
  ["presence_penalty", Detail.presencePenalty],
  ["seed", Detail.seed],
  ["n", Detail.choiceCount],
];

/** The numbers among a request's parameters, each with the number of the detail that it is. */
export function* readParameters(request: Readonly<Record<string, unknown>>): Iterable<readonly [which: number, value: number]> {
  for (const [name, which] of PARAMETERS) {
    const value = request[name];
    if (typeof value === "number") yield [which, value];
  }
}

/** Why each choice of a response ends. */
export function readFinishReasons(response: unknown): string[] {
  const choices = field(response, "choices");
  if (!Array.isArray(choices)) return [];
  return choices.map((choice) => textField(choice, "finish_reason")).filter((reason) => reason !== undefined);
}

/** Whether a chunk of a stream brings something, not just its frame. */
export function bringsSomething(chunk: unknown): boolean {
  const choices = field(chunk, "choices");
  // A stream of another shape: whatever comes is something.
  if (!Array.isArray(choices)) return true;
  return choices.some((choice) => {
    const delta = field(choice, "delta");
    return ["content", "tool_calls", "function_call", "refusal"].some((name) => Boolean(field(delta, name)));
  });
}

function count(value: unknown, ...names: string[]): number {
  for (const name of names) {
    const found = field(value, name);
    if (typeof found === "number" && found >= 0) return found;
  }
  return Number.NaN;
}

function firstCount(first: number, second: number): number {
  return Number.isNaN(first) ? second : first;
}
