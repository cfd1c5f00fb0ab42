/**
 * A relay for pages: it forwards the requests by which `mlflow-ag2` writes traces, and adds the token, which the page
 * does not have. One file without dependencies, to copy and change:
 *
 *   Deno      MLFLOW_TRACKING_URI=… MLFLOW_TRACKING_TOKEN=… deno run --allow-net --allow-env relay.js
 *   Node      MLFLOW_TRACKING_URI=… MLFLOW_TRACKING_TOKEN=… node relay.js
 *   Workers   `main = "relay.js"`, with a route `/mlflow/*` of the page's own domain
 *   Next.js   app/mlflow/[...path]/route.js: export const GET = relay, POST = relay, PUT = relay;
 *   Hono      app.all("/mlflow/*", (c) => relay(c.req.raw))
 *   Express   app.use(nodeListener(relay)), or createServer(nodeListener(relay))
 *
 * where `const relay = createRelay(settingsFrom(process.env))`.
 */

const MAX_BYTES = 8_000_000;
const MAX_TEXT_BYTES = 1_000_000;
const TIMEOUT_MS = 30_000;

/**
 * The requests that the tracer makes, and no other: none of them reads, changes or deletes a stored trace, but that
 * feedback can be added to it. Paths are compared as they come, so that no other spelling of a path is taken for one of
 * these.
 */
const ROUTES = [
  { path: "/v1/traces", method: "POST", types: ["application/x-protobuf"], experiment: "header" },
  { path: "/api/3.0/mlflow/traces", method: "POST", types: ["application/json"], experiment: "body", isRead: true },
  { path: "/api/2.0/mlflow/experiments/create", method: "POST", types: ["application/json"], experiment: "none" },
  {
    path: "/api/2.0/mlflow/experiments/search",
    method: "POST",
    types: ["application/json"],
    experiment: "response",
    isRead: true,
  },
  { path: "/api/2.0/mlflow/experiments/get", method: "GET", query: "experiment_id", experiment: "response" },
  { path: "/api/2.0/mlflow/experiments/get-by-name", method: "GET", query: "experiment_name", experiment: "response" },
  { path: "/api/3.0/mlflow/server-info", method: "GET", experiment: "any" },
  { path: "/version", method: "GET", experiment: "any" },
];
/** The spans of a trace as a file, for servers that keep files. */
const ARTIFACT =
  /^\/api\/2\.0\/mlflow-artifacts\/artifacts\/(\d{1,40})\/traces\/tr-[0-9a-f]{32}\/artifacts\/traces\.json$/;

/** Feedback on a trace. */
const FEEDBACK = /^\/api\/3\.0\/mlflow\/traces\/(tr-[0-9a-f]{32})\/assessments$/;
/** What feedback consists of; not `overrides`, which would change other feedback. */
const FEEDBACK_FIELDS =
  "assessment_name trace_id span_id source create_time last_update_time feedback expectation rationale metadata";

/**
 * Makes the relay, a function from a `Request` to a promise of a `Response`.
 *
 * - `trackingUri`, `token`: of MLflow.
 * - `prefix`: the path of the relay on the page's origin; "/mlflow".
 * - `experiments`: the ids of the experiments that pages may write to; not given: every one, and new ones.
 * - `origins`: of the pages, such as "https://app.example.com"; not given: the relay's own origin alone.
 * - `hosts`: the names by which this server may be called; not given: any.
 * - `workspaces`: those that pages may name; not given: none.
 * - `maxBytes`: of a request; 8 MB.
 * - `authorize`: your check of the session and the rate: `(request) => undefined`, or a `Response` that refuses.
 */
