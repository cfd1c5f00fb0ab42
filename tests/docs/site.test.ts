/**
 * The docs site: the guide and the API in one, made without a warning of TypeDoc (every public name, property, method
 * and constructor has a sentence) and without a broken link. Parameters need no sentence of their own: they are one
 * object of options, whose properties have theirs, or the sentence of the function is about them.
 */

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import axe from "axe-core";
import type { Browser, Page } from "playwright-core";
import { startBrowser } from "../support/browser.js";
import { run } from "../support/child.js";
import { filesEndingIn } from "../support/files.js";
import { temporaryFolder } from "../support/folder.js";
import { projectRoot } from "../support/project.js";
import { type StaticSite, startStaticSite } from "../support/static-site.js";
import { docToolsFolder } from "../support/tools.js";

describe("the docs site", () => {
  let folder: string;
  let pages: Map<string, string>;
  let site: StaticSite;
  let browser: Browser;

  before(async () => {
    const made = temporaryFolder("doc-site");
    const { code, stdout, stderr } = await run(
      process.execPath,
      [join("docs", "site", "build.js"), docToolsFolder(), made],
      { cwd: projectRoot, timeoutMs: 500_000 },
    );
    assert.equal(code, 0, stdout + stderr);
    folder = join(made, "site");
    pages = new Map(
      filesEndingIn(folder, ".html").map((file) => [file.slice(folder.length), readFileSync(file, "utf8")]),
    );
    site = await startStaticSite(folder);
    browser = await startBrowser();
  });
  after(async () => {
    await browser.close();
    await site.stop();
  });

  async function open(path: string): Promise<Page> {
    const page = await browser.newPage();
    await page.goto(site.uri + path);
    return page;
  }

  test("has the guide, and a page for every name of the API", () => {
    for (const page of ["/index.html", "/docs/quick-start.html", "/docs/decisions/index.html"])
      assert.ok(pages.has(page), page);
    assert.match(pages.get("/api/mlflow-ag2/functions/autolog.html") ?? "", /autolog/);
    assert.match(pages.get("/api/mlflow-ag2/agents/classes/ConversableAgent.html") ?? "", /initiateChat/);
  });

  test("has no link to a page, a heading or a file that is not there", () => {
    const ids = new Map(
      [...pages].map(([page, html]) => [page, new Set([...html.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id!))]),
    );
    const broken = [...pages].flatMap(([page, html]) =>
      [...html.matchAll(/\s(?:href|src)="([^"]+)"/g)]
        .map(([, target]) => new URL(target!.replaceAll("&amp;", "&"), `http://site${page}`))
        .filter(({ host }) => host === "site")
        .filter(({ pathname, hash }) => {
          const path = decodeURIComponent(pathname).replace(/\/$/, "/index.html");
          const isThere = pages.has(path) || existsSync(join(folder, path));
          return !isThere || (hash !== "" && ids.get(path)?.has(decodeURIComponent(hash.slice(1))) !== true);
        })
        .map(({ pathname, hash }) => `${page}: ${pathname}${hash}`),
    );
    assert.deepEqual([...new Set(broken)], []);
  });

  test("finds a name of the API by its search", async () => {
    const page = await open("/docs/quick-start.html");
    await page.getByRole("button", { name: "Search" }).click();
    await page.getByRole("searchbox").fill("autolog");
    await page.locator('a.result[href*="/api/mlflow-ag2/functions/autolog.html"]').first().click();
    await page.waitForURL("**/api/mlflow-ag2/functions/autolog.html*");
    await page.close();
  });

  test("has a title and an outline", async () => {
    const page = await open("/docs/relay.html");
    assert.equal(await page.locator(".VPNavBarTitle").innerText(), "mlflow-ag2");
    await page.locator(".VPDocAsideOutline").getByText("Model calls").waitFor();
    await page.close();
  });

  test("has a light and a dark theme", async () => {
    const page = await open("/");
    const background = (): Promise<string> => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await background();
    await page.getByRole("switch", { name: /dark/i }).first().click();
    await page.waitForFunction(() => document.documentElement.classList.contains("dark"));
    assert.notEqual(await background(), light);
    await page.close();
  });

  for (const path of ["/", "/docs/relay.html", "/api/mlflow-ag2/functions/autolog.html"])
    test(`the page ${path} has no serious finding of axe`, async () => {
      const page = await open(path);
      await page.addScriptTag({ content: axe.source });
      const { violations } = await page.evaluate(() => axe.run({ runOnly: ["wcag2a", "wcag2aa"] }));
      const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
      assert.deepEqual(
        serious.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${String(target)}`)),
        [],
      );
      await page.close();
    });
});

test("the API is that of every entry of the package, but those that have the same names", () => {
  const { exports } = JSON.parse(readFileSync(join(projectRoot, "package.json"), "utf8")) as {
    exports: Record<string, string | { types: string }>;
  };
  const { entryPoints } = JSON.parse(readFileSync(join(projectRoot, "docs", "typedoc.json"), "utf8")) as {
    entryPoints: string[];
  };
  const others = ["./slim", "./lazy", "./mlflow_ag2.wasm", "./package.json"];
  // It has no names: importing it is all.
  others.push("./library-hooks");
  // These have the names of `mlflow-ag2/view`, and types for the framework.
  for (const framework of ["preact", "react", "solid", "vue"]) others.push(`./view/${framework}`);
  // The main entry has the names of index.ts, whichever way it loads the module.
  const sources = Object.entries(exports)
    .filter(([name]) => !others.includes(name) && !name.startsWith("./bundle/"))
    .map(([, entry]) => (typeof entry === "string" ? entry : entry.types))
    .map((types) =>
      types.replace("./pkg/", "../src/").replace(".d.ts", ".ts").replace("/entry/inline.ts", "/index.ts"),
    );
  assert.deepEqual(sources.sort(), entryPoints.sort());
});
