/** A folder as a web site on localhost, with pages from memory and additional headers. */

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { asyncListener, listening } from "./local-server.js";

const TYPES: Record<string, string> = {
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".json": "application/json",
  ".wasm": "application/wasm",
  ".html": "text/html; charset=utf-8",
  ".css": "text/css",
  ".svg": "image/svg+xml",
};

/** A running site. */
export interface StaticSite {
  /** For example `http://localhost:41234`. */
  uri: string;
  stop(): Promise<void>;
}

/** What a site is, besides the files of its folder. */
export interface SiteOptions {
  /** Files made for it, by path. */
  pages?: Readonly<Record<string, string>>;
  headers?: Readonly<Record<string, string>>;
}

/** The page whose only script is the module at `script`. */
export function pageOf(script: string, inHead = ""): string {
  const head = `<meta charset="utf-8"><title>test</title><link rel="icon" href="data:,">${inHead}`;
  const body = `<script type="module" src="${script}"></script>`;
  return `<!doctype html><html lang="en"><head>${head}</head><body>${body}</body></html>`;
}

/** Serves `folder` until it is stopped. */
export async function startStaticSite(
  folder: string,
  { pages = {}, headers = {} }: SiteOptions = {},
): Promise<StaticSite> {
  const listener = asyncListener(async (request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    const path = pathname.endsWith("/") ? `${pathname}index.html` : pathname;
    try {
      const content = pages[path] ?? (await readFile(join(folder, normalize(path))));
      response
        .writeHead(200, { "content-type": TYPES[extname(path)] ?? "application/octet-stream", ...headers })
        .end(content);
    } catch {
      response.writeHead(404).end();
    }
  });
  const server = createServer(listener);
  const { port, stop } = await listening(server);
  return {
    uri: `http://localhost:${port}`,
    stop,
  };
}
