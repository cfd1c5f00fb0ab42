/**
 * Compresses spans for servers that take it: MLflow does from 3.7 on (mlflow/server/otel_api.py), and every
 * collector has to (OTLP 1.0, "Protobuf-encoded request"). An older one answers 400 to what it cannot
 * read, and gets everything plain from then on. The rest of MLflow's API reads nothing compressed.
 */

import type { ReadAnswer } from "./answer-body.js";

/** What spans are sent as. */
const PROTOBUF = "application/x-protobuf";

/** Answers that may mean "I cannot read this compression": bad request, unsupported media type. */
const UNREADABLE = new Set([400, 415]);

/** Origins of servers that could not read compressed bodies. */
const plainServers = new Set<string>();

/** Whether to compress the body of a request, of which `fromBytes` is the least size. */
export function shallCompress(url: string, { body, headers }: RequestInit, fromBytes: number): boolean {
  const isLarge = body instanceof Uint8Array && body.byteLength >= fromBytes;
  return isLarge && (headers as Record<string, string>)["content-type"] === PROTOBUF && !plainServers.has(new URL(url).origin);
}

/** The same request with that body instead, which is gzipped. */
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
 * Sends compressed and, if the server may not have been able to read that, plain at once. A server
 * that gives another answer to the plain body is remembered; one that refuses both meant the content.
 */
export async function sendCompressed(url: string, compressed: () => Promise<ReadAnswer>, plain: () => Promise<ReadAnswer>): Promise<ReadAnswer> {
  const answer = await compressed();
  if (!UNREADABLE.has(answer.status)) return answer;
  const again = await plain();
  if (!UNREADABLE.has(again.status)) plainServers.add(new URL(url).origin);
  return again;
}
