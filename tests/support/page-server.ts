/** A tiny static server: a project as a web site on localhost. */

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { asyncListener, listening } from "./local-server.js";
import { importMap } from "./packed-package.js";

const TYPES: Record<string, string> = {
  ".js": "text/javascript",
  ".json": "application/json",
  ".wasm": "application/wasm",
  ".html": "text/html",
};

/** A running page server. */
export interface PageServer {
  /** The URL of a page that runs the module `program` with `query` as the page's own query. */
  page(program: string, query: string): string;
  stop(): Promise<void>;
}

/** What a site has besides the files of its project. */
export interface Site {
  /** What its pages mean by bare names. */
  imports: Record<string, string>;
  /** Files by their paths on the site. */
  files?: ReadonlyMap<string, Uint8Array>;
}

/**
 * Serves `project` on `http://localhost:PORT`.
 *
 * @param site not given: a user's project, which has the package installed
 */
export async function startPageServer(
  project: string,
  { imports, files }: Site = importMap(project),
): Promise<PageServer> {
  const map = JSON.stringify({ imports });
  const listener = asyncListener(async (request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    if (pathname.startsWith("/run/")) {
      const program = JSON.stringify(pathname.slice("/run".length));
      response.writeHead(200, { "content-type": "text/html; charset=utf-8" });
      response.end(`<!doctype html><title>test</title><link rel="icon" href="data:,">
        <script type="importmap">${map}</script><script type="module" src=${program}></script>`);
      return;
    }
    try {
      const content = files?.get(pathname) ?? (await readFile(join(project, normalize(pathname))));
      response.writeHead(200, { "content-type": TYPES[extname(pathname)] ?? "application/octet-stream" }).end(content);
    } catch {
      response.writeHead(404).end();
    }
  });
  const server = createServer(listener);
  const { port, stop } = await listening(server);
  return {
    page: (program, query) => `http://localhost:${port}/run/${program}${query}`,
    stop,
  };
}
