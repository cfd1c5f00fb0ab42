/**
 * What the relays share: who may call them, limits of bodies, forwarding, errors, and how Node and Deno serve them. A
 * relay is a function from a `Request` to a promise of a `Response`.
 */

const MAX_TEXT_BYTES = 1_000_000;
const TIMEOUT_MS = 30_000;

class Refusal extends Error {
  constructor(status, code, reason, headers = {}) {
    super(reason);
    Object.assign(this, { status, code, headers });
  }
}

/** Ends a request with a code and a reason, which the tracer and the agents show as the server's message. */
export function refuse(status, code, reason, headers) {
  throw new Refusal(status, code, reason, headers);
}

/** An error as MLflow writes it (`error_code`, `message`), and as OpenAI does (`error`). */
function failure(status, code, message, headers = {}) {
  const body = { error_code: code, message, error: { code, message, type: "relay" } };
  return Response.json(body, { status, headers: { "cache-control": "no-store", ...headers } });
}

/**
 * A handler whose refusals are responses, and whose failures tell nothing. Pages of `origins` may read its responses
 * from another origin than theirs (CORS).
 */
export function guarded(handle, origins = []) {
  return async (request) => {
    const origin = request.headers.get("origin");
    if (!origins.includes(origin)) return respond(handle, request);
    const isPreflight = request.method === "OPTIONS" && request.headers.has("access-control-request-method");
    const response = isPreflight ? new Response(null, { status: 204 }) : await respond(handle, request);
    const headers = new Headers(response.headers);
    for (const [name, value] of Object.entries(isPreflight ? PREFLIGHT : READABLE)) headers.set(name, value);
    headers.set("access-control-allow-origin", origin);
    headers.append("vary", "origin");
    return new Response(response.body, { status: response.status, headers });
  };
}

const READABLE = { "access-control-expose-headers": "retry-after" };
/** What the tracer and the agents send. */
const PREFLIGHT = {
  "access-control-allow-methods": "GET, POST, PUT",
  "access-control-allow-headers":
    "authorization, content-encoding, content-type, x-mlflow-experiment-id, x-mlflow-workspace",
  "access-control-max-age": "600",
};

async function respond(handle, request) {
  try {
    return await handle(request);
  } catch (error) {
    if (error instanceof Refusal) return failure(error.status, error.code, error.message, error.headers);
    console.error(`relay: ${error instanceof Error ? error.name : typeof error}`);
    return failure(500, "relay_failed", "the relay failed");
  }
}

/**
 * Refuses pages of other origins, and requests by another name of this server (DNS rebinding). Behind a proxy that
 * changes `Host`, the relay does not know its own origin: browsers then say `Sec-Fetch-Site: same-origin`, which no
 * script can set; for others, `origins` has to be set.
 */
export function checkCaller(request, url, { origins, hosts }) {
  const host = request.headers.get("host") ?? url.host;
  if (hosts !== undefined && !hosts.includes(host))
    refuse(403, "host_not_allowed", `\`${shown(host)}\` is not a host of this relay: set RELAY_HOSTS`);
  const origin = request.headers.get("origin");
  const site = request.headers.get("sec-fetch-site");
  if (origin === null) {
    // Browsers name the origin of every request that writes; programs that are no browser need none.
    if (site !== null && site !== "same-origin" && site !== "none")
      refuse(403, "origin_not_allowed", `a page of another site (${shown(site)})`);
    return;
  }
  const isAllowed =
    origins === undefined
      ? site === "same-origin" || (site === null && originHost(origin) === host)
      : origins.includes(origin);
  if (!isAllowed)
    refuse(
      403,
      "origin_not_allowed",
      `the relay is not for pages of \`${shown(origin)}\` (its host is \`${shown(host)}\`): set RELAY_ORIGINS`,
    );
}

function originHost(origin) {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}

/** The media type without its parameters. */
export function mediaType(request) {
  return (request.headers.get("content-type") ?? "").split(";", 1)[0].trim().toLowerCase();
}

/** The body; a larger one is not read to its end, whatever length it declares. */
export async function readBody(request, maxBytes) {
  const declared = request.headers.get("content-length");
  if (declared !== null && !(Number(declared) <= maxBytes))
    refuse(413, "body_too_large", `more than ${maxBytes} bytes`);
  return request.body === null ? new Uint8Array() : readLimited(request.body, maxBytes);
}

/** The bytes of a stream, up to a limit of size and time. */
export async function readLimited(stream, maxBytes) {
  const reader = stream.getReader();
  const chunks = [];
  let bytes = 0;
  let timer;
  const timeout = new Promise((resolve) => {
    timer = setTimeout(resolve, TIMEOUT_MS, { isLate: true });
  });
  try {
    for (;;) {
      const { done, value, isLate } = await Promise.race([reader.read(), timeout]);
      if (isLate) refuse(408, "body_timeout", "the body did not arrive in time");
      if (done) return new Uint8Array(await new Blob(chunks).arrayBuffer());
      bytes += value.byteLength;
      if (bytes > maxBytes) refuse(413, "body_too_large", `more than ${maxBytes} bytes`);
      chunks.push(value);
    }
  } finally {
    clearTimeout(timer);
    reader.cancel().catch(() => {});
  }
}

