/**
 * Reads what model libraries hand around, by looking at its shape: each has its own field names for
 * the same counts. Pure; never throws on plain data. NaN stands for "not told".
 */

import * as attributeIds from "../bridge/numbers/attribute-ids.js";
import { field, spellings, textField } from "./fields.js";

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
  const usage = field(response, "usage usageMetadata tokenUsage");
  return {
    prompt: count(usage, "promptTokens inputTokens promptTokenCount") ?? Number.NaN,
    completion: count(usage, "completionTokens outputTokens candidatesTokenCount") ?? Number.NaN,
    total: count(usage, "totalTokens totalTokenCount") ?? Number.NaN,
    cacheRead:
      count(field(usage, "promptTokensDetails inputTokensDetails"), "cachedTokens") ??
      count(usage, "cacheReadInputTokens cachedInputTokens cachedContentTokenCount") ??
      Number.NaN,
    cacheCreation: count(usage, "cacheCreationInputTokens") ?? Number.NaN,
  };
}

/** Parameters of a request that OpenTelemetry has names for, by our numbers for them. */
const PARAMETERS: readonly (readonly [name: string, which: number])[] = [
  ["temperature", attributeIds.temperature],
  ["max_tokens", attributeIds.maxTokens],
  ["max_completion_tokens", attributeIds.maxTokens],
  ["top_p", attributeIds.topP],
  ["frequency_penalty", attributeIds.frequencyPenalty],
  ["presence_penalty", attributeIds.presencePenalty],
  ["seed", attributeIds.seed],
  ["n", attributeIds.choiceCount],
];

/** The numbers among a request's parameters, each with the number of the detail that it is. */
export function* readParameters(
  request: Readonly<Record<string, unknown>>,
): Iterable<readonly [which: number, value: number]> {
  // A request has few of them. To read what an object does not have takes an engine ten times as long as going through
  // what it has, if its shape is new, and that of a request that was put together from others always is.
  const names: string[] = [];
  for (const name in request) names.push(name);
  for (const [name, which] of PARAMETERS) {
    if (!names.includes(name)) continue;
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

function count(usage: unknown, names: string): number | undefined {
  for (const name of spellings(names)) {
    const found = field(usage, name);
    if (typeof found === "number" && found >= 0) return found;
  }
  return undefined;
}
