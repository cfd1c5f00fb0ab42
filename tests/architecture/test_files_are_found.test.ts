/**
 * Every test runs: test files are found by their names, so that a test in a file with another name would never run; and
 * none is skipped, which the runners do not call a failure.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { filesBelow, textOf } from "./source.js";

test("every file that has tests ends in .test.ts", () => {
  const others = filesBelow("tests", ".ts").filter(
    (path) => !path.endsWith(".test.ts") && !path.startsWith("tests/support/"),
  );
  assert.ok(others.length > 50);
  assert.deepEqual(
    others.filter((path) => /^\s*(?:test|it|describe)\("/m.test(textOf(path))),
    [],
  );
});

test("no test is skipped, except those of file modes on Windows, which has none", () => {
  const files = [...filesBelow("tests", ".ts"), ...filesBelow("tests", ".rs"), ...filesBelow("xtask/src", ".rs")];
  const skipping = /[.{,] *(?:skip|todo|only)\(["`'),]|[{,] (?:skip|todo|only): |^\s*#\[ignore/gm;
  assert.deepEqual(
    files.filter((path) => textOf(path).search(skipping) >= 0),
    ["tests/hosts/kept_within_limits.test.ts"],
  );
});
