/** A tiny static server: a user's project as a web site on localhost. */

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { importMap } from "./packed-package.js";

const TYPES: Record<string, string> = { ".js": "text/javascript", ".json": "application/json", ".wasm": "application/wasm", ".html": "text/html" };

/** A running page server. */
export interface PageServer {
  /** The URL of a page that runs the module `program` with `query` as the page's own query. */
  page(program: string, query: string): string;
  stop(): Promise<void>;
}

/** Serves `project` on `http://localhost:PORT`. */
export async function startPageServer(project: string): Promise<PageServer> {
  const map = JSON.stringify(importMap(project));
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    if (pathname.startsWith("/run/")) {
      const program = JSON.stringify(pathname.slice("/run".length));
      response.writeHead(200, { "content-type": "text/html; charset=utf-8" });
      response.end(`<!doctype html><title>test</title><link rel="icon" href="data:,">
        <script type="importmap">${map}</script><script type="module" src=${program}></script>`);
      return;
    }
    try {
      const content = await readFile(join(project, normalize(pathname)));
      response.writeHead(200, { "content-type": TYPES[extname(pathname)] ?? "application/octet-stream" }).end(content);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    page: (program, query) => `http://localhost:${port}/run/${program}${query}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
