/**
 * Compresses spans for servers that accept it: MLflow does from 3.7 on (mlflow/server/otel_api.py), and every
 * collector has to (OTLP 1.0, "Protobuf-encoded request"). An older server responds with 400, and gets
 * uncompressed requests for an hour. The rest of MLflow's API accepts nothing compressed.
 */

import { monotonicMs } from "../util/clock.js";

/** The content type of spans. */
const PROTOBUF = "application/x-protobuf";

/**
 * Statuses that may mean an unsupported compression: bad request, unsupported media type, and an error of some
 * proxies.
 */
const UNSUPPORTED_STATUSES = new Set([400, 415, 500]);

/** How long a refusal of compressed bodies is believed: the server may be upgraded, or only have failed just then. */
const REFUSAL_MS = 3_600_000;

/** The origins of servers that do not support compressed bodies, each with the time until which that is believed. */
const plainServers = new Map<string, number>();
/** The origins of servers that do. */
const gzipServers = new Set<string>();

/** Whether to compress the body of a request; `fromBytes` is the least size. */
export function shouldCompress(url: string, { body, headers }: RequestInit, fromBytes: number): boolean {
  const isLarge = body instanceof Uint8Array && body.byteLength >= fromBytes;
  return (
    isLarge &&
    (headers as Record<string, string>)["content-type"] === PROTOBUF &&
    monotonicMs() >= (plainServers.get(new URL(url).origin) ?? 0)
  );
}

/** The same request with a gzipped body. */
export function withGzip(init: RequestInit, body: Uint8Array<ArrayBuffer>): RequestInit {
  return { ...init, body, headers: { ...(init.headers as Record<string, string>), "content-encoding": "gzip" } };
}

/** The body gzipped; `undefined` where the host cannot or it does not get smaller. */
export async function gzip(body: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    const stream = new Blob([body]).stream().pipeThrough(new CompressionStream("gzip"));
    const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
    return bytes.byteLength < body.byteLength ? bytes : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Sends the compressed request and, if the server may not support that, the plain one at once. A server
 * that accepts the plain one gets only those for an hour; otherwise it refused the content, or fails for another
 * reason.
 */
export async function sendCompressed(
  url: string,
  compressed: () => Promise<Response>,
  plain: () => Promise<Response>,
): Promise<Response> {
  const response = await compressed();
  const { origin } = new URL(url);
  if (response.ok) gzipServers.add(origin);
  // A server that has accepted compressed bodies before means another error.
  if (!UNSUPPORTED_STATUSES.has(response.status) || (response.status === 500 && gzipServers.has(origin)))
    return response;
  response.body?.cancel().catch(() => {});
  const again = await plain();
  if (again.ok) plainServers.set(origin, monotonicMs() + REFUSAL_MS);
  return again;
}
