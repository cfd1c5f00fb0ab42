/** Tokens and money: per model call, per wrapper, per chat. The keys are AG2's, as in its `ChatResult.cost`. */

import { type ModelResponse } from "./message.js";
import { priceOf, type TokenPrice } from "./prices.js";

/** What one model call used (AG2: llm_config/client.py, `ModelClient.RESPONSE_USAGE_KEYS`). */
export interface ModelUsage {
  /** Of the messages and tools that went in; 0 where the model told none. */
  prompt_tokens: number;
  /** Of the answer; 0 where the model told none. */
  completion_tokens: number;
  /** As the model counts them, which need not be the sum of the other two. */
  total_tokens: number;
  /** US dollars. */
  cost: number;
  /** As the response names it, often more precise than the request ("gpt-4o-mini-2024-07-18"). */
  model: string;
}

/** Sums for one model; `cost` in US dollars. */
export interface ModelUsageTotal {
  /** US dollars. */
  cost: number;
  /** Of what went in. */
  prompt_tokens: number;
  /** Of the answers. */
  completion_tokens: number;
  /** Of both, as the model counts them. */
  total_tokens: number;
}

/** Sums by model, beside `total_cost` in US dollars. */
export interface UsageSummary {
  /** US dollars, over all models. */
  total_cost: number;
  /** The sums of each model, under its name. */
  [model: string]: number | ModelUsageTotal;
}

/** What a chat's agents have used, with and without the answers that came from a cache. */
export interface ChatCost {
  /** As if every answer had been asked for. */
  usage_including_cached_inference: UsageSummary;
  /** What models were really asked, which is what costs money. */
  usage_excluding_cached_inference: UsageSummary;
}

/** The usage of an OpenAI-shaped response (AG2: oai/client.py, `OpenAIClient.get_usage`). */
export function usageOf(response: ModelResponse): ModelUsage {
  return {
    prompt_tokens: response.usage?.prompt_tokens ?? 0,
    completion_tokens: response.usage?.completion_tokens ?? 0,
    total_tokens: response.usage?.total_tokens ?? 0,
    cost: response.cost ?? 0,
    model: response.model,
  };
}

/**
 * The cost of a response in US dollars at a price per 1000 tokens. The order of the operations is
 * AG2's (oai/client.py, `OpenAIClient.cost`): another one would differ in the last digit.
 */
export function costAt(price: TokenPrice, response: ModelResponse): number {
  const { prompt_tokens, completion_tokens } = usageOf(response);
  return (price[0] * prompt_tokens + price[1] * completion_tokens) / 1000;
}

/** The cost of a response by AG2's price table, or `undefined` for a model that is not in it. */
export function listCost(response: ModelResponse): number | undefined {
  const price = priceOf(response.model);
  return price && costAt(price, response);
}

/** `summary` with one more model call in it (AG2: oai/client.py, `OpenAIWrapper._update_usage`). */
export function addUsage(summary: UsageSummary | undefined, usage: ModelUsage): UsageSummary {
  const sums = summary ?? { total_cost: 0 };
  sums.total_cost += usage.cost;
  addTotal(sums, usage.model, usage);
  return sums;
}

function addTotal(summary: UsageSummary, model: string, added: ModelUsageTotal): void {
  const before = summary[model];
  const sum = typeof before === "object" ? before : { cost: 0, prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 };
  summary[model] = {
    cost: sum.cost + added.cost,
    prompt_tokens: sum.prompt_tokens + added.prompt_tokens,
    completion_tokens: sum.completion_tokens + added.completion_tokens,
    total_tokens: sum.total_tokens + added.total_tokens,
  };
}

/** Something that counts what it uses: an `OpenAIWrapper`. */
export interface UsageCounter {
  /** Of all answers, those from a cache included; `undefined` before the first. */
  readonly totalUsageSummary: UsageSummary | undefined;
  /** Of what models were really asked; `undefined` before the first answer. */
  readonly actualUsageSummary: UsageSummary | undefined;
}

/**
 * The usage of several agents together (AG2: agentchat/utils.py, `gather_usage_summary`). Agents without a model (`client`) add nothing.
 *
 * @example
 * const { usage_including_cached_inference: usage } = gatherUsageSummary([user, assistant]);
 * console.log(`US$ ${usage.total_cost.toFixed(4)}`);
 */
export function gatherUsageSummary(agents: Iterable<{ readonly client?: UsageCounter | undefined }>): ChatCost {
  const including: UsageSummary = { total_cost: 0 };
  const excluding: UsageSummary = { total_cost: 0 };
  for (const { client } of agents) {
    addSummary(including, client?.totalUsageSummary);
    addSummary(excluding, client?.actualUsageSummary);
  }
  return { usage_including_cached_inference: including, usage_excluding_cached_inference: excluding };
}

function addSummary(sums: UsageSummary, added: UsageSummary | undefined): void {
  if (added === undefined) return;
  sums.total_cost += added.total_cost;
  for (const [model, total] of Object.entries(added)) {
    if (typeof total === "object") addTotal(sums, model, total);
  }
}
