/** The traces of the twins of the Python programs, in a page of headless Chromium. */

import type { Browser } from "playwright-core";
import { lineFromPage, startBrowser } from "../support/browser.js";
import type { PageServer } from "../support/page-server.js";
import { RESULT_MARK } from "../support/result.js";
import { proveTwinTraces } from "../support/twin_traces.js";

let browser: Browser;
let site: PageServer;

proveTwinTraces("Chromium", {
  open: async (_, pages) => {
    site = pages;
    browser = await startBrowser();
  },
  play: async (program, query) => JSON.parse(await lineFromPage(browser, site.page(program, query), RESULT_MARK)) as unknown,
  close: async () => void (await browser?.close()),
});
