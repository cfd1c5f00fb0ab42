/**
 * The exporter as the API sees it. The loop that sends is Rust (src/wasm/exporter.rs); here stands what it is
 * told, and who takes part: redaction before anything leaves, persistence and live views after each response.
 */

import type { Bridge } from "../bridge/bridge.js";
import type { Notice } from "../bridge/core.js";
import { loadedBridge, whenLoaded } from "../bridge/loader.js";
import { watchUnixOffset } from "../util/clock.js";
import { guard } from "../util/guard.js";
import { isBoundToRequests, isInRequest } from "../util/host.js";
import { isEnabled } from "../util/switch.js";
import { warnOnce } from "../util/warn.js";
import { announceChanges } from "./changes.js";
import { hasNonKeepaliveRequests, type CoreRequestInit, sendRequest } from "./send-request.js";
import { unloadBudgetBytes } from "./keepalive.js";
import { transportSettings } from "./settings.js";

/** What became of everything that was waiting when `flush()` was called. */
export interface FlushResult {
  /** Spans that arrived during this flush. */
  readonly delivered: number;
  /** Finished spans that still wait: the server could not be reached in time. */
  readonly pending: number;
  /** Spans given up during this flush; `stats().dropped` says why. */
  readonly dropped: number;
}

/** What the loop in Rust needs of JavaScript (`ExporterHost` of src/wasm/exporter.rs). No method throws. */
interface ExporterHost {
  send(url: string, init: CoreRequestInit): Promise<Response>;
  timeoutMs(): number;
  isEnabled(): boolean;
  beforeExport(): void;
  afterResponse(notices: readonly Notice[]): void;
  unloadBudgetBytes(): number;
  hasNonKeepaliveRequests(): boolean;
}

const NOTHING: FlushResult = { delivered: 0, pending: 0, dropped: 0 };

let prepare = (_bridge: Bridge): void => {};
let onWork: (() => void) | undefined;
const listeners = new Set<(bridge: Bridge) => void>();

/** Calls `listener` before anything that has ended may be sent, kept elsewhere or shown. */
export function beforeExport(listener: (bridge: Bridge) => void): void {
  prepare = listener;
}

/** Does what has to be done before anything that has ended may be sent, kept elsewhere or shown. Never throws. */
export function prepareExport(bridge: Bridge): void {
  guard(() => prepare(bridge));
}

/** Calls `listener` when there may be something new to export; often, so it must be quick. */
export function whenWorkArrives(listener: (() => void) | undefined): void {
  onWork = listener;
}

/** Calls `listener` after each response, when the core may know more than before. */
export function afterEachResponse(listener: (bridge: Bridge) => void): void {
  listeners.add(listener);
}

/** A trace has ended. (The core has set the timer for it already.) Never throws. */
export function traceEnded(): void {
  onWork?.();
  const bridge = loadedBridge();
  if (bridge !== undefined) prepareExport(bridge);
}

/** The configuration has changed: what waits may be due now. Never throws. */
export function wakeExporter(): void {
  traceEnded();
  guard(() => loadedBridge()?.tracer.wake());
}

/**
 * As `wakeExporter`, for something that the program is going to await: in Workers the running request
 * is the only time to ask for it. Does nothing at import there, when nothing may be asked.
 */
export function wakeForAwaiter(): void {
  if (!isBoundToRequests()) return wakeExporter();
  if (isInRequest()) guard(() => loadedBridge()?.tracer.sendDue());
}

/**
 * Sends everything that waits, due or not, and waits for the responses, tried again where that makes
 * sense, until nothing is left or the time is up. Never rejects.
 *
 * @param timeoutMs how long to wait, in milliseconds.
 */
export async function flushWithin(timeoutMs: number): Promise<FlushResult> {
  onWork?.();
  return ((await loadedBridge()?.core.flush(timeoutMs)) as FlushResult | undefined) ?? NOTHING;
}

/**
 * Delivers what can be delivered in `timeoutMs` milliseconds; what is left is dropped and counted
 * under `shutdown`, requests still in flight are broken off. Never rejects.
 */
export async function shutdownWithin(timeoutMs: number): Promise<FlushResult> {
  return ((await loadedBridge()?.core.shutdown(timeoutMs)) as FlushResult | undefined) ?? NOTHING;
}

whenLoaded((bridge) => {
  watchUnixOffset((offsetMs) => bridge.tracer.setUnixOffset(offsetMs));
  const host: ExporterHost = {
    send: sendRequest,
    timeoutMs: () => transportSettings().timeoutMs,
    isEnabled,
    beforeExport: () => {
      prepareExport(bridge);
      guard(announceChanges);
    },
    afterResponse: (notices) => {
      for (const { code, message } of notices) warnOnce(code, message);
      for (const listener of listeners) guard(() => listener(bridge));
    },
    unloadBudgetBytes,
    hasNonKeepaliveRequests,
  };
  bridge.core.startExporter(host);
});
