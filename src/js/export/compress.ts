/**
 * Compresses spans for servers that accept it: MLflow does from 3.7 on (mlflow/server/otel_api.py), and every
 * collector has to (OTLP 1.0, "Protobuf-encoded request"). An older server responds with 400, and gets
 * uncompressed requests from then on. The rest of MLflow's API accepts nothing compressed.
 */

/** The content type of spans. */
const PROTOBUF = "application/x-protobuf";

/**
 * Statuses that may mean an unsupported compression: bad request, unsupported media type, and an error of some
 * proxies.
 */
const UNSUPPORTED_STATUSES = new Set([400, 415, 500]);

/** The origins of servers that do not support compressed bodies, and of those that do. */
const plainServers = new Set<string>();
const gzipServers = new Set<string>();

/** Whether to compress the body of a request; `fromBytes` is the least size. */
export function shouldCompress(url: string, { body, headers }: RequestInit, fromBytes: number): boolean {
  const isLarge = body instanceof Uint8Array && body.byteLength >= fromBytes;
  return (
    isLarge &&
    (headers as Record<string, string>)["content-type"] === PROTOBUF &&
    !plainServers.has(new URL(url).origin)
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
 * that responds differently to the plain one gets only those from then on; otherwise it refused the content.
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
  if (!UNSUPPORTED_STATUSES.has(again.status)) plainServers.add(origin);
  return again;
}
