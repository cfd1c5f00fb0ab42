/** The thumbs of `<mlflow-trace feedback>`, in Chromium and in Firefox. */

import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import type { Site } from "../support/site.js";
import { BROWSERS, type BrowserDriver } from "../support/browser-driver.js";
import { FAMILY, type PageWindow, startElementSite } from "./element-page.js";

for (const [browser, start] of Object.entries(BROWSERS)) {
  describe(`thumbs in ${browser}`, () => {
    let site: Site;
    let browserPage: BrowserDriver;
    before(async () => {
      [site, browserPage] = await Promise.all([startElementSite(), start()]);
    });
    after(async () => {
      await browserPage?.close();
      await site?.stop();
    });
    beforeEach(async () => {
      await browserPage.open(site.url);
      await browserPage.until(() => (window as unknown as PageWindow).isReady);
    });

    const show = (notes: object[], traceId: string): Promise<unknown> =>
      browserPage.ask(
        (given: object[], id: string) => (window as unknown as PageWindow).show(given, id),
        notes,
        traceId,
      );

    test("thumbs are events, by the name of the attribute, and show what was chosen", async () => {
      const thumbs = (): Promise<string[]> =>
        browserPage.ask(() => {
          const group = document.querySelector("mlflow-trace")!.shadowRoot!.querySelector<HTMLElement>(".thumbs")!;
          if (group.hidden) return ["hidden"];
          return [...group.children].map(
            (button) => `${button.getAttribute("aria-label")} ${button.getAttribute("aria-pressed")}`,
          );
        });
      const setName = (name: string): Promise<unknown> =>
        browserPage.ask((value: string) => {
          document.querySelector("mlflow-trace")!.setAttribute("feedback", value);
        }, name);
      const judged = (): Promise<object[]> => browserPage.ask(() => (window as unknown as PageWindow).judged);
      await show(FAMILY, "tr-1");
      assert.deepEqual(await thumbs(), ["hidden"]);
      await setName("helpful");
      assert.deepEqual(await thumbs(), ["Good false", "Bad false"]);
      await browserPage.click("mlflow-trace >>> [aria-label=Good]");
      await browserPage.click("mlflow-trace >>> [aria-label=Good]");
      assert.deepEqual(await thumbs(), ["Good true", "Bad false"]);
      await show(FAMILY, "tr-1");
      assert.deepEqual(await thumbs(), ["Good true", "Bad false"]);
      await browserPage.click("mlflow-trace >>> [aria-label=Bad]");
      assert.deepEqual(await judged(), [
        { traceId: "tr-1", name: "helpful", value: true },
        { traceId: "tr-1", name: "helpful", value: false },
      ]);
      await show(FAMILY, "tr-2");
      assert.deepEqual(await thumbs(), ["Good false", "Bad false"]);
      await browserPage.ask(() =>
        (window as unknown as PageWindow).show([{ id: "root", to: 1, judged: false }], "tr-3"),
      );
      assert.deepEqual(await thumbs(), ["Good false", "Bad true"]);
      await show([{ id: "running" }], "tr-4");
      assert.deepEqual(await thumbs(), ["hidden"]);
    });
  });
}
