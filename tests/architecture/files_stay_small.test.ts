/** A file has one job: limits of length make a second one visible. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { filesBelow, textOf } from "./source.js";

const written = [...filesBelow("src", ".rs"), ...filesBelow("src", ".ts"), ...filesBelow("xtask/src", ".rs")];
const all = [
  ...written,
  ...["tests", "bench", "www"].flatMap((folder) =>
    [".rs", ".ts", ".mjs", ".js", ".py"].flatMap((ending) => filesBelow(folder, ending)),
  ),
  ...filesBelow("docs", ".js"),
].filter((path) => !/^tests\/(golden|package\/public_types)\//.test(path) && !path.includes("/target/"));

const linesOf = (path: string): string[] => textOf(path).split("\n");
const lengthOf = (path: string): number => linesOf(path).length - 1;

/** A line that no formatter can break: a regular expression by itself, or the title of a test, which the docs quote. */
const UNBREAKABLE = /^\s*(?:\/.*\/[a-z]*[;,]|(?:test|describe)\(".*", (?:async )?\(.*\) => \{)$/;

test("no file of code or tests is longer than 400 lines", () => {
  assert.deepEqual(
    all.map((path) => ({ path, count: lengthOf(path) })).filter(({ count }) => count > 400),
    [],
  );
});

test("no line of code or tests is longer than 120 columns", () => {
  const long = [...all, "www/index.html", "clippy.toml", "wasm-pack.toml", "deny.toml"].flatMap((path) =>
    linesOf(path).flatMap((line, index) =>
      [...line].length > 120 && !UNBREAKABLE.test(line) ? [`${path}:${index + 1}`] : [],
    ),
  );
  assert.deepEqual(long, []);
});

test("half of the source files are shorter than 120 lines", () => {
  const counts = written.map(lengthOf).sort((one, other) => one - other);
  assert.ok(counts[Math.floor(counts.length / 2)]! < 120);
});

test("every source file begins with a comment", () => {
  const silent = written.filter((path) => !/^(\/\/!|\/\*\*|\/\/ )/.test(textOf(path)));
  assert.deepEqual(silent, []);
});
