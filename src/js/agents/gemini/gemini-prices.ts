/** The prices of Google's models (AG2: oai/gemini.py, `calculate_gemini_cost`). */

import type { ModelResponse } from "../message/message.js";
import { costAt, usageOf } from "../models/usage.js";

type Price = readonly [prompt: number, completion: number];

/** US dollars per million tokens, also for prompts of more than 200,000 tokens. The first name in a model's counts. */
const PRICES: readonly (readonly [name: string, price: Price, aboveLimit?: Price])[] = [
  ["gemini-3.1-pro", [2, 12], [4, 18]],
  ["gemini-3.1-flash-lite", [0.25, 1.5]],
  ["gemini-3-flash", [0.5, 3]],
  ["gemini-2.5-pro", [1.25, 10], [2.5, 15]],
  ["gemini-2.5-flash-lite", [0.1, 0.4]],
  ["gemini-2.5-flash", [0.3, 2.5]],
];
const LIMIT_TOKENS = 200_000;

/** The cost of a response in US dollars; `undefined` for a model that is not in the table. */
export function geminiCost(response: ModelResponse): number | undefined {
  const found = PRICES.find(([name]) => response.model.toLowerCase().includes(name));
  if (found === undefined) return undefined;
  const [, price, aboveLimit = price] = found;
  const [prompt, completion] = usageOf(response).prompt_tokens <= LIMIT_TOKENS ? price : aboveLimit;
  return costAt([prompt / 1000, completion / 1000], response);
}
