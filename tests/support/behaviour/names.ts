/**
 * Prints the names of the cases that test files declare in Node, without running them:
 *
 *     node target/tests/support/behaviour/names.js FILE...
 */

import { register } from "node:module";
import { pathToFileURL } from "node:url";
import { RESULT_MARK } from "../result.js";
import { takeNames } from "./page/test.js";

const declaring = JSON.stringify(new URL("page/test.js", import.meta.url).href);
const hook = `export const resolve = (name, from, next) =>
  name === "node:test" ? { url: ${declaring}, shortCircuit: true } : next(name, from);`;
register(`data:text/javascript,${encodeURIComponent(hook)}`);

const names: Record<string, string[]> = {};
for (const file of process.argv.slice(2)) {
  await import(pathToFileURL(file).href);
  names[file] = takeNames();
}
console.log(RESULT_MARK + JSON.stringify(names));
