/** The program that runs inside a host, bundled together with one peer. */

import adapter from "@peer";
import { jobs } from "./measure.mjs";

const run = async ({ job, ...options }) => {
  try {
    return await jobs[job](adapter, options);
  } catch (error) {
    return { error: String(error?.stack ?? error) };
  }
};

if (typeof document === "object") {
  // A page: its driver calls.
  globalThis.benchRun = run;
} else {
  const given = globalThis.Deno?.args ?? process.argv.slice(2);
  const result = await run(JSON.parse(given[0]));
  // Peers may leave timers behind. What is written to a pipe is lost unless it is waited for.
  process.stdout.write(`@@${JSON.stringify(result)}\n`, () => process.exit(0));
}
