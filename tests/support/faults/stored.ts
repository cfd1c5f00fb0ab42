/** The spans of an experiment on a real MLflow server, read over its own API. */

/** A span on the server. */
export interface StoredSpan {
  /** As in MLflow: `tr-` and 32 hexadecimal digits. */
  readonly traceId: string;
  readonly spanId: string;
}

/** The spans and states on the server. */
export interface Stored {
  readonly spans: readonly StoredSpan[];
  /** By trace, whether its root has arrived: `OK`, `ERROR` or `IN_PROGRESS`. */
  readonly states: ReadonlyMap<string, string>;
}

interface Info {
  readonly trace_id: string;
  readonly state: string;
  readonly tags?: Readonly<Record<string, string>>;
}

const TRACES = "/api/3.0/mlflow/traces";
/** The location of spans from OTLP (mlflow/tracing/constant.py, `TraceTagKey.SPANS_LOCATION`); others are in a file. */
const LOCATION = "mlflow.trace.spansLocation";
const IN_DATABASE = "TRACKING_STORE";
const PAGE = 100;
const AT_ONCE = 20;

/** Everything in the experiment of that name; empty if there is no such experiment. */
export async function storedIn(uri: string, experimentName: string): Promise<Stored> {
  const states = new Map<string, string>();
  const spans: StoredSpan[] = [];
  const [inDatabase, inFiles]: [string[], string[]] = [[], []];
  const found = await ask(
    `${uri}/api/2.0/mlflow/experiments/get-by-name?experiment_name=${encodeURIComponent(experimentName)}`,
  );
  if (found.status === 404) return { spans, states };
  const { experiment } = (await read(found)) as { experiment: { experiment_id: string } };
  const locations = [{ type: "MLFLOW_EXPERIMENT", mlflow_experiment: { experiment_id: experiment.experiment_id } }];
  for (let token: string | undefined = ""; token !== undefined; ) {
    const body: string = JSON.stringify({
      locations,
      max_results: PAGE,
      ...(token === "" ? {} : { page_token: token }),
    });
    const page = (await read(
      await ask(`${uri}${TRACES}/search`, { method: "POST", headers: { "content-type": "application/json" }, body }),
    )) as {
      traces?: Info[];
      next_page_token?: string;
    };
    for (const { trace_id, state, tags } of page.traces ?? []) {
      states.set(trace_id, state);
      (tags?.[LOCATION] === IN_DATABASE ? inDatabase : inFiles).push(trace_id);
    }
    token = page.next_page_token === "" ? undefined : page.next_page_token;
  }
  const keep = (traceId: string, some: readonly { span_id: string }[]): void => {
    for (const { span_id } of some) spans.push({ traceId, spanId: Buffer.from(span_id, "base64").toString("hex") });
  };
  for (const id of inFiles) {
    const file = await ask(`${uri}/ajax-api/3.0/mlflow/get-trace-artifact?request_id=${id}`);
    // A trace can be known by its root alone, before its file has arrived.
    if (file.ok) keep(id, ((await file.json()) as { spans: { span_id: string }[] }).spans);
  }
  for (let from = 0; from < inDatabase.length; from += AT_ONCE) {
    const query = inDatabase
      .slice(from, from + AT_ONCE)
      .map((id) => `trace_ids=${id}`)
      .join("&");
    const { traces } = (await read(await ask(`${uri}${TRACES}/batchGet?${query}`))) as {
      traces: { trace_info: Info; spans?: { span_id: string }[] }[];
    };
    for (const { trace_info, spans: some = [] } of traces) keep(trace_info.trace_id, some);
  }
  return { spans, states };
}

/** Repeats a request if the connection was closed: the server does that after a few idle seconds. */
async function ask(url: string, init?: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch {
    return fetch(url, init);
  }
}

async function read(response: Response): Promise<unknown> {
  if (!response.ok) throw new Error(`MLflow answered ${response.status}: ${await response.text()}`);
  return response.json();
}
