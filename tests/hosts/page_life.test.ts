/** Pages that are left, come back, or lose the network, in Chromium: what they recorded arrives, each span once. */

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { Browser, BrowserContext, Page } from "playwright-core";
import type { FlushResult, Stats } from "mlflow-ag2";
import { ELSEWHERE, startBrowser } from "../support/browser.js";
import { userProject } from "../support/packed-package.js";
import { type PageServer, startPageServer } from "../support/page-server.js";
import { type Answer, type Received, type RecordingServer, startRecordingServer } from "../support/recording-server.js";
import type { AtHand } from "./programs/at_hand.js";
import { spansIn } from "./programs/otlp.js";

declare const self: AtHand & {
  document: unknown;
  dispatchEvent(event: Event): void;
  addEventListener(event: string, listener: () => void, options: object): void;
};

describe("a page in Chromium", () => {
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let pages: PageServer;
  let server: RecordingServer;
  let answer: (request: Received) => Answer | "never" | undefined;

  before(async () => {
    pages = await startPageServer(await userProject(fileURLToPath(new URL("programs", import.meta.url))));
    browser = await startBrowser();
  });
  after(async () => {
    await browser?.close();
    await pages?.stop();
  });
  beforeEach(async () => {
    answer = () => undefined;
    server = await startRecordingServer((request) => answer(request));
    context = await browser.newContext();
  });
  afterEach(async () => {
    await context.close();
    await server.stop();
  });

  async function open(host = "127.0.0.1"): Promise<void> {
    page = await context.newPage();
    const ready = page.waitForEvent("console", (message) => message.text().startsWith("RESULT"));
    await page.goto(
      pages.page("at_hand.js", `?${new URLSearchParams({ trackingUri: server.uri.replace("127.0.0.1", host) })}`),
    );
    await ready;
  }

  const leave = (): Promise<unknown> => page.goto(pages.page("nothing.js", ""));
  const stats = (): Promise<Stats> => page.evaluate(() => self.mlflow.stats());

  /** Traces in the page, and flushes until a request has failed and is to be retried, however long that takes. */
  const flushUntilRetry = (): Promise<FlushResult> =>
    page.evaluate(async () => {
      self.trace(50);
      let result;
      do result = await self.mlflow.flush({ timeoutMs: 500 });
      while (self.mlflow.stats().retries === 0);
      return result;
    });

  /** Waits until as many different spans as that have arrived, and sees to it that it is exactly those. */
  async function arrived(count: number): Promise<void> {
    const ids = (): Set<string> =>
      new Set(server.exports().flatMap(({ body }) => spansIn(body).map(({ spanId }) => spanId)));
    for (const end = Date.now() + 60_000; ids().size < count && Date.now() < end; )
      await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(ids().size, count);
  }

  test("that unloads after a long chat, with a slow server: every span arrives", async () => {
    answer = () => ({ status: 200, body: "", afterMs: 300 });
    await open();
    const { started } = await page.evaluate(async () => {
      await self.chat(26);
      return self.mlflow.stats();
    });
    assert.ok(started > 100, `the chat has ${started} spans`);
    await leave();
    await arrived(started);
  });

  test("that unloads at once with more than the browser sends: roots and errors arrive", async () => {
    await open();
    await page.evaluate(() => {
      for (let count = 0; count < 20; count += 1) {
        self.mlflow.withSpan(
          (root) => {
            self.mlflow
              .startSpan({
                name: "long",
                parent: root,
                inputs: Array.from({ length: 1_500 }, () => Math.random().toString(36)).join(),
              })
              .end();
            self.mlflow.startSpan({ name: "failed", parent: root }).end({ status: "ERROR" });
          },
          { name: "root" },
        );
      }
    });
    await leave();
    const names = (): string[] =>
      server
        .exports()
        .flatMap(({ body }) => spansIn(body))
        .map(({ name }) => name)
        .sort();
    for (const end = Date.now() + 60_000; names().length < 41 && Date.now() < end; )
      await new Promise((resolve) => setTimeout(resolve, 20));
    const [failed, long, root] = ["failed", "long", "root"].map(
      (wanted) => names().filter((name) => name === wanted).length,
    );
    assert.deepEqual([failed, root], [20, 20]);
    assert.ok(long! > 0 && long! < 20, `${long} of the long spans arrived`);
    assert.ok(server.exports().reduce((sum, { wireBytes }) => sum + wireBytes, 0) <= 65_536);
  });

  test("that is closed: every span arrives", async () => {
    await open();
    await page.evaluate(() => self.trace(50));
    server.preflightMs = 300; // a request that ends with its page has no preflight either
    await page.close({ runBeforeUnload: true });
    await arrived(50);
  });

  test("that is hidden: every span arrives, compressed", async () => {
    await open();
    await page.evaluate(() => {
      self.trace(50);
      Object.defineProperty(self.document, "visibilityState", { value: "hidden" });
      self.dispatchEvent(new Event("visibilitychange"));
    });
    await arrived(50);
    assert.ok(server.exports().every(({ headers }) => headers["content-encoding"] === "gzip"));
  });

  test("that returns from the browser's cache continues", async (its) => {
    const keeping = await startBrowser({ keepsPages: true });
    its.after(() => keeping.close());
    await context.close();
    context = await keeping.newContext();
    answer = () => ({ status: 503, body: "", headers: { "retry-after": "3600" } });
    await open();
    await page.evaluate(() => {
      self.trace(50);
      return self.mlflow.flush({ timeoutMs: 200 });
    });
    // The server recovers at the moment of the return; the requests of the unload fail too.
    await page.evaluate((uri) => {
      self.addEventListener(
        "pageshow",
        () => {
          const request = new XMLHttpRequest();
          request.open("GET", `${uri}/back`, false);
          request.send();
        },
        { capture: true },
      );
    }, server.uri);
    let isBack = false;
    answer = ({ path }) => {
      isBack ||= path === "/back";
      return isBack
        ? { status: 200, body: "" }
        : { status: 503, body: "", headers: { "retry-after": "3600", "access-control-expose-headers": "retry-after" } };
    };
    await leave();
    // A page that is loaded again does not have these spans. Its return is not reported to the browser's driver.
    await page.goBack({ waitUntil: "commit" });
    await arrived(50);
    await page.evaluate(() => self.trace(10));
    await arrived(60);
  });

  test("without a network tries nothing, and sends at once when it is back", async () => {
    await open(ELSEWHERE);
    await page.evaluate(() => self.mlflow.flush());
    const before = await stats();
    await context.setOffline(true);
    const flushed = await page.evaluate(() => {
      self.trace(50);
      return self.mlflow.flush();
    });
    assert.equal(flushed.pending, 50);
    assert.deepEqual([(await stats()).requests, (await stats()).retries], [before.requests, before.retries]);
    await context.setOffline(false);
    await arrived(50);
  });

  for (const status of [301, 302, 307, 308]) {
    test(`whose server redirects with ${status}: nothing is sent elsewhere, every span waits`, async () => {
      answer = ({ path }) =>
        path === "/v1/traces"
          ? { status, body: "", headers: { location: "/moved/v1/traces" } }
          : { status: 200, body: "" };
      await open();
      const { delivered, pending } = await flushUntilRetry();
      assert.deepEqual([delivered, pending], [0, 50]);
      assert.ok(!server.received.some(({ path }) => path.startsWith("/moved")));
      assert.match((await stats()).lastError?.message ?? "", /redirects.*set the tracking URI/);
    });
  }

  test("whose server redirects to a page to log in: every span waits, and stats() names the fix", async () => {
    const login: Answer = { status: 200, body: "<html>", headers: { "content-type": "text/html" } };
    answer = ({ path }) => (path === "/v1/traces" ? { status: 302, body: "", headers: { location: "/login" } } : login);
    await open();
    const { pending } = await flushUntilRetry();
    assert.equal(pending, 50);
    assert.match((await stats()).lastError?.message ?? "", /log in/);
  });

  test("that unloads while feedback waits for a busy server: it is sent once more, and so arrives", async () => {
    const isFeedback = ({ method, path }: Received): boolean => method === "POST" && path.endsWith("/assessments");
    const sent = (): number => server.received.filter(isFeedback).length;
    const until = async (count: number): Promise<void> => {
      for (const end = Date.now() + 60_000; sent() < count && Date.now() < end; )
        await new Promise((resolve) => setTimeout(resolve, 20));
      assert.equal(sent(), count);
    };
    answer = (request) => (isFeedback(request) ? { status: 503, body: "" } : undefined);
    await open();
    const waiting = await page.evaluate(async () => {
      self.trace(2);
      await self.mlflow.flush();
      const traceId = self.mlflow.getLastActiveTraceId()!;
      self.mlflow.logFeedback({ traceId, name: "helpful", value: true }).catch(() => undefined);
      return self.mlflow.stats().changesWaiting;
    });
    assert.equal(waiting, 1);
    await until(4); // the fifth is due after two seconds
    await leave();
    await until(5);
  });

  test("that was frozen sends its spans before, and continues after", async () => {
    await open();
    const session = await context.newCDPSession(page);
    await page.evaluate(() => self.trace(50));
    await session.send("Page.setWebLifecycleState", { state: "frozen" });
    await arrived(50);
    await session.send("Page.setWebLifecycleState", { state: "active" });
    await page.evaluate(() => self.trace(10));
    await arrived(60);
  });
});
