/** A stand-in for an MLflow server that counts what it is asked and answers as it is told. */

import { createServer, type IncomingMessage } from "node:http";

/** One request that was received. */
export interface Received {
  method: string;
  /** Path and query. */
  path: string;
  headers: IncomingMessage["headers"];
  body: Buffer;
}

/** An answer; not given: what MLflow 3.17.2 answers when all is well. */
export interface Answer {
  status: number;
  body: string;
  headers?: Record<string, string>;
}

/** A running stand-in. */
export interface RecordingServer {
  uri: string;
  received: Received[];
  /** The requests that brought spans. */
  exports(): Received[];
  stop(): Promise<void>;
}

/** Starts it on a free port of 127.0.0.1. */
export async function startRecordingServer(answer: (request: Received) => Answer | undefined = () => undefined): Promise<RecordingServer> {
  const received: Received[] = [];
  const server = createServer(async (incoming, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const request = { method: incoming.method ?? "", path: incoming.url ?? "", headers: incoming.headers, body: Buffer.concat(chunks) };
    received.push(request);
    const { status, body, headers } = answer(request) ?? healthyAnswer(request);
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    uri: `http://127.0.0.1:${port}`,
    received,
    exports: () => received.filter(({ path }) => path === "/v1/traces"),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function healthyAnswer({ path }: Received): Answer {
  if (path === "/v1/traces") return { status: 200, body: "", headers: { "content-type": "application/x-protobuf" } };
  if (path.includes("/experiments/create")) return { status: 200, body: JSON.stringify({ experiment_id: "7" }) };
  if (path.includes("/experiments/get")) {
    const name = new URL(path, "http://localhost").searchParams.get("experiment_name") ?? "an experiment";
    return { status: 200, body: JSON.stringify({ experiment: { experiment_id: "7", name, lifecycle_stage: "active" } }) };
  }
  return { status: 404, body: JSON.stringify({ error_code: "ENDPOINT_NOT_FOUND", message: "" }) };
}
