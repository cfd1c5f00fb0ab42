/** A host in which files of tests are played, other than Node, which runs them itself. */

import type { CaseReport } from "./page/test.js";

export type { CaseReport };

/** What came of playing a file. */
export interface Played {
  /** How each case ended, in order. */
  reports: CaseReport[];
  /** What was said outside of any case: why the file could not be loaded, or why it stopped. */
  remarks: string;
}

/** Plays compiled test files, given as absolute paths, and tells what came of each. */
export type Stage = (files: readonly string[]) => Promise<Map<string, Played>>;
