/** Pages whose server redirects their posts to another origin, in Chromium and Firefox. */

import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, beforeEach, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { Stats } from "mlflow-ag2";
import { type BrowserDriver, BROWSERS } from "../support/browser-driver.js";
import { userProject } from "../support/packed-package.js";
import { type PageServer, startPageServer } from "../support/page-server.js";
import { type Answer, type Received, type RecordingServer, startRecordingServer } from "../support/recording-server.js";
import type { AtHand } from "./programs/at_hand.js";

declare const self: AtHand & { reported: string[] };

/** A server that allows everything to pages, and notes what it is asked. */
async function startElsewhere(): Promise<{ server: Server; uri: string; received: string[] }> {
  const received: string[] = [];
  const server = createServer((request, response) => {
    received.push(`${request.method} ${request.url} ${JSON.stringify(request.headers)}`);
    response.writeHead(200, {
      "access-control-allow-origin": "*",
      "access-control-allow-headers": "*",
      "content-type": "application/x-protobuf",
    });
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { server, uri: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received };
}

for (const [name, start] of Object.entries(BROWSERS)) {
  describe(`a page in ${name} whose server redirects its posts to another origin`, () => {
    let browser: BrowserDriver;
    let pages: PageServer;
    let server: RecordingServer;
    let elsewhere: Awaited<ReturnType<typeof startElsewhere>>;
    let answer: (request: Received) => Answer | undefined;

    before(async () => {
      pages = await startPageServer(await userProject(fileURLToPath(new URL("programs", import.meta.url))));
      server = await startRecordingServer((request) => answer(request));
      elsewhere = await startElsewhere();
      browser = await start();
    });
    after(async () => {
      await browser?.close();
      await pages?.stop();
      await server?.stop();
      elsewhere?.server.closeAllConnections();
      elsewhere?.server.close();
    });
    beforeEach(async () => {
      elsewhere.received.length = 0;
      answer = () => undefined;
      await browser.open(pages.page("at_hand.js", `?${new URLSearchParams({ trackingUri: server.uri })}`));
      await browser.until(() => "mlflow" in self);
      await browser.ask(() => {
        self.reported = [];
        console.warn = (...parts: unknown[]) => void self.reported.push(parts.map(String).join(" "));
        self.mlflow.init({ token: "a-token", headers: { "X-Api-Key": "a key" } });
      });
    });

    const stats = (): Promise<Stats> => browser.ask(() => self.mlflow.stats());

    for (const status of [301, 302, 303, 307, 308]) {
      test(`by ${status}: that origin gets nothing, every span waits, and it is reported once`, async () => {
        answer = ({ path }) =>
          path === "/v1/traces" ? { status, body: "", headers: { location: `${elsewhere.uri}/v1/traces` } } : undefined;
        await browser.ask(async () => {
          self.trace(50);
          do await self.mlflow.flush({ timeoutMs: 300 });
          while (self.mlflow.stats().retries < 2 && self.mlflow.stats().delivered === 0);
        });
        const { delivered, buffered, lastError } = await stats();
        assert.deepEqual([delivered, buffered, lastError?.code], [0, 50, "redirected"]);
        assert.deepEqual(elsewhere.received, []);
        const reported = await browser.ask(() => self.reported);
        assert.equal(reported.length, 1, reported.join("\n"));
        assert.match(reported[0]!, /redirects.*set the tracking URI/);
        answer = () => undefined;
        await browser.ask(() => self.mlflow.flush({ timeoutMs: 60_000 }));
        assert.deepEqual([(await stats()).delivered, (await stats()).buffered], [50, 0]);
        assert.deepEqual(elsewhere.received, []);
      });
    }
  });
}
