/** The agent frameworks of tests/frameworks, which `cargo xtask test` installs. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "./project.js";

/** The folder they are installed in: `MLFLOW_AG2_FRAMEWORKS`, or where `cargo xtask test` puts them. */
export function frameworksFolder(): string {
  const folder = process.env["MLFLOW_AG2_FRAMEWORKS"] || join(projectRoot, "target", "xtask", "frameworks");
  if (!existsSync(join(folder, "node_modules")))
    throw new Error("the tests need the packages of tests/frameworks: `cargo xtask test hosts` installs them");
  return folder;
}
