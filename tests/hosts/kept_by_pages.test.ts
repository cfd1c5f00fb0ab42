/** What a page has recorded and not delivered survives the page, however it ends, and the next one delivers it. */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { type MortalBrowser, startMortalBrowser } from "../support/browser.js";
import { temporaryFolder } from "../support/folder.js";
import { type TcpProxy, startTcpProxy } from "../support/tcp-proxy.js";
import { assertChanged, assertHeld, assertSentOnce, madeTraces } from "../support/persistence.js";
import { type MlflowServer, mlflowServer } from "../support/mlflow-server.js";
import { userProject } from "../support/packed-package.js";
import { type PageServer, startPageServer } from "../support/page-server.js";
import { type RecordingServer, startRecordingServer } from "../support/recording-server.js";
import { RESULT_MARK } from "../support/result.js";

let pages: PageServer;
let browser: MortalBrowser;
let server: MlflowServer;
const profile = temporaryFolder("profile");

before(async () => {
  const [project, started] = await Promise.all([
    userProject(fileURLToPath(new URL("programs", import.meta.url))),
    mlflowServer(),
  ]);
  server = started;
  pages = await startPageServer(project);
  browser = await startMortalBrowser(profile);
});
after(async () => {
  await browser?.kill();
  await pages?.stop();
  await server?.stop();
});

/** Opens the program `keep` in a page of its own, waits until it has printed `mark`, and returns its output. */
async function openPage(
  query: Record<string, string>,
  mark: string,
  usedPage?: Page,
): Promise<{ page: Page; output: string }> {
  const page = usedPage ?? (await browser.user.newPage());
  const output: string[] = [];
  const printing = new Promise<void>((resolve, reject) => {
    page.on("console", (message) => {
      output.push(message.text());
      if (message.text().startsWith(mark)) resolve();
    });
    page.on("pageerror", reject);
    setTimeout(() => reject(new Error(`the page did not print ${mark}:\n${output.join("\n")}`)), 300_000).unref();
  });
  await page.goto(pages.page("keep.js", `?${new URLSearchParams(query)}`));
  await printing;
  return { page, output: output.join("\n") };
}

/** What the next start delivers. */
async function deliver(trackingUri: string): Promise<{ restored: number; delivered: number }> {
  const { page, output } = await openPage({ trackingUri, end: "deliver" }, RESULT_MARK);
  await page.close();
  return JSON.parse(output.slice(output.lastIndexOf(RESULT_MARK) + RESULT_MARK.length)) as {
    restored: number;
    delivered: number;
  };
}

describe("kept by a page", () => {
  let proxy: TcpProxy;
  before(async () => void (proxy = await startTcpProxy(server.uri)));
  after(() => proxy?.stop());

  const endings: Record<string, (page: Page) => Promise<unknown>> = {
    "its tab was closed": (page) => page.close(),
    "it was left for another": (page) => page.goto(pages.page("nothing.js", "")),
    "it crashed": async (page) => {
      const crashed = page.waitForEvent("crash");
      const session = await browser.user.newCDPSession(page);
      session.send("Page.crash").catch(() => undefined); // the page cannot respond any more
      await crashed;
    },
    "its browser was killed": async () => {
      await browser.kill();
      browser = await startMortalBrowser(profile);
    },
  };
  for (const [ending, end] of Object.entries(endings)) {
    test(`after ${ending} the next start delivers everything, feedback and tags too`, async () => {
      proxy.close();
      const query = { trackingUri: proxy.uri, traces: "2", changesMs: "60000", end: "hang" };
      const { page, output } = await openPage(query, "KEPT");
      await end(page);
      proxy.open();
      const { restored } = await deliver(proxy.uri);
      assert.equal(restored, 4);
      await assertHeld(server.uri, madeTraces(output));
      await assertChanged(server.uri, madeTraces(output));
    });
  }

  test("spans that are recorded during unload are delivered too", async () => {
    proxy.close();
    const { page, output } = await openPage({ trackingUri: proxy.uri, traces: "1", end: "leave" }, "KEPT");
    await page.goto(pages.page("nothing.js", ""));
    proxy.open();
    assert.equal((await deliver(proxy.uri)).restored, 4);
    await assertHeld(server.uri, madeTraces(output));
  });

  test("what an unloading page sends, and the next start sends again, is stored once", async () => {
    proxy.close();
    const query = { trackingUri: proxy.uri, traces: "1", changesMs: "60000", end: "leave" };
    const { page, output } = await openPage(query, "KEPT");
    proxy.open();
    await page.goto(pages.page("nothing.js", ""));
    await deliver(proxy.uri);
    await assertHeld(server.uri, madeTraces(output));
    await assertChanged(server.uri, madeTraces(output));
  });
});

describe("kept by pages", () => {
  let recording: RecordingServer;
  let proxy: TcpProxy;
  before(async () => {
    const headers = { "access-control-allow-origin": "*", "access-control-allow-headers": "*" };
    recording = await startRecordingServer(({ path }) => ({
      status: path === "/v1/traces" ? 200 : 404,
      body: "",
      headers,
    }));
    proxy = await startTcpProxy(recording.uri);
  });
  after(async () => {
    await proxy?.stop();
    await recording?.stop();
  });

  test("of several tabs that open at once after a crash, each trace is delivered by one", async () => {
    const { output } = await openPage({ trackingUri: proxy.uri, traces: "20", end: "hang" }, "KEPT");
    await browser.kill();
    browser = await startMortalBrowser(profile);
    proxy.open();
    const tabs = await Promise.all([1, 2, 3].map(() => deliver(proxy.uri)));
    assert.equal(
      tabs.reduce((sum, { restored }) => sum + restored, 0),
      40,
    );
    assertSentOnce(recording.exports(), madeTraces(output));
  });

  test("the records of a running tab are not taken over", async () => {
    proxy.close();
    const { page } = await openPage({ trackingUri: proxy.uri, traces: "1", end: "hang" }, "KEPT");
    const other = await openPage({ trackingUri: proxy.uri, end: "look" }, RESULT_MARK);
    assert.match(other.output, /"restored":0/);
    await page.close();
    await other.page.close();
  });

  const refusals: Record<string, () => void> = {
    "no database": () =>
      void Object.defineProperty(globalThis, "indexedDB", {
        value: {
          open: () => {
            throw new Error("not in private");
          },
        },
      }),
    "no locks": () => void Object.defineProperty(navigator, "locks", { value: undefined }),
  };
  for (const [what, refuse] of Object.entries(refusals)) {
    test(`where the browser gives ${what}, there is one warning, and spans stay in memory`, async () => {
      proxy.open();
      const page = await browser.user.newPage();
      await page.addInitScript(refuse);
      const { output } = await openPage({ trackingUri: proxy.uri, traces: "1", end: "flush" }, RESULT_MARK, page);
      assert.equal(output.match(/\[not_persisted\]/g)?.length, 1, output);
      assert.match(output, /"delivered":2/);
      await page.close();
    });
  }
});
