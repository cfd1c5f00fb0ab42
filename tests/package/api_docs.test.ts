/**
 * The API docs are made without a warning: every public name, property, method and constructor has a sentence, and
 * every link a target. Parameters need none of their own: they are one object of options, whose properties have theirs,
 * or the sentence of the function is about them.
 */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { run } from "../support/child.js";
import { projectRoot } from "../support/project.js";
import { toolFile } from "../support/tools.js";

test("TypeDoc has no warnings about the doc comments", async () => {
  const { code, stdout, stderr } = await run(
    process.execPath,
    [toolFile("typedoc/bin/typedoc"), "--options", "docs/typedoc.json", "--emit", "none"],
    { cwd: projectRoot },
  );
  assert.equal(code, 0, stdout + stderr);
});

test("the docs are of every entry of the package, but those that have the same names", () => {
  const { exports } = JSON.parse(readFileSync(join(projectRoot, "package.json"), "utf8")) as {
    exports: Record<string, string | { types: string }>;
  };
  const { entryPoints } = JSON.parse(readFileSync(join(projectRoot, "docs", "typedoc.json"), "utf8")) as {
    entryPoints: string[];
  };
  const others = ["./slim", "./mlflow_ag2.wasm", "./package.json"];
  // The main entry has the names of index.ts, whichever way it loads the module.
  const sources = Object.entries(exports)
    .filter(([name]) => !others.includes(name) && !name.startsWith("./bundle/"))
    .map(([, entry]) => (typeof entry === "string" ? entry : entry.types))
    .map((types) =>
      types.replace("./pkg/", "../src/").replace(".d.ts", ".ts").replace("/entry/inline.ts", "/index.ts"),
    );
  assert.deepEqual(sources.sort(), entryPoints.sort());
});
