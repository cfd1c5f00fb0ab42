/** Agents of other libraries in bundles whose names are shortened: the same traces, from every bundler. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { build as esbuild, transform } from "esbuild";
import { runOrThrow } from "../support/child.js";
import { temporaryFolder } from "../support/folder.js";
import type { Rollup, Webpack } from "../support/matrix/bundlers.js";
import { userProject } from "../support/packed-package.js";
import { projectRoot } from "../support/project.js";
import { resultIn } from "../support/result.js";
import { tool } from "../support/tools.js";
import { OUTLINES } from "../third_party/expected.js";
import type { MinifiedReport } from "../third_party/minified.js";

interface Vite {
  build(options: object): Promise<unknown>;
}

let project = "";
before(async () => void (project = await userProject(join(projectRoot, "target", "tests", "third_party"))));

/** Bundle `entry` into the folder `out`, with all names shortened. */
const bundlers: Record<string, (entry: string, out: string) => Promise<void>> = {
  esbuild: async (entry, out) => {
    await esbuild({
      entryPoints: [entry],
      outfile: join(out, "bundle.js"),
      bundle: true,
      minify: true,
      format: "esm",
      logLevel: "silent",
    });
  },
  Vite: async (entry, out) => {
    const { build } = await tool<Vite>("vite");
    await build({
      configFile: false,
      logLevel: "silent",
      root: project,
      build: { outDir: out, target: "esnext", minify: true, modulePreload: false, rollupOptions: { input: entry } },
    });
  },
  webpack: async (entry, out) => {
    const { default: webpack } = await tool<{ default: Webpack }>("webpack");
    const options = {
      mode: "production",
      context: project,
      entry,
      performance: { hints: false },
      experiments: { outputModule: true, topLevelAwait: true },
      output: { path: out, filename: "bundle.js", module: true },
    };
    await new Promise<void>((resolve, reject) => {
      webpack(options, (error, stats) =>
        error !== null || stats === undefined || stats.hasErrors()
          ? reject(error ?? new Error(stats?.toString()))
          : resolve(),
      );
    });
  },
  Rollup: async (entry, out) => {
    const { rollup } = await tool<Rollup>("rollup");
    const { nodeResolve } = await tool<{ nodeResolve(options: object): unknown }>("@rollup/plugin-node-resolve");
    const minified = {
      name: "minified",
      renderChunk: async (code: string) => transform(code, { minify: true, format: "esm" }),
    };
    const bundle = await rollup({ input: entry, plugins: [nodeResolve({ browser: true })] });
    await bundle.write({ dir: out, format: "es", plugins: [minified] });
    await bundle.close();
  },
};

/** The JavaScript below a folder that has the program in it. */
function programIn(folder: string): string {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".js"));
  const found = files.find((file) => readFileSync(join(folder, file), "utf8").includes("RESULT "));
  assert.ok(found, `no program among ${files.join(", ")}`);
  return join(folder, found);
}

describe("other libraries, minified by", () => {
  for (const [name, bundle] of Object.entries(bundlers))
    test(name, async () => {
      const out = temporaryFolder("minified");
      await bundle(join(project, "minified.js"), out);
      const program = programIn(out);
      assert.doesNotMatch(readFileSync(program, "utf8"), /class (?:AssistantAgent|ConversableAgent|OpenAIProvider)\b/);
      const report = resultIn(await runOrThrow(process.execPath, [program], { cwd: out })) as MinifiedReport;
      assert.deepEqual(report, { outlines: OUTLINES, hookFailures: 0 });
    });
});
