/**
 * Compresses spans for servers that take it: MLflow does from 3.7 on (mlflow/server/otel_api.py), and every
 * collector has to (OTLP 1.0, "Protobuf-encoded request"). An older one answers 400 to what it cannot
 * read, and gets everything plain from then on. The rest of MLflow's API reads nothing compressed.
 */

/** What spans are sent as. */
const PROTOBUF = "application/x-protobuf";

/** Statuses that may mean "I cannot read this compression": bad request, unsupported media type, and of some proxies an error. */
const UNREADABLE = new Set([400, 415, 500]);

/** Origins of servers that could not read compressed bodies, and of those that could. */
const plainServers = new Set<string>();
const gzipServers = new Set<string>();

/** Whether to compress the body of a request, of which `fromBytes` is the least size. */
export function shallCompress(url: string, { body, headers }: RequestInit, fromBytes: number): boolean {
  const isLarge = body instanceof Uint8Array && body.byteLength >= fromBytes;
  return (
    isLarge &&
    (headers as Record<string, string>)["content-type"] === PROTOBUF &&
    !plainServers.has(new URL(url).origin)
  );
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
export async function sendCompressed(
  url: string,
  compressed: () => Promise<Response>,
  plain: () => Promise<Response>,
): Promise<Response> {
  const response = await compressed();
  const { origin } = new URL(url);
  if (response.ok) gzipServers.add(origin);
  // An error of a server that has read compressed bodies before is about something else.
  if (!UNREADABLE.has(response.status) || (response.status === 500 && gzipServers.has(origin))) return response;
  response.body?.cancel().catch(() => {});
  const again = await plain();
  if (!UNREADABLE.has(again.status)) plainServers.add(origin);
  return again;
}
