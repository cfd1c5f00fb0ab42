/** Compares recorded traces with the golden files, by compare_with_golden.py. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { runOrThrow } from "./child.js";
import { temporaryFolder } from "./folder.js";
import { goldenFolder, python, supportFolder } from "./project.js";

/** Where our side of one golden scenario is. */
export interface Candidate {
  /** The scenario's name: its golden files are `NAME.json` and so on. */
  name: string;
  /** The name of the comparison, if there are several of one scenario; else the scenario's name. */
  as?: string;
  /** A file of normalised traces, or the experiment to fetch them from. */
  traces: string | { uri: string; experiment: string };
  /** The model server's log. */
  requests?: string;
  /** What the program got, in the shape of `NAME.result.json`. */
  result?: unknown;
}

/** The result of the comparison of one scenario. */
export interface Comparison {
  /** Differences that no listed improvement explains. */
  differences: string[];
  /** The listed improvements that were needed. */
  used: string[];
  /** Our own traces, a line per span. */
  outline?: string[];
}

/**
 * Compares strictly; returns a comparison for each candidate, by its name.
 *
 * @param scenarios the file in the golden folder with the scenarios whose expected trace is not Python's.
 */
export async function compareWithGolden(
  candidates: readonly Candidate[],
  scenarios?: string,
): Promise<Record<string, Comparison>> {
  const folder = temporaryFolder("compare");
  const cases = candidates.map(({ result, ...candidate }, index) => {
    if (result === undefined) return candidate;
    const path = join(folder, `${index}.${candidate.name}.result.json`);
    writeFileSync(path, JSON.stringify(result));
    return { ...candidate, result: path };
  });
  const order = {
    golden: goldenFolder,
    improvements: join(goldenFolder, "improvements.json"),
    ...(scenarios !== undefined && { scenarios: join(goldenFolder, scenarios) }),
    cases,
  };
  const answer = await runOrThrow(python(), [join(supportFolder, "compare_with_golden.py")], {
    cwd: supportFolder,
    input: JSON.stringify(order),
    environment: { PYTHONDONTWRITEBYTECODE: "1" },
    timeoutMs: 240_000,
  });
  return JSON.parse(answer) as Record<string, Comparison>;
}
