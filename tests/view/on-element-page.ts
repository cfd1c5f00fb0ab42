/** The hooks of tests that run in the page of the elements. */

import { after, before, beforeEach } from "node:test";
import type { BrowserDriver } from "../support/browser-driver.js";
import type { Site } from "../support/site.js";
import { type PageWindow, startElementSite } from "./element-page.js";

/** Lets each test of the enclosing `describe` begin with the page, newly loaded in one browser. */
export function onElementPage(start: () => Promise<BrowserDriver>): { readonly page: BrowserDriver } {
  let site: Site;
  let page: BrowserDriver;
  before(async () => {
    [site, page] = await Promise.all([startElementSite(), start()]);
  });
  after(async () => {
    await page?.close();
    await site?.stop();
  });
  beforeEach(async () => {
    await page.resize(1000);
    await page.open(site.url);
    await page.until(() => (window as unknown as PageWindow).isReady);
  });
  return {
    get page() {
      return page;
    },
  };
}
