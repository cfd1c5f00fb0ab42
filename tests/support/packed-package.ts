/** The package as a user gets it: packed by npm, installed from the tarball into an empty project. */

import { cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runOrThrow } from "./child.js";
import { temporaryFolder } from "./folder.js";
import { projectRoot } from "./project.js";

/** The environment variable by which the runner passes the tarball to the test files. */
export const SHARED_TARBALL = "MLFLOW_AG2_TEST_TARBALL";

/** Packs the built package; gives the path of the tarball. */
export async function pack(folder: string): Promise<string> {
  await runOrThrow("npm", ["pack", "--ignore-scripts", "--pack-destination", folder], { cwd: projectRoot });
  const tarball = readdirSync(folder).find((name) => name.endsWith(".tgz"));
  if (tarball === undefined) throw new Error("`npm pack` made no tarball");
  return join(folder, tarball);
}

/** The tarball that this test run shares, or one packed into `folder`. */
export async function tarballOf(folder: string): Promise<string> {
  const shared = process.env[SHARED_TARBALL];
  return shared === undefined || shared === "" ? pack(folder) : shared;
}

/**
 * A new project that has the package installed and a copy of `programs` (a folder of compiled
 * programs). Offline, so a dependency that is not in the tarball is an error.
 */
export async function userProject(programs: string): Promise<string> {
  const folder = temporaryFolder("project");
  const tarball = await tarballOf(temporaryFolder("tarball"));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "a-user", private: true, type: "module" }));
  await runOrThrow("npm", ["install", "--offline", "--no-audit", "--no-fund", "--ignore-scripts", tarball], {
    cwd: folder,
  });
  cpSync(programs, folder, { recursive: true });
  return folder;
}

/** An import map for pages of that project: what Node makes of the installed package's `exports`. */
export function importMap(project: string): { imports: Record<string, string> } {
  const manifest = JSON.parse(readFileSync(join(project, "node_modules", "mlflow-ag2", "package.json"), "utf8")) as {
    exports: Record<string, string | Record<string, string>>;
  };
  const imports = Object.entries(manifest.exports).map(([subpath, target]) => {
    const file = typeof target === "string" ? target : (target["browser"] ?? target["default"] ?? "");
    return [subpath.replace(/^\./, "mlflow-ag2"), file.replace(/^\./, "/node_modules/mlflow-ag2")];
  });
  return { imports: Object.fromEntries(imports) as Record<string, string> };
}
