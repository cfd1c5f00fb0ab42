/** `mlflow-ag2/lazy` in pages: bundlers make the tracing core a file of its own, and a page runs without it. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { Browser } from "playwright-core";
import { startBrowser } from "../support/browser.js";
import { temporaryFolder } from "../support/folder.js";
import { type Bundle, bundledBy, programIn, splitByEsbuild } from "../support/matrix/minifiers.js";
import { userProject } from "../support/packed-package.js";
import { RESULT_MARK, resultIn } from "../support/result.js";
import { pageOf, startStaticSite } from "../support/static-site.js";

/** The core as text is larger than this. */
const CORE_BYTES = 190_000;
/** Nothing but the site's own files. */
const STRICT = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'";

const splitting: Readonly<Record<string, Bundle>> = { ...bundledBy, esbuild: splitByEsbuild };

interface Seen {
  readonly report: unknown;
  readonly warnings: readonly string[];
  /** The paths of the scripts in the order of their requests. */
  readonly scripts: readonly string[];
}

describe("a page of the lazy entry", () => {
  let browser: Browser;
  let project: string;
  before(async () => {
    project = await userProject(fileURLToPath(new URL("apps", import.meta.url)));
    browser = await startBrowser();
  });
  after(() => browser?.close());

  /** The folder of a page that a bundler has made, the path of its script and those of its other files. */
  async function built(bundle: Bundle): Promise<{ out: string; script: string; others: string[] }> {
    const out = temporaryFolder("lazy");
    await bundle({ project, entry: join(project, "lazy-page.js"), out });
    const script = programIn(out);
    const files = readdirSync(out, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".js"));
    return { out, script: relative(out, script), others: files.filter((file) => join(out, file) !== script) };
  }

  async function open(out: string, script: string): Promise<Seen> {
    const site = await startStaticSite(out, {
      pages: { "/index.html": pageOf(`/${script}`) },
      headers: { "content-security-policy": STRICT },
    });
    const page = await browser.newPage();
    const warnings: string[] = [];
    const scripts: string[] = [];
    page.on("console", (message) => {
      if (message.type() === "warning") warnings.push(message.text());
    });
    page.on("request", (request) => {
      if (request.resourceType() === "script") scripts.push(new URL(request.url()).pathname.slice(1));
    });
    try {
      const printed = page.waitForEvent("console", (message) => message.text().startsWith(RESULT_MARK));
      await page.goto(site.uri);
      return { report: resultIn((await printed).text()), warnings, scripts };
    } finally {
      await page.close();
      await site.stop();
    }
  }

  const waiting = { status: "on, waiting for the tracing core to be loaded", started: 3 };

  for (const [name, bundle] of Object.entries(splitting)) {
    test(`made by ${name}, runs a chat before the core has come, and records it`, async () => {
      const { out, script, others } = await built(bundle);
      const sizes = others.map((file) => readFileSync(join(out, file)).length);
      assert.equal(sizes.filter((bytes) => bytes > CORE_BYTES).length, 1, `${others.join(", ")}: ${sizes.join(", ")}`);
      const { report, warnings, scripts } = await open(out, script);
      assert.deepEqual(report, {
        summary: "Good, thanks.",
        before: waiting,
        after: { status: "on", started: 3, unavailable: 0 },
        spans: ["initiate_chat", "assistant", "chat_completion"],
      });
      assert.deepEqual([warnings, scripts[0], new Set(scripts).size], [[], script, 1 + others.length]);
    });
  }

  test("in one file records the same", async () => {
    const { out, script, others } = await built(bundledBy["esbuild"]!);
    assert.deepEqual(others, []);
    const { report, warnings } = await open(out, script);
    const { spans } = report as { spans: string[] };
    assert.deepEqual([spans, warnings], [["initiate_chat", "assistant", "chat_completion"], []]);
  });

  test("whose other file is gone counts what is lost, and one warning names the fix", async () => {
    const { out, script, others } = await built(splitting["esbuild"]!);
    for (const file of others) if (!/chunk/i.test(file)) rmSync(join(out, file));
    const { report, warnings } = await open(out, script);
    const { after: later, ...rest } = report as { after: { status: string } };
    assert.deepEqual(rest, { summary: "Good, thanks.", before: waiting, spans: [] });
    assert.match(later.status, /^blocked: the file with the tracing core could not be loaded/);
    assert.deepEqual({ ...later, status: "" }, { status: "", started: 3, unavailable: 3 });
    assert.match(warnings.join("\n"), /^[^\n]*deploy all files that the bundler has made[^\n]*$/);
  });
});
