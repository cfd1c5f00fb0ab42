/**
 * Anthropic's list prices (AG2: oai/anthropic.py, `ANTHROPIC_PRICING_1k`, where most are a tenth of the list's; the
 * cache as in platform.claude.com/docs, "Pricing": reading costs a tenth, writing a quarter more, for an hour twice as
 * much).
 */

import type { ModelResponse } from "../message/message.js";
import { tokenCounts } from "../models/token-counts.js";

/** US dollars per million tokens of the prompt; those of the response cost five times as much. */
const PROMPT_PRICES: Readonly<Record<string, number>> = {
  "claude-3-haiku": 0.25,
  "claude-3-5-haiku": 0.8,
  "claude-3-5-sonnet": 3,
  "claude-3-7-sonnet": 3,
  "claude-haiku-4-5": 1,
  "claude-sonnet-4": 3,
  "claude-sonnet-4-5": 3,
  "claude-opus-4": 15,
  "claude-opus-4-1": 15,
  "claude-opus-4-5": 5,
  "claude-opus-4-6": 5,
};

/** The cost of a response in US dollars; `undefined` for a model that is not in the table. */
export function anthropicCost(response: ModelResponse): number | undefined {
  const name = response.model;
  // A version is a date: "claude-sonnet-4-5-20250929".
  const isVersion = Number(name.slice(-8)) > 20_000_000;
  const price = PROMPT_PRICES[isVersion ? name.slice(0, -9) : name];
  if (price === undefined) return undefined;
  const counts = tokenCounts(response);
  const [cached, written, aboveHour] = [
    counts.cacheRead || 0,
    counts.cacheCreation || 0,
    counts.cacheCreationAbove1h || 0,
  ];
  const uncached = (counts.prompt || 0) - cached - written;
  const tokens = uncached + cached * 0.1 + (written - aboveHour) * 1.25 + aboveHour * 2 + (counts.completion || 0) * 5;
  return (tokens * price) / 1_000_000;
}
