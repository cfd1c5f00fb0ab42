/** An app of Preact, Solid and Vue, built by Vite: each shows `<mlflow-trace>` in Chromium and gets its events. */

import assert from "node:assert/strict";
import { mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { BROWSERS, type BrowserDriver } from "../support/browser-driver.js";
import { runOrThrow } from "../support/child.js";
import { filesEndingIn } from "../support/files.js";
import { userProject } from "../support/packed-package.js";
import { projectRoot } from "../support/project.js";
import { type Site, startSite } from "../support/site.js";
import { toolFile } from "../support/tools.js";

const PACKAGES = ["@vitejs/plugin-vue", "preact", "solid-js", "vite", "vite-plugin-solid", "vue"];

declare const self: { isReady?: boolean; selected: Record<string, string> };

describe("an app that Vite builds", () => {
  let browser: BrowserDriver;
  let site: Site;
  before(async () => {
    const project = await userProject(join(projectRoot, "tests", "view", "frameworks"));
    for (const name of PACKAGES) {
      const link = join(project, "node_modules", name);
      mkdirSync(dirname(link), { recursive: true });
      symlinkSync(toolFile(name), link, "dir");
    }
    await runOrThrow(process.execPath, [join("node_modules", "vite", "bin", "vite.js"), "build"], { cwd: project });
    const made = join(project, "dist");
    const built = [".html", ".js"].flatMap((ending) => filesEndingIn(made, ending));
    const files = new Map(built.map((path) => [path.slice(made.length), readFileSync(path)]));
    [site, browser] = await Promise.all([startSite([], files), BROWSERS["Chromium"]!()]);
    await browser.open(site.url);
    await browser.until(() => self.isReady);
  });
  after(async () => {
    await browser?.close();
    await site?.stop();
  });

  for (const name of ["preact", "solid", "vue"]) {
    test(`shows a trace by ${name}, and gets the span that is selected`, async () => {
      const rows = await browser.until((id: string) => {
        const found = document.getElementById(id)?.shadowRoot?.querySelectorAll("[role=treeitem] b") ?? [];
        return found.length > 0 ? [...found].map(({ textContent }) => textContent) : null;
      }, name);
      assert.deepEqual(rows, ["answer", "look up"]);
      await browser.click(`mlflow-trace#${name} >>> [role=treeitem]:nth-child(2) b`);
      assert.equal(await browser.until((id: string) => self.selected[id], name), "look up");
    });
  }
});
