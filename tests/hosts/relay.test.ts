/** The relays of docs/relay, in front of a real MLflow server that requires a token, used by a page that has none. */

import assert from "node:assert/strict";
import { createServer, request as httpRequest, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { Browser } from "playwright-core";
import { lineFromPage, startBrowser } from "../support/browser.js";
import { Service } from "../support/child.js";
import { freePort, type MlflowServer, mlflowServer } from "../support/mlflow-server.js";
import { userProject } from "../support/packed-package.js";
import { type PageServer, startPageServer } from "../support/page-server.js";
import { deno, projectRoot } from "../support/project.js";
import { RESULT_MARK } from "../support/result.js";
import { asyncListener } from "../support/local-server.js";
import { startWorker } from "../support/workerd.js";

const TOKEN = "geheim";
const FOLDER = join(projectRoot, "docs", "relay");

interface Relay {
  uri: string;
  stop(): Promise<void>;
}

async function denoRelay(trackingUri: string): Promise<Relay> {
  const port = await freePort();
  const uri = `http://127.0.0.1:${port}`;
  const environment = {
    MLFLOW_TRACKING_URI: trackingUri,
    MLFLOW_TRACKING_TOKEN: TOKEN,
    PORT: String(port),
    DENO_NO_UPDATE_CHECK: "1",
  };
  const service = new Service(deno(), ["run", "--allow-net", "--allow-env", "--no-lock", "deno.js"], {
    cwd: FOLDER,
    environment,
  });
  await service.until(() => (service.printed.includes("Listening") ? true : undefined), 180_000);
  return { uri, stop: () => service.stop() };
}

const RELAYS: Record<string, (trackingUri: string) => Promise<Relay>> = {
  Deno: denoRelay,
  "a Worker": (trackingUri) =>
    startWorker(join(FOLDER, "worker.js"), { MLFLOW_TRACKING_URI: trackingUri, MLFLOW_TRACKING_TOKEN: TOKEN }),
};

/** A proxy in front of MLflow that requires a token. */
async function startAuthenticatingProxy(mlflow: string): Promise<Server> {
  const listener = asyncListener(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (request.headers.authorization !== `Bearer ${TOKEN}`) return void response.writeHead(401).end();
    const { authorization: _, host: __, connection: ___, ...headers } = request.headers as Record<string, string>;
    const body = chunks.length === 0 ? undefined : Buffer.concat(chunks);
    const answer = await fetch(mlflow + request.url, {
      method: request.method ?? "GET",
      headers,
      ...(body && { body }),
    });
    response
      .writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "" })
      .end(Buffer.from(await answer.arrayBuffer()));
  });
  const proxy = createServer(listener);
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  return proxy;
}

/** How the relay answers to a body of that length, before it has come; of an unknown length if not given. */
function statusOfLength(relay: string, length: string | undefined): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const headers = length === undefined ? { "transfer-encoding": "chunked" } : { "content-length": length };
    const request = httpRequest(`${relay}/mlflow/v1/traces`, { method: "POST", headers }, (response) => {
      resolve(response.statusCode);
      request.destroy();
    });
    request.on("error", reject);
    request.write("x");
  });
}

describe("a page without a secret", () => {
  const stops: (() => unknown)[] = [];
  let mlflow: MlflowServer;
  let proxy: Server;
  let pages: PageServer;
  let browser: Browser;

  before(async () => {
    mlflow = await mlflowServer();
    stops.push(() => mlflow.stop());
    proxy = await startAuthenticatingProxy(mlflow.uri);
    stops.push(() => new Promise((resolve) => proxy.close(resolve).closeAllConnections()));
    pages = await startPageServer(await userProject(fileURLToPath(new URL("programs", import.meta.url))));
    stops.push(() => pages.stop());
    browser = await startBrowser();
    stops.push(() => browser.close());
  });
  after(async () => {
    for (const stop of stops.reverse()) await stop();
  });

  for (const [where, start] of Object.entries(RELAYS)) {
    test(`reaches MLflow by a relay in ${where} on its own origin`, async () => {
      const relay = await start(`http://127.0.0.1:${(proxy.address() as AddressInfo).port}`);
      const context = await browser.newContext();
      try {
        // The page and the relay share an origin, as in an app whose server has the relay among its routes.
        await context.route(
          (url) => url.origin === relay.uri && !url.pathname.startsWith("/mlflow/"),
          async (route) => {
            const { pathname, search } = new URL(route.request().url());
            await route.fulfill({
              response: await route.fetch({ url: new URL(pathname + search, pages.page("", "")).href }),
            });
          },
        );
        const query = new URLSearchParams({ trackingUri: "/mlflow", experiment: `relayed by ${where}` });
        const { pathname, search } = new URL(pages.page("one_span.js", `?${query}`));
        const line = await lineFromPage(context, relay.uri + pathname + search, RESULT_MARK);
        const { traceId, flushed } = JSON.parse(line) as {
          traceId: string;
          flushed: { delivered: number; pending: number };
        };
        assert.deepEqual([flushed.delivered, flushed.pending], [1, 0]);
        assert.equal((await fetch(`${mlflow.uri}/api/3.0/mlflow/traces/${traceId}`)).status, 200);
      } finally {
        await context.close();
        await relay.stop();
      }
    });

    test(`a relay in ${where} passes on nothing but what the tracer needs, and nothing of other pages`, async () => {
      const relay = await start(`http://127.0.0.1:${(proxy.address() as AddressInfo).port}`);
      try {
        const status = async (path: string, init: RequestInit = {}): Promise<number> =>
          (await fetch(relay.uri + path, init)).status;
        assert.equal(await status("/mlflow/api/2.0/mlflow/experiments/get?experiment_id=0"), 200);
        assert.equal(await status("/mlflow/api/2.0/mlflow/experiments/delete", { method: "POST", body: "{}" }), 404);
        assert.equal(await status("/mlflow/api/3.0/mlflow/traces/search", { method: "POST", body: "{}" }), 404);
        assert.equal(
          await status("/mlflow/v1/traces", { method: "POST", body: "x", headers: { origin: "https://evil.example" } }),
          404,
        );
        assert.equal(await statusOfLength(relay.uri, "9000000"), 413);
        assert.equal(await statusOfLength(relay.uri, undefined), 413);
      } finally {
        await relay.stop();
      }
    });
  }
});
