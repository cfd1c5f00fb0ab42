// A relay for pages: it forwards the requests of `mlflow-ag2` to /mlflow on the page's own origin and adds the token,
// which the page does not have. `wrangler secret put MLFLOW_TRACKING_TOKEN`, and MLFLOW_TRACKING_URI among the vars.

/** The requests that write traces and find the experiment; none that reads or changes stored traces. */
const PATHS =
  /^\/mlflow(\/v1\/traces|\/version|\/api\/3\.0\/mlflow\/(server-info|traces)|\/api\/2\.0\/mlflow\/experiments\/(get|get-by-name|create)|\/api\/2\.0\/mlflow-artifacts\/artifacts\/[^.]+\/traces\.json)$/;
const FORWARDED_HEADERS = ["content-type", "content-encoding", "x-mlflow-experiment-id", "x-mlflow-workspace"];
const MAX_BYTES = 8_000_000;

async function relay(request, env) {
  const { pathname, search, host } = new URL(request.url);
  const path = PATHS.exec(pathname)?.[1];
  const origin = request.headers.get("origin");
  if (path === undefined || (origin !== null && origin.split("//")[1] !== host))
    return new Response(null, { status: 404 });
  // Add authentication and a rate limit here, with 401 and 429: this address is public.
  const bytes = request.body === null ? 0 : Number(request.headers.get("content-length") ?? Infinity);
  if (!(bytes <= MAX_BYTES)) return new Response(null, { status: 413 });
  const headers = new Headers(
    FORWARDED_HEADERS.flatMap((name) => (request.headers.has(name) ? [[name, request.headers.get(name)]] : [])),
  );
  headers.set("authorization", `Bearer ${env.MLFLOW_TRACKING_TOKEN}`);
  const body = request.body === null ? undefined : await request.arrayBuffer();
  try {
    const response = await fetch(env.MLFLOW_TRACKING_URI + path + search, {
      method: request.method,
      headers,
      body,
      redirect: "manual",
    });
    const responseHeaders = ["content-type", "retry-after"]
      .filter((name) => response.headers.has(name))
      .map((name) => [name, response.headers.get(name)]);
    return new Response(response.body, { status: response.status, headers: responseHeaders });
  } catch {
    return new Response(null, { status: 502 });
  }
}

export default { fetch: relay };
