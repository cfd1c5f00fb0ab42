/** Finds files, because Node 20 has no glob of its own. */

import { readdirSync } from "node:fs";
import { join } from "node:path";

/** Every file below `folder` whose name ends in `ending`, sorted. */
export function filesEndingIn(folder: string, ending: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(ending))
    .map((name) => join(folder, name))
    .sort();
}
