/**
 * Reads requests and responses of model libraries by their fields, whose names differ between libraries.
 * Pure; never throws on plain data. NaN means that a count is missing.
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

/**
 * The token counts in a response's `usage` (mlflow/ag2/ag2_logger.py `_parse_usage`, and cached tokens, which
 * Python drops).
 */
export function readUsage(response: unknown): RawUsage {
  // Google's API and other JavaScript libraries use names of their own.
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

/** The parameters of a request for which OpenTelemetry has attributes, with the ids of those. */
const REQUEST_PARAMETERS: readonly (readonly [name: string, attributeId: number])[] = [
  ["temperature", attributeIds.temperature],
  ["max_tokens", attributeIds.maxTokens],
  ["max_completion_tokens", attributeIds.maxTokens],
  ["top_p", attributeIds.topP],
  ["frequency_penalty", attributeIds.frequencyPenalty],
  ["presence_penalty", attributeIds.presencePenalty],
  ["seed", attributeIds.seed],
  ["n", attributeIds.choiceCount],
];

/** The numeric parameters of a request, each with its attribute id. */
export function* readParameters(
  request: Readonly<Record<string, unknown>>,
): Iterable<readonly [attributeId: number, value: number]> {
  // A request has few parameters. For an object of a new shape, as merged objects have, reading a missing
  // property takes engines ten times as long as iterating over all of its keys.
  const names: string[] = [];
  for (const name in request) names.push(name);
  for (const [name, attributeId] of REQUEST_PARAMETERS) {
    if (!names.includes(name)) continue;
    const value = request[name];
    if (typeof value === "number") yield [attributeId, value];
  }
}

/** The finish reason of each choice of a response. */
export function readFinishReasons(response: unknown): string[] {
  const choices = field(response, "choices");
  if (!Array.isArray(choices)) return [];
  return choices.map((choice) => textField(choice, "finish_reason")).filter((reason) => reason !== undefined);
}

/** Whether a chunk of a stream has content. */
export function hasContent(chunk: unknown): boolean {
  const choices = field(chunk, "choices");
  // A stream of another shape: every chunk counts.
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
