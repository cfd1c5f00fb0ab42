/** Chats with the tools of MCP servers: over stdio in Node, Deno and Bun, over HTTP in Node and in a page. */

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { build } from "esbuild";
import { lineFromPage, startBrowser } from "../support/browser.js";
import { runOrThrow } from "../support/child.js";
import { temporaryFolder } from "../support/folder.js";
import { asyncListener, listening } from "../support/local-server.js";
import { userProject } from "../support/packed-package.js";
import { startPageServer } from "../support/page-server.js";
import { bun, deno, projectRoot } from "../support/project.js";
import { RESULT_MARK, resultIn } from "../support/result.js";
import { toolServer } from "./mcp_fixtures.js";
import type { McpReport } from "./mcp_programs/chat.js";

const NAMES = ["serve_stdio", "over_stdio", "over_http"];
const DENO = ["run", "--no-remote", "--no-lock", "--node-modules-dir=manual", "--no-prompt", "--allow-all"];

let project: string;
before(async () => {
  project = await userProject(temporaryFolder("empty"));
  const programs = join(projectRoot, "target", "tests", "agents", "mcp_programs");
  // A user's bundler puts the SDK in; the package stays as it is packed.
  await build({
    entryPoints: NAMES.map((name) => join(programs, `${name}.js`)),
    outdir: project,
    bundle: true,
    format: "esm",
    platform: "node",
    external: ["mlflow-ag2"],
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
    logLevel: "error",
  });
  await build({
    entryPoints: { page: join(programs, "over_http.js") },
    outdir: project,
    bundle: true,
    format: "esm",
    platform: "browser",
    external: ["mlflow-ag2"],
    logLevel: "error",
  });
});

function check({ results, contexts, spans, ended, cancelled }: McpReport): void {
  assert.deepEqual(results.slice(0, 3), [
    "Sun in Oslo for 1 days.",
    "Error: Tool call failed: the sensor is broken",
    "done",
  ]);
  assert.equal(contexts[0], contexts[1]);
  const server = ["weather station", "1.2.3"];
  assert.deepEqual(spans, [
    ["weather", "OK", ...server, 0],
    ["fail", "ERROR", ...server, 1],
    ["steps", "OK", ...server, 2],
    ["context", "OK", ...server, 0],
  ]);
  assert.match(ended, /enough/);
  assert.deepEqual(cancelled, ["1"]);
}

const HOSTS = { Node: [process.execPath], Deno: [deno(), ...DENO], Bun: [bun(), "run"] };

for (const [host, [program = "", ...options]] of Object.entries(HOSTS)) {
  test(`in ${host}, a program calls the tools of a server that it starts`, async () => {
    const parameters = [...options, "over_stdio.js", process.execPath];
    const environment = { DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" };
    check(resultIn(await runOrThrow(program, parameters, { cwd: project, environment })) as McpReport);
  });
}

/** A server of another origin than the pages, which lets them use it. */
async function startServer(): Promise<{ url: string; stop: () => Promise<void> }> {
  const sessions = new Map<string, StreamableHTTPServerTransport>();
  const server = createServer(
    asyncListener(async (request, response) => {
      response.setHeader("access-control-allow-origin", "*");
      response.setHeader("access-control-allow-methods", "GET, POST, DELETE");
      response.setHeader("access-control-allow-headers", "accept, content-type, mcp-session-id, mcp-protocol-version");
      response.setHeader("access-control-expose-headers", "mcp-session-id");
      if (request.method === "OPTIONS") return void response.writeHead(204).end();
      const session = sessions.get(String(request.headers["mcp-session-id"]));
      if (session !== undefined) return await session.handleRequest(request, response);
      const transport = new StreamableHTTPServerTransport({
        sessionIdGenerator: randomUUID,
        onsessioninitialized: (id) => void sessions.set(id, transport),
      });
      await toolServer().server.connect(transport);
      await transport.handleRequest(request, response);
    }),
  );
  const { port, stop } = await listening(server);
  return {
    url: `http://localhost:${port}/mcp`,
    stop: async () => {
      await Promise.all([...sessions.values()].map((session) => session.close()));
      await stop();
    },
  };
}

test("in Node and in a page, a program calls the tools of a server over HTTP", async () => {
  const { url, stop } = await startServer();
  const site = await startPageServer(project);
  const browser = await startBrowser();
  after(async () => {
    await browser.close();
    await site.stop();
    await stop();
  });
  const query = `?server=${encodeURIComponent(url)}`;
  check(resultIn(await runOrThrow(process.execPath, ["over_http.js", query], { cwd: project })) as McpReport);
  check(JSON.parse(await lineFromPage(browser, site.page("page.js", query), RESULT_MARK)) as McpReport);
});
