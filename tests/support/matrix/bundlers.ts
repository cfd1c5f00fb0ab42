/** Pages that a bundler makes, each with the least configuration that it takes: an entry and a folder. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { build as esbuild } from "esbuild";
import { runOrThrow, Service } from "../child.js";
import { temporaryFolder } from "../folder.js";
import { freePort } from "../mlflow-server.js";
import { pageOf } from "../static-site.js";
import { tool, toolFile } from "../tools.js";
import { splitByEsbuild } from "./minifiers.js";
import { copyOf, copyWithImports, type HostContext, type RunExample, runPage, runSite } from "./context.js";

/** What these hosts use of webpack (its `webpack` function). */
export type Webpack = (
  options: object,
  done: (error: Error | null, stats?: { hasErrors(): boolean; hasWarnings(): boolean; toString(): string }) => void,
) => void;
/** What these hosts use of Rollup. */
export interface Rollup {
  rollup(options: object): Promise<{ write(options: object): Promise<unknown>; close(): Promise<void> }>;
}

/** esbuild, into one file. */
export const withEsbuild: RunExample = async (context) => {
  const out = temporaryFolder("esbuild");
  await esbuild({
    entryPoints: [join(context.project, "page.js")],
    outfile: join(out, "page.js"),
    bundle: true,
    minify: true,
    format: "esm",
    logLevel: "silent",
  });
  return runBundle(context, out);
};

/** esbuild, with the WebAssembly in a file of its own. */
export const withLazy: RunExample = async (context) => {
  const folder = copyWithImports(context.project, ["chat.js"], { "mlflow-ag2": "mlflow-ag2/lazy" });
  const out = temporaryFolder("lazy");
  await splitByEsbuild({ project: folder, entry: join(folder, "page.js"), out });
  return runBundle(context, out);
};

/** webpack 5. A warning is a failure, except the hint about a page of more than 244 KiB, uncompressed. */
export const withWebpack: RunExample = async (context) => {
  const out = temporaryFolder("webpack");
  const { default: webpack } = await tool<{ default: Webpack }>("webpack");
  const options = {
    mode: "production",
    context: context.project,
    entry: "./page.js",
    performance: { hints: false },
    output: { path: out, filename: "page.js" },
  };
  await new Promise<void>((resolve, reject) => {
    webpack(options, (error, stats) =>
      error !== null || stats === undefined || stats.hasErrors() || stats.hasWarnings()
        ? reject(error ?? new Error(stats?.toString()))
        : resolve(),
    );
  });
  return runBundle(context, out);
};

/** Rollup, with the plug-in that it needs to find any package. A warning counts as a failure. */
export const withRollup: RunExample = async (context) => {
  const out = temporaryFolder("rollup");
  const { rollup } = await tool<Rollup>("rollup");
  const { nodeResolve } = await tool<{ nodeResolve(options: object): unknown }>("@rollup/plugin-node-resolve");
  const onwarn = (warning: { message: string }): never => {
    throw new Error(warning.message);
  };
  const bundle = await rollup({
    input: join(context.project, "page.js"),
    plugins: [nodeResolve({ browser: true })],
    onwarn,
  });
  await bundle.write({ dir: out, format: "es" });
  await bundle.close();
  return runBundle(context, out);
};

/** `vite build`. */
export const withViteBuild: RunExample = async (context) => {
  const app = viteApp(context);
  await runOrThrow(process.execPath, [toolFile("vite/bin/vite.js"), "build"], { cwd: app });
  return runSite(context, join(app, "dist"), {});
};

/** `vite`, the development server, which bundles each package when a page requests it. */
export const withViteDev: RunExample = async (context) => {
  const port = await freePort();
  const app = viteApp(context);
  const service = new Service(
    process.execPath,
    [toolFile("vite/bin/vite.js"), "--port", String(port), "--strictPort", "--host", "127.0.0.1"],
    { cwd: app },
  );
  try {
    await service.until(() => (/ready in/.test(service.printed) ? true : undefined), 180_000);
    return await runPage(context, `http://127.0.0.1:${port}`);
  } finally {
    await service.stop();
  }
};

function viteApp({ project }: HostContext): string {
  const app = copyOf(project);
  writeFileSync(join(app, "index.html"), pageOf("./page.js"));
  return app;
}

function runBundle(context: HostContext, folder: string): Promise<unknown> {
  return runSite(context, folder, { pages: { "/index.html": pageOf("./page.js") } });
}
