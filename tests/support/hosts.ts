/** The hosts that run the programs of a project: Node, Deno, and a page of headless Chromium. */

import type { Browser } from "playwright-core";
import { lineFromPage, startBrowser } from "./browser.js";
import { runOrThrow } from "./child.js";
import type { PageServer } from "./page-server.js";
import { deno } from "./project.js";
import { RESULT_MARK, resultIn } from "./result.js";

/** As long as programs on the command line get (child.ts). */
const PAGE_TIMEOUT_MS = 300_000;

/** Runs programs of a project in one host, and returns what they print as their result. */
export interface HostDriver {
  open(project: string, pages: PageServer): Promise<void>;
  run(program: string, query: string): Promise<unknown>;
  close(): Promise<void>;
}

/** Node, as a child of this process. */
export function inNode(): HostDriver {
  return onCommandLine(process.execPath, [], {});
}

/** Deno, which may talk to localhost, and do nothing else but what `permissions` allow. */
export function inDeno(permissions: readonly string[] = []): HostDriver {
  const options = [
    "run",
    "--no-remote",
    "--no-lock",
    "--node-modules-dir=manual",
    "--no-prompt",
    "--allow-net=127.0.0.1,localhost",
    ...permissions,
  ];
  return onCommandLine(deno(), options, { DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" });
}

/** A page of headless Chromium. */
export function inChromium(): HostDriver {
  let browser: Browser | undefined;
  let site: PageServer;
  return {
    open: async (_, pages) => {
      site = pages;
      browser = await startBrowser();
    },
    run: async (program, query) => {
      if (browser === undefined) throw new Error("the browser is not open");
      return JSON.parse(
        await lineFromPage(browser, site.page(program, query), RESULT_MARK, PAGE_TIMEOUT_MS),
      ) as unknown;
    },
    close: async () => await browser?.close(),
  };
}

function onCommandLine(host: string, options: readonly string[], environment: Record<string, string>): HostDriver {
  let folder = "";
  return {
    open: async (project) => void (folder = project),
    run: async (program, query) =>
      resultIn(await runOrThrow(host, [...options, program, query], { cwd: folder, environment })),
    close: async () => undefined,
  };
}
