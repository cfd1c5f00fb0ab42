/** The relays of docs/relay for pages of another origin: those of `origins` may use them, by CORS. */

import assert from "node:assert/strict";
import { createServer, type RequestListener } from "node:http";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { lineFromPage, startBrowser } from "../support/browser.js";
import { listening } from "../support/local-server.js";
import { mlflowServer } from "../support/mlflow-server.js";
import { userProject } from "../support/packed-package.js";
import { startPageServer } from "../support/page-server.js";
import { projectRoot } from "../support/project.js";
import { RESULT_MARK } from "../support/result.js";

type Handler = (request: Request) => Promise<Response>;

async function moduleOf<Module>(file: string): Promise<Module> {
  return (await import(pathToFileURL(join(projectRoot, "docs", "relay", file)).href)) as Module;
}

test("a page of a listed origin stores its trace and its feedback by a relay of another origin", async () => {
  const { createRelay } = await moduleOf<{ createRelay(settings: object): Handler }>("relay.js");
  const { nodeListener } = await moduleOf<{ nodeListener(relay: Handler): RequestListener }>("common.js");
  const stops: (() => Promise<void>)[] = [];
  try {
    const mlflow = await mlflowServer();
    stops.push(() => mlflow.stop());
    const pages = await startPageServer(await userProject(fileURLToPath(new URL("programs", import.meta.url))));
    stops.push(() => pages.stop());
    const { origin } = new URL(pages.page("", ""));
    const relay = createRelay({ trackingUri: mlflow.uri, origins: [origin] });
    const server = await listening(createServer(nodeListener(relay)));
    stops.push(() => server.stop());
    const browser = await startBrowser();
    stops.push(() => browser.close());

    const query = new URLSearchParams({
      trackingUri: `http://127.0.0.1:${server.port}/mlflow`,
      experiment: "relayed to another origin",
    });
    const line = await lineFromPage(browser, pages.page("one_span.js", `?${query}`), RESULT_MARK);
    const { traceId, flushed } = JSON.parse(line) as { traceId: string; flushed: { delivered: number } };
    assert.equal(flushed.delivered, 1);
    const stored = await fetch(`${mlflow.uri}/api/3.0/mlflow/traces/${traceId}`);
    const { trace } = (await stored.json()) as { trace: { trace_info: { assessments?: object[] } } };
    assert.equal(trace.trace_info.assessments?.length, 1);
  } finally {
    for (const stop of stops.reverse()) await stop();
  }
});

test("no other origin is allowed, and none without a list", async () => {
  const { createModelRelay } = await moduleOf<{ createModelRelay(settings: object): Handler }>("model-relay.js");
  const settings = { baseUrl: "https://models.example/v1", key: "sk-relay-key", models: ["small"] };
  const preflight = async (origins: string[] | undefined, origin: string): Promise<[number, string | null]> => {
    const response = await createModelRelay({ ...settings, ...(origins && { origins }) })(
      new Request("https://relay.example/model/chat/completions", {
        method: "OPTIONS",
        headers: { origin, "access-control-request-method": "POST" },
      }),
    );
    return [response.status, response.headers.get("access-control-allow-origin")];
  };
  const app = "https://app.example";
  assert.deepEqual(await preflight([app], app), [204, app]);
  assert.deepEqual(await preflight([app], `${app}.evil.example`), [403, null]);
  assert.deepEqual(await preflight([app], "null"), [403, null]);
  assert.deepEqual(await preflight(undefined, app), [403, null]);

  const refused = await createModelRelay({ ...settings, origins: [app] })(
    new Request("https://relay.example/model/models", { headers: { origin: app } }),
  );
  assert.deepEqual([refused.status, refused.headers.get("access-control-allow-origin")], [404, app]);
});
