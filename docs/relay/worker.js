// A relay for pages: it takes what `mlflow-ag2` sends to /mlflow on the page's own origin, adds the token, which the page
// never sees, and passes it on. `wrangler secret put MLFLOW_TRACKING_TOKEN`, and MLFLOW_TRACKING_URI among the vars.

/** Writing traces and finding the experiment; nothing that reads or changes what others have stored. */
const PATHS =
  /^\/mlflow(\/v1\/traces|\/version|\/api\/3\.0\/mlflow\/(server-info|traces)|\/api\/2\.0\/mlflow\/experiments\/(get|get-by-name|create)|\/api\/2\.0\/mlflow-artifacts\/artifacts\/[^.]+\/traces\.json)$/;
const KEPT = ["content-type", "content-encoding", "x-mlflow-experiment-id", "x-mlflow-workspace"];
const MAX_BYTES = 8_000_000;

async function relay(request, env) {
  const { pathname, search, host } = new URL(request.url);
  const path = PATHS.exec(pathname)?.[1];
  const origin = request.headers.get("origin");
  if (path === undefined || (origin !== null && origin.split("//")[1] !== host))
    return new Response(null, { status: 404 });
  // Here is the place to ask who the visitor is, and to answer 401 or 429: anybody can call this address.
  const bytes = request.body === null ? 0 : Number(request.headers.get("content-length") ?? Infinity);
  if (!(bytes <= MAX_BYTES)) return new Response(null, { status: 413 });
  const headers = new Headers(
    KEPT.flatMap((name) => (request.headers.has(name) ? [[name, request.headers.get(name)]] : [])),
  );
  headers.set("authorization", `Bearer ${env.MLFLOW_TRACKING_TOKEN}`);
  const body = request.body === null ? undefined : await request.arrayBuffer();
  try {
    const answer = await fetch(env.MLFLOW_TRACKING_URI + path + search, {
      method: request.method,
      headers,
      body,
      redirect: "manual",
    });
    const told = ["content-type", "retry-after"]
      .filter((name) => answer.headers.has(name))
      .map((name) => [name, answer.headers.get(name)]);
    return new Response(answer.body, { status: answer.status, headers: told });
  } catch {
    return new Response(null, { status: 502 });
  }
}

export default { fetch: relay };
