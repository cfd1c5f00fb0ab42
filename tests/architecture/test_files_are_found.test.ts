/** Test files are found by their names: a test in a file with another name would never run. */

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
