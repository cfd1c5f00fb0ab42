/** The tools of tests/hosts/tools (bundlers, frameworks, checkers) and docs/site, which `cargo xtask test` installs. */

import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { projectRoot } from "./project.js";

/** The folder they are installed in: `MLFLOW_AG2_TOOLS`, or where `cargo xtask test` puts them. */
export function toolsFolder(): string {
  const folder = process.env["MLFLOW_AG2_TOOLS"] || join(projectRoot, "target", "xtask", "tools");
  if (!existsSync(join(folder, "node_modules")))
    throw new Error("the tests need the tools of tests/hosts/tools: `cargo xtask test hosts` installs them");
  return folder;
}

/** A file of an installed tool. */
export function toolFile(path: string): string {
  return join(toolsFolder(), "node_modules", path);
}

/** What the tool `name` exports. */
export async function tool<Exports>(name: string): Promise<Exports> {
  const file = createRequire(join(toolsFolder(), "package.json")).resolve(name);
  return (await import(pathToFileURL(file).href)) as Exports;
}

/** The folder with what the docs site is made with: `MLFLOW_AG2_DOC_TOOLS`, or where `cargo xtask test` puts it. */
export function docToolsFolder(): string {
  const folder = process.env["MLFLOW_AG2_DOC_TOOLS"] || join(projectRoot, "target", "xtask", "doc-tools");
  if (!existsSync(join(folder, "node_modules")))
    throw new Error("the tests need the tools of docs/site: `cargo xtask test docs` installs them");
  return folder;
}
