/**
 * One origin with all that a user meets in the first hour: the pages, a model, MLflow, MLflow behind a token, and a
 * server that is none of MLflow's. Pages so need no CORS, and programs of the command line use the same addresses.
 */

import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { extname, join, normalize } from "node:path";
import { asyncListener, listening } from "../support/local-server.js";
import { pageOf } from "../support/static-site.js";

const TYPES: Record<string, string> = { ".js": "text/javascript", ".html": "text/html; charset=utf-8" };

interface ChatRequest {
  messages: { role: string; content?: string | null }[];
}

/** Asks for the tool once, and ends with its result. */
function answerTo({ messages }: ChatRequest): object {
  const last = messages.at(-1);
  const message =
    last?.role === "tool"
      ? { role: "assistant", content: `It is ${last.content}. TERMINATE` }
      : {
          role: "assistant",
          content: null,
          tool_calls: [
            {
              id: "call_1",
              type: "function",
              function: { name: "calculator", arguments: '{"a":6,"b":7,"operator":"*"}' },
            },
          ],
        };
  return {
    id: "chatcmpl-1",
    object: "chat.completion",
    created: 1_750_000_000,
    model: "gpt-4o-mini",
    choices: [{ index: 0, message, finish_reason: last?.role === "tool" ? "stop" : "tool_calls" }],
    usage: { prompt_tokens: 20, completion_tokens: 5, total_tokens: 25 },
  };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Passes a request on to MLflow, as a reverse proxy does. */
async function forward(request: IncomingMessage, response: ServerResponse, url: string): Promise<void> {
  const headers = Object.entries(request.headers).filter(
    ([name]) => !/^(?:host|connection|content-length|authorization|origin|referer|sec-.*)$/.test(name),
  ) as [string, string][];
  const body = await bodyOf(request);
  const answer = await fetch(url, {
    method: request.method!,
    headers,
    ...(body.length > 0 && { body: new Uint8Array(body) }),
  });
  const bytes = Buffer.from(await answer.arrayBuffer());
  response
    .writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "application/json" })
    .end(bytes);
}

/** Starts the site over the files of `folder`; the head of its page has `inHead` before the script `script`. */
export async function startHourSite(
  folder: string,
  mlflow: string,
  token: string,
  page: { script: string; inHead: string } | undefined,
): Promise<{ uri: string; stop(): Promise<void> }> {
  const listener = asyncListener(async (request, response) => {
    const { pathname, search } = new URL(request.url ?? "/", "http://localhost");
    const [, first = "", rest = ""] = /^\/([^/]*)(.*)$/.exec(pathname) ?? [];
    switch (first) {
      case "model": {
        const answer = JSON.stringify(answerTo(JSON.parse(String(await bodyOf(request))) as ChatRequest));
        response.writeHead(200, { "content-type": "application/json" }).end(answer);
        return;
      }
      case "guarded":
        if (request.headers.authorization !== `Bearer ${token}`) {
          response.writeHead(401, { "content-type": "application/json" }).end('{"message":"unknown token"}');
          return;
        }
        return forward(request, response, mlflow + rest + search);
      case "mlflow":
        return forward(request, response, mlflow + rest + search);
      case "other":
        response.writeHead(404, { "content-type": "text/html" }).end("<h1>Not found</h1>");
        return;
      case "":
        if (page === undefined) break;
        response.writeHead(200, { "content-type": TYPES[".html"] }).end(pageOf(page.script, page.inHead));
        return;
    }
    try {
      const path = pathname === "/" ? "/index.html" : pathname;
      const content = await readFile(join(folder, normalize(path)));
      response.writeHead(200, { "content-type": TYPES[extname(path)] ?? "application/octet-stream" }).end(content);
    } catch {
      response.writeHead(404).end();
    }
  });
  const { port, stop } = await listening(createServer(listener));
  return { uri: `http://localhost:${port}`, stop };
}
