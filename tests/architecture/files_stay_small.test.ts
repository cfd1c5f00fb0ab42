/** A file has one job: limits of length make a second one visible. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { filesBelow, textOf } from "./source.js";

const written = [...filesBelow("src", ".rs"), ...filesBelow("src", ".ts"), ...filesBelow("xtask/src", ".rs")];
const lines = written.map((path) => ({ path, count: textOf(path).split("\n").length - 1 }));

test("no source file is longer than 400 lines", () => {
  assert.deepEqual(
    lines.filter(({ count }) => count > 400),
    [],
  );
});

test("half of the source files are shorter than 120 lines", () => {
  const counts = lines.map(({ count }) => count).sort((one, other) => one - other);
  assert.ok(counts[Math.floor(counts.length / 2)]! < 120);
});

test("every source file begins with a comment", () => {
  const silent = written.filter((path) => !/^(\/\/!|\/\*\*|\/\/ )/.test(textOf(path)));
  assert.deepEqual(silent, []);
});
