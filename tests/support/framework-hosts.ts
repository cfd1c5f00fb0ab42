/**
 * The hosts that run a framework's program (tests/frameworks/NAME.js) with the packed package and the real framework:
 * Node with the newest and with the oldest version that is supported, Deno, a page of Chromium, workerd.
 */

import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { build, type Plugin } from "esbuild";
import { startBrowser, lineFromPage } from "./browser.js";
import { runOrThrow } from "./child.js";
import { frameworksFolder } from "./frameworks.js";
import { inDeno } from "./hosts.js";
import { userProject } from "./packed-package.js";
import { startPageServer } from "./page-server.js";
import { projectRoot } from "./project.js";
import { RESULT_MARK, resultIn } from "./result.js";
import { startWorker } from "./workerd.js";

/** Node's modules, also those that a Worker cannot use but may import. */
const WORKER_FLAGS = ["nodejs_compat", "enable_nodejs_child_process_module"];

/** What a program reports (tests/frameworks/program.js). */
export interface FrameworkReport {
  /** By scenario: what the program got, and its trace. */
  results: Record<string, { value?: unknown; thrown?: string; traceId: string }>;
  stats: { started: number; delivered: number; open: number; hookFailures: number; detached: number };
  /** Why nothing was run. */
  failed?: string;
}

/** A framework to run. */
export interface Framework {
  /** The name of its program. */
  program: string;
  /** Hosts in which it does not run. */
  missing?: Readonly<Record<string, string>>;
  /**
   * Further versions to run in Node: the packages in place of those that the program imports, by the names of the rows.
   */
  versions?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** What bundlers import in a page in place of other modules. */
  inPages?: Readonly<Record<string, string>>;
}

/** A user's project with the framework: its packages are links, so that they find their own dependencies. */
async function frameworkProject(folder: string, replaced: Readonly<Record<string, string>> = {}): Promise<string> {
  const project = await userProject(join(projectRoot, "tests", "frameworks"));
  const installed = join(folder, "node_modules");
  const packages = readdirSync(installed).flatMap((name) =>
    name.startsWith("@") ? readdirSync(join(installed, name)).map((part) => `${name}/${part}`) : [name],
  );
  for (const name of packages) {
    const link = join(project, "node_modules", name);
    if (name.startsWith(".") || existsSync(link)) continue;
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(installed, replaced[name] ?? name), link, "dir");
  }
  return project;
}

/** The one script of a page or of a Worker. */
async function bundleInto(
  project: string,
  { program, inPages = {} }: Framework,
  conditions: string[],
): Promise<string> {
  const file = `${program}.${conditions[0] ?? "page"}.bundle.js`;
  const replace: Plugin = {
    name: "modules of pages",
    setup: (bundler) =>
      bundler.onResolve({ filter: /./ }, async ({ path, resolveDir, kind }) => {
        const other = inPages[path];
        return other === undefined ? undefined : await bundler.resolve(other, { resolveDir, kind });
      }),
  };
  await build({
    entryPoints: [join(project, `${program}.js`)],
    outfile: join(project, file),
    bundle: true,
    format: "esm",
    platform: "browser",
    conditions,
    plugins: [replace],
    logLevel: "silent",
  });
  return file;
}

/** Runs the program in every host, one after the other; a host that fails has an error in place of a report. */
export async function runInHosts(
  framework: Framework,
  settingsOf: (host: string) => Record<string, string>,
): Promise<Map<string, FrameworkReport | Error>> {
  const reports = new Map<string, FrameworkReport | Error>();
  const program = `${framework.program}.js`;
  const folder = frameworksFolder();
  const [newest, oldest] = await Promise.all([frameworkProject(folder), frameworkProject(join(folder, "oldest"))]);
  const attempt = async (host: string, run: (query: string) => Promise<unknown>): Promise<void> => {
    if (framework.missing?.[host] !== undefined) return;
    try {
      reports.set(host, (await run(`?${new URLSearchParams(settingsOf(host))}`)) as FrameworkReport);
    } catch (error) {
      reports.set(host, error instanceof Error ? error : new Error(String(error)));
    }
  };
  const inNode = (project: string) => async (query: string) =>
    resultIn(await runOrThrow(process.execPath, [program, query], { cwd: project }));
  await attempt("Node", inNode(newest));
  await attempt("Node, oldest version", inNode(oldest));
  for (const [host, replaced] of Object.entries(framework.versions ?? {}))
    await attempt(host, inNode(await frameworkProject(folder, replaced)));
  await attempt("Deno", async (query) => {
    const deno = inDeno(["--allow-env", "--allow-sys"]);
    const pages = await startPageServer(newest);
    try {
      await deno.open(newest, pages);
      return await deno.run(program, query);
    } finally {
      await pages.stop();
    }
  });
  await attempt("Chromium", async (query) => {
    const script = await bundleInto(newest, framework, []);
    const [browser, pages] = await Promise.all([startBrowser(), startPageServer(newest)]);
    try {
      return JSON.parse(await lineFromPage(browser, pages.page(script, query), RESULT_MARK)) as unknown;
    } finally {
      await Promise.all([browser.close(), pages.stop()]);
    }
  });
  await attempt("workerd", async (query) => {
    const entry = join(newest, program);
    writeFileSync(join(newest, "worker.js"), `export { worker as default } from ${JSON.stringify(entry)};`);
    const worker = await startWorker(join(newest, "worker.js"), {}, WORKER_FLAGS);
    try {
      return (await (await fetch(`${worker.uri}/${query}`)).json()) as unknown;
    } finally {
      await worker.stop();
    }
  });
  return reports;
}
