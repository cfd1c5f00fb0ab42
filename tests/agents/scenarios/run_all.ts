/**
 * Runs all scenarios in sequence, in the current host, and prints the outcome of each: the requests that
 * the model's server received, and the result or error.
 *
 * Settings come as a query (`?model=…&scripts=…`) from the page's address or the command line.
 */

import { setPrinter } from "mlflow-ag2/agents/console";
import { scenarios } from "./all.js";
import { unhandledRejectionCount, addObservers } from "./observers.js";
import type { ScenarioResult } from "./scenario_result.js";

setPrinter(() => {});

const host = globalThis as { location?: { search: string }; process?: { argv: string[] } };
const query = new URLSearchParams(host.location?.search || host.process?.argv[2] || "");
const model = query.get("model") ?? "";
const only = query.get("only");

await addObservers(query.get("watched"));

const results: Record<string, ScenarioResult> = {};
for (const name of Object.keys(scenarios)) {
  if (only === null || only === name) results[name] = await runScenario(name);
}
console.log(
  `RESULT ${JSON.stringify(query.has("watched") ? { results, rejections: unhandledRejectionCount() } : results)}`,
);

async function runScenario(name: string): Promise<ScenarioResult> {
  const script = await (await fetch(`${query.get("scripts") ?? ""}/${name}.json`)).text();
  await fetch(`${model}/__load`, { method: "POST", body: script });
  const outcome = await outcomeOf(name);
  const log = (await (await fetch(`${model}/__log`)).json()) as { body: unknown }[];
  const { unused } = (await (await fetch(`${model}/__state`)).json()) as { unused: number[] };
  return { ...outcome, requests: log.map(({ body }) => body), unusedSteps: unused };
}

async function outcomeOf(name: string): Promise<Pick<ScenarioResult, "results" | "exception">> {
  try {
    const results = await scenarios[name]?.({ baseUrl: `${model}/v1` });
    return {
      results: Object.fromEntries(Object.entries(results ?? {}).map(([label, result]) => [label, asInPython(result)])),
      exception: null,
    };
  } catch (error) {
    const { name: type, message } = error as Error;
    return { results: null, exception: { type, message } };
  }
}

/** A ChatResult with its names in Python; other values unchanged. */
function asInPython(result: unknown): unknown {
  if (typeof result !== "object" || result === null || !("chatHistory" in result)) return result ?? null;
  const { chatHistory, summary, cost, humanInput } = result as Record<string, unknown>;
  return { chat_history: chatHistory, summary, cost, human_input: humanInput };
}
