/**
 * What files export has explicit types, so that the types of the package can be read without inference: by JSR (its
 * "slow types"), by other compilers, and by people.
 */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { root } from "./source.js";

/** Members of classes that are named by a symbol: the rule refuses them even with a type. Deno checks those. */
const NAMED_BY_SYMBOL = /error TS9038:/;

test("everything that a file exports has an explicit type", () => {
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
  const options = ["--project", "tsconfig.json", "--noEmit", "--isolatedDeclarations", "--pretty", "false"];
  const { stdout, stderr } = spawnSync(process.execPath, [tsc, ...options], { cwd: root, encoding: "utf8" });
  assert.equal(stderr, "");
  assert.match(stdout, NAMED_BY_SYMBOL, "TypeScript accepts symbols now: turn the rule on in tsconfig.json");
  assert.deepEqual(
    stdout.split("\n").filter((line) => line !== "" && !NAMED_BY_SYMBOL.test(line)),
    [],
  );
});
