/** The built page `www`, served on localhost under a strict content security policy. */

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { asyncListener, listening } from "./local-server.js";
import { projectRoot } from "./project.js";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".css": "text/css",
  ".js": "text/javascript",
  ".svg": "image/svg+xml",
};

/** What the page must live with. */
export const STRICT_POLICY = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'";

const ANSWER = JSON.stringify({
  id: "answer",
  model: "own-model",
  choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: "So it is. TERMINATE" } }],
  usage: { prompt_tokens: 11, completion_tokens: 4, total_tokens: 15 },
});

/** A running site. */
export interface Site {
  readonly url: string;
  /** Paths that were requested, newest last. */
  readonly requested: readonly string[];
  /** The keys of requests to the site's model, newest last. */
  readonly keys: readonly (string | undefined)[];
  stop(): Promise<void>;
}

/**
 * Serves the page.
 *
 * @param connections besides the site itself, what the policy lets the page connect to
 * @param files more files, by their paths on the site
 * The site has a model as well, below `/v1`, which ends every conversation at once.
 */
export async function startSite(
  connections: readonly string[] = [],
  files: ReadonlyMap<string, string | Buffer> = new Map(),
): Promise<Site> {
  const requested: string[] = [];
  const keys: (string | undefined)[] = [];
  const policy =
    connections.length === 0 ? STRICT_POLICY : `${STRICT_POLICY}; connect-src 'self' ${connections.join(" ")}`;
  const listener = asyncListener(async (request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    requested.push(request.url ?? "");
    if (pathname === "/v1/chat/completions") {
      keys.push(request.headers.authorization);
      request.resume();
      response.writeHead(200, { "content-type": "application/json" }).end(ANSWER);
      return;
    }
    const path = pathname === "/" ? "/index.html" : pathname;
    try {
      const content = files.get(path) ?? (await readFile(join(projectRoot, "target", "www-site", normalize(path))));
      response
        .writeHead(200, {
          "content-type": TYPES[extname(path)] ?? "application/octet-stream",
          "content-security-policy": policy,
        })
        .end(content);
    } catch {
      response.writeHead(404).end();
    }
  });
  const server = createServer(listener);
  const { port, stop } = await listening(server);
  return {
    url: `http://localhost:${port}/`,
    requested,
    keys,
    stop,
  };
}