export function createRelay({ trackingUri, token, prefix = "/mlflow", experiments, workspaces = [], ...options }) {
  const { origins, hosts, maxBytes = MAX_BYTES, authorize, fetch: fetchUpstream = fetch } = options;
  if (!trackingUri) throw new Error("the relay needs `trackingUri`: set MLFLOW_TRACKING_URI");
  const server = trackingUri.replace(/\/$/, "");
  const mayWrite = (experiment) => experiments === undefined || experiments.includes(experiment);

  return guarded(async (request) => {
    const url = new URL(request.url);
    checkCaller(request, url, { origins, hosts });
    if (!url.pathname.startsWith(`${prefix}/`)) refuse(404, "no such path");
    const path = url.pathname.slice(prefix.length);
    const route = routeOf(path);
    if (request.method !== route.method) refuse(405, `the method must be ${route.method}`, { allow: route.method });
    const refused = await authorize?.(request);
    if (refused) return refused;

    const headers = new Headers();
    if (token) headers.set("authorization", `Bearer ${token}`);
    const workspace = request.headers.get("x-mlflow-workspace");
    if (workspace !== null) {
      if (!workspaces.includes(workspace)) refuse(403, "no such workspace: set RELAY_WORKSPACES");
      headers.set("x-mlflow-workspace", workspace);
    }
    let body;
    if (route.method !== "GET") {
      const type = mediaType(request);
      if (!route.types.includes(type)) refuse(415, `the content type must be ${route.types.join(" or ")}`);
      headers.set("content-type", type);
      const encoding = request.headers.get("content-encoding");
      if (encoding !== null && encoding !== "gzip") refuse(415, "the content encoding must be gzip, or none");
      if (encoding !== null) headers.set("content-encoding", encoding);
      body = await readBody(request, maxBytes);
      if (route.experiment === "header") {
        const experiment = request.headers.get("x-mlflow-experiment-id") ?? "";
        if (!/^\d{1,40}$/.test(experiment) || !mayWrite(experiment)) refuseExperiment();
        headers.set("x-mlflow-experiment-id", experiment);
      }
      const plain = encoding === null || !route.isRead ? body : await gunzipped(body, maxBytes);
      if (route.experiment === "response") checkSearch(plain);
      if (route.experiment === "body" && !mayWrite(experimentOf(plain))) refuseExperiment();
      if (route.trace !== undefined) {
        checkFeedback(plain);
        const stored = await forward(fetchUpstream, `${server}/api/3.0/mlflow/traces/${route.trace}`, { headers });
        const text = await readText(stored);
        // The trace may not have arrived yet.
        if (!stored.ok) return answer(stored, concealed(text, token));
        if (!mayWrite(JSON.parse(text).trace?.trace_info?.trace_location?.mlflow_experiment?.experiment_id))
          refuseExperiment();
      }
      if (route.experiment === "none" && experiments !== undefined) refuseExperiment();
      if (route.id !== undefined && !mayWrite(route.id)) refuseExperiment();
    }
    const query = route.query === undefined ? "" : queryOf(url, route.query);
    const response = await forward(fetchUpstream, server + path + query, { method: route.method, headers, body });
    if (response.ok && route.experiment === "response" && experiments !== undefined) {
      const text = await readText(response);
      const { experiment, experiments: found = [experiment] } = JSON.parse(text);
      // A search that finds nothing gets `{}`.
      if (text.trim() !== "{}" && !found.every((each) => mayWrite(each?.experiment_id))) refuseExperiment();
      return answer(response, text);
    }
    return answer(response, response.ok ? response.body : concealed(await readText(response), token));
  });
}

/** The settings from environment variables; lists are separated by commas. */
export function settingsFrom(env) {
  const list = (name) => (env[name] ? env[name].split(",").map((item) => item.trim()) : undefined);
  return {
    trackingUri: env.MLFLOW_TRACKING_URI,
    token: env.MLFLOW_TRACKING_TOKEN,
    experiments: list("RELAY_EXPERIMENTS"),
    workspaces: list("RELAY_WORKSPACES"),
    origins: list("RELAY_ORIGINS"),
    hosts: list("RELAY_HOSTS"),
  };
}

function routeOf(path) {
  const known = ROUTES.find((route) => route.path === path);
  if (known) return known;
  const trace = FEEDBACK.exec(path)?.[1];
  if (trace !== undefined) return { method: "POST", types: ["application/json"], trace, isRead: true };
  const id = ARTIFACT.exec(path)?.[1];
  if (id === undefined) refuse(404, "the relay forwards only what writes traces");
  return { method: "PUT", types: ["application/json"], id };
}

function queryOf(url, name) {
  const values = url.searchParams.getAll(name);
  if (values.length !== 1 || url.searchParams.size !== 1) refuse(400, `the query must be ${name} alone`);
  return `?${new URLSearchParams({ [name]: values[0] })}`;
}

function gunzipped(body, maxBytes) {
  return readLimited(new Blob([body]).stream().pipeThrough(new DecompressionStream("gzip")), maxBytes);
}

/** Refuses a body that is more than feedback. */
function checkFeedback(body) {
  try {
    const { assessment } = only(["assessment"], JSON.parse(new TextDecoder().decode(body)));
    only(FEEDBACK_FIELDS.split(" "), assessment);
  } catch {
    refuse(400, "the body is no feedback");
  }
}

