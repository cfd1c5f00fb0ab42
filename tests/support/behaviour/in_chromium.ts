/**
 * Plays test files in headless Chromium, each in a page of its own, one after the other. The page loads the very
 * files that Node runs; its import map puts a few page modules in the place of Node's.
 */

import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { startBrowser } from "../browser.js";
import { type Site, startPageServer } from "../page-server.js";
import { projectRoot } from "../project.js";
import { bundled } from "./libraries.js";
import type { FromPage, Line } from "./page/line.js";
import { RemoteServers } from "./remote-servers.js";
import type { CaseReport, Played } from "./stage.js";

/** What tests import besides the package, and where pages have it from. */
const LIBRARIES = { openai: "openai", valibot: "valibot", zod: "zod", "@valibot/to-json-schema": "@valibot/to-json-schema", "node:assert/strict": "@jspm/core/nodelibs/assert/strict" };

/** Our modules that need Node, and those that do the same in a page. */
const STAND_INS = { "answering-server.js": "page/answering-server.js", "golden-files.js": "page/golden-files.js" };

const TIMEOUT_MS = 60_000;

/** Plays them in one browser. */
export async function playInChromium(files: readonly string[]): Promise<Map<string, Played>> {
  const site = await startPageServer(projectRoot, await library());
  const browser = await startBrowser();
  try {
    const player = new Player(await browser.newPage());
    const played = new Map<string, Played>();
    for (const file of files) played.set(file, await player.play(site.page(pathOf(here("page/main.js")), `?file=/${pathOf(file)}`)));
    return played;
  } finally {
    await browser.close();
    await site.stop();
  }
}

/** One tab of the browser, where one page after the other plays its file. */
class Player {
  readonly #tab: Page;
  readonly #ready: Promise<unknown>;
  #said: string[] = [];
  #take: (message: FromPage) => string | Promise<string> = () => "";
  #giveUp: (why: string) => void = () => undefined;

  constructor(tab: Page) {
    this.#tab = tab;
    this.#ready = tab.exposeFunction("nodeProcess", (message: FromPage) => this.#take(message));
    tab.on("console", (message) => this.#said.push(`${message.text()} (${message.location().url})`));
    tab.on("pageerror", (error) => this.#said.push(error.stack ?? error.message));
    tab.on("crash", () => this.#giveUp("the page crashed"));
  }

  /** Opens the page and waits until all its cases are over, or it has failed. */
  async play(url: string): Promise<Played> {
    await this.#ready;
    this.#said = [];
    const reports: CaseReport[] = [];
    const servers = new RemoteServers((message) => this.#tab.evaluate((told) => (globalThis as unknown as Line).fromNodeProcess?.(told), message));
    let deadline: NodeJS.Timeout | undefined;
    try {
      const over = new Promise<string>((resolve) => {
        this.#giveUp = resolve;
        deadline = setTimeout(() => resolve(`the page was not through after ${TIMEOUT_MS} ms`), TIMEOUT_MS);
        this.#take = (message) => {
          if ("over" in message) resolve(message.over);
          else if ("report" in message) reports.push(message.report);
          else return servers.take(message);
          return "";
        };
      });
      await this.#tab.goto(url, { waitUntil: "commit" });
      const why = await over;
      return { reports, remarks: why === "" ? "" : [why, ...this.#said].join("\n") };
    } finally {
      clearTimeout(deadline);
      servers.stop();
    }
  }
}

/** What the pages of the tests need, besides the tests. */
async function library(): Promise<Site> {
  const { exports } = JSON.parse(readFileSync(join(projectRoot, "package.json"), "utf8")) as { exports: Record<string, unknown> };
  const agents = Object.keys(exports).filter((subpath) => subpath.startsWith("./agents")).map((subpath) => subpath.replace(".", "mlflow-ag2"));
  const { imports, files } = await bundled({ ...Object.fromEntries(agents.map((name) => [name, name])), ...LIBRARIES });
  const standIns = Object.fromEntries(Object.entries(STAND_INS).map(([name, standIn]) => [`/${pathOf(here(`../${name}`))}`, `/${pathOf(here(standIn))}`]));
  return { imports: { ...imports, ...standIns, "node:test": `/${pathOf(here("page/test.js"))}` }, files: files ?? new Map() };
}

function here(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

/** The path of a file on the site. */
function pathOf(file: string): string {
  return relative(projectRoot, file).replaceAll("\\", "/");
}
