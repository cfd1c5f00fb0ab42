/** Searches traces: those in memory, or on the tracking server. */

import type { Bridge } from "../bridge/bridge.js";
import { arrivedBridge, loadBridge } from "../bridge/loader.js";
import { invalid, invalidValue } from "../util/errors.js";
import { checkOptions, type OptionRules } from "../util/options.js";
import { awaitExperimentWithin } from "../export/exporter.js";
import { serverAddress, unavailable } from "../export/server-answers.js";
import { queryServer } from "./query-server.js";
import { tracesFromServer } from "./from-server.js";
import { getTrace } from "./get-trace.js";
import { Trace, TraceInfo, type TraceInfoFields } from "./trace.js";

/** Which traces are searched, and how many are returned at a time. */
export interface SearchTracesOptions {
  /** The experiments by id. Default, also without `experimentNames`: the experiment that traces go to. */
  experimentIds?: readonly string[];
  /** The experiments by name; an unknown name matches nothing. */
  experimentNames?: readonly string[];
  /**
   * A filter in MLflow's syntax, such as `"trace.status = 'ERROR'"` or `"tag.release = '1.4'"`
   * (https://mlflow.org/docs/latest/genai/tracing/search-traces/). For a server only: traces in memory cannot
   * be filtered.
   */
  filterString?: string;
  /** The most traces of one page; default 100. A server returns at most 500. */
  maxResults?: number;
  /** The order, such as `["timestamp_ms ASC"]`; default: the newest first. As `filterString`, for a server only. */
  orderBy?: readonly string[];
  /** The `nextPageToken` of the previous page. */
  pageToken?: string | undefined;
  /** `false`: traces are returned without spans, which is faster. Default `true`. */
  includeSpans?: boolean;
}

/** One page of a search. */
export interface TracePage {
  /** The traces of this page, in the requested order; at most `maxResults`. */
  readonly traces: Trace[];
  /** The `pageToken` of the next page; `undefined` on the last page. */
  readonly nextPageToken: string | undefined;
}

interface ServerExperiment {
  readonly experiment_id: string;
  readonly name: string;
}

const SEARCH_OPTIONS: OptionRules<SearchTracesOptions> = {
  experimentIds: "texts",
  experimentNames: "texts",
  filterString: "text",
  maxResults: "any",
  orderBy: "texts",
  pageToken: "text",
  includeSpans: "flag",
};

const DEFAULT_MAX_RESULTS = 100;
/** The most traces that are read at the same time. */
const MAX_CONCURRENT_READS = 8;
/**
 * How long the search waits for the server to identify the experiment that was set, in milliseconds. An answer that
 * does not ends the wait, as for every other request that reads: the program decides whether to search again.
 */
const EXPERIMENT_WAIT_MS = 10_000;
/** mlflow/protos/service.proto, `searchTracesV3`, `searchExperiments` and `getExperimentByName`. */
const SEARCH_PATH = "/api/3.0/mlflow/traces/search";
const EXPERIMENT_SEARCH_PATH = "/api/2.0/mlflow/experiments/search";
const EXPERIMENT_PATH = "/api/2.0/mlflow/experiments/get-by-name?experiment_name=";

/**
 * Searches traces that have ended, the newest first: with "memory:" those that this program still holds,
 * else those on the tracking server (call `flush()` before, to include those that have just ended).
 *
 * @throws MlflowAg2Error (rejects) `invalid_argument` for invalid options, or a `filterString`
 *   that the server refuses; `trace_unavailable` if the server cannot be queried.
 * @example
 * const { traces } = await searchTraces({ filterString: "trace.status = 'ERROR'", maxResults: 20 });
 */
export async function searchTraces(options: SearchTracesOptions = {}): Promise<TracePage> {
  checkOptions("searchTraces", options, SEARCH_OPTIONS);
  const { maxResults = DEFAULT_MAX_RESULTS } = options;
  if (!Number.isInteger(maxResults) || maxResults < 1)
    throw invalidValue("a whole number from 1 on", "maxResults", maxResults);
  loadBridge();
  const bridge = await arrivedBridge();
  if (bridge === undefined) return { traces: [], nextPageToken: undefined };
  const server = bridge.core.trackingUri();
  return /^https?:/.test(server)
    ? searchServer(bridge, serverAddress(server), options, maxResults)
    : searchMemory(bridge, options, maxResults);
}

