/**
 * Runs test files in headless Chromium, each in its own page, in sequence. The page loads the files that Node runs;
 * its import map replaces Node's modules by a few page modules.
 */

import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { startBrowser } from "../browser.js";
import { type Site, startPageServer } from "../page-server.js";
import { projectRoot } from "../project.js";
import { bundled } from "./libraries.js";
import type { FromPage, Channel } from "./page/channel.js";
import { RemoteServers } from "./remote-servers.js";
import type { CaseReport, FileResult } from "./host-runner.js";

/** The modules that tests import besides the package, and their sources for pages. */
const LIBRARIES = {
  openai: "openai",
  "@anthropic-ai/sdk": "@anthropic-ai/sdk",
  "@google/genai": "@google/genai",
  "@mistralai/mistralai": "@mistralai/mistralai",
  "ollama/browser": "ollama/browser",
  arktype: "arktype",
  valibot: "valibot",
  zod: "zod",
  "@modelcontextprotocol/client": "@modelcontextprotocol/client",
  "@modelcontextprotocol/sdk/client/index.js": "@modelcontextprotocol/sdk/client/index.js",
  "@modelcontextprotocol/sdk/inMemory.js": "@modelcontextprotocol/sdk/inMemory.js",
  "@modelcontextprotocol/sdk/server/mcp.js": "@modelcontextprotocol/sdk/server/mcp.js",
  "@modelcontextprotocol/sdk/types.js": "@modelcontextprotocol/sdk/types.js",
  "@valibot/to-json-schema": "@valibot/to-json-schema",
  "node:assert/strict": "@jspm/core/nodelibs/assert/strict",
};

/** The support modules that need Node, and their replacements in pages. */
const PAGE_MODULES = { "answering-server.js": "page/answering-server.js", "golden-files.js": "page/golden-files.js" };

const TIMEOUT_MS = 300_000;

/** Runs test files in one browser. */
export async function runInChromium(files: readonly string[]): Promise<Map<string, FileResult>> {
  const site = await startPageServer(projectRoot, await library());
  const browser = await startBrowser();
  try {
    const runner = new PageRunner(await browser.newPage());
    const results = new Map<string, FileResult>();
    for (const file of files)
      results.set(file, await runner.run(site.page(pathOf(here("page/main.js")), `?file=/${pathOf(file)}`)));
    return results;
  } finally {
    await browser.close();
    await site.stop();
  }
}

/** One tab of the browser, in which one page after the other runs its file. */
class PageRunner {
  readonly #tab: Page;
  readonly #ready: Promise<unknown>;
  #output: string[] = [];
  #onMessage: (message: FromPage) => string | Promise<string> = () => "";
  #fail: (reason: string) => void = () => undefined;

  constructor(tab: Page) {
    this.#tab = tab;
    this.#ready = tab.exposeFunction("nodeProcess", (message: FromPage) => this.#onMessage(message));
    tab.on("console", (message) => this.#output.push(`${message.text()} (${message.location().url})`));
    tab.on("pageerror", (error) => this.#output.push(error.stack ?? error.message));
    tab.on("crash", () => this.#fail("the page crashed"));
  }

  /** Opens a page and waits until all its cases have ended, or it has failed. */
  async run(url: string): Promise<FileResult> {
    await this.#ready;
    this.#output = [];
    const reports: CaseReport[] = [];
    const servers = new RemoteServers((message) =>
      this.#tab.evaluate((message) => (globalThis as unknown as Channel).fromNodeProcess?.(message), message),
    );
    let deadline: NodeJS.Timeout | undefined;
    try {
      const over = new Promise<string>((resolve) => {
        this.#fail = resolve;
        deadline = setTimeout(() => resolve(`the page did not finish within ${TIMEOUT_MS} ms`), TIMEOUT_MS);
        this.#onMessage = (message) => {
          if ("over" in message) resolve(message.over);
          else if ("report" in message) reports.push(message.report);
          else return servers.handle(message);
          return "";
        };
      });
      await this.#tab.goto(url, { waitUntil: "commit" });
      const reason = await over;
      return { reports, remarks: reason === "" ? "" : [reason, ...this.#output].join("\n") };
    } finally {
      clearTimeout(deadline);
      servers.stop();
    }
  }
}

/** The files and the import map that pages need besides the tests. */
async function library(): Promise<Site> {
  const { exports } = JSON.parse(readFileSync(join(projectRoot, "package.json"), "utf8")) as {
    exports: Record<string, unknown>;
  };
  const agents = Object.keys(exports)
    .filter((subpath) => subpath.startsWith("./agents"))
    .map((subpath) => subpath.replace(".", "mlflow-ag2"));
  const { imports, files } = await bundled({ ...Object.fromEntries(agents.map((name) => [name, name])), ...LIBRARIES });
  const pageModules = Object.fromEntries(
    Object.entries(PAGE_MODULES).map(([name, pageModule]) => [
      `/${pathOf(here(`../${name}`))}`,
      `/${pathOf(here(pageModule))}`,
    ]),
  );
  return {
    imports: { ...imports, ...pageModules, "node:test": `/${pathOf(here("page/test.js"))}` },
    files: files ?? new Map(),
  };
}

function here(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

/** The path of a file on the site. */
function pathOf(file: string): string {
  return relative(projectRoot, file).replaceAll("\\", "/");
}
