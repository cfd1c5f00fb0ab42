/** The scenarios in a page of headless Chromium, served on localhost. */

import type { Browser } from "playwright-core";
import { lineFromPage, startBrowser } from "../support/browser.js";
import { type PageServer, startPageServer } from "../support/page-server.js";
import { proveHost } from "../support/proof.js";
import { RESULT_MARK } from "../support/result.js";

let pages: PageServer;
let browser: Browser;

proveHost("Chromium", {
  open: async (project) => {
    pages = await startPageServer(project);
    browser = await startBrowser();
  },
  run: async (program, query) => JSON.parse(await lineFromPage(browser, pages.page(program, query), RESULT_MARK)) as unknown,
  close: async () => {
    await browser?.close();
    await pages?.stop();
  },
});
