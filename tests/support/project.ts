/** Where things are: the project, and the programs of other makers that the tests drive. */

import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The project's root folder: the nearest one above this file whose package.json is ours. */
export const projectRoot: string = findRoot(dirname(fileURLToPath(import.meta.url)));

/** The folder of the golden files. */
export const goldenFolder: string = join(projectRoot, "tests", "golden");

/** The folder of what is written in Python: the model server, the comparison. */
export const supportFolder: string = join(projectRoot, "tests", "support");

function findRoot(from: string): string {
  const manifest = join(from, "package.json");
  if (existsSync(manifest) && (JSON.parse(readFileSync(manifest, "utf8")) as { name: string }).name === "mlflow-ag2")
    return from;
  if (dirname(from) === from) throw new Error("no package.json of mlflow-ag2 above the tests");
  return findRoot(dirname(from));
}

/** A Python that can import MLflow 3.17.2: `MLFLOW_AG2_PYTHON`, which `cargo xtask test` sets. */
export function python(): string {
  return required("MLFLOW_AG2_PYTHON", [], "a Python with mlflow installed; `cargo xtask test` makes one");
}

/** A Python that can import an MLflow from before 3.7: `MLFLOW_AG2_OLD_PYTHON`, which `cargo xtask test` sets. */
export function oldPython(): string {
  return required("MLFLOW_AG2_OLD_PYTHON", [], "a Python with MLflow 3.4.0 installed; `cargo xtask test` makes one");
}

/** A Python with the server of MLflow 3.18: `MLFLOW_AG2_NEW_PYTHON`, which `cargo xtask test` sets. */
export function newPython(): string {
  return required("MLFLOW_AG2_NEW_PYTHON", [], "a Python with MLflow 3.18.0 installed; `cargo xtask test` makes one");
}

/** The folder of PostgreSQL's programs: `POSTGRES`, or where Debian has them. */
export function postgresFolder(): string {
  const usual = ["18", "17", "16", "15", "14"].map((version) => `/usr/lib/postgresql/${version}/bin`);
  return required("POSTGRES", usual, "the folder of PostgreSQL's programs");
}

/** The collector Rotel: `ROTEL`, which `cargo xtask test` sets. */
export function rotel(): string {
  return required("ROTEL", [], "the program of Rotel, a collector for OTLP; `cargo xtask test` installs one");
}

/** A Chromium or Chrome: `CHROMIUM`, or the first of the usual places. */
export function chromium(): string {
  const usual = [
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
    "/usr/bin/google-chrome",
    "/opt/google/chrome/chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
  ];
  return required("CHROMIUM", usual, "a Chromium or Chrome program");
}

/** A Firefox: `FIREFOX`, or the first of the usual places. */
export function firefox(): string {
  const usual = ["/usr/bin/firefox-esr", "/usr/bin/firefox", "/Applications/Firefox.app/Contents/MacOS/firefox"];
  return required("FIREFOX", usual, "a Firefox program");
}

/** The Deno of the project's development dependencies. */
export function deno(): string {
  return required(
    "DENO",
    [join(projectRoot, "node_modules", ".bin", "deno")],
    "a Deno program; `npm install` brings one",
  );
}

/** The Bun of the project's development dependencies. */
export function bun(): string {
  return required("BUN", [join(projectRoot, "node_modules", ".bin", "bun")], "a Bun program; `npm install` brings one");
}

function required(variable: string, usual: readonly string[], what: string): string {
  const given = process.env[variable];
  if (given !== undefined && given !== "") return given;
  const found = usual.find((path) => existsSync(path));
  if (found === undefined) throw new Error(`the tests need ${what}: set \`${variable}\` to its path`);
  return found;
}
