/** The package for JSR, the registry of Deno: `jsr.json` is in line with `package.json`, and Deno would publish it. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { type Finished, run } from "../support/child.js";
import { deno, projectRoot } from "../support/project.js";

interface Manifest {
  version: string;
  license: string;
  exports: Record<string, string | Record<string, string>>;
  peerDependencies?: Record<string, string>;
  imports?: Record<string, string>;
}

/**
 * What JSR does not get: single files and the module are for pages, `view` declares its elements among the global
 * types, which JSR refuses, as do `view/react` and the like, and the plug-ins are for bundlers of npm packages.
 */
const NOT_THERE = /^\.\/(bundle\/|view(\/(preact|react|solid|vue))?$|unplugin$|mlflow_ag2\.wasm$|package\.json$)/;

const manifest = (file: string): Manifest => JSON.parse(readFileSync(join(projectRoot, file), "utf8")) as Manifest;

test("the entries of JSR's package are those of the npm package", () => {
  const [ours, npm] = [manifest("jsr.json"), manifest("package.json")];
  const expected = Object.entries(npm.exports)
    .filter(([name]) => !NOT_THERE.test(name))
    .map(([name, target]) => [name, typeof target === "string" ? target : target["default"]]);
  assert.deepEqual(ours.exports, Object.fromEntries(expected));
  assert.deepEqual([ours.version, ours.license], [npm.version, npm.license]);
  for (const [name, target] of Object.entries(ours.imports ?? {}))
    assert.equal(target, `npm:${name}@${npm.peerDependencies?.[name]}`);
});

const dryRun = (...options: string[]): Promise<Finished> =>
  run(deno(), ["publish", "--dry-run", "--allow-dirty", ...options], {
    cwd: projectRoot,
    environment: { NO_COLOR: "1" },
  });

test("`deno publish --dry-run` checks the types and finds no problem", async () => {
  // Without the option, Deno 2 leaves unused types out of some modules and then misses them in others: "You may have
  // discovered a bug in Deno".
  const { code, stdout, stderr } = await dryRun("--allow-slow-types");
  assert.equal(code, 0, stdout + stderr);
});

test("Deno knows no slow type among those of the public API", async () => {
  const { stderr } = await dryRun();
  assert.match(stderr, /Checking for slow types/);
  assert.doesNotMatch(stderr, /slow-type|(warning|error)\[/);
});
