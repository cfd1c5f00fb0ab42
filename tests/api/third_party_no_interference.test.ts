/**
 * Observing never changes the observed: programs with other libraries see the same results, the same
 * errors, the same order of operations, and the same unhandled rejections, however they are traced.
 */

import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { join } from "node:path";
import { runOrThrow } from "../support/child.js";
import { projectRoot } from "../support/project.js";
import { resultIn } from "../support/result.js";

interface Report {
  seen: Record<string, unknown[]>;
  unhandled: string[];
  traces: number;
  hookFailures: number;
}

async function runIn(mode: string): Promise<Report> {
  const program = join(projectRoot, "target", "tests", "third_party", "interference.js");
  return resultIn(await runOrThrow(process.execPath, [program, mode, "5"], { cwd: projectRoot })) as Report;
}

describe("a program with agents of another library", () => {
  let without: Report;
  before(async () => void (without = await runIn("off")));

  test("has unhandled rejections without tracing", () => {
    assert.ok(without.unhandled.includes("Error: forgotten"));
    assert.ok(without.unhandled.includes("handled later"));
  });

  const modes = {
    on: "that is traced",
    wrapped: "whose agents are wrapped by hand",
    switching: "during which tracing is switched on and off",
    failing: "whose tracer fails at random",
  };
  for (const [mode, what] of Object.entries(modes)) {
    test(`${what} sees the same as one that is not`, async () => {
      const traced = await runIn(mode);
      for (const [name, seen] of Object.entries(without.seen)) assert.deepEqual(traced.seen[name], seen, name);
      assert.deepEqual(traced.unhandled, without.unhandled);
      assert.ok(
        mode === "failing" ? traced.hookFailures > 100 : traced.traces > 20 && traced.hookFailures === 0,
        "it was not traced as it should be",
      );
    });
  }
});
