/** Headless Chromium that talks to localhost and to nobody else. */

import { type Browser, chromium as launcher } from "playwright-core";
import { chromium } from "./project.js";

/** Starts the browser. Close it when done. */
export function startBrowser(): Promise<Browser> {
  return launcher.launch({
    executablePath: chromium(),
    headless: true,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1"],
  });
}

/** Opens a page and waits for the first console line that starts with `mark`; gives the rest of that line. */
export async function lineFromPage(browser: Browser, url: string, mark: string, timeoutMs = 60_000): Promise<string> {
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
