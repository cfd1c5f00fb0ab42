/** The relays of docs/relay, in front of a real MLflow server that requires a token, used by a page that has none. */

import assert from "node:assert/strict";
import { createServer, request as httpRequest, type OutgoingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
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

type Handler = (request: Request) => Promise<Response>;
interface RelaySettings {
  authorize?: (request: Request) => Response | undefined;
  fetch?: (url: string, init: RequestInit) => Promise<Response>;
  [name: string]: unknown;
}
interface RelayModule {
  createRelay(settings: RelaySettings): Handler;
}

interface Relay {
  uri: string;
  stop(): Promise<void>;
}

async function programRelay(program: string, parameters: string[], trackingUri: string): Promise<Relay> {
  const port = await freePort();
  const uri = `http://127.0.0.1:${port}`;
  const environment = {
    MLFLOW_TRACKING_URI: trackingUri,
    MLFLOW_TRACKING_TOKEN: TOKEN,
    PORT: String(port),
    DENO_NO_UPDATE_CHECK: "1",
  };
  const service = new Service(program, parameters, {
    cwd: FOLDER,
    environment,
  });
  await service.until(() => (service.printed.includes("Listening") ? true : undefined), 180_000);
  return { uri, stop: () => service.stop() };
}

const DENO = ["run", "--allow-net", "--allow-env", "--no-lock"];
const workerRelay = (file: string, trackingUri: string): Promise<Relay> =>
  startWorker(join(FOLDER, file), { MLFLOW_TRACKING_URI: trackingUri, MLFLOW_TRACKING_TOKEN: TOKEN });

const RELAYS: Record<string, (trackingUri: string) => Promise<Relay>> = {
  Deno: (trackingUri) => programRelay(deno(), [...DENO, "relay.js"], trackingUri),
  "Deno, by deno.js": (trackingUri) => programRelay(deno(), [...DENO, "deno.js"], trackingUri),
  Node: (trackingUri) => programRelay(process.execPath, ["relay.js"], trackingUri),
  "a Worker": (trackingUri) => workerRelay("relay.js", trackingUri),
  "a Worker, by worker.js": (trackingUri) => workerRelay("worker.js", trackingUri),
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

/** The status of a request whose target is written as it is, which `fetch` would not do; "closed" without one. */
function statusOf(
  relay: string,
  path: string,
  {
    method = "POST",
    headers = {},
    body = [],
  }: { method?: string; headers?: OutgoingHttpHeaders; body?: Buffer[] } = {},
): Promise<number | "closed"> {
  return new Promise((resolve) => {
    const { hostname, port } = new URL(relay);
    const request = httpRequest({ hostname, port, path, method, headers }, (response) => {
      resolve(response.statusCode ?? 0);
      request.destroy();
    });
    request.on("error", () => resolve("closed"));
    for (const chunk of body) request.write(chunk);
    // A declared length that does not come is not waited for.
    if (headers["content-length"] === undefined) request.end();
    else request.flushHeaders();
  });
}

/** A field of a protobuf message. */
const field = (number: number, content: Uint8Array | string): Buffer =>
  Buffer.concat([Buffer.from([(number << 3) | 2, content.length]), Buffer.from(content)]);
const NOW = Buffer.alloc(8);
NOW.writeBigUInt64LE(1_767_225_600_000_000_000n);
/** An `ExportTraceServiceRequest` with one span. */
const SPAN = Buffer.concat([
  field(1, Buffer.alloc(16, 7)),
  field(2, Buffer.alloc(8, 7)),
  field(5, "relayed"),
  Buffer.from([0x39]),
  NOW,
  Buffer.from([0x41]),
  NOW,
]);
const OTLP = field(1, field(2, field(2, SPAN)));
const SEARCH = "/api/2.0/mlflow/experiments/search";
const PROTOBUF = { "content-type": "application/x-protobuf", "x-mlflow-experiment-id": "0" };

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
        const stored = await fetch(`${mlflow.uri}/api/3.0/mlflow/traces/${traceId}`);
        assert.equal(stored.status, 200);
        const { trace } = (await stored.json()) as { trace: { trace_info: { assessments?: object[] } } };
        assert.equal(trace.trace_info.assessments?.length, 1, "the feedback of the page");
      } finally {
        await context.close();
        await relay.stop();
      }
    });

    test(`a relay in ${where} passes on nothing but what the tracer needs, and nothing of other pages`, async () => {
      const relay = await start(`http://127.0.0.1:${(proxy.address() as AddressInfo).port}`);
      try {
        const traces = "/mlflow/v1/traces";
        const get = (path: string, headers: OutgoingHttpHeaders = {}): Promise<number | "closed"> =>
          statusOf(relay.uri, path, { method: "GET", headers });
        const experiment = "/mlflow/api/2.0/mlflow/experiments/get?experiment_id=0";
        assert.equal(await get(experiment), 200);
        assert.equal(await statusOf(relay.uri, traces, { headers: PROTOBUF, body: [OTLP] }), 200);
        const json = { "content-type": "application/json" };
        for (const path of ["experiments/delete", "traces/search", "runs/search", "traces/delete-traces"])
          assert.equal(await statusOf(relay.uri, `/mlflow/api/2.0/mlflow/${path}`, { headers: json }), 404, path);
        assert.equal(await statusOf(relay.uri, "/mlflow/api/3.0/mlflow/traces/search", { headers: json }), 404);
        assert.equal(await get("/mlflow/api/3.0/mlflow/traces/get?trace_id=tr-1"), 404);
        for (const method of ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"])
          assert.equal(await statusOf(relay.uri, traces, { method, headers: PROTOBUF }), 405, method);
        assert.equal(await statusOf(relay.uri, experiment, { headers: json }), 405);
        for (const type of ["text/plain", "application/x-www-form-urlencoded", ""])
          assert.equal(await statusOf(relay.uri, traces, { headers: { ...PROTOBUF, "content-type": type } }), 415);
        for (const origin of ["https://evil.example", "null", `${relay.uri}.evil.example`, "x"])
          assert.equal(await statusOf(relay.uri, traces, { headers: { ...PROTOBUF, origin } }), 403, origin);
        assert.equal(
          await statusOf(relay.uri, traces, { headers: { ...PROTOBUF, origin: relay.uri }, body: [OTLP] }),
          200,
        );
        assert.equal(await get(experiment, { "sec-fetch-site": "cross-site" }), 403);
        const rewritten = { origin: "https://app.example", host: "internal:3000" };
        assert.equal(
          await statusOf(relay.uri, traces, {
            headers: { ...PROTOBUF, ...rewritten, "sec-fetch-site": "same-origin" },
            body: [OTLP],
          }),
          200,
        );
        assert.equal(await statusOf(relay.uri, traces, { headers: { ...PROTOBUF, ...rewritten } }), 403);
        const large = { ...PROTOBUF, "content-length": "9000000" };
        assert.ok([413, "closed"].includes(await statusOf(relay.uri, traces, { headers: large })));
        const streamed = { headers: PROTOBUF, body: Array.from({ length: 10 }, () => Buffer.alloc(1_000_000)) };
        assert.ok([413, "closed"].includes(await statusOf(relay.uri, traces, streamed)));
      } finally {
        await relay.stop();
      }
    });

    test(`no other spelling of a path gets through a relay in ${where}`, async () => {
      const relay = await start(`http://127.0.0.1:${(proxy.address() as AddressInfo).port}`);
      try {
        for (const path of [
          "//mlflow/v1/traces",
          "/mlflow//v1/traces",
          "/mlflow/v1/traces/",
          "/mlflow/v1/traces;x",
          "/mlflow/v1/traces%00",
          "/mlflow/v1%2Ftraces",
          "/mlflow/v1%252ftraces",
          "/MLFLOW/v1/traces",
          "/mlflow/V1/Traces",
          "/mlflow/v1/%74races",
          "/mlflow/v1/traces/../../api/2.0/mlflow/experiments/delete",
          "/mlflow/v1/traces/%2e%2e/%2e%2e/api/2.0/mlflow/runs/create",
          "/mlflow/v1/traces/..%2f..%2fversion",
          "/mlflow/..;/v1/traces",
          "/mlflow\\v1\\traces",
          "http://elsewhere.example/other/v1/traces",
          "//elsewhere.example/mlflow/v1/traces",
          "/mlflow/api/2.0/mlflow-artifacts/artifacts/0/traces/../../../x/traces.json",
        ]) {
          const status = await statusOf(relay.uri, path, { headers: PROTOBUF });
          assert.ok([400, 403, 404, 405, "closed"].includes(status), `${path}: ${status}`);
        }
        for (const query of ["", "?experiment_id=0&x=1", "?experiment_id=0&experiment_id=1", "?EXPERIMENT_ID=0"]) {
          const path = `/mlflow/api/2.0/mlflow/experiments/get${query}`;
          assert.equal(await statusOf(relay.uri, path, { method: "GET" }), 400, query);
        }
      } finally {
        await relay.stop();
      }
    });
  }

  test("a relay with settings writes to its experiments only, for its pages and by its names", async () => {
    const { createRelay } = (await import(pathToFileURL(join(FOLDER, "relay.js")).href)) as RelayModule;
    const trackingUri = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const created = await fetch(`${mlflow.uri}/api/2.0/mlflow/experiments/create`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ name: "not for pages" }),
    });
    const { experiment_id: other } = (await created.json()) as { experiment_id: string };
    const relay = createRelay({
      trackingUri,
      token: TOKEN,
      experiments: ["0"],
      origins: ["https://app.example"],
      hosts: ["relay.example"],
      authorize: (request) => (request.headers.has("x-blocked") ? new Response(null, { status: 429 }) : undefined),
    });
    const ask = async (path: string, init: RequestInit = {}): Promise<[number, string]> => {
      const response = await relay(
        new Request(`http://relay.example/mlflow${path}`, {
          ...init,
          headers: {
            host: "relay.example",
            origin: "https://app.example",
            ...(init.headers as Record<string, string>),
          },
        }),
      );
      return [response.status, await response.text()];
    };
    const post = (
      headers: Record<string, string>,
      body: BodyInit = "",
      path = "/v1/traces",
    ): Promise<[number, string]> => ask(path, { method: "POST", headers, body });
    const search = (filter: string, max_results = 1): Promise<[number, string]> =>
      post({ "content-type": "application/json" }, JSON.stringify({ filter, view_type: "ALL", max_results }), SEARCH);
    const info = (id: unknown, more: object = {}): string =>
      JSON.stringify({
        trace: {
          trace_info: {
            trace_id: `tr-${"1".repeat(32)}`,
            trace_location: { type: "MLFLOW_EXPERIMENT", mlflow_experiment: { experiment_id: id } },
            request_time: "2026-01-01T00:00:00Z",
            state: "OK",
            ...more,
          },
        },
      });
    const json = { "content-type": "application/json" };
    const feedbackOn = async (experiment: string, id: string): Promise<string> => {
      const [trace, location] = [
        `tr-${id.repeat(32)}`,
        JSON.parse(info(experiment)) as { trace: { trace_info: object } },
      ];
      Object.assign(location.trace.trace_info, { trace_id: trace });
      const body = JSON.stringify(location);
      await fetch(`${mlflow.uri}/api/3.0/mlflow/traces`, { method: "POST", headers: json, body });
      return `/api/3.0/mlflow/traces/${trace}/assessments`;
    };
    const judged = (more: object = {}): string =>
      JSON.stringify({
        assessment: {
          assessment_name: "helpful",
          source: { source_type: "HUMAN", source_id: "page" },
          create_time: "2026-01-01T00:00:00Z",
          last_update_time: "2026-01-01T00:00:00Z",
          feedback: { value: true },
          ...more,
        },
      });
    const gzippedFeedback = new Response(
      new Blob([judged({ overrides: "a-1" })]).stream().pipeThrough(new CompressionStream("gzip")),
    );
    const [onOurs, onOther] = [await feedbackOn("0", "2"), await feedbackOn(other, "3")];
    const evil = { type: "MLFLOW_EXPERIMENT", mlflow_experiment: { experiment_id: other } };
    const gzipped = new Response(new Blob([info(other)]).stream().pipeThrough(new CompressionStream("gzip")));
    const rows: [expected: number, reason: RegExp, answer: Promise<[number, string]>][] = [
      [200, /^/, post(PROTOBUF, new Uint8Array(OTLP))],
      [200, /trace_info/, post(json, info("0"), "/api/3.0/mlflow/traces")],
      [403, /RELAY_EXPERIMENTS/, post({ ...PROTOBUF, "x-mlflow-experiment-id": other })],
      [403, /RELAY_EXPERIMENTS/, post({ "content-type": "application/x-protobuf" })],
      [403, /RELAY_EXPERIMENTS/, post({ ...PROTOBUF, "x-mlflow-experiment-id": `0, ${other}` })],
      [403, /RELAY_EXPERIMENTS/, post(json, info(other), "/api/3.0/mlflow/traces")],
      [400, /no trace info/, post(json, info("0", { traceLocation: evil }), "/api/3.0/mlflow/traces")],
      [400, /no trace info/, post(json, "[1", "/api/3.0/mlflow/traces")],
      [
        403,
        /RELAY_EXPERIMENTS/,
        post({ ...json, "content-encoding": "gzip" }, await gzipped.arrayBuffer(), "/api/3.0/mlflow/traces"),
      ],
      [200, /helpful/, post(json, judged(), onOurs)],
      [403, /RELAY_EXPERIMENTS/, post(json, judged(), onOther)],
      [404, /not found/i, post(json, judged(), onOurs.replaceAll("2".repeat(32), "4".repeat(32)))],
      [400, /no feedback/, post(json, judged({ overrides: "a-1" }), onOurs)],
      [400, /no feedback/, post(json, "[1", onOurs)],
      [400, /no feedback/, post({ ...json, "content-encoding": "gzip" }, await gzippedFeedback.arrayBuffer(), onOurs)],
      [405, /POST/, ask(onOurs)],
      [404, /./, ask(`${onOurs}/a-1`, { method: "DELETE" })],
      [403, /RELAY_EXPERIMENTS/, post(json, '{"name":"x"}', "/api/2.0/mlflow/experiments/create")],
      [200, /Default/, ask("/api/2.0/mlflow/experiments/get-by-name?experiment_name=Default")],
      [403, /RELAY_EXPERIMENTS/, ask("/api/2.0/mlflow/experiments/get-by-name?experiment_name=not%20for%20pages")],
      [200, /Default/, search("name = 'Default'")],
      [200, /^\{\}$/, search("name = 'no such experiment'")],
      [403, /RELAY_EXPERIMENTS/, search("name = 'not for pages'")],
      [400, /no search/, search("name LIKE '%'")],
      [400, /no search/, search("name = 'a' AND name != 'b'")],
      [400, /no search/, search("name = 'Default'", 1000)],
      [403, /RELAY_EXPERIMENTS/, ask(`/api/2.0/mlflow/experiments/get?experiment_id=${other}`)],
      [403, /RELAY_WORKSPACES/, post({ ...PROTOBUF, "x-mlflow-workspace": "other" })],
      [403, /RELAY_ORIGINS/, post({ ...PROTOBUF, origin: "https://relay.example" })],
      [403, /RELAY_ORIGINS/, post({ ...PROTOBUF, origin: "https://app.example.evil" })],
      [403, /RELAY_HOSTS/, post({ ...PROTOBUF, host: "rebound.example" })],
      [429, /^$/, post({ ...PROTOBUF, "x-blocked": "1" })],
      [415, /encoding/, post({ ...PROTOBUF, "content-encoding": "br" })],
    ];
    for (const [at, [expected, reason, answer]] of rows.entries()) {
      const [status, text] = await answer;
      assert.deepEqual([at, status], [at, expected], text);
      assert.match(text, reason);
      assert.equal(text.includes(TOKEN), false);
    }
    const upstream = createRelay({
      trackingUri,
      token: TOKEN,
      fetch: async () => new Response(`bad token ${TOKEN}`, { status: 401, headers: { "set-cookie": "a=b" } }),
    });
    const response = await upstream(new Request("http://relay.example/mlflow/version"));
    assert.deepEqual([response.status, await response.text()], [401, "bad token ***"]);
    assert.equal(response.headers.get("set-cookie"), null);
    const redirecting = createRelay({ trackingUri, fetch: async () => Response.redirect("http://elsewhere.example") });
    assert.equal((await redirecting(new Request("http://relay.example/mlflow/version"))).status, 502);
  });
});
