/** Looking for traces: among those in memory, or on the tracking server. */

import type { Bridge } from "../bridge/bridge.js";
import { loadBridge } from "../bridge/loader.js";
import { invalid, mustBe } from "../util/errors.js";
import { flushWithin } from "../export/exporter.js";
import { ask, unavailable } from "./ask.js";
import { tracesFromServer } from "./from-server.js";
import { getTrace } from "./read.js";
import { Trace } from "./trace.js";

/** Which traces are wanted, and how many at a time. */
export interface SearchTracesOptions {
  /** Of these experiments. Not given, nor `experimentNames`: of the one that traces go to. */
  experimentIds?: readonly string[];
  /** Of these experiments, by name; a name that no experiment has finds nothing. */
  experimentNames?: readonly string[];
  /**
   * MLflow's own words, such as `"trace.status = 'ERROR'"` or `"tag.release = '1.4'"`
   * (https://mlflow.org/docs/latest/genai/tracing/search-traces/). The server understands them, memory does not.
   */
  filterString?: string;
  /** Of one page; default 100. A server gives 500 at most. */
  maxResults?: number;
  /** Such as `["timestamp_ms ASC"]`; not given: the newest first. As `filterString`, for a server only. */
  orderBy?: readonly string[];
  /** The `nextPageToken` of the page before. */
  pageToken?: string | undefined;
  /** `false`: traces come without spans, which is quicker. Default `true`. */
  includeSpans?: boolean;
}

/** Traces that were found. */
export interface TracePage {
  /** The traces of this page, in the order asked for; `maxResults` of them at most. */
  readonly traces: Trace[];
  /** Given as `pageToken`, it leads to the next page; `undefined`: there are no more. */
  readonly nextPageToken: string | undefined;
}

const DEFAULT_MAX_RESULTS = 100;
/** Traces that are fetched at the same time. */
const FETCHED_AT_ONCE = 8;
/** How long the search waits for the server to name the experiment that was set, in milliseconds. */
const EXPERIMENT_WAIT_MS = 10_000;
/** mlflow/protos/service.proto, `searchTracesV3` and `getExperimentByName`. */
const SEARCH_PATH = "/api/3.0/mlflow/traces/search";
const EXPERIMENT_PATH = "/api/2.0/mlflow/experiments/get-by-name?experiment_name=";

/**
 * Traces that have ended, the newest first: with "memory:" those that this program still holds, else
 * those that the tracking server has (call `flush()` before, to find what has just ended).
 *
 * @throws MlflowAg2Error (rejects) `invalid_argument` for options that make no sense, or a `filterString`
 *   that the server does not understand; `trace_unavailable` if the server cannot be asked.
 * @example
 * const { traces } = await searchTraces({ filterString: "trace.status = 'ERROR'", maxResults: 20 });
 */
export async function searchTraces(options: SearchTracesOptions = {}): Promise<TracePage> {
  const { maxResults = DEFAULT_MAX_RESULTS } = options;
  if (!Number.isInteger(maxResults) || maxResults < 1)
    throw mustBe("a whole number from 1 on", "maxResults", maxResults);
  const bridge = loadBridge();
  if (bridge === undefined) return { traces: [], nextPageToken: undefined };
  const server = bridge.core.trackingUri();
  return /^https?:/.test(server)
    ? searchServer(bridge, server.replace(/\/+$/, ""), options, maxResults)
    : searchMemory(bridge, options, maxResults);
}

async function searchMemory(
  bridge: Bridge,
  { filterString, orderBy, pageToken, includeSpans = true }: SearchTracesOptions,
  maxResults: number,
): Promise<TracePage> {
  if (filterString !== undefined || orderBy !== undefined) {
    throw invalid(
      "`filterString` and `orderBy` are for a tracking server: in memory there are few traces, so sort out what you get",
    );
  }
  // A trace in parts is named once for each.
  const ids = [...new Set(bridge.core.recentTraceIds())];
  // A page begins behind the last trace of the one before; if that is forgotten, so are all older ones.
  const begin = pageToken === undefined ? 0 : ids.indexOf(pageToken) + 1 || ids.length;
  const wanted = ids.slice(begin, begin + maxResults);
  const traces = await fetchAll(wanted);
  return {
    traces: includeSpans ? traces : traces.map(({ info }) => new Trace(info, [])),
    nextPageToken: begin + maxResults < ids.length ? wanted.at(-1) : undefined,
  };
}

async function searchServer(
  bridge: Bridge,
  server: string,
  options: SearchTracesOptions,
  maxResults: number,
): Promise<TracePage> {
  const { filterString, orderBy, pageToken, includeSpans = true } = options;
  const experiments = await wantedExperiments(bridge, server, options);
  if (experiments.length === 0) return { traces: [], nextPageToken: undefined };
  const body = JSON.stringify({
    locations: experiments.map((id) => ({ type: "MLFLOW_EXPERIMENT", mlflow_experiment: { experiment_id: id } })),
    filter: filterString,
    max_results: maxResults,
    order_by: orderBy,
    page_token: pageToken,
  });
  const page = await ask(bridge, server + SEARCH_PATH, tracesFromServer, body);
  if (page === null)
    throw unavailable("the tracking server knows no search for traces: it must be MLflow 3.0 or newer");
  if (!includeSpans) return page;
  return { ...page, traces: await fetchAll(page.traces.map(({ info }) => info.traceId)) };
}

async function wantedExperiments(bridge: Bridge, server: string, options: SearchTracesOptions): Promise<string[]> {
  const { experimentIds = [], experimentNames = [] } = options;
  if ((options.experimentIds ?? options.experimentNames) === undefined) return [await currentExperiment(bridge)];
  const idOf = (answer: string): string =>
    (JSON.parse(answer) as { experiment: { experiment_id: string } }).experiment.experiment_id;
  const named = await Promise.all(
    experimentNames.map((name) => ask(bridge, server + EXPERIMENT_PATH + encodeURIComponent(name), idOf)),
  );
  return [...experimentIds, ...named.filter((id) => id !== null)];
}

async function currentExperiment(bridge: Bridge): Promise<string> {
  const look = () => bridge.core.experiment() as { state: string; id: string; message?: string };
  if (look().state === "waiting") await flushWithin(EXPERIMENT_WAIT_MS);
  const { state, id, message } = look();
  if (state === "unset") return "0";
  if (state !== "ready")
    throw unavailable(message || "the tracking server has not named the experiment yet: await `setExperiment`");
  return id;
}

/** The traces of these ids, in their order, but for those that have gone meanwhile. */
async function fetchAll(ids: readonly string[]): Promise<Trace[]> {
  const traces: (Trace | null)[] = [];
  for (let begin = 0; begin < ids.length; begin += FETCHED_AT_ONCE) {
    traces.push(...(await Promise.all(ids.slice(begin, begin + FETCHED_AT_ONCE).map(getTrace))));
  }
  return traces.filter((trace) => trace !== null);
}
