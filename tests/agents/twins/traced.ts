/**
 * Plays twins with the tracer on, in whatever host this runs in: each in an experiment of its own,
 * `PREFIX NAME`. Prints what was thrown, by scenario, and what the tracer counted.
 *
 * Settings come as a query (`?model=…&scripts=…&trackingUri=…&prefix=…`) from the page's address or the command line.
 */

import * as mlflow from "mlflow-ag2";
import { setPrinter } from "mlflow-ag2/agents/console";
import { twins } from "./all.js";

setPrinter(() => {});

const host = globalThis as { location?: { search: string }; process?: { argv: string[] } };
const query = new URLSearchParams(host.location?.search || host.process?.argv[2] || "");
const setting = (name: string): string => query.get(name) ?? "";

mlflow.init({ trackingUri: setting("trackingUri") });
mlflow.autolog();

const thrown: Record<string, string> = {};
for (const name of setting("only") ? setting("only").split(",") : Object.keys(twins)) {
  await fetch(`${setting("model")}/__load`, { method: "POST", body: await (await fetch(`${setting("scripts")}/${name}.json`)).text() });
  await mlflow.setExperiment(`${setting("prefix")} ${name}`);
  try {
    await play(name);
  } catch (error) {
    thrown[name] = `${(error as Error).name}: ${(error as Error).message}`;
  }
  await mlflow.flush();
}
console.log(`RESULT ${JSON.stringify({ thrown, stats: mlflow.stats() })}`);

async function play(name: string): Promise<void> {
  const twin = twins[name];
  if (twin === undefined) throw new Error(`there is no twin of ${name}`);
  const stage = { baseUrl: `${setting("model")}/v1` };
  // The Python program of this scenario opens a span by hand around its chat.
  if (name !== "manual_parent_span") return void (await twin(stage));
  await mlflow.withSpan(
    async (span) => {
      const { chat } = (await twin(stage)) as { chat: { summary: string } };
      span.setOutputs({ answer: chat.summary });
    },
    { name: "request", inputs: { question: "Hello?" } },
  );
}
