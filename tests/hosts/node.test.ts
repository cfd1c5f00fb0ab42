/** The scenarios in Node, those that have nothing to do with the host among them. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { goldenFolder } from "../support/project.js";
import { MORE_SCENARIOS, declareHostTests, SCENARIOS } from "../support/host-tests.js";
import { inNode } from "../support/hosts.js";

const outcomes = declareHostTests("Node", inNode(), [...SCENARIOS, ...MORE_SCENARIOS]);

test("every listed improvement over Python still explains something", () => {
  const listed = JSON.parse(readFileSync(join(goldenFolder, "improvements.json"), "utf8")) as {
    improvements: { id: string }[];
  };
  const used = new Set(
    [...outcomes.values()].flatMap((outcome) => (outcome instanceof Error ? [] : outcome.comparison.used)),
  );
  assert.deepEqual(
    listed.improvements.map(({ id }) => id).filter((id) => !used.has(id)),
    [],
  );
});
