/** Pages with a strict content security policy: what tracing needs, and what happens without it. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { Browser } from "playwright-core";
import { startBrowser } from "../support/browser.js";
import { temporaryFolder } from "../support/folder.js";
import { userProject } from "../support/packed-package.js";
import { projectRoot } from "../support/project.js";
import { RESULT_MARK, resultIn } from "../support/result.js";
import { pageOf, startStaticSite } from "../support/static-site.js";

/** The strictest policies: nothing but the site's own files. */
const WITH_WASM = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'";
const WITHOUT_WASM = "default-src 'none'; script-src 'self'; connect-src 'self'";

interface Seen {
  report: { summary: string; byHand: number; spans: number; unavailable: string | null };
  /** The texts of `console.warn` in the page. */
  warnings: string[];
  /** What the browser refused. */
  refusals: string[];
}

describe("under a content security policy", () => {
  let browser: Browser;
  let out: string;
  before(async () => {
    const project = await userProject(fileURLToPath(new URL("apps", import.meta.url)));
    out = temporaryFolder("csp");
    await build({
      entryPoints: [join(project, "csp-page.js")],
      outfile: join(out, "page.js"),
      bundle: true,
      format: "esm",
      logLevel: "silent",
    });
    browser = await startBrowser();
  });
  after(() => browser?.close());

  async function open(policy: string): Promise<Seen> {
    const site = await startStaticSite(out, {
      pages: { "/index.html": pageOf("./page.js") },
      headers: { "content-security-policy": policy },
    });
    const page = await browser.newPage();
    const warnings: string[] = [];
    const refusals: string[] = [];
    page.on("console", (message) => {
      if (message.type() === "warning") warnings.push(message.text());
      if (message.type() === "error" && /script|eval|wasm/i.test(message.text())) refusals.push(message.text());
    });
    page.on("pageerror", (error) => refusals.push(error.message));
    try {
      const printed = page.waitForEvent("console", (message) => message.text().startsWith(RESULT_MARK));
      await page.goto(site.uri);
      return { report: resultIn((await printed).text()) as Seen["report"], warnings, refusals };
    } finally {
      await page.close();
      await site.stop();
    }
  }

  test("`script-src 'self' 'wasm-unsafe-eval'` is enough for tracing", async () => {
    const { report, warnings, refusals } = await open(WITH_WASM);
    assert.deepEqual(report, { summary: "Good, thanks.", byHand: 42, spans: 3, unavailable: null });
    assert.deepEqual([warnings, refusals], [[], []]);
  });

  test("without it the agents run on, one warning names the fix, and `stats()` has the reason", async () => {
    const { report, warnings } = await open(WITHOUT_WASM);
    const { summary, byHand, spans, unavailable } = report;
    assert.deepEqual({ summary, byHand, spans }, { summary: "Good, thanks.", byHand: 42, spans: 0 });
    assert.match(unavailable ?? "", /script-src 'wasm-unsafe-eval'/);
    assert.equal(warnings.length, 1);
    assert.ok(warnings[0]?.includes("script-src 'wasm-unsafe-eval'"), warnings[0]);
  });

  test("docs/hosts.md shows the policy that is tested", () => {
    const page = readFileSync(join(projectRoot, "docs", "hosts.md"), "utf8");
    assert.ok(page.includes("script-src 'self' 'wasm-unsafe-eval'"));
  });
});
