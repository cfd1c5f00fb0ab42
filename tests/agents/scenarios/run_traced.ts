/**
 * Runs scenarios with the tracer on, in the current host: each in its own experiment, `PREFIX NAME`.
 * Prints the errors by scenario, and the tracer's counts.
 *
 * Settings come as a query (`?model=…&scripts=…&trackingUri=…&prefix=…`) from the page's address or the command line.
 */

import * as mlflow from "mlflow-ag2";
import { setPrinter } from "mlflow-ag2/agents/console";
import { scenarios } from "./all.js";

setPrinter(() => {});

const host = globalThis as { location?: { search: string }; process?: { argv: string[] } };
const query = new URLSearchParams(host.location?.search || host.process?.argv[2] || "");
const setting = (name: string): string => query.get(name) ?? "";

mlflow.init({ trackingUri: setting("trackingUri") });
mlflow.autolog();

const thrown: Record<string, string> = {};
for (const name of setting("only") ? setting("only").split(",") : Object.keys(scenarios)) {
  await fetch(`${setting("model")}/__load`, {
    method: "POST",
    body: await (await fetch(`${setting("scripts")}/${name}.json`)).text(),
  });
  await mlflow.setExperiment(`${setting("prefix")} ${name}`);
  try {
    await runScenario(name);
  } catch (error) {
    thrown[name] = `${(error as Error).name}: ${(error as Error).message}`;
  }
  await mlflow.flush();
}
console.log(`RESULT ${JSON.stringify({ thrown, stats: mlflow.stats() })}`);

async function runScenario(name: string): Promise<void> {
  const scenario = scenarios[name];
  if (scenario === undefined) throw new Error(`there is no scenario ${name}`);
  const server = { baseUrl: `${setting("model")}/v1` };
  // The Python program of this scenario opens a manual span around its chat.
  if (name !== "manual_parent_span") return void (await scenario(server));
  await mlflow.withSpan(
    async (span) => {
      const { chat } = (await scenario(server)) as { chat: { summary: string } };
      span.setOutputs({ answer: chat.summary });
    },
    { name: "request", inputs: { question: "Hello?" } },
  );
}
