/**
 * A server before a real MLflow server that fails by script. It accepts requests from pages of any origin, so that
 * only the script causes failures.
 */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { rejectedBy } from "./rules.js";
import type { Fault, FaultScript, Step } from "./script.js";
import { malformedAnswer } from "./malformed-bodies.js";
import { Upstream, type WholeAnswer, type WholeRequest } from "./upstream.js";

const CORS = {
  "access-control-allow-origin": "*",
  "access-control-allow-headers": "*, authorization, content-type, content-encoding",
  "access-control-allow-methods": "*",
  "access-control-expose-headers": "*",
  "access-control-max-age": "600",
};
/** What a redirected request is found by. */
const CIRCLE = "in-a-circle";
const ELSEWHERE = "/elsewhere";

/** A running fault server. */
export interface FaultServer {
  /** Its tracking URI. */
  readonly uri: string;
  /** What it did, a line per request that was not treated well: for failures of tests. */
  readonly log: readonly string[];
  /** Whether every step of the script was used. */
  readonly recovered: () => boolean;
  stop(): Promise<void>;
}

/** Starts one before the server at `upstreamUri`, on a free port of 127.0.0.1. */
export async function startFaultServer(upstreamUri: string, script: FaultScript): Promise<FaultServer> {
  const server = new Misbehaving(upstreamUri, script);
  await server.listen(0);
  return server;
}

class Misbehaving implements FaultServer {
  readonly log: string[] = [];
  readonly #upstream: Upstream;
  readonly #script: FaultScript;
  readonly #server: Server;
  readonly #left: { step: Step; times: number }[];
  #port = 0;
  #reopening: Promise<void> | undefined;
  #stopped = false;

  constructor(upstreamUri: string, script: FaultScript) {
    this.#upstream = new Upstream(upstreamUri);
    this.#script = script;
    this.#left = (script.steps ?? []).map((step) => ({ step, times: step.times ?? 1 }));
    this.#server = createServer((incoming, response) => {
      // A request that is cut off in the middle is none of ours to mend.
      this.#treat(incoming, response).catch(() => response.destroy());
    });
  }

  get uri(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  recovered = (): boolean => this.#left.length === 0;

  listen(port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(port, "127.0.0.1", () => {
        this.#port = (this.#server.address() as AddressInfo).port;
        resolve();
      });
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#reopening;
    await this.#close();
    this.#upstream.close();
  }

  #close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  async #treat(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "", url = "", headers, socket } = incoming;
    if (method === "OPTIONS") return void response.writeHead(204, CORS).end();
    const fault = this.#next(method, url);
    if (fault.kind !== "none") this.log.push(`${method} ${url}: ${JSON.stringify(fault)}`);
    if (fault.kind === "closed" && fault.when === "at once") return closeHard(socket);
    if (fault.kind === "down") return this.#goDown(fault.ms);

    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const request = { method, path: url, headers, body: Buffer.concat(chunks) };
    switch (fault.kind) {
      case "none":
        return this.#passOn(request, response);
      case "slow":
        await new Promise((resolve) => setTimeout(resolve, fault.ms));
        return this.#passOn(request, response);
      case "status":
        return void response
          .writeHead(fault.status, {
            ...(fault.cors === false ? {} : CORS),
            ...fault.headers,
            ...retryAt(fault.retryAtMs),
          })
          .end();
      case "malformed":
        return answer(response, malformedAnswer(fault.status, fault.what));
      case "redirect": {
        const [path] = url.split("?");
        const location = fault.to === "itself" ? `${path}?${CIRCLE}=${fault.status}` : ELSEWHERE + url;
        return void response.writeHead(fault.status, { ...CORS, location }).end();
      }
      case "closed":
        if (fault.when === "stored") await this.#upstream.ask(request);
        if (fault.when !== "mid-answer") return closeHard(socket);
        response.writeHead(200, { ...CORS, "content-type": "application/x-protobuf", "content-length": 1000 });
        return void response.write("the beginning", () => closeHard(socket));
      case "hang": // the socket stays open until the other side gives up or this server stops
    }
  }

  /** What happens to the next request. */
  #next(method: string, url: string): Fault {
    const circle = new URL(url, this.uri).searchParams.get(CIRCLE);
    if (circle !== null) return { kind: "redirect", status: Number(circle), to: "itself" };
    if (url.startsWith(ELSEWHERE)) return { kind: "none" };
    const isOf = url.includes("/experiments/") ? "experiment" : method === "GET" ? "reading" : "spans";
    const index = this.#left.findIndex(({ step }) => (step.of ?? "spans") === isOf);
    const next = this.#left[index];
    if (next === undefined) return { kind: "none" };
    next.times -= 1;
    if (next.times <= 0) this.#left.splice(index, 1);
    return next.step.fault;
  }

  async #passOn(request: WholeRequest, response: ServerResponse): Promise<void> {
    const path = request.path.startsWith(ELSEWHERE) ? request.path.slice(ELSEWHERE.length) : request.path;
    const { refusal, changed, afterwards } = rejectedBy(this.#script, { ...request, path });
    if (refusal !== undefined) {
      this.log.push(`${request.method} ${path}: ${refusal.status} by a rule, ${request.body.length} bytes`);
      return refusal.status === 0 ? closeHard(response.socket!) : answer(response, refusal);
    }
    if (afterwards !== undefined) this.log.push(`${request.method} ${path}: some spans left out by a rule`);
    const given = changed === undefined ? undefined : await this.#upstream.ask(changed);
    answer(response, afterwards?.(given) ?? given ?? { status: 200, headers: {}, body: Buffer.alloc(0) });
  }

  async #goDown(ms: number): Promise<void> {
    await this.#reopening;
    this.#reopening = this.#close()
      .then(() => new Promise<void>((resolve) => setTimeout(resolve, ms)))
      .then(() => (this.#stopped ? undefined : this.listen(this.#port)));
    await this.#reopening;
  }
}

function answer(response: ServerResponse, { status, headers, body }: WholeAnswer): void {
  response.writeHead(status, { ...headers, ...CORS }).end(body);
}

function retryAt(waitMs: number | undefined): Record<string, string> {
  return waitMs === undefined ? {} : { "retry-after": new Date(Date.now() + waitMs).toUTCString() };
}

/** Closes without a farewell, as a machine that loses power. */
function closeHard(socket: Socket): void {
  socket.resetAndDestroy();
}
