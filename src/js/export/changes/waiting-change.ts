/**
 * A change of a stored trace that waits for the server: sent after the buffered spans and after earlier changes of the
 * trace, and again while the server cannot take it. The store of `persist` keeps it meanwhile for the next start.
 */

import type { Bridge } from "../../bridge/bridge.js";
import { unlessCoreFails } from "../../bridge/loader.js";
import { monotonicMs } from "../../util/clock.js";
import { isEnabled } from "../../util/enablement.js";
import { invalid, MlflowAg2Error } from "../../util/errors.js";
import { MAX_TIMER_MS, unrefTimer } from "../../util/host.js";
import { errorMessage } from "../../util/safe-access.js";
import { warnOnce } from "../../util/warn.js";
import { flushWithin, isPersisting, workChanged } from "../exporter.js";
import { readFromServer, type ServerRequest, type ServerText } from "../send-request.js";
import { serverAddress, serverMessage, unavailable } from "../server-answers.js";
import { countFailedChange, keepWaiting } from "../waiting-changes.js";
import type { ChangeRequest } from "./change-request.js";

/** How long a change may take unless the program says otherwise, in milliseconds. */
const TIMEOUT_MS = 60_000;
/** How long a request waits for spans that are buffered, at most; then it is sent all the same. */
const MAX_FLUSH_MS = 5_000;
const FIRST_WAIT_MS = 250;
/** The longest wait between two requests of a change while its time runs. */
const MAX_WAIT_MS = 8_000;
/** The same after its time, while the store keeps it. */
const MAX_KEPT_WAIT_MS = 60_000;
/** So many changes are sent at a time: a start may find hundreds in the store. */
const MAX_CONCURRENT = 6;
const REFUSED = "the tracking server refuses the change of a trace";
const LATER = "; `persist` keeps it, and it is sent later";
/** How a database refuses an id that it has: MLflow's own words, and those of SQLite, PostgreSQL and MySQL. */
const IS_STORED = /constraint violation|unique constraint|duplicate (?:key|entry)/i;

/** The changes that the store has not got, in the order in which they were made. */
const unstored = new Set<WaitingChange>();
/** Those that are done, for the store to remove. */
let done: WaitingChange[] = [];
/** The end of the newest change of each trace. */
const lastOfTrace = new Map<string, Promise<void>>();
let concurrent = 0;
const queue: (() => void)[] = [];

/** The changes that were not returned before, in the order in which they were made: the store is to keep them. */
export function takeUnstoredChanges(): WaitingChange[] {
  const changes = [...unstored];
  unstored.clear();
  return changes;
}

/** The changes that have ended since the last call: the store is to remove them. */
export function takeDoneChanges(): WaitingChange[] {
  const changes = done;
  done = [];
  return changes;
}

/** A response to a request for a change. */
interface Answer extends ServerText {
  /** Whether status 404 means that the trace has not arrived. */
  readonly awaitsTrace: boolean;
}

/** A change that waits. It is sent as soon as it is made. */
export class WaitingChange {
  readonly request: ChangeRequest;
  /** The server's response. Rejects if the server refuses the change, or has not taken it in time. */
  readonly response: Promise<string>;
  /** Whether the store keeps it, or will soon. */
  isStorable = true;
  readonly #bridge: Bridge;
  readonly #endMs: number;
  readonly #forget: () => void;
  readonly #timeout: ReturnType<typeof setTimeout> | undefined;
  #resolve!: (response: string) => void;
  #reject!: (error: MlflowAg2Error) => void;
  /** Whether the program has no outcome yet. */
  #isAwaited: boolean;
  #isDone = false;
  /** Whether an earlier request may have arrived although there was no response. */
  #isRepeated: boolean;
  /** The response to the request in flight, which may have been sent while the page was being unloaded. */
  #inFlight: Promise<ServerText> | undefined;
  #pause: ReturnType<typeof setTimeout> | undefined;
  #endPause = (): void => {};

