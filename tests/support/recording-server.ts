/** A fake MLflow server that records requests and returns responses of the test. */

import { createServer, type IncomingMessage } from "node:http";
import { gunzipSync } from "node:zlib";
import { asyncListener, listening } from "./local-server.js";

/** One request that was received. */
export interface Received {
  method: string;
  /** Path and query. */
  path: string;
  headers: IncomingMessage["headers"];
  /** Decompressed. */
  body: Buffer;
  /** As it came. */
  wireBytes: number;
}

/** An answer; not given: what MLflow 3.17.2 answers when all is well. */
export interface Answer {
  status: number;
  body: string | Uint8Array;
  /** Beside the usual ones; `undefined` leaves one of those out. */
  headers?: Record<string, string | undefined>;
  /** How long the server takes. */
  afterMs?: number;
}

const USUAL_HEADERS = { "content-type": "application/json", "access-control-allow-origin": "*" };

/** Pages of any origin may send anything, as with `mlflow server --cors-allowed-origins "*"`. */
const PREFLIGHT = {
  "access-control-allow-origin": "*",
  "access-control-allow-headers": "authorization, content-type, content-encoding, x-api-key, x-mlflow-experiment-id",
  "access-control-max-age": "600",
};

/** A running server. */
export interface RecordingServer {
  uri: string;
  received: Received[];
  /** The delay of responses to preflight requests. */
  preflightMs: number;
  /** The requests that brought spans. */
  exports(): Received[];
  stop(): Promise<void>;
}

/** Starts it on a free port of 127.0.0.1. An answer of "never" leaves the request without one. */
export async function startRecordingServer(
  answer: (request: Received) => Answer | "never" | undefined = () => undefined,
): Promise<RecordingServer> {
  const received: Received[] = [];
  const listener = asyncListener(async (incoming, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    if (incoming.method === "OPTIONS") return void response.writeHead(204, PREFLIGHT).end();
    const sent = Buffer.concat(chunks);
    const content = incoming.headers["content-encoding"] === "gzip" ? gunzipSync(sent) : sent;
    const request = {
      method: incoming.method ?? "",
      path: incoming.url ?? "",
      headers: incoming.headers,
      body: content,
      wireBytes: sent.byteLength,
    };
    received.push(request);
    const answered = answer(request) ?? healthyAnswer(request);
    if (answered === "never") return;
    const { status, body, headers, afterMs = 0 } = answered;
    setTimeout(() => response.writeHead(status, withoutGaps({ ...USUAL_HEADERS, ...headers })).end(body), afterMs);
  });
  const server = createServer(listener);
  const { port, stop } = await listening(server);
  const running: RecordingServer = {
    preflightMs: 0,
    uri: `http://127.0.0.1:${port}`,
    received,
    exports: () => received.filter(({ path }) => path === "/v1/traces"),
    stop,
  };
  return running;
}

function withoutGaps(headers: Record<string, string | undefined>): Record<string, string> {
  const given = Object.entries(headers).filter((line): line is [string, string] => line[1] !== undefined);
  return Object.fromEntries(given);
}

function healthyAnswer({ path, body }: Received): Answer {
  if (path === "/v1/traces") return { status: 200, body: "", headers: { "content-type": "application/x-protobuf" } };
  // MLflow answers with what it has stored.
  if (path === "/api/3.0/mlflow/traces") return { status: 200, body };
  if (path === "/api/3.0/mlflow/server-info")
    return { status: 200, body: JSON.stringify({ store_type: "SqlStore", workspaces_enabled: true }) };
  if (path.includes("/experiments/create")) return { status: 200, body: JSON.stringify({ experiment_id: "7" }) };
  const experiment = { experiment_id: "7", name: "an experiment", lifecycle_stage: "active" };
  if (path.includes("/experiments/search")) {
    const { filter } = JSON.parse(String(body)) as { filter: string };
    return {
      status: 200,
      body: JSON.stringify({ experiments: [{ ...experiment, name: filter.slice("name = '".length, -1) }] }),
    };
  }
  if (path.includes("/experiments/get")) {
    const name = new URL(path, "http://localhost").searchParams.get("experiment_name") ?? experiment.name;
    return { status: 200, body: JSON.stringify({ experiment: { ...experiment, name } }) };
  }
  return { status: 404, body: JSON.stringify({ error_code: "ENDPOINT_NOT_FOUND", message: "" }) };
}