/** Refuses a body that is more than a search for one name. */
function checkSearch(body) {
  try {
    const search = only(["filter", "view_type", "max_results"], JSON.parse(new TextDecoder().decode(body)));
    if (!/^name = (?:'[^']*'|"[^"]*")$/.test(search.filter) || search.max_results !== 1) throw new Error("another");
  } catch {
    refuse(400, "the body is no search for a name");
  }
}

/** The experiment of a trace info. */
function experimentOf(body) {
  try {
    const { trace } = only(["trace"], JSON.parse(new TextDecoder().decode(body)));
    const { trace_info: info } = only(["trace_info"], trace);
    // Protocol Buffers read a member by a second name, too.
    if ("traceLocation" in info) throw new Error("twice");
    const location = only(["type", "mlflow_experiment"], info.trace_location);
    return only(["experiment_id"], location.mlflow_experiment).experiment_id;
  } catch {
    return refuse(400, "the body is no trace info");
  }
}

/** The object, if it has no other members. */
function only(names, object) {
  if (!Object.keys(object).every((name) => names.includes(name))) throw new Error("another member");
  return object;
}

function refuseExperiment() {
  refuse(403, "the relay does not write to this experiment: set RELAY_EXPERIMENTS");
}

// What follows serves any relay: docs/relay/model-relay.js uses it too.

class Refusal extends Error {
  constructor(status, reason, headers = {}) {
    super(reason);
    this.status = status;
    this.headers = headers;
  }
}

/** Ends a request with a reason, which the tracer shows as the server's message. */
export function refuse(status, reason, headers) {
  throw new Refusal(status, reason, headers);
}

/** A handler whose refusals are responses, and whose failures tell nothing. */
export function guarded(handle) {
  return async (request) => {
    try {
      return await handle(request);
    } catch (error) {
      const isRefusal = error instanceof Refusal;
      const message = isRefusal ? error.message : "the relay failed";
      // oxlint-disable-next-line no-console
      if (!isRefusal) console.error(`relay: ${error instanceof Error ? error.name : typeof error}`);
      const headers = { "cache-control": "no-store", ...(isRefusal && error.headers) };
      return Response.json({ message }, { status: isRefusal ? error.status : 500, headers });
    }
  };
}

/**
 * Refuses pages of other origins, and requests by another name of this server (DNS rebinding). Behind a proxy that
 * changes `Host`, the relay does not know its own origin: browsers then say `Sec-Fetch-Site: same-origin`, which no
 * script can set; for others, `origins` has to be set.
 */
export function checkCaller(request, url, { origins, hosts }) {
  const host = request.headers.get("host") ?? url.host;
  if (hosts !== undefined && !hosts.includes(host))
    refuse(403, `\`${shown(host)}\` is not a host of this relay: set RELAY_HOSTS`);
  const origin = request.headers.get("origin");
  const site = request.headers.get("sec-fetch-site");
  if (origin === null) {
    // Browsers name the origin of every request that writes; programs that are no browser need none.
    if (site !== null && site !== "same-origin" && site !== "none")
      refuse(403, `a page of another site (${shown(site)})`);
    return;
  }
  const isAllowed =
    origins === undefined
      ? site === "same-origin" || (site === null && originHost(origin) === host)
      : origins.includes(origin);
  if (!isAllowed)
    refuse(
      403,
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
  if (declared !== null && !(Number(declared) <= maxBytes)) refuse(413, `more than ${maxBytes} bytes`);
  return request.body === null ? new Uint8Array() : readLimited(request.body, maxBytes);
}

async function readLimited(stream, maxBytes) {
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
      if (isLate) refuse(408, "the body did not arrive in time");
      if (done) return new Uint8Array(await new Blob(chunks).arrayBuffer());
      bytes += value.byteLength;
      if (bytes > maxBytes) refuse(413, `more than ${maxBytes} bytes`);
      chunks.push(value);
    }
  } finally {
    clearTimeout(timer);
    reader.cancel().catch(() => {});
  }
}

/** Sends a request on. A redirect is not followed: it would take the key elsewhere. */
export async function forward(fetchUpstream, url, init) {
  let response;
  try {
    response = await fetchUpstream(url, { ...init, redirect: "manual", signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch {
    refuse(502, "the relay does not reach its server");
  }
  if (response.status === 0 || (response.status >= 300 && response.status < 400)) {
    await response.body?.cancel();
    refuse(502, "the server behind the relay redirects");
  }
  return response;
}

/** A response for the page: status, type, and when to come again. */
export function answer(response, body) {
  const headers = new Headers({ "cache-control": "no-store", "x-content-type-options": "nosniff" });
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
    let response;
    if (isPlain) {
      const headers = Object.entries(incoming.headersDistinct).flatMap(([name, values]) =>
        values.map((value) => [name, value]),
      );
      const hasBody = incoming.method !== "GET" && incoming.method !== "HEAD";
      const body = hasBody ? { body: ReadableStream.from(incoming), duplex: "half" } : {};
      try {
        response = await relay(new Request(url, { method: incoming.method, headers, ...body }));
      } catch {
        response = Response.json({ message: "the relay cannot read this request" }, { status: 400 });
      }
    } else {
      response = Response.json({ message: "the path is not written plainly" }, { status: 400 });
    }
    const isRead = incoming.readableEnded || incoming.complete;
    outgoing.writeHead(response.status, {
      ...Object.fromEntries(response.headers),
      ...(!isRead && { connection: "close" }),
    });
    try {
      for await (const chunk of response.body ?? []) outgoing.write(chunk);
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
    // oxlint-disable-next-line no-console
    console.log(`Listening on port ${server.address().port}`),
  );
}

let worker;
/** For Workers: the bindings of the Worker are the settings. */
export default { fetch: (request, env) => (worker ??= createRelay(settingsFrom(env)))(request) };

serveIfMain(import.meta, (env) => createRelay(settingsFrom(env)));
