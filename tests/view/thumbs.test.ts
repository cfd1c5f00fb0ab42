/** The thumbs of `<mlflow-trace feedback>`, in Chromium and in Firefox. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { BROWSERS } from "../support/browser-driver.js";
import { FAMILY, type PageWindow } from "./element-page.js";
import { onElementPage } from "./on-element-page.js";

for (const [browser, start] of Object.entries(BROWSERS)) {
  describe(`thumbs in ${browser}`, () => {
    const view = onElementPage(start);

    const show = (notes: object[], traceId: string): Promise<unknown> =>
      view.page.ask((given: object[], id: string) => (window as unknown as PageWindow).show(given, id), notes, traceId);

    test("thumbs are events, by the name of the attribute, and show what was chosen", async () => {
      const thumbs = (): Promise<string[]> =>
        view.page.ask(() => {
          const group = document.querySelector("mlflow-trace")!.shadowRoot!.querySelector<HTMLElement>(".thumbs")!;
          if (group.hidden) return ["hidden"];
          return [...group.children].map(
            (button) => `${button.getAttribute("aria-label")} ${button.getAttribute("aria-pressed")}`,
          );
        });
      const setName = (name: string): Promise<unknown> =>
        view.page.ask((value: string) => {
          document.querySelector("mlflow-trace")!.setAttribute("feedback", value);
        }, name);
      const judged = (): Promise<object[]> => view.page.ask(() => (window as unknown as PageWindow).judged);
      await show(FAMILY, "tr-1");
      assert.deepEqual(await thumbs(), ["hidden"]);
      await setName("helpful");
      assert.deepEqual(await thumbs(), ["Good false", "Bad false"]);
      await view.page.click("mlflow-trace >>> [aria-label=Good]");
      await view.page.click("mlflow-trace >>> [aria-label=Good]");
      assert.deepEqual(await thumbs(), ["Good true", "Bad false"]);
      await show(FAMILY, "tr-1");
      assert.deepEqual(await thumbs(), ["Good true", "Bad false"]);
      await view.page.click("mlflow-trace >>> [aria-label=Bad]");
      assert.deepEqual(await judged(), [
        { traceId: "tr-1", name: "helpful", value: true },
        { traceId: "tr-1", name: "helpful", value: false },
      ]);
      await show(FAMILY, "tr-2");
      assert.deepEqual(await thumbs(), ["Good false", "Bad false"]);
      await view.page.ask(() => (window as unknown as PageWindow).show([{ id: "root", to: 1, judged: false }], "tr-3"));
      assert.deepEqual(await thumbs(), ["Good false", "Bad true"]);
      await show([{ id: "running" }], "tr-4");
      assert.deepEqual(await thumbs(), ["hidden"]);
    });
  });
}
