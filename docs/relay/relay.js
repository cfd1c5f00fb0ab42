/**
 * A relay for pages: it forwards the requests by which `mlflow-ag2` writes traces, and adds the token, which the page
 * does not have. Without dependencies; copy it with common.js, and change it:
 *
 *   Deno      MLFLOW_TRACKING_URI=… MLFLOW_TRACKING_TOKEN=… deno run --allow-net --allow-env relay.js
 *   Node      MLFLOW_TRACKING_URI=… MLFLOW_TRACKING_TOKEN=… node relay.js
 *   Workers   `main = "relay.js"`, with a route `/mlflow/*` of the page's own domain
 *
 * In front of the rest of a server, with the relay for models: node.js, express.js, hono.js and next.
 */

import {
  answer,
  checkCaller,
  concealed,
  forward,
  guarded,
  mediaType,
  readBody,
  readLimited,
  readText,
  refuse,
  serveIfMain,
} from "./common.js";

const MAX_BYTES = 8_000_000;

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
/**
 * What feedback consists of; not `overrides`, which would change other feedback. MLflow stores no second feedback of
 * the same `assessment_id`, so that one which is sent twice is stored once.
 */
const FEEDBACK_FIELDS =
  "assessment_id assessment_name trace_id span_id source create_time last_update_time feedback expectation rationale " +
  "metadata";

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
    if (!url.pathname.startsWith(`${prefix}/`)) refuse(404, "path_not_allowed", "no such path");
    const path = url.pathname.slice(prefix.length);
    const route = routeOf(path);
    if (request.method !== route.method)
      refuse(405, "method_not_allowed", `the method must be ${route.method}`, { allow: route.method });
    const refused = await authorize?.(request);
    if (refused) return refused;

    const headers = new Headers();
    if (token) headers.set("authorization", `Bearer ${token}`);
    const workspace = request.headers.get("x-mlflow-workspace");
    if (workspace !== null) {
      if (!workspaces.includes(workspace))
        refuse(403, "workspace_not_allowed", "no such workspace: set RELAY_WORKSPACES");
      headers.set("x-mlflow-workspace", workspace);
    }
    let body;
    if (route.method !== "GET") {
      const type = mediaType(request);
      if (!route.types.includes(type))
        refuse(415, "unsupported_type", `the content type must be ${route.types.join(" or ")}`);
      headers.set("content-type", type);
      const encoding = request.headers.get("content-encoding");
      if (encoding !== null && encoding !== "gzip")
        refuse(415, "unsupported_encoding", "the content encoding must be gzip, or none");
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
        const stored = await forward(fetchUpstream, request, `${server}/api/3.0/mlflow/traces/${route.trace}`, {
          headers,
        });
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
    const response = await forward(fetchUpstream, request, server + path + query, {
      method: route.method,
      headers,
      body,
    });
    if (response.ok && route.experiment === "response" && experiments !== undefined) {
      const text = await readText(response);
      const { experiment, experiments: found = [experiment] } = JSON.parse(text);
      // A search that finds nothing gets `{}`.
      if (text.trim() !== "{}" && !found.every((each) => mayWrite(each?.experiment_id))) refuseExperiment();
      return answer(response, text);
    }
    return answer(response, response.ok ? response.body : concealed(await readText(response), token));
  }, origins);
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
  if (id === undefined) refuse(404, "path_not_allowed", "the relay forwards only what writes traces");
  return { method: "PUT", types: ["application/json"], id };
}

function queryOf(url, name) {
  const values = url.searchParams.getAll(name);
  if (values.length !== 1 || url.searchParams.size !== 1)
    refuse(400, "invalid_query", `the query must be ${name} alone`);
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
    refuse(400, "invalid_body", "the body is no feedback");
  }
}

/** Refuses a body that is more than a search for one name. */
function checkSearch(body) {
  try {
    const search = only(["filter", "view_type", "max_results"], JSON.parse(new TextDecoder().decode(body)));
    if (!/^name = (?:'[^']*'|"[^"]*")$/.test(search.filter) || search.max_results !== 1) throw new Error("another");
  } catch {
    refuse(400, "invalid_body", "the body is no search for a name");
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
    return refuse(400, "invalid_body", "the body is no trace info");
  }
}

/** The object, if it has no other members. */
function only(names, object) {
  if (!Object.keys(object).every((name) => names.includes(name))) throw new Error("another member");
  return object;
}

function refuseExperiment() {
  refuse(403, "experiment_not_allowed", "the relay does not write to this experiment: set RELAY_EXPERIMENTS");
}

let worker;
/** For Workers: the bindings of the Worker are the settings. */
export default { fetch: (request, env) => (worker ??= createRelay(settingsFrom(env)))(request) };

serveIfMain(import.meta, (env) => createRelay(settingsFrom(env)));
