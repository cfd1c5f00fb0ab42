/** The package for JSR, the registry of Deno: `jsr.json` is in line with `package.json`, and Deno would publish it. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { run } from "../support/child.js";
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

/**
 * Of a file with types of the public API, Deno leaves out what no entry exports, and checks other files as they are.
 * Such a file may therefore have no other types that further files import: "has no exported member … You may have
 * discovered a bug in Deno" asks for a file of its own for them, such as `capture/mask-keys.ts`.
 */
test("`deno publish --dry-run` finds no slow type and no problem", async () => {
  const { code, stdout, stderr } = await run(deno(), ["publish", "--dry-run", "--allow-dirty"], {
    cwd: projectRoot,
    environment: { NO_COLOR: "1" },
  });
  assert.equal(code, 0, stdout + stderr);
  assert.match(stderr, /Checking for slow types/);
  assert.doesNotMatch(stderr, /slow-type|(warning|error)\[/);
});
