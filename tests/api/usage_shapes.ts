/** What the tests of token counts have in common: the shapes of responses, and the counts that were recorded. */

import assert from "node:assert/strict";
import { lastTrace } from "../third_party/traces.js";

export type Counts = readonly [
  input: number,
  output: number,
  total: number,
  read?: number,
  created?: number,
  hour?: number,
];

/** A shape of counts: the response that has them, or the pieces of a stream. */
export type Shape = readonly [provider: string, expected: Counts | undefined, response: unknown];

export const completion = (usage: unknown, more = {}): object => ({
  id: "c",
  object: "chat.completion",
  choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: "ok" } }],
  usage,
  ...more,
});
export const piece = (content: string, more = {}): object => ({
  object: "chat.completion.chunk",
  choices: [{ index: 0, delta: { content } }],
  ...more,
});
export const counts = (prompt: unknown, answer: unknown, total?: unknown): object => ({
  prompt_tokens: prompt,
  completion_tokens: answer,
  total_tokens: total,
});

export function cyclic(usage: object): object {
  return Object.assign(usage, { details: { usage } });
}

export async function recorded(response: unknown): Promise<Counts | undefined> {
  const usage = (await lastTrace()).data.spans[0]!.getAttribute("mlflow.chat.tokenUsage") as
    | Record<string, number>
    | undefined;
  assert.notEqual(response, undefined);
  if (usage === undefined || usage === null) return undefined;
  const optional = ["cache_read_input_tokens", "cache_creation_input_tokens", "cache_creation_input_tokens_above_1hr"];
  const found = [
    usage["input_tokens"],
    usage["output_tokens"],
    usage["total_tokens"],
    ...optional.map((key) => usage[key]),
  ];
  while (found.at(-1) === undefined) found.pop();
  return found as unknown as Counts;
}

export const request = { model: "a-model", messages: [{ role: "user", content: "hi" }] };
