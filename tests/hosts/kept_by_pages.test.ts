/** What a page has recorded and not delivered survives the page, however it ends, and the next one delivers it. */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { type MortalBrowser, startMortalBrowser } from "../support/browser.js";
import { temporaryFolder } from "../support/folder.js";
import { type Gate, startGate } from "../support/gate.js";
import { assertHeld, assertSentOnce, madeTraces } from "../support/kept.js";
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

/** Opens the program `keep` in a page of its own, and waits until it has said `mark`; gives all that it said. */
async function openPage(
  query: Record<string, string>,
  mark: string,
  page?: Page,
): Promise<{ page: Page; said: string }> {
  page ??= await browser.user.newPage();
  const said: string[] = [];
  const saying = new Promise<void>((resolve, reject) => {
    page.on("console", (message) => {
      said.push(message.text());
      if (message.text().startsWith(mark)) resolve();
    });
    page.on("pageerror", reject);
    setTimeout(() => reject(new Error(`the page did not say ${mark}:\n${said.join("\n")}`)), 60_000).unref();
  });
  await page.goto(pages.page("keep.js", `?${new URLSearchParams(query)}`));
  await saying;
  return { page, said: said.join("\n") };
}

/** What the next start delivers. */
async function deliver(trackingUri: string): Promise<{ restored: number; delivered: number }> {
  const { page, said } = await openPage({ trackingUri, end: "deliver" }, RESULT_MARK);
  await page.close();
  return JSON.parse(said.slice(said.lastIndexOf(RESULT_MARK) + RESULT_MARK.length)) as {
    restored: number;
    delivered: number;
  };
}

describe("kept by a page", () => {
  let gate: Gate;
  before(async () => void (gate = await startGate(server.uri)));
  after(() => gate?.stop());

  const endings: Record<string, (page: Page) => Promise<unknown>> = {
    "its tab was closed": (page) => page.close(),
    "it was left for another": (page) => page.goto(pages.page("nothing.js", "")),
    "it crashed": async (page) => {
      const crashed = page.waitForEvent("crash");
      const session = await browser.user.newCDPSession(page);
      session.send("Page.crash").catch(() => undefined); // nobody is left to answer
      await crashed;
    },
    "its browser was killed": async () => {
      await browser.kill();
      browser = await startMortalBrowser(profile);
    },
  };
  for (const [ending, end] of Object.entries(endings)) {
    test(`after ${ending} the next start delivers everything`, async () => {
      gate.shut();
      const { page, said } = await openPage({ trackingUri: gate.uri, traces: "2", end: "hang" }, "KEPT");
      await end(page);
      gate.open();
      const { restored } = await deliver(gate.uri);
      assert.equal(restored, 4);
      await assertHeld(server.uri, madeTraces(said));
    });
  }

  test("what is recorded while the page is being left is delivered too", async () => {
    gate.shut();
    const { page, said } = await openPage({ trackingUri: gate.uri, traces: "1", end: "leave" }, "KEPT");
    await page.goto(pages.page("nothing.js", ""));
    gate.open();
    assert.equal((await deliver(gate.uri)).restored, 4);
    await assertHeld(server.uri, madeTraces(said));
  });
});

describe("kept by pages", () => {
  let recording: RecordingServer;
  let gate: Gate;
  before(async () => {
    const headers = { "access-control-allow-origin": "*", "access-control-allow-headers": "*" };
    recording = await startRecordingServer(({ path }) => ({
      status: path === "/v1/traces" ? 200 : 404,
      body: "",
      headers,
    }));
    gate = await startGate(recording.uri);
  });
  after(async () => {
    await gate?.stop();
    await recording?.stop();
  });

  test("of several tabs that open at once after a crash, each trace is delivered by one", async () => {
    const { said } = await openPage({ trackingUri: gate.uri, traces: "20", end: "hang" }, "KEPT");
    await browser.kill();
    browser = await startMortalBrowser(profile);
    gate.open();
    const tabs = await Promise.all([1, 2, 3].map(() => deliver(gate.uri)));
    assert.equal(
      tabs.reduce((sum, { restored }) => sum + restored, 0),
      40,
    );
    assertSentOnce(recording.exports(), madeTraces(said));
  });

  test("what a tab that lives has kept is left to it", async () => {
    gate.shut();
    const { page } = await openPage({ trackingUri: gate.uri, traces: "1", end: "hang" }, "KEPT");
    const other = await openPage({ trackingUri: gate.uri, end: "look" }, RESULT_MARK);
    assert.match(other.said, /"restored":0/);
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
    test(`where the browser gives ${what}, one warning says so and all goes on in memory`, async () => {
      gate.open();
      const page = await browser.user.newPage();
      await page.addInitScript(refuse);
      const { said } = await openPage({ trackingUri: gate.uri, traces: "1", end: "flush" }, RESULT_MARK, page);
      assert.equal(said.match(/\[not_persisted\]/g)?.length, 1, said);
      assert.match(said, /"delivered":2/);
      await page.close();
    });
  }
});
