/**
 * What the program of a framework needs to run unchanged in Node, Deno, a page and a Worker: its settings come as a
 * query, and its report is one line of the console, or the answer of the Worker.
 */

import * as mlflow from "mlflow-ag2";

let current = {};

/** The settings of this run, for scenarios. */
export const settings = () => current;

/**
 * Runs the scenarios one after the other, each of which leaves one trace (or several, which it returns by `traceIds`),
 * and delivers the traces.
 *
 * @param {Record<string, () => Promise<unknown>>} scenarios
 */
async function runAll(scenarios, given) {
  current = given;
  const { trackingUri, experiment, only } = given;
  mlflow.init({ trackingUri });
  await mlflow.setExperiment(experiment);
  const results = {};
  for (const [name, scenario] of Object.entries(scenarios)) {
    if (only && name !== only) continue;
    try {
      results[name] = { value: await scenario() };
    } catch (error) {
      results[name] = { thrown: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
    }
    results[name].traceId = mlflow.getLastActiveTraceId();
  }
  const flushed = await mlflow.flush({ timeoutMs: 60_000 });
  const { started, delivered, open, hookFailures, dropped, detached } = mlflow.stats();
  return { results, flushed, stats: { started, delivered, open, hookFailures, dropped, detached } };
}

/** Runs the scenarios in this host; returns the handler of a Worker. */
export function host(scenarios) {
  const { Deno, location, navigator, process } = globalThis;
  const isWorker = navigator?.userAgent === "Cloudflare-Workers";
  if (!isWorker) {
    const query = Deno?.args[0] ?? location?.search ?? process?.argv[2] ?? "";
    runAll(scenarios, Object.fromEntries(new URLSearchParams(query))).then(
      (report) => console.log(`RESULT ${JSON.stringify(report)}`),
      (error) => console.log(`RESULT ${JSON.stringify({ failed: String(error?.stack ?? error) })}`),
    );
  }
  return {
    async fetch(request) {
      if (request.method === "HEAD") return new Response();
      try {
        const settings = Object.fromEntries(new URL(request.url).searchParams);
        return Response.json(await runAll(scenarios, settings));
      } catch (error) {
        return Response.json({ failed: String(error?.stack ?? error) });
      }
    },
  };
}
