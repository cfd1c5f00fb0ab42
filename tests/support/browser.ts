/** Headless Chromium that talks to localhost and to nobody else. */

import { type Browser, type BrowserContext, chromium as launcher } from "playwright-core";
import { Service } from "./child.js";
import { chromium } from "./project.js";

/** A name for this computer that a page takes for another one. */
export const ELSEWHERE = "elsewhere.test";

const SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", `--host-resolver-rules=MAP ${ELSEWHERE} 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1`];

/** What is out of the ordinary. */
export interface BrowserOptions {
  /** Pages that are left are kept, to come back as they were. */
  keepsPages?: boolean;
}

/** Starts the browser. Close it when done. */
export function startBrowser(options: BrowserOptions = {}): Promise<Browser> {
  return launcher.launch({
    executablePath: chromium(),
    headless: true,
    ...(options.keepsPages === true && { ignoreDefaultArgs: ["--disable-back-forward-cache"] }),
    args: SWITCHES,
  });
}

/** A browser that can be killed without a word, and started again with all it has stored. */
export interface MortalBrowser {
  /** Its one user, with what that user's pages have stored. */
  user: BrowserContext;
  kill(): Promise<void>;
}

/** Starts a browser that stores in `folder`. */
export async function startMortalBrowser(folder: string): Promise<MortalBrowser> {
  const service = new Service(chromium(), ["--headless=new", "--remote-debugging-port=0", `--user-data-dir=${folder}`, ...SWITCHES, "about:blank"], { cwd: folder });
  const endpoint = await service.until(() => /^DevTools listening on (ws:\S+)/m.exec(service.printed)?.[1], 60_000);
  const browser = await launcher.connectOverCDP(endpoint);
  return { user: browser.contexts()[0]!, kill: () => service.stop() };
}

/** Opens a page and waits for the first console line that starts with `mark`; gives the rest of that line. */
export async function lineFromPage(browser: Browser | BrowserContext, url: string, mark: string, timeoutMs = 60_000): Promise<string> {
  const page = await browser.newPage();
  const said: string[] = [];
  try {
    const line = new Promise<string>((resolve, reject) => {
      page.on("console", (message) => {
        said.push(message.text());
        if (message.text().startsWith(mark)) resolve(message.text().slice(mark.length));
      });
      page.on("pageerror", (error) => reject(new Error(`the page failed: ${error.stack ?? error.message}`)));
      page.on("requestfailed", (request) => said.push(`failed: ${request.url()} ${request.failure()?.errorText ?? ""}`));
      setTimeout(() => reject(new Error(`the page said nothing in ${timeoutMs} ms:\n${said.join("\n")}`)), timeoutMs).unref();
    });
    line.catch(() => undefined); // it may fail while the page still loads
    await page.goto(url);
    return await line;
  } finally {
    await page.close();
  }
}
