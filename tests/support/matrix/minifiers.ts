/** The bundlers with all names shortened, for programs that run from one file. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { build as esbuild, type Plugin, transform } from "esbuild";
import { tool } from "../tools.js";
import type { Rollup, Webpack } from "./bundlers.js";

/** What is bundled, and where to. */
export interface BundleOptions {
  readonly project: string;
  readonly entry: string;
  readonly out: string;
  /** A plug-in of the bundler. */
  readonly plugin?: unknown;
}

/** Bundles a program. */
export type Bundle = (options: BundleOptions) => Promise<void>;

interface Vite {
  build(options: object): Promise<unknown>;
}

const listed = (plugin: unknown): unknown[] => (plugin === undefined ? [] : [plugin]);

/** esbuild, with what is imported dynamically in files of its own: such as the tracing core of the lazy entry. */
export const splitByEsbuild: Bundle = async ({ entry, out }) => {
  await esbuild({
    entryPoints: [entry],
    outdir: out,
    bundle: true,
    splitting: true,
    minify: true,
    format: "esm",
    logLevel: "silent",
  });
};

/** By the name of the bundler. */
export const bundledBy: Readonly<Record<string, Bundle>> = {
  esbuild: async ({ entry, out, plugin }) => {
    await esbuild({
      entryPoints: [entry],
      outfile: join(out, "bundle.js"),
      bundle: true,
      minify: true,
      format: "esm",
      logLevel: "silent",
      plugins: listed(plugin) as Plugin[],
    });
  },
  Vite: async ({ project, entry, out, plugin }) => {
    const { build } = await tool<Vite>("vite");
    await build({
      configFile: false,
      logLevel: "silent",
      root: project,
      plugins: listed(plugin),
      build: { outDir: out, target: "esnext", minify: true, modulePreload: false, rollupOptions: { input: entry } },
    });
  },
  webpack: async ({ project, entry, out, plugin }) => {
    const { default: webpack } = await tool<{ default: Webpack }>("webpack");
    const options = {
      mode: "production",
      context: project,
      entry,
      plugins: listed(plugin),
      performance: { hints: false },
      experiments: { outputModule: true },
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
  Rollup: async ({ entry, out, plugin }) => {
    const { rollup } = await tool<Rollup>("rollup");
    const { nodeResolve } = await tool<{ nodeResolve(options: object): unknown }>("@rollup/plugin-node-resolve");
    const minified = {
      name: "minified",
      renderChunk: async (code: string) => transform(code, { minify: true, format: "esm" }),
    };
    const bundle = await rollup({ input: entry, plugins: [nodeResolve({ browser: true }), ...listed(plugin)] });
    await bundle.write({ dir: out, format: "es", plugins: [minified] });
    await bundle.close();
  },
};

/** The JavaScript below a folder that has the program in it. */
export function programIn(folder: string): string {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".js"));
  const found = files.find((file) => readFileSync(join(folder, file), "utf8").includes("RESULT "));
  assert.ok(found, `no program among ${files.join(", ")}`);
  return join(folder, found);
}
