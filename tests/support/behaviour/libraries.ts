/** Bundles of the libraries that tests import, so that a page loads few files. Shared modules have one instance. */

import { basename } from "node:path";
import { build } from "esbuild";
import type { Site } from "../page-server.js";
import { projectRoot } from "../project.js";

/** The files at `/libraries/`, and the import map for them. `wanted` has the source of each name. */
export async function bundled(wanted: Readonly<Record<string, string>>): Promise<Site> {
  const names = Object.keys(wanted);
  const { outputFiles } = await build({
    entryPoints: Object.values(wanted).map((library, index) => ({ in: library, out: `library-${index}` })),
    absWorkingDir: projectRoot,
    outdir: "libraries",
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "browser",
    write: false,
    logLevel: "error",
  });
  return {
    imports: Object.fromEntries(names.map((name, index) => [name, `/libraries/library-${index}.js`])),
    files: new Map(outputFiles.map(({ path, contents }) => [`/libraries/${basename(path)}`, contents])),
  };
}
