/** The contents of the tarball, and the results of package checkers. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { before, describe, test } from "node:test";
import { runOrThrow } from "../support/child.js";
import { filesEndingIn } from "../support/files.js";
import { temporaryFolder } from "../support/folder.js";
import { tarballOf, userProject } from "../support/packed-package.js";
import { projectRoot } from "../support/project.js";
import { tool } from "../support/tools.js";

interface Manifest {
  name: string;
  version: string;
  license: string;
  exports: Record<string, string | Record<string, string>>;
  scripts?: Record<string, string>;
  dependencies?: object;
  peerDependencies?: object;
  peerDependenciesMeta?: object;
  optionalDependencies?: object;
  bundledDependencies?: unknown;
}

/** What is in the tarball besides what is made of src/js. */
const OTHERS = [
  "CHANGELOG.md",
  "LICENSE",
  "NOTICE",
  "README.md",
  "package.json",
  "pkg/wasm/inline.d.ts",
  "pkg/wasm/inline.js",
  "pkg/wasm/mlflow_ag2.d.ts",
  "pkg/wasm/mlflow_ag2.js",
  "pkg/wasm/mlflow_ag2_bg.d.wasm.ts",
  "pkg/wasm/mlflow_ag2_bg.wasm",
  "pkg/wasm/mlflow_ag2_bg.wasm.d.ts",
];

/** The scripts that npm runs when a package is installed. */
const INSTALL_SCRIPTS = ["preinstall", "install", "postinstall", "prepublish", "preprepare", "prepare", "postprepare"];

/** Problems of are-the-types-wrong that are deliberate. */
const MEANT = new Map([
  [
    "CJSResolvesToESM",
    "the package is ESM only; Node 20.19 and later `require` that, and TypeScript has no other word for it",
  ],
  ["NoResolution", "`node10` has no `exports`; no host of this package resolves so"],
]);

describe("the tarball", () => {
  let tarball: string;
  let manifest: Manifest;
  let contents: string[];
  let installed: string;
  before(async () => {
    tarball = await tarballOf(temporaryFolder("tarball"));
    const listed = await runOrThrow("tar", ["-tzf", tarball], { cwd: projectRoot });
    contents = listed
      .trim()
      .split("\n")
      .map((line) => line.replace(/^package\//, ""))
      .sort();
    installed = join(await userProject(temporaryFolder("empty")), "node_modules", "mlflow-ag2");
    manifest = JSON.parse(readFileSync(join(installed, "package.json"), "utf8")) as Manifest;
  });

  test("has each file that src/js is compiled to, the WebAssembly, the documents, and nothing else", () => {
    const sources = filesEndingIn(join(projectRoot, "src", "js"), ".ts").filter((path) => !path.endsWith(".d.ts"));
    const made = sources.flatMap((path) => {
      const stem = path.slice(join(projectRoot, "src", "js").length, -".ts".length);
      return [`pkg/js${stem}.js`, `pkg/js${stem}.d.ts`];
    });
    const declarations = filesEndingIn(join(projectRoot, "src", "js", "view", "jsx"), ".d.ts").map((path) =>
      path.replace(join(projectRoot, "src"), "pkg"),
    );
    const bundles = ["agents", "tracer", "tracer-and-agents", "view"].flatMap((name) => [
      `pkg/bundle/${name}.js`,
      `pkg/bundle/${name}.js.map`,
    ]);
    assert.deepEqual(contents, [...made, ...declarations, ...bundles, ...OTHERS].sort());
  });

  test("runs nothing when it is installed, and brings no other package along", () => {
    const { scripts = {}, dependencies, optionalDependencies, bundledDependencies } = manifest;
    assert.deepEqual(
      INSTALL_SCRIPTS.filter((name) => name in scripts),
      [],
    );
    assert.deepEqual([dependencies, optionalDependencies, bundledDependencies], [undefined, undefined, undefined]);
    // The program installs the packages that it uses with ours.
    const { peerDependencies = {}, peerDependenciesMeta = {} } = manifest;
    assert.deepEqual(
      peerDependenciesMeta,
      Object.fromEntries(Object.keys(peerDependencies).map((name) => [name, { optional: true }])),
    );
  });

  test("every path that its exports name is in it", () => {
    const targets = Object.values(manifest.exports).flatMap((target) =>
      typeof target === "string" ? [target] : Object.values(target),
    );
    assert.deepEqual(
      targets.map((path) => path.replace("./", "")).filter((path) => !contents.includes(path)),
      [],
    );
  });

  test("has with each single file a source map, whose sources are in it too", () => {
    for (const map of contents.filter((path) => path.endsWith(".js.map"))) {
      const folder = dirname(map);
      const { sources } = JSON.parse(readFileSync(join(installed, map), "utf8")) as { sources: string[] };
      assert.ok(sources.length > 3);
      const missing = sources.map((path) => join(folder, path)).filter((path) => !contents.includes(path));
      assert.deepEqual(missing, []);
    }
  });

  test("publint finds no problem", async () => {
    const { publint } = await tool<{ publint(options: object): Promise<{ messages: { code: string }[] }> }>("publint");
    const { messages } = await publint({ pkgDir: installed, level: "suggestion", strict: true, pack: false });
    assert.deepEqual(messages, []);
  });

  test("are-the-types-wrong finds nothing but that the package is ESM only", async () => {
    type Core = {
      checkPackage(tarball: unknown): Promise<{ problems: { kind: string; entrypoint?: string }[] }>;
      createPackageFromTarballData(data: Uint8Array): unknown;
    };
    const { checkPackage, createPackageFromTarballData } = await tool<Core>("@arethetypeswrong/core");
    const { problems } = await checkPackage(createPackageFromTarballData(new Uint8Array(readFileSync(tarball))));
    assert.deepEqual(
      problems.filter(({ kind }) => !MEANT.has(kind)),
      [],
    );
    assert.deepEqual(
      [...new Set(problems.map(({ kind }) => kind))].sort(),
      [...MEANT.keys()].sort(),
      "each exception is needed",
    );
  });

  test("contains no path of this computer in any file", async () => {
    const files = filesEndingIn(installed, "");
    const traces = [projectRoot, process.env["HOME"] ?? projectRoot].filter((path) => path.length > 4);
    const wrong = files.filter(
      (path) => /\.(js|ts|wasm|json|md)$/.test(path) && traces.some((trace) => readFileSync(path).includes(trace)),
    );
    assert.deepEqual(wrong, []);
  });
});