/**
 * Sends a request on, and ends it when the caller, `request`, leaves. The time limit is that of the response's headers:
 * a stream may take longer. A redirect is not followed: it would take the key elsewhere.
 */
export async function forward(fetchUpstream, request, url, init) {
  const controller = new AbortController();
  const abort = () => controller.abort();
  if (request.signal.aborted) abort();
  request.signal.addEventListener("abort", abort);
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    abort();
  }, TIMEOUT_MS);
  let response;
  try {
    response = await fetchUpstream(url, { ...init, redirect: "manual", signal: controller.signal });
  } catch {
    if (isLate) refuse(504, "upstream_timeout", "the relay's server does not answer in time");
    refuse(502, "upstream_unreachable", "the relay does not reach its server");
  } finally {
    clearTimeout(timer);
  }
  if (response.status === 0 || (response.status >= 300 && response.status < 400)) {
    await response.body?.cancel();
    refuse(502, "upstream_redirects", "the server behind the relay redirects");
  }
  return response;
}

/** A response for the page: status, type, and when to come again. Nothing on its way may compress or collect it. */
export function answer(response, body) {
  const headers = new Headers({
    "cache-control": "no-store, no-transform",
    "x-accel-buffering": "no",
    "x-content-type-options": "nosniff",
  });
  for (const name of ["content-type", "retry-after"]) {
    if (response.headers.has(name)) headers.set(name, response.headers.get(name));
  }
  return new Response(body, { status: response.status, headers });
}

export async function readText(response) {
  return response.body === null ? "" : new TextDecoder().decode(await readLimited(response.body, MAX_TEXT_BYTES));
}

/** A text of the server without the key, which it may repeat. */
export function concealed(text, secret) {
  return secret ? text.split(secret).join("***") : text;
}

function shown(text) {
  return text.slice(0, 100).replace(/[^\x21-\x7e]/g, "?");
}

/** The relay as a listener of Node's `http`, also below Express: a path that is not written plainly is refused. */
export function nodeListener(relay) {
  return async (incoming, outgoing) => {
    const target = incoming.originalUrl ?? incoming.url ?? "";
    const host = incoming.headers.host ?? "";
    const url = URL.canParse(`http://${host}${target}`) ? new URL(`http://${host}${target}`) : undefined;
    // Not `http://elsewhere/…`, `//elsewhere/…`, `/a/../b` or `/%2e%2e/b`.
    const isPlain = target.startsWith("/") && url !== undefined && url.pathname + url.search === target;
    const caller = new AbortController();
    outgoing.once("close", () => caller.abort());
    let response = failure(400, "invalid_path", "the path is not written plainly");
    if (isPlain) {
      const headers = Object.entries(incoming.headersDistinct).flatMap(([name, values]) =>
        values.map((value) => [name, value]),
      );
      const hasBody = incoming.method !== "GET" && incoming.method !== "HEAD";
      const body = hasBody ? { body: ReadableStream.from(incoming), duplex: "half" } : {};
      try {
        response = await relay(new Request(url, { method: incoming.method, headers, signal: caller.signal, ...body }));
      } catch {
        response = failure(400, "invalid_request", "the relay cannot read this request");
      }
    }
    const isRead = incoming.readableEnded || incoming.complete;
    const headers = { ...Object.fromEntries(response.headers), ...(!isRead && { connection: "close" }) };
    outgoing.writeHead(response.status, headers).flushHeaders();
    try {
      const sink = new WritableStream({
        write: (chunk) => new Promise((resolve) => outgoing.write(chunk, resolve)),
      });
      // A caller that leaves ends the server's response too.
      await response.body?.pipeTo(sink, { signal: caller.signal });
    } catch {
      return outgoing.destroy();
    }
    outgoing.end(() => void (isRead || incoming.destroy()));
  };
}

/** Serves a relay on this machine, in Deno or Node, if the module at `address` is the program. */
export function serveIfMain({ url, main }, create) {
  const { Deno, process } = globalThis;
  if (Deno !== undefined) {
    if (!main) return;
    const port = Number(Deno.env.get("PORT") ?? 8000);
    Deno.serve({ hostname: "127.0.0.1", port }, create(Deno.env.toObject()));
    return;
  }
  if (process?.argv?.[1] === undefined || typeof process.getBuiltinModule !== "function") return;
  const { pathToFileURL } = process.getBuiltinModule("node:url");
  if (pathToFileURL(process.argv[1]).href !== url) return;
  const { createServer } = process.getBuiltinModule("node:http");
  const server = createServer(nodeListener(create(process.env)));
  server.listen(Number(process.env.PORT ?? 8000), "127.0.0.1", () =>
    console.log(`Listening on port ${server.address().port}`),
  );
}
