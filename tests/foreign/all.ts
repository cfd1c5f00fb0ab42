/**
 * Runs every program in whatever host this is, with and without tracing, and prints what came of it.
 * `?context=none` in Node takes away what the host keeps across `await`, as pages have it.
 */

import type { Crowd } from "./crowd.js";

/** What this program prints. */
export interface AllReport {
  /** Of each program, the outline of its last trace. */
  outlines: Record<string, string[]>;
  /** Of each program, what its agents said, from the same trace. */
  said: Record<string, string[]>;
  /** Programs that saw something else with tracing than without. */
  different: string[];
  /** 200 conversations at once, of as many agents and of two. */
  crowds: Crowd[];
  hookFailures: number;
}

interface Host {
  location?: { search: string };
  process?: { argv: string[]; getBuiltinModule?: unknown };
}

const host = globalThis as Host;
if ((host.location?.search ?? host.process?.argv[2] ?? "").includes("context=none"))
  host.process!.getBuiltinModule = undefined;

// Only now: what the host has is asked for when the first scope is opened, but nobody promises that.
const { autolog, setTrackingUri, stats } = await import("mlflow-ag2");
const { crowd } = await import("./crowd.js");
const { libraries, programs } = await import("./programs.js");
const { timed } = await import("./script.js");
const { lastTrace, outline, said } = await import("./traces.js");

setTrackingUri("memory:");
const report: AllReport = { outlines: {}, said: {}, different: [], crowds: [], hookFailures: 0 };
for (const [name, program] of Object.entries(programs)) {
  const without = await timed(program);
  autolog({ library: libraries });
  const traced = await timed(program);
  const trace = await lastTrace();
  report.outlines[name] = outline(trace);
  report.said[name] = said(trace);
  if (JSON.stringify(without) !== JSON.stringify(traced)) report.different.push(name);
  autolog({ disable: true });
}
autolog();
for (const isShared of [false, true]) report.crowds.push(await crowd(200, isShared));
report.hookFailures = stats().hookFailures;
console.log(`RESULT ${JSON.stringify(report)}`);
