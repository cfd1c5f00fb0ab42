/** Runs a job in Node, Deno, Bun or a page of Chromium, in a fresh process each time. */

import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const LIMIT_MS = 240_000;
const HEAP = "--max-old-space-size=8000";

/** The output of a program; rejects with its error output. Runs with `nice` where this is allowed. */
function output(command, words, nice) {
  const [program, given] = nice === 0 ? [command, words] : ["nice", ["-n", String(nice), command, ...words]];
  return new Promise((resolve, reject) => {
    execFile(
      program,
      given,
      {
        timeout: LIMIT_MS,
        killSignal: "SIGKILL",
        maxBuffer: 2 ** 29,
        env: { ...process.env, DENO_NO_UPDATE_CHECK: "1" },
      },
      (error, stdout, stderr) => {
        const line = stdout.split("\n").find((text) => text.startsWith("@@"));
        if (line !== undefined && !error) resolve(JSON.parse(line.slice(2)));
        else {
          const cause = error?.killed ? "took too long" : String(error?.message ?? "printed nothing").slice(0, 200);
          reject(new Error(`${cause}: ${stderr.slice(-600)}`));
        }
      },
    );
  });
}

/** The hosts that there are. `tools` names the programs; `nice`: the priority of what is measured. */
export function hosts({ deno, bun }, nice, chromium) {
  const runs = {
    node: (program, words) => output(process.execPath, ["--expose-gc", HEAP, program, ...words], nice),
    deno:
      deno &&
      ((program, words) =>
        output(
          deno,
          ["run", "-A", "--no-lock", "--no-config", `--v8-flags=--expose-gc,${HEAP}`, program, ...words],
          nice,
        )),
    bun: bun && ((program, words) => output(bun, [program, ...words], nice)),
  };
  const run = {};
  for (const [name, start] of Object.entries(runs)) {
    if (start) run[name] = ({ node: program }, job) => start(program, [JSON.stringify(job)]);
  }
  if (chromium !== undefined) run.chromium = (programs, job) => chromium.run(programs.browser, job);
  return run;
}

const COLD = `
const before = performance.now();
const { default: peer } = await import(process.argv[2]);
const imported = performance.now();
const traced = await peer.create({ mode: "drop" });
const span = traced.start(null, "AGENT", "chat", { role: "user", content: "hello" });
traced.end(span, { role: "assistant", content: "hello" });
const used = performance.now();
const times = { importMs: imported - before, evaluateMs: benchEnd - benchBegin, firstMs: used - imported };
process.stdout.write("@@" + JSON.stringify(times) + "\\n", () => process.exit(0));
`;

/** Import and first span of a module in a fresh Node, in milliseconds. */
export async function coldNode(module, nice) {
  const folder = mkdtempSync(join(tmpdir(), "bench-cold-"));
  try {
    writeFileSync(join(folder, "peer.mjs"), module);
    writeFileSync(join(folder, "cold.mjs"), COLD);
    return await output(process.execPath, [join(folder, "cold.mjs"), join(folder, "peer.mjs")], nice);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
