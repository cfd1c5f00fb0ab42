/** Runs every program once with tracing and prints the outlines: the entry of bundles that shorten all names. */

import { autolog, setTrackingUri, stats } from "mlflow-ag2";
import { libraries, programs } from "./programs.js";
import { lastTrace, outline } from "./traces.js";

/** What this program prints. */
export interface MinifiedReport {
  /** Of each program, the outline of its last trace. */
  outlines: Record<string, string[]>;
  hookFailures: number;
}

setTrackingUri("memory:");
autolog({ library: libraries });
const report: MinifiedReport = { outlines: {}, hookFailures: 0 };
for (const [name, program] of Object.entries(programs)) {
  await program();
  report.outlines[name] = outline(await lastTrace());
}
report.hookFailures = stats().hookFailures;
console.log(`RESULT ${JSON.stringify(report)}`);
