/** Printing of usage (AG2: oai/client.py, `print_usage_summary`; events/client_events.py, `UsageSummaryEvent`). */

import { AgentError } from "../util/errors.js";
import { printLine } from "./printer.js";
import type { Named } from "../observe/observer.js";
import type { UsageCounter, UsageSummary } from "../models/usage.js";

/** The usage to print: without responses from a cache ("actual"), with them ("total"), or both. */
export type UsageSummaryMode = "actual" | "total" | "both" | readonly ("actual" | "total")[];

/**
 * Prints the usage of a wrapper, or of an agent under its name. It is a function, not a method as in
 * AG2, so that only pages that use it load it.
 *
 * @throws AgentError for a mode that does not exist
 * @example
 * await user.initiateChat(assistant, { message: "Hello.", maxTurns: 1 });
 * printUsageSummary(assistant, "actual");
 */
export function printUsageSummary(
  source: UsageCounter | (Named & { readonly client?: UsageCounter | undefined }),
  mode: UsageSummaryMode = "both",
): void {
  if (!("name" in source)) return printUsage(source, mode);
  printLine(source.client ? `Agent '${source.name}':` : `No cost incurred from agent '${source.name}'.`);
  if (source.client) printUsage(source.client, mode);
}

function printUsage(
  { actualUsageSummary: actual, totalUsageSummary: total }: UsageCounter,
  mode: UsageSummaryMode,
): void {
  const includes = (name: "actual" | "total"): boolean => mode === "both" || mode === name || mode.includes(name);
  const [isActual, isTotal] = [includes("actual"), includes("total")];
  if (!isActual && !isTotal)
    throw new AgentError("invalid_option", 'the mode of a usage summary is "actual", "total" or "both"');
  if (total === undefined) return printLine('No usage summary. Please call "create" first.');
  const frame = "-".repeat(100);
  const both =
    JSON.stringify(total) === JSON.stringify(actual)
      ? ["All completions are non-cached: the total cost with cached completions is the same as actual cost."]
      : lines(total, "including");
  const body =
    isActual && isTotal
      ? [...lines(actual, "excluding"), "", ...both]
      : isTotal
        ? lines(total, "including")
        : lines(actual, "excluding");
  printLine([frame, ...body, frame].join("\n"));
}

function lines(summary: UsageSummary | undefined, word: "including" | "excluding"): string[] {
  if (summary === undefined) return ["No actual cost incurred (all completions are using cache)."];
  const models = Object.entries(summary).flatMap(([model, usage]) =>
    typeof usage === "number"
      ? []
      : [
          `* Model '${model}': cost: ${rounded(usage.cost)}, prompt_tokens: ${usage.prompt_tokens}, ` +
            `completion_tokens: ${usage.completion_tokens}, total_tokens: ${usage.total_tokens}`,
        ],
  );
  return [`Usage summary ${word} cached usage: `, `Total cost: ${rounded(summary.total_cost)}`, ...models];
}

/** Dollars with up to five decimal places. */
function rounded(cost: number): string {
  return String(Number(cost.toFixed(5)));
}
