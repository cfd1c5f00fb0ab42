/**
 * The token counts that model servers report in a response or in a chunk of a stream. Clients for other vendors'
 * packages translate theirs, and the tracer has a table of more names (token-counts.ts); here are those that responses
 * with OpenAI's shape have, and those of the vendors' APIs, which gateways and clients of the program pass on.
 */

import { type Fields, isFields } from "../util/fields.js";

/** The object with the counts: the field of OpenAI's API, that of Groq's streams, or that of Gemini's API. */
export function reportedUsage({ usage, x_groq: groq, usageMetadata }: Readonly<Fields>): Fields | undefined {
  return [usage, (groq as Fields | null | undefined)?.["usage"], usageMetadata].find(isFields);
}

/** The names of the counts, in the order in which they are tried; those of one line are added. */
const PROMPT = [
  "prompt_tokens",
  // Anthropic, where the cache is not part of the input, OpenAI's responses, Gemini, Mistral's package, Ollama.
  "input_tokens cache_read_input_tokens cache_creation_input_tokens",
  "promptTokenCount toolUsePromptTokenCount",
  "promptTokens",
  "prompt_eval_count",
];
const COMPLETION = [
  "completion_tokens",
  "output_tokens",
  "candidatesTokenCount thoughtsTokenCount",
  "completionTokens",
  "eval_count",
];

/** The tokens of prompt and completion, and their total: as reported, but at least their sum. */
export function countsOf(usage: Readonly<Fields>): [prompt: number, completion: number, total: number] {
  const sumOf = (sum: number, name: string): number => {
    const count = Number(usage[name]);
    return Number.isSafeInteger(count) && count > 0 ? sum + count : sum;
  };
  const first = (alternatives: readonly string[]): number =>
    alternatives.reduce((found, names) => found || names.split(" ").reduce(sumOf, 0), 0);
  const prompt = first(PROMPT);
  const completion = first(COMPLETION);
  return [prompt, completion, Math.max(first(["total_tokens"]), prompt + completion)];
}
