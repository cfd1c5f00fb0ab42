/**
 * The API's side of the exporter. The loop that sends is Rust (src/wasm/exporter.rs); this file holds the calls
 * to it, and its listeners: redaction before each export, persistence and live views after each response.
 */

import type { Bridge } from "../bridge/bridge.js";
import type { Notice } from "../bridge/core-stats.js";
import {
  arrivedBridge,
  isCoreAwaited,
  loadedBridge,
  requestedBridge,
  unlessCoreFails,
  whenLoaded,
} from "../bridge/loader.js";
import { countAwaited } from "../util/awaited.js";
import { onUnixOffsetChange } from "../util/clock.js";
import { guard } from "../util/guard.js";
import { isRequestScopedHost, isHandlingRequest } from "../util/host.js";
import { isEnabled } from "../util/enablement.js";
import { source } from "../util/source.js";
import { warnOnce } from "../util/warn.js";
import { notifyTraceChanges } from "./trace-changes.js";
import { hasNonKeepaliveRequests, type CoreRequestInit, sendRequest } from "./send-request.js";
import { unloadBudgetBytes } from "./keepalive.js";
import { transportSettings } from "./settings.js";

/** The result of `flush()`. */
export interface FlushResult {
  /** Spans that the server stored during this flush; none where memory keeps them. */
  readonly delivered: number;
  /** Finished spans that are still buffered: the server could not be reached in time. */
  readonly pending: number;
  /** Spans dropped during this flush; `stats().dropped` has the reasons. */
  readonly dropped: number;
}

/** What the loop in Rust needs from JavaScript (`ExporterHost` of src/wasm/exporter.rs). No method throws. */
interface ExporterHost {
  send(url: string, init: CoreRequestInit): Promise<Response>;
  timeoutMs(): number;
  isEnabled(): boolean;
  beforeExport(): void;
  afterResponse(notices: readonly Notice[]): void;
  unloadBudgetBytes(): number;
  hasNonKeepaliveRequests(): boolean;
  source(): string;
}

const NO_RESULT: FlushResult = { delivered: 0, pending: 0, dropped: 0 };

let beforeExportListener = (_bridge: Bridge): void => {};
let workListener: (() => void) | undefined;
const listeners = new Set<(bridge: Bridge) => void>();

/** Sets the listener that is called before finished spans may be sent, persisted or shown. */
export function beforeExport(listener: (bridge: Bridge) => void): void {
  beforeExportListener = listener;
}

/** Calls the listener of `beforeExport`: before finished spans are sent, persisted or shown. Never throws. */
export function prepareExport(bridge: Bridge): void {
  guard(() => beforeExportListener(bridge));
}

/** Sets the listener that is called when there may be new spans to export; often, so it must be quick. */
export function setWorkListener(listener: (() => void) | undefined): void {
  workListener = listener;
}

/** Whether what is not delivered is kept for the next start. */
export function isPersisting(): boolean {
  return workListener !== undefined;
}

/** Calls `listener` after each response, when the core may know more than before. */
export function addResponseListener(listener: (bridge: Bridge) => void): void {
  listeners.add(listener);
}

/** Reports that a trace has ended. (The core has set its timer already.) Never throws. */
export function traceEnded(): void {
  workChanged();
  const bridge = loadedBridge();
  if (bridge !== undefined) prepareExport(bridge);
}

/** Reports that the configuration has changed: buffered spans may be due now. Never throws. */
export function wakeExporter(): void {
  traceEnded();
  guard(() => loadedBridge()?.tracer.wake());
}

/**
 * As `wakeExporter`, for a response that the program will await: in Workers requests may be sent only
 * while an incoming request is handled. Does nothing there at import, when none is.
 */
export function wakeForAwaiter(): void {
  if (!isRequestScopedHost()) return wakeExporter();
  if (isHandlingRequest()) guard(() => loadedBridge()?.tracer.sendDue());
}

/**
 * Sends all buffered spans, due or not, and waits for the responses, with retries, until nothing is left
 * or the time is up. Never rejects.
 *
 * @param timeoutMs how long to wait, in milliseconds.
 * @param waitForOpenTraces whether to wait for the traces that are in progress now, too.
 */
export async function flushWithin(timeoutMs: number, waitForOpenTraces = false): Promise<FlushResult> {
  workChanged();
  return callCore(timeoutMs, ({ core }) => core.flush(timeoutMs, waitForOpenTraces));
}

/** Reports that there may be something to persist, or to remove from the store. Never throws. */
export function workChanged(): void {
  guard(() => workListener?.());
}

/**
 * Waits until the experiment is known that traces go to, or an attempt to look it up has failed, or the time is up.
 * Buffered spans are sent meanwhile, but not waited for. Never rejects.
 */
export async function awaitExperimentWithin(timeoutMs: number): Promise<void> {
  await callCore(timeoutMs, ({ core }) => core.awaitExperiment(timeoutMs));
}

/**
 * Delivers as many spans as possible in `timeoutMs` milliseconds; the rest is dropped and counted under
 * `shutdown`, and requests still in flight are aborted. Never rejects.
 */
export async function shutdownWithin(timeoutMs: number): Promise<FlushResult> {
  return callCore(timeoutMs, ({ core }) => core.shutdown(timeoutMs));
}

/** Calls the core: at once, or when it comes, if that is within `timeoutMs` milliseconds. Never rejects. */
async function callCore(timeoutMs: number, call: (bridge: Bridge) => Promise<unknown>): Promise<FlushResult> {
  const bridge = isCoreAwaited() ? await coreWithin(timeoutMs) : requestedBridge();
  if (bridge === undefined) return NO_RESULT;
  return ((await countAwaited(unlessCoreFails(call(bridge)))) as FlushResult | undefined) ?? NO_RESULT;
}

/** The core, if it comes within `timeoutMs` milliseconds. */
async function coreWithin(timeoutMs: number): Promise<Bridge | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeUp = new Promise<undefined>((resolve) => (timer = setTimeout(resolve, timeoutMs)));
  const arrived = await Promise.race([arrivedBridge(), timeUp]);
  clearTimeout(timer);
  return arrived;
}

whenLoaded((bridge) => {
  onUnixOffsetChange((offsetMs) => bridge.tracer.setUnixOffset(offsetMs));
  const host: ExporterHost = {
    send: sendRequest,
    timeoutMs: () => transportSettings().timeoutMs,
    isEnabled,
    beforeExport: () => {
      prepareExport(bridge);
      guard(notifyTraceChanges);
    },
    afterResponse: (notices) => {
      for (const { code, message } of notices) warnOnce(code, message);
      for (const listener of listeners) guard(() => listener(bridge));
    },
    unloadBudgetBytes,
    hasNonKeepaliveRequests,
    source,
  };
  bridge.core.startExporter(host);
  guard(() => workListener?.());
});
