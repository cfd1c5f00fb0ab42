/**
 * Changes a stored trace: one request, which is sent once the trace has arrived, and again while the server cannot take
 * it.
 */

import { arrivedBridge, isCoreAwaited, loadBridge, loadError } from "../bridge/loader.js";
import { type ChangeRequest, isTraceId } from "../export/changes/change-request.js";
import { WaitingChange } from "../export/changes/waiting-change.js";
import { currentPlace } from "../export/send-request.js";
import { unavailable } from "../export/server-answers.js";
import { countFailedChange, waitingChanges } from "../export/waiting-changes.js";
import { traceFromMemory } from "../reading/from-memory.js";
import { isEnabled } from "../util/enablement.js";
import { invalid, invalidValue } from "../util/errors.js";
import { errorMessage } from "../util/safe-access.js";
import { warnOnce } from "../util/warn.js";

/** A change, and what it gives. */
export interface Change<Result> extends Omit<ChangeRequest, "place" | "json"> {
  /** The body, which becomes JSON. */
  readonly body: unknown;
  /** How long it may take, in milliseconds. */
  readonly timeoutMs: number | undefined;
  /** The result in the server's response. */
  readonly read: (response: string) => Result;
  /** The result where traces are in memory alone, which keeps it, or while nothing is recorded. */
  readonly local: (isKept: boolean) => Result;
}

/** More changes than this do not wait at a time. */
const MAX_WAITING = 1_000;

/**
 * Makes the change. The promise need not be awaited: a failure is then only warned about.
 *
 * @throws MlflowAg2Error `invalid_argument` at once; the promise rejects with `invalid_argument` if the server refuses
 *   the change, `unauthorized`, or `trace_unavailable` if the server has not taken it in time.
 */
export function changeTrace<Result>(change: Change<Result>): Promise<Result> {
  const { traceId, timeoutMs } = change;
  if (!isTraceId(traceId)) throw invalidValue("the `traceId` of a span or a trace", "traceId", traceId);
  if (timeoutMs !== undefined && !(timeoutMs > 0))
    throw invalidValue("a number of milliseconds above 0", "timeoutMs", timeoutMs);
  const json = jsonOf(change.body);
  if (!isEnabled()) return Promise.resolve(change.local(false));
  let waiting: WaitingChange | undefined;
  const promise = perform(change, json, (sent) => (waiting = sent));
  promise.catch((error: unknown) => {
    // What `persist` keeps is sent later.
    if (waiting?.isWaiting !== true) countFailedChange();
    warnOnce("trace_not_changed", `a trace was not changed: ${errorMessage(error)}`);
  });
  return promise;
}

/** The JSON text of data that a program gives. @throws MlflowAg2Error `invalid_argument` for what JSON cannot hold */
export function jsonOf(data: unknown): string {
  if (typeof data === "function" || typeof data === "symbol")
    throw invalid(`the value must be data that JSON can hold, not a ${typeof data}`);
  try {
    return JSON.stringify(data);
  } catch (error) {
    throw invalid(`the value must be data that JSON can hold: ${errorMessage(error)}`);
  }
}

async function perform<Result>(
  { traceId, method, path, awaitsTrace, timeoutMs, read, local }: Change<Result>,
  json: string,
  onSent: (sent: WaitingChange) => void,
): Promise<Result> {
  const loaded = loadBridge();
  const bridge = isCoreAwaited() ? await arrivedBridge() : loaded;
  if (bridge === undefined) throw loadError() ?? new Error("the core is not loaded");
  const place = currentPlace(bridge);
  if (place.trackingUri === "memory:") {
    if (traceFromMemory(bridge, traceId) === undefined) throw unavailable("memory holds no trace of this id");
    return local(true);
  }
  if (bridge.core.traceUrl(traceId) === undefined)
    throw unavailable("an OTLP endpoint takes spans alone: set the address of MLflow with `setTrackingUri`");
  if (waitingChanges() >= MAX_WAITING)
    throw unavailable(`${MAX_WAITING} changes of traces wait for the server already`);
  const sent = new WaitingChange(bridge, { place, traceId, method, path, json, awaitsTrace }, timeoutMs);
  onSent(sent);
  return read(await sent.response);
}
