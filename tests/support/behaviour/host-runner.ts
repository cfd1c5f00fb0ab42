/** The interface of runners, which run test files in hosts other than Node. */

import type { CaseReport } from "./page/test.js";

export type { CaseReport };

/** The result of a test file. */
export interface FileResult {
  /** The reports of its cases, in order. */
  reports: CaseReport[];
  /** The output outside of cases: the reason why the file could not be loaded, or why it stopped. */
  remarks: string;
}

/** Runs compiled test files, given as absolute paths, and returns the result of each. */
export type HostRunner = (files: readonly string[]) => Promise<Map<string, FileResult>>;
