/**
 * Pages of another origin whose server goes away for a moment at each request with spans, or whose server refuses the
 * browser's question whether spans may be sent, in Chromium with a real MLflow server. To the page, both look the same.
 */

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { startBrowser } from "../support/browser.js";
import { Upstream } from "../support/faults/upstream.js";
import { asyncListener, type LocalServer, listening } from "../support/local-server.js";
import { type MlflowServer, mlflowServer } from "../support/mlflow-server.js";
import { userProject } from "../support/packed-package.js";
import { type PageServer, startPageServer } from "../support/page-server.js";
import type { AtHand } from "./programs/at_hand.js";

declare const self: AtHand;

const CORS = {
  "access-control-allow-origin": "*",
  "access-control-allow-headers": "content-type, content-encoding, x-mlflow-experiment-id",
  "access-control-allow-methods": "*",
  // Else browsers repeat a request by themselves that fails on a connection that was used before.
  connection: "close",
};
const SPANS = "/v1/traces";

/** A server before the real one. */
interface Front extends LocalServer {
  /** How often it goes away at spans, until it has been asked something else. */
  outages: number;
  /** Whether it refuses the question whether spans may be sent. */
  refusesPreflight: boolean;
  /** What the real server was asked. */
  readonly passed: string[];
}

async function startFront(mlflow: string): Promise<Front> {
  const upstream = new Upstream(mlflow);
  let isAway = false;
  const listener = asyncListener(async (incoming, response) => {
    const { method = "", url = "", headers } = incoming;
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    if (url === SPANS && front.outages > 0 && !isAway) {
      isAway = true;
      front.outages -= 1;
    }
    if (isAway) {
      if (url !== SPANS) isAway = false;
      return void response.socket!.resetAndDestroy();
    }
    if (method === "OPTIONS") {
      const isRefused = url === SPANS && front.refusesPreflight;
      return void response.writeHead(isRefused ? 401 : 204, CORS).end();
    }
    front.passed.push(`${method} ${url.replace(/tr-[0-9a-f]+/, "ID")}`);
    const answer = await upstream.ask({ method, path: url, headers, body: Buffer.concat(chunks) });
    response.writeHead(answer.status, { ...answer.headers, ...CORS }).end(answer.body);
  });
  const running = await listening(createServer(listener));
  const front: Front = {
    outages: 0,
    refusesPreflight: false,
    passed: [],
    port: running.port,
    stop: async () => {
      await running.stop();
      upstream.close();
    },
  };
  return front;
}

describe("a page in Chromium whose spans get no response", () => {
  let pages: PageServer;
  let browser: Browser;
  let mlflow: MlflowServer;
  let front: Front;
  let page: Page;

  before(async () => {
    const programs = fileURLToPath(new URL("programs", import.meta.url));
    const [project, started] = await Promise.all([userProject(programs), mlflowServer()]);
    mlflow = started;
    pages = await startPageServer(project);
    browser = await startBrowser();
  });
  after(async () => {
    await browser?.close();
    await pages?.stop();
    await mlflow?.stop();
  });
  beforeEach(async () => {
    front = await startFront(mlflow.uri);
    page = await browser.newPage();
    const ready = page.waitForEvent("console", (message) => message.text().startsWith("RESULT"));
    const query = new URLSearchParams({ trackingUri: `http://127.0.0.1:${front.port}` });
    await page.goto(pages.page("at_hand.js", `?${query}`));
    await ready;
  });
  afterEach(async () => {
    await page.close();
    await front.stop();
  });

  /** Records a trace of 50 spans and flushes until they are delivered; how often spans were sent, and files. */
  async function deliver(): Promise<{ spans: number; files: number }> {
    front.passed.length = 0;
    const { dropped } = await page.evaluate(async () => {
      const before = self.mlflow.stats().delivered;
      self.trace(50);
      do await self.mlflow.flush({ timeoutMs: 2_000 });
      while (self.mlflow.stats().delivered < before + 50);
      return self.mlflow.stats();
    });
    assert.deepEqual(Object.values(dropped).filter(Boolean), []);
    const count = (isMeant: (line: string) => boolean): number => front.passed.filter(isMeant).length;
    return {
      spans: count((line) => line === `POST ${SPANS}`),
      files: count((line) => line.startsWith("PUT ") && line.endsWith("/traces.json")),
    };
  }

  test("because the server is away for a moment, three times, still sends its spans by OTLP", async () => {
    front.outages = 3;
    assert.deepEqual(await deliver(), { spans: 1, files: 0 });
    assert.equal(front.outages, 0);
    assert.deepEqual(await deliver(), { spans: 1, files: 0 });
  });

  test("because the server refuses the preflight of OTLP sends whole traces as files", async () => {
    front.refusesPreflight = true;
    assert.deepEqual(await deliver(), { spans: 0, files: 1 });
    assert.deepEqual(await deliver(), { spans: 0, files: 1 });
  });
});