async function searchMemory(
  bridge: Bridge,
  { filterString, orderBy, pageToken, includeSpans = true }: SearchTracesOptions,
  maxResults: number,
): Promise<TracePage> {
  if (filterString !== undefined || orderBy !== undefined) {
    throw invalid(
      "`filterString` and `orderBy` are for a tracking server: in memory there are few traces, " +
        "so sort out what you get",
    );
  }
  // A trace with several parts is listed once for each.
  const ids = [...new Set(bridge.core.recentTraceIds())];
  // A page starts after the last trace of the previous page; if that one is gone, so are all older ones.
  const start = pageToken === undefined ? 0 : ids.indexOf(pageToken) + 1 || ids.length;
  const pageIds = ids.slice(start, start + maxResults);
  const traces = await fetchAll(pageIds);
  return {
    traces: includeSpans ? traces : traces.map(({ info }) => new Trace(info, [])),
    nextPageToken: start + maxResults < ids.length ? pageIds.at(-1) : undefined,
  };
}

async function searchServer(
  bridge: Bridge,
  server: string,
  options: SearchTracesOptions,
  maxResults: number,
): Promise<TracePage> {
  const { filterString, orderBy, pageToken, includeSpans = true } = options;
  const experiments = await experimentsToSearch(bridge, server, options);
  if (experiments.length === 0) return { traces: [], nextPageToken: undefined };
  const body = JSON.stringify({
    locations: experiments.map((id) => ({ type: "MLFLOW_EXPERIMENT", mlflow_experiment: { experiment_id: id } })),
    filter: filterString,
    max_results: maxResults,
    order_by: orderBy,
    page_token: pageToken,
  });
  const page = await queryServer(bridge, server + SEARCH_PATH, tracesFromServer, body);
  if (page === null)
    throw unavailable("the tracking server knows no search for traces: it must be MLflow 3.0 or newer");
  if (!includeSpans) return page;
  const found = new Map(page.traces.map(({ info }) => [info.traceId, info]));
  const traces = await fetchAll([...found.keys()]);
  // A trace that memory still holds has only the assessments of this program there.
  const whole = ({ info, data }: Trace): Trace =>
    new Trace(
      new TraceInfo({ ...(info as TraceInfoFields), assessments: found.get(info.traceId)!.assessments }),
      data.spans,
    );
  return { ...page, traces: traces.map(whole) };
}

async function experimentsToSearch(bridge: Bridge, server: string, options: SearchTracesOptions): Promise<string[]> {
  const { experimentIds = [], experimentNames = [] } = options;
  if ((options.experimentIds ?? options.experimentNames) === undefined) return [await currentExperiment(bridge)];
  const named = await Promise.all(experimentNames.map((name) => experimentNamed(bridge, server, name)));
  return [...experimentIds, ...named.filter((id) => id !== null)];
}

/**
 * The id of the experiment with this name; `null` for none. A search is asked first, since its answer for none is no
 * 404, which a page's console would show in red.
 */
async function experimentNamed(bridge: Bridge, server: string, name: string): Promise<string | null> {
  // The server knows no escapes (mlflow/utils/search_utils.py, `_strip_quotes`).
  const quote = ["'", '"'].find((each) => !name.includes(each));
  if (quote !== undefined) {
    const body = JSON.stringify({ filter: `name = ${quote}${name}${quote}`, view_type: "ALL", max_results: 1 });
    const read = (text: string): ServerExperiment[] =>
      (JSON.parse(text) as { experiments?: ServerExperiment[] }).experiments ?? [];
    const found = await queryServer(bridge, server + EXPERIMENT_SEARCH_PATH, read, body).catch(() => null);
    if (found?.length === 0) return null;
    if (found?.[0]?.name === name) return found[0].experiment_id;
  }
  // Some databases compare names without regard to case, and a server may refuse the search.
  const idOf = (text: string): string =>
    (JSON.parse(text) as { experiment: ServerExperiment }).experiment.experiment_id;
  return queryServer(bridge, server + EXPERIMENT_PATH + encodeURIComponent(name), idOf);
}

async function currentExperiment(bridge: Bridge): Promise<string> {
  const read = () => bridge.core.experiment() as { state: string; id: string; message?: string };
  if (["waiting", "delayed"].includes(read().state)) await awaitExperimentWithin(EXPERIMENT_WAIT_MS);
  const { state, id, message } = read();
  if (state === "unset") return "0";
  if (state === "ready") return id;
  const { lastError } = bridge.core.stats();
  throw unavailable(
    message || "the tracking server has not named the experiment yet: search again later, or await `setExperiment`",
    state === "delayed" ? lastError : undefined,
  );
}

/** The traces with these ids, in their order, without those that are gone meanwhile. */
async function fetchAll(ids: readonly string[]): Promise<Trace[]> {
  const traces: (Trace | null)[] = [];
  for (let start = 0; start < ids.length; start += MAX_CONCURRENT_READS) {
    traces.push(...(await Promise.all(ids.slice(start, start + MAX_CONCURRENT_READS).map(getTrace))));
  }
  return traces.filter((trace) => trace !== null);
}
