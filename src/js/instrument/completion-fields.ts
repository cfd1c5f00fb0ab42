/**
 * Reads requests and responses of model libraries by their fields, whose names differ between libraries.
 * Pure; never throws on plain data.
 */

import * as attributeIds from "../bridge/numbers/attribute-ids.js";
import { field, textField } from "./fields.js";

/** The model's name in a request. */
export function readModel(request: Readonly<Record<string, unknown>>): string | undefined {
  return typeof request["model"] === "string" ? request["model"] : undefined;
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
