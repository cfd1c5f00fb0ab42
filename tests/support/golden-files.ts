/** Reads golden files. In pages, behaviour/page/golden-files.ts replaces it. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { goldenFolder } from "./project.js";

/** The data in a file of the golden folder. */
export function readGolden(path: string): unknown {
  return JSON.parse(readFileSync(join(goldenFolder, path), "utf8"));
}