  /** @param isRestored whether it is of an earlier start: then no program waits for its response */
  constructor(bridge: Bridge, request: ChangeRequest, timeoutMs: number = TIMEOUT_MS, isRestored = false) {
    this.request = request;
    this.#bridge = bridge;
    this.#endMs = monotonicMs() + timeoutMs;
    this.#isAwaited = !isRestored;
    this.#isRepeated = isRestored;
    this.response = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // The program need not await it.
    this.response.catch(() => {});
    this.#forget = keepWaiting({
      sendNow: () => {
        if (isEnabled()) void this.#send(true);
      },
      sendAgain: () => this.#endPause(),
    });
    if (!isRestored) {
      unstored.add(this);
      const late = (): void => this.#timeIsUp("an earlier change of the trace waits for it too");
      this.#timeout = setTimeout(late, Math.min(timeoutMs, MAX_TIMER_MS));
    }
    const { traceId } = request;
    const end = this.#deliver(lastOfTrace.get(traceId)).catch((error: unknown) =>
      this.#giveUp(unavailable(errorMessage(error))),
    );
    lastOfTrace.set(traceId, end);
    void end.then(() => {
      if (lastOfTrace.get(traceId) === end) lastOfTrace.delete(traceId);
    });
    workChanged();
  }

  async #deliver(earlier: Promise<void> | undefined): Promise<void> {
    await earlier;
    for (let waitMs = FIRST_WAIT_MS; !this.#isDone; waitMs = Math.min(2 * waitMs, this.#maxWaitMs())) {
      const answer = await withTurn(() => this.#attempt());
      if (this.#isDone) return;
      const response = this.#responseIn(answer);
      if (response === undefined) {
        this.#failed(answer, monotonicMs() + waitMs > this.#endMs);
      } else {
        this.#end();
        this.#resolve(response);
      }
      if (!this.#isDone) await this.#wait(waitMs);
    }
  }

  #maxWaitMs(): number {
    return this.#isAwaited ? MAX_WAIT_MS : MAX_KEPT_WAIT_MS;
  }

  async #attempt(): Promise<Answer> {
    const { traceId, awaitsTrace } = this.request;
    if (!isEnabled()) return { status: 0, text: "tracing is disabled", awaitsTrace: false };
    const leftMs = Math.max(0, this.#endMs - monotonicMs());
    // What no program awaits does not keep one alive that is done.
    await (this.#isAwaited
      ? flushWithin(Math.min(MAX_FLUSH_MS, leftMs))
      : unlessCoreFails(this.#bridge.core.flush(MAX_FLUSH_MS, false)));
    if (awaitsTrace === "asks") {
      const trace = await this.#ask(`/api/3.0/mlflow/traces/${traceId}`, {});
      if (!isOk(trace.status)) return { ...trace, awaitsTrace: true };
    }
    const answer = await this.#send(false);
    this.#inFlight = undefined;
    return { ...answer, awaitsTrace: awaitsTrace === true };
  }

  #send(isUnload: boolean): Promise<ServerText> {
    const { path, json, method } = this.request;
    return (this.#inFlight ??= this.#ask(path, { json, method, isUnload }));
  }

  #ask(path: string, request: ServerRequest): Promise<ServerText> {
    const { place } = this.request;
    return readFromServer(this.#bridge, serverAddress(place.trackingUri) + path, {
      ...request,
      place,
      isAwaited: this.#isAwaited,
    }).catch((error: unknown) => ({ status: 0, text: errorMessage(error) }));
  }

  /** The response if the change is made, by this request or an earlier one. */
  #responseIn({ status, text, awaitsTrace }: Answer): string | undefined {
    const { path, method, json } = this.request;
    if (isOk(status) && isObject(text)) return text;
    // The id of feedback is chosen here, so that the server has it already only if it has this very feedback.
    if (path.endsWith("/assessments") && IS_STORED.test(text)) return json;
    return method === "DELETE" && status === 404 && this.#isRepeated && !awaitsTrace ? "{}" : undefined;
  }

  /** Decides what a response without success means. */
  #failed({ status, text, awaitsTrace }: Answer, isLate: boolean): void {
    const reason = status === 0 ? text : `status ${status}: ${serverMessage(text)}`;
    const hasNoTrace = status === 404 && awaitsTrace;
    if (status === 401 || status === 403)
      return this.#postpone((later) => new MlflowAg2Error("unauthorized", `${REFUSED} (${reason})${later}`));
    // A page to log in, for one, says nothing about the change.
    if (status === 0 || status === 408 || status > 499 || isOk(status)) this.#isRepeated = true;
    else if (status !== 429 && !hasNoTrace) return this.#giveUp(invalid(`${REFUSED} (${reason})`));
    if (isLate) this.#timeIsUp(reason, hasNoTrace);
  }

  #timeIsUp(reason: string, hasNoTrace = false): void {
    const error = (later: string): MlflowAg2Error =>
      unavailable(`the tracking server did not take the change of a trace in time (${reason})${later}`);
    // A trace that has not arrived may be another program's to deliver: the next start asks again.
    if (hasNoTrace && this.#isKept()) this.#giveUp(error(LATER), true);
    else this.#postpone(error);
  }

  #isKept(): boolean {
    return this.isStorable && isPersisting();
  }

  /** Tells the program, which waits no longer. What the store keeps is sent again; all else is given up. */
  #postpone(error: (later: string) => MlflowAg2Error): void {
    if (!this.#isKept()) return this.#giveUp(error(""));
    if (!this.#isAwaited) return;
    this.#isAwaited = false;
    this.#reject(error(LATER));
    clearTimeout(this.#timeout);
    if (this.#pause !== undefined) unrefTimer(this.#pause);
  }

  #giveUp(error: MlflowAg2Error, staysStored = false): void {
    if (this.#isDone) return;
    this.#end(staysStored);
    if (this.#isAwaited) return this.#reject(error);
    countFailedChange();
    warnOnce("trace_not_changed", `a trace was not changed: ${error.message}`);
  }

  #end(staysStored = false): void {
    this.#isDone = true;
    this.#forget();
    if (!staysStored && !unstored.delete(this) && isPersisting()) done.push(this);
    clearTimeout(this.#timeout);
    this.#endPause();
    workChanged();
  }

  /** Whether it is still sent. */
  get isWaiting(): boolean {
    return !this.#isDone;
  }

  /** A pause between two requests; it ends with the change. */
  #wait(waitMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.#endPause = () => {
        clearTimeout(this.#pause);
        resolve();
      };
      this.#pause = setTimeout(resolve, waitMs);
      if (!this.#isAwaited) unrefTimer(this.#pause);
    });
  }
}

/** Calls `attempt` once fewer than `MAX_CONCURRENT` others run. */
async function withTurn<Result>(attempt: () => Promise<Result>): Promise<Result> {
  if (concurrent < MAX_CONCURRENT) concurrent += 1;
  else await new Promise<void>((resolve) => queue.push(resolve));
  try {
    return await attempt();
  } finally {
    const next = queue.shift();
    if (next === undefined) concurrent -= 1;
    else next();
  }
}

function isOk(status: number): boolean {
  return status > 199 && status < 300;
}

function isObject(json: string): boolean {
  try {
    return typeof JSON.parse(json) === "object";
  } catch {
    return false;
  }
}
