/** Token usage and cost: per model call, wrapper and chat. The keys are AG2's, as in its `ChatResult.cost`. */

import type { ModelResponse } from "../message/message.js";
import { priceOf, type TokenPrice } from "./prices.js";
import { countsOf, reportedUsage } from "./reported-usage.js";

/** The usage of one model call (AG2: llm_config/client.py, `ModelClient.RESPONSE_USAGE_KEYS`). */
export interface ModelUsage {
  /** The tokens of the request; 0 if the response has no count. */
  prompt_tokens: number;
  /** The tokens of the response; 0 if it has no count. */
  completion_tokens: number;
  /** The total of the response, which may differ from the sum of the other two. */
  total_tokens: number;
  /** The cost in US dollars. */
  cost: number;
  /** The model of the response, often more precise than the request's ("gpt-4o-mini-2024-07-18"). */
  model: string;
}

/** The usage of one model. */
export interface ModelUsageTotal {
  /** The cost in US dollars. */
  cost: number;
  /** The tokens of requests. */
  prompt_tokens: number;
  /** The tokens of responses. */
  completion_tokens: number;
  /** The total that the responses name. */
  total_tokens: number;
}

/** The usage by model, and the total cost. */
export interface UsageSummary {
  /** The cost of all models in US dollars. */
  total_cost: number;
  /** The usage of each model, under its name. */
  [model: string]: number | ModelUsageTotal;
}

/** The usage of a chat's agents, with and without responses from a cache. */
export interface ChatCost {
  /** The usage with responses from a cache. */
  usage_including_cached_inference: UsageSummary;
  /** The usage without responses from a cache, which is what was paid for. */
  usage_excluding_cached_inference: UsageSummary;
}

/** The usage of a response (AG2: oai/client.py, `OpenAIClient.get_usage`). */
export function usageOf(response: ModelResponse): ModelUsage {
  const [prompt_tokens, completion_tokens, total_tokens] = countsOf(reportedUsage(response) ?? response);
  return {
    prompt_tokens,
    completion_tokens,
    total_tokens,
    cost: response.cost ?? 0,
    model: response.model,
  };
}

/**
 * The cost of a response in US dollars at a price per 1000 tokens. The order of the operations is
 * AG2's (oai/client.py, `OpenAIClient.cost`): another order would differ in the last digit.
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

/** Adds a model call to `summary`, which is created if needed (AG2: oai/client.py, `OpenAIWrapper._update_usage`). */
export function addUsage(summary: UsageSummary | undefined, usage: ModelUsage): UsageSummary {
  const totals = summary ?? { total_cost: 0 };
  totals.total_cost += usage.cost;
  addTotal(totals, usage.model, usage);
  return totals;
}

function addTotal(summary: UsageSummary, model: string, added: ModelUsageTotal): void {
  const current = summary[model];
  const sum: ModelUsageTotal = { cost: 0, prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 };
  for (const name of Object.keys(sum) as (keyof ModelUsageTotal)[])
    sum[name] = (typeof current === "object" ? current[name] : 0) + added[name];
  summary[model] = sum;
}

/** An object that counts its usage, such as an `OpenAIWrapper`. */
export interface UsageCounter {
  /** The usage of all responses, including those from a cache; `undefined` before the first. */
  readonly totalUsageSummary: UsageSummary | undefined;
  /** The usage of responses that did not come from a cache; `undefined` before the first. */
  readonly actualUsageSummary: UsageSummary | undefined;
}

/**
 * The total usage of several agents (AG2: agentchat/utils.py, `gather_usage_summary`); an agent without
 * a model (`client`) adds nothing.
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

function addSummary(totals: UsageSummary, added: UsageSummary | undefined): void {
  if (added === undefined) return;
  totals.total_cost += added.total_cost;
  for (const [model, total] of Object.entries(added)) {
    if (typeof total === "object") addTotal(totals, model, total);
  }
}
