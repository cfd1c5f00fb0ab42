/**
 * Runs every program in this host, with and without tracing, and prints the results.
 * `?context=none` in Node takes away what the host keeps across `await`, as pages have it.
 */

import type { ConcurrencyReport } from "./concurrency.js";

/** What this program prints. */
export interface AllReport {
  /** Of each program, the outline of its last trace. */
  outlines: Record<string, string[]>;
  /** Of each program, the outputs of its agents, from the same trace. */
  outputs: Record<string, string[]>;
  /** Programs that saw something else with tracing than without. */
  different: string[];
  /** 200 conversations at once, of as many agents and of two. */
  concurrency: ConcurrencyReport[];
  hookFailures: number;
}

interface Host {
  location?: { search: string };
  process?: { argv: string[]; getBuiltinModule?: unknown };
}

const host = globalThis as Host;
if ((host.location?.search ?? host.process?.argv[2] ?? "").includes("context=none"))
  host.process!.getBuiltinModule = undefined;

// Imported only now: the host's features are looked up when the first scope is opened, which is no guarantee.
const { autolog, setTrackingUri, stats } = await import("mlflow-ag2");
const { runConcurrently } = await import("./concurrency.js");
const { libraries, programs } = await import("./programs.js");
const { timed } = await import("./script.js");
const { lastTrace, outline, agentOutputs } = await import("./traces.js");

setTrackingUri("memory:");
const report: AllReport = { outlines: {}, outputs: {}, different: [], concurrency: [], hookFailures: 0 };
for (const [name, program] of Object.entries(programs)) {
  const without = await timed(program);
  autolog({ library: libraries });
  const traced = await timed(program);
  const trace = await lastTrace();
  report.outlines[name] = outline(trace);
  report.outputs[name] = agentOutputs(trace);
  if (JSON.stringify(without) !== JSON.stringify(traced)) report.different.push(name);
  autolog({ disable: true });
}
autolog();
for (const isShared of [false, true]) report.concurrency.push(await runConcurrently(200, isShared));
report.hookFailures = stats().hookFailures;
console.log(`RESULT ${JSON.stringify(report)}`);
