/**
 * Changes a stored trace: one request, which is sent once the trace has arrived, and again while the server cannot take
 * it.
 */

import { loadBridge, loadError } from "../bridge/loader.js";
import { flushWithin } from "../export/exporter.js";
import type { Bridge } from "../bridge/bridge.js";
import { readFromServer, type ServerText } from "../export/send-request.js";
import { countFailedChange, keepWaiting, waitingChanges } from "../export/waiting-changes.js";
import { traceFromMemory } from "../reading/from-memory.js";
import { serverAddress, serverMessage, unavailable } from "../reading/query-server.js";
import { monotonicMs } from "../util/clock.js";
import { isEnabled } from "../util/enablement.js";
import { invalid, invalidValue, MlflowAg2Error } from "../util/errors.js";
import { errorMessage } from "../util/safe-access.js";
import { warnOnce } from "../util/warn.js";

/** A change, and what it gives. */
export interface Change<Result> {
  readonly traceId: string;
  readonly method: "POST" | "PATCH" | "DELETE";
  /** The path on the server. */
  readonly path: string;
  /** The body, which becomes JSON. */
  readonly body: unknown;
  /** How long it may take, in milliseconds. */
  readonly timeoutMs: number | undefined;
  /**
   * Whether status 404 can mean that the trace has not arrived yet; else it means that there is nothing to change.
   * "asks": the server would not answer so, and is asked for the trace before.
   */
  readonly awaitsTrace: boolean | "asks";
  /** The result in the server's response. */
  readonly read: (response: string) => Result;
  /** The result where traces are in memory alone, which keeps it, or while nothing is recorded. */
  readonly local: (isKept: boolean) => Result;
}

const TIMEOUT_MS = 60_000;
/** How long a request waits for spans that are buffered, at most; then it is sent all the same. */
const MAX_FLUSH_MS = 5_000;
const FIRST_WAIT_MS = 250;
const MAX_WAIT_MS = 8_000;
/** More changes than this do not wait at a time. */
const MAX_WAITING = 1_000;
/**
 * Makes the change. The promise need not be awaited: a failure is then only warned about.
 *
 * @throws MlflowAg2Error `invalid_argument` at once; the promise rejects with `invalid_argument` if the server refuses
 *   the change, `unauthorized`, or `trace_unavailable` if the server has not taken it in time.
 */
export function changeTrace<Result>(change: Change<Result>): Promise<Result> {
  const { traceId, timeoutMs = TIMEOUT_MS } = change;
  if (typeof traceId !== "string" || !/^tr-[0-9a-f]{32}$/.test(traceId))
    throw invalidValue("the `traceId` of a span or a trace", "traceId", traceId);
  if (!(timeoutMs > 0)) throw invalidValue("a number of milliseconds above 0", "timeoutMs", timeoutMs);
  const json = jsonOf(change.body);
  const promise = isEnabled() ? perform(change, json, timeoutMs) : Promise.resolve(change.local(false));
  promise.catch((error: unknown) => {
    countFailedChange();
    warnOnce("trace_not_changed", `a trace was not changed: ${errorMessage(error)}`);
  });
  return promise;
}

/** The JSON text of data that a program gives. @throws MlflowAg2Error `invalid_argument` for what JSON cannot hold */
export function jsonOf(data: unknown): string {
  try {
    return JSON.stringify(data);
  } catch (error) {
    throw invalid(`the value must be data that JSON can hold: ${errorMessage(error)}`);
  }
}

async function perform<Result>(change: Change<Result>, json: string, timeoutMs: number): Promise<Result> {
  const { traceId, read } = change;
  const bridge = loadBridge();
  if (bridge === undefined) throw loadError() ?? new Error("the core is not loaded");
  const uri = bridge.core.trackingUri();
  if (uri === "memory:") {
    if (traceFromMemory(bridge, traceId) === undefined) throw unavailable("memory holds no trace of this id");
    return change.local(true);
  }
  if (bridge.core.traceUrl(traceId) === undefined)
    throw unavailable("an OTLP endpoint takes spans alone: set the address of MLflow with `setTrackingUri`");
  if (waitingChanges() >= MAX_WAITING)
    throw unavailable(`${MAX_WAITING} changes of traces wait for the server already`);
  return read(await send(bridge, change, serverAddress(uri), json, monotonicMs() + timeoutMs));
}

/** The response to the request, which is sent until the server takes it, or refuses it, or the time has come. */
async function send(
  bridge: Bridge,
  { traceId, method, path, awaitsTrace }: Change<unknown>,
  server: string,
  json: string,
  endMs: number,
): Promise<string> {
  const ask = (url: string, ...request: [json?: string, method?: string, isUnload?: boolean]): Promise<ServerText> =>
    readFromServer(bridge, server + url, ...request).catch((error: unknown) => ({
      status: 0,
      text: errorMessage(error),
    }));
  /** The response to the request in flight, which may have been sent while the page was being unloaded. */
  let response: Promise<ServerText> | undefined;
  const request = (isUnload: boolean): Promise<ServerText> => (response ??= ask(path, json, method, isUnload));
  const release = keepWaiting(() => void request(true));
  try {
    for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(2 * waitMs, MAX_WAIT_MS)) {
      await flushWithin(Math.max(0, Math.min(MAX_FLUSH_MS, endMs - monotonicMs())));
      let answer = awaitsTrace === "asks" ? await ask(`/api/3.0/mlflow/traces/${traceId}`) : undefined;
      if (answer === undefined || isOk(answer.status)) {
        answer = await request(false);
        response = undefined;
      }
      if (isOk(answer.status)) return answer.text;
      refuseFinalAnswer(answer, awaitsTrace !== false, monotonicMs() + waitMs > endMs);
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  } finally {
    release();
  }
}

/** Throws unless the request may be sent again. */
function refuseFinalAnswer({ status, text }: ServerText, awaitsTrace: boolean, isLast: boolean): void {
  const reason = status === 0 ? text : `status ${status}: ${serverMessage(text)}`;
  if (status === 401 || status === 403)
    throw new MlflowAg2Error("unauthorized", `the tracking server refuses the change of a trace (${reason})`);
  const isPassing = status === 0 || status === 408 || status === 429 || status > 499;
  if (!isPassing && !(awaitsTrace && status === 404))
    throw invalid(`the tracking server refuses the change of a trace (${reason})`);
  if (isLast) throw unavailable(`the tracking server did not take the change of a trace in time (${reason})`);
}

function isOk(status: number): boolean {
  return status > 199 && status < 300;
}
