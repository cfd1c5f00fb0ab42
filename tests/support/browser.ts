/** Headless Chromium that connects to localhost only. */

import { type Browser, type BrowserContext, chromium as launcher } from "playwright-core";
import { Service } from "./child.js";
import { chromium } from "./project.js";

/** A name for this computer that a page takes for another one. */
export const ELSEWHERE = "elsewhere.test";

const SWITCHES = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  `--host-resolver-rules=MAP ${ELSEWHERE} 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1`,
];

/**
 * How long a browser may take to start, and a page to load or to do what is awaited of it: a machine that is ten times
 * busier than usual also meets it. Below the limit of a whole test, so that the error names the page.
 */
export const PAGE_LIMIT_MS = 300_000;

/** Gives the pages of a context this limit in place of Playwright's 30 s. */
function setLimits(context: BrowserContext): void {
  context.setDefaultTimeout(PAGE_LIMIT_MS);
  context.setDefaultNavigationTimeout(PAGE_LIMIT_MS);
}

/** What is out of the ordinary. */
export interface BrowserOptions {
  /** Pages that are left are kept, to come back as they were. */
  keepsPages?: boolean;
}

/** Starts the browser. Close it when done. */
export async function startBrowser(options: BrowserOptions = {}): Promise<Browser> {
  const browser = await launcher.launch({
    executablePath: chromium(),
    headless: true,
    timeout: PAGE_LIMIT_MS,
    ...(options.keepsPages === true && { ignoreDefaultArgs: ["--disable-back-forward-cache"] }),
    args: SWITCHES,
  });
  browser.on("context", setLimits);
  return browser;
}

/** A browser that can be killed without a word, and started again with all it has stored. */
export interface MortalBrowser {
  /** Its one user, with what that user's pages have stored. */
  user: BrowserContext;
  kill(): Promise<void>;
}

/** Starts a browser that stores in `folder`. */
export async function startMortalBrowser(folder: string): Promise<MortalBrowser> {
  const service = new Service(
    chromium(),
    ["--headless=new", "--remote-debugging-port=0", `--user-data-dir=${folder}`, ...SWITCHES, "about:blank"],
    { cwd: folder },
  );
  const endpoint = await service.until(
    () => /^DevTools listening on (ws:\S+)/m.exec(service.printed)?.[1],
    PAGE_LIMIT_MS,
  );
  const browser = await launcher.connectOverCDP(endpoint, { timeout: PAGE_LIMIT_MS });
  browser.contexts().forEach(setLimits);
  return { user: browser.contexts()[0]!, kill: () => service.stop() };
}

/** Opens a page and waits for the first console line that starts with `mark`; gives the rest of that line. */
export async function lineFromPage(
  browser: Browser | BrowserContext,
  url: string,
  mark: string,
  timeoutMs = PAGE_LIMIT_MS,
): Promise<string> {
  const page = await browser.newPage();
  const printed: string[] = [];
  try {
    const line = new Promise<string>((resolve, reject) => {
      page.on("console", (message) => {
        printed.push(message.text());
        if (message.text().startsWith(mark)) resolve(message.text().slice(mark.length));
      });
      page.on("pageerror", (error) => reject(new Error(`the page failed: ${error.stack ?? error.message}`)));
      page.on("requestfailed", (request) =>
        printed.push(`failed: ${request.url()} ${request.failure()?.errorText ?? ""}`),
      );
      setTimeout(
        () => reject(new Error(`the page printed no result in ${timeoutMs} ms:\n${printed.join("\n")}`)),
        timeoutMs,
      ).unref();
    });
    line.catch(() => undefined); // it may fail while the page still loads
    await page.goto(url);
    return await line;
  } finally {
    await page.close();
  }
}
