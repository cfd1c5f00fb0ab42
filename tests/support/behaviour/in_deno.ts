/** Runs test files in Deno, which implements `node:test`: in one process, each file in its own realm. */

import { relative } from "node:path";
import { run } from "../child.js";
import { deno, projectRoot } from "../project.js";
import type { CaseReport, FileResult } from "./host-runner.js";

const OPTIONS = [
  "test",
  "--reporter=tap",
  "--no-remote",
  "--no-lock",
  "--node-modules-dir=manual",
  "--no-check",
  "--no-prompt",
  "--allow-net=127.0.0.1,localhost",
  "--allow-read",
  "--allow-write",
  "--allow-env",
  "--allow-run",
];

/** Runs test files; if one cannot be loaded, none of them runs. */
export async function runInDeno(files: readonly string[]): Promise<Map<string, FileResult>> {
  const paths = files.map((file) => `./${relative(projectRoot, file)}`);
  const { stdout, stderr } = await run(deno(), [...OPTIONS, ...paths], {
    cwd: projectRoot,
    environment: { DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" },
  });
  const reports = reportsIn(stdout);
  return new Map(
    files.map((file, index) => [file, { reports: reports.get(paths[index] ?? "") ?? [], remarks: stderr }]),
  );
}

/** Parses Deno's variant of the Test Anything Protocol: a comment names the file, and JSON follows a failure. */
function reportsIn(tap: string): Map<string, CaseReport[]> {
  const reports = new Map<string, CaseReport[]>();
  let current: CaseReport[] = [];
  for (const line of tap.split("\n")) {
    const [, file] = /^# (.*)$/.exec(line) ?? [];
    const [, not, name] = /^(not )?ok \d+ - (.*)$/.exec(line) ?? [];
    const last = current.at(-1);
    if (file !== undefined) reports.set(file, (current = []));
    else if (name !== undefined)
      current.push({ name: name.replace(/\\(.)/g, "$1"), ...(not !== undefined && { failure: "it failed" }) });
    else if (last?.failure !== undefined && /^ *\{/.test(line))
      last.failure = (JSON.parse(line) as { message: string }).message;
  }
  return reports;
}
