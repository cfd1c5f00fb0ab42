/**
 * The end of a process: what is buffered is delivered first, and neither that nor a request in flight keeps a program
 * alive for long whose own work is done.
 */

import type { Bridge } from "../bridge/bridge.js";
import { loadedBridge } from "../bridge/loader.js";
import { isAwaiting } from "../util/awaited.js";
import { monotonicMs } from "../util/clock.js";
import { activeResources, processEvents, unrefTimer } from "../util/host.js";
import { warnOnce } from "../util/warn.js";
import { flushWithin, isPersisting, prepareExport } from "./exporter.js";
import { abortUnawaited, onRequestStart, requestsInFlight } from "./send-request.js";

/** The longest time that a finished program stays alive for a server that does not respond. */
const EXIT_TIMEOUT_MS = 3_000;
/** How often it is checked whether the program is finished while a request is in flight. */
const CHECK_MS = 250;
const REASON = "the program ended before the response came";
/** What keeps Node alive for a request: its socket, and the look-up of its address. */
const OF_REQUESTS = /^(TCPSocket|TLS|TCPConnect|GetAddrInfoReq)Wrap$/;
const SOCKETS = /^(TCPSocket|TLS)Wrap$/;
/** What Node always lists: standard output and standard error. A third of that kind is standard input. */
const OUTPUTS = /^(TTY|Pipe)Wrap$/;

let startedAtLastExit = -1;
let isEnding = false;
/** Since when the process has been alive for nothing but requests of ours. */
let idleSinceMs = 0;
let lastCheckMs = Number.NEGATIVE_INFINITY;
let hasAborted = false;
/** What the tracer had recorded at the last check. */
let recorded = "";
let checks: ReturnType<typeof setInterval> | undefined;

/** Registers the listeners, in hosts whose programs end when no work is left. */
export function observeProcessEnd(): void {
  const events = processEvents();
  if (events === undefined) return;
  events.on("beforeExit", flushBeforeExit);
  events.on("exit", warnAtExit);
  onRequestStart(() => {
    if (checks !== undefined) return;
    if (heldMs() === 0) noteActivity();
    checks = setInterval(check, CHECK_MS);
    unrefTimer(checks);
  });
}

function noteActivity(): void {
  idleSinceMs = monotonicMs();
  hasAborted = false;
}

/** For how long the process has been alive for nothing but requests of ours, as far as it was checked. */
function heldMs(): number {
  const nowMs = monotonicMs();
  return nowMs - lastCheckMs > 2 * CHECK_MS ? 0 : nowMs - idleSinceMs;
}

/**
 * Aborts the requests of a program that has been finished for `EXIT_TIMEOUT_MS`: one that records nothing and awaits
 * nothing of ours, and of which the host lists no other work. Deno and Bun list nothing: there one request of a
 * program that goes on may be aborted and sent again.
 */
function check(): void {
  const bridge = loadedBridge();
  if (isEnding) return;
  const { started, open } = bridge?.core.stats() ?? {};
  const before = recorded;
  recorded = `${started} ${open}`;
  lastCheckMs = monotonicMs();
  if (isAwaiting() || before !== recorded || hasOtherWork()) {
    noteActivity();
  } else if (heldMs() >= EXIT_TIMEOUT_MS && !hasAborted) {
    // Once: a program that lives on although nothing of ours is left has other work.
    hasAborted = true;
    abortRequests(bridge);
  }
  if (requestsInFlight() > 0) return;
  clearInterval(checks);
  checks = undefined;
}

function hasOtherWork(): boolean {
  const resources = activeResources();
  const count = (pattern: RegExp): number => resources.filter((name) => pattern.test(name)).length;
  return (
    count(SOCKETS) > requestsInFlight() || count(OUTPUTS) > 2 || count(OF_REQUESTS) + count(OUTPUTS) < resources.length
  );
}

/** The event occurs again after each flush; without new spans a second flush would only delay the exit. */
function flushBeforeExit(): void {
  const bridge = loadedBridge();
  if (bridge === undefined) return;
  if (bufferedSpans(bridge) > 0 && bridge.core.stats().started !== startedAtLastExit) {
    startedAtLastExit = bridge.core.stats().started;
    // A request without a response would keep the program alive until its timeout.
    isEnding = true;
    void flushWithin(Math.max(EXIT_TIMEOUT_MS - heldMs(), 0)).finally(() => {
      isEnding = false;
      abortRequests(bridge);
    });
  } else {
    abortRequests(bridge);
  }
}

function abortRequests(bridge: Bridge | undefined): void {
  bridge?.core.abortRequests(REASON);
  abortUnawaited(REASON);
}

function warnAtExit(): void {
  const bridge = loadedBridge();
  const left = bridge === undefined || isPersisting() ? 0 : bufferedSpans(bridge);
  if (left === 0) return;
  const spans = left === 1 ? "1 span was" : `${left} spans were`;
  warnOnce("not_delivered", `${spans} not delivered before the program ended: \`await flush()\` before it ends`);
}

function bufferedSpans(bridge: Bridge): number {
  prepareExport(bridge);
  // Final spans of a trace that has not ended count as buffered only then.
  bridge.tracer.flushNow();
  return bridge.core.stats().buffered;
}
