/**
 * The program's own `redact`: every span that is done goes through it before it may be sent, kept or
 * shown. The core holds spans back until they have (src/recorder/redaction.rs), so one that nobody
 * has looked at cannot leave.
 */

import type { Bridge } from "../bridge/bridge.js";
import { capture } from "../capture/capture.js";
import { monotonicMs } from "../util/clock.js";
import { loadedBridge, whenLoaded } from "../bridge/loader.js";
import { beforeExport } from "../export/exporter.js";
import { rememberUnsampled, RemoteScope } from "../instrument/scopes.js";
import { runWithin } from "../instrument/context.js";
import { type Change, type HeldSpan, readRedactable, type RedactableSpan } from "./redactable-span.js";
import { reason } from "../util/unknowns.js";
import { warnOnce } from "../util/warn.js";

/** Changes a span before anybody sees it. */
export type Redact = (span: RedactableSpan) => void;

let redact: Redact | undefined;
let inputs = true;
let outputs = true;
let failures = 0;
let isRunning = false;

/** What of spans may leave from now on; what is left out stays as it is. */
export function setExposure(changed: {
  redact?: Redact | null;
  captureInputs?: boolean;
  captureOutputs?: boolean;
}): void {
  const bridge = loadedBridge();
  // What was recorded under the old rule goes by the old rule.
  if (bridge !== undefined) redactPending(bridge);
  if (changed.redact !== undefined) redact = changed.redact ?? undefined;
  inputs = changed.captureInputs ?? inputs;
  outputs = changed.captureOutputs ?? outputs;
  if (bridge !== undefined) applyExposure(bridge);
}

function applyExposure(bridge: Bridge): void {
  bridge.tracer.setExposure(inputs, outputs, redact !== undefined, monotonicMs());
}

/** How often `redact` failed, so that a span left without what it says; `stats()` shows it. */
export function redactFailures(): number {
  return failures;
}

function redactPending(bridge: Bridge): void {
  // What `redact` itself does is not seen to from within.
  if (redact === undefined || isRunning) return;
  isRunning = true;
  try {
    const keys = [...bridge.core.unredacted()];
    if (keys.length === 0) return;
    for (const key of keys) redactOne(bridge, key, redact);
    bridge.tracer.releaseRedacted(monotonicMs());
  } finally {
    isRunning = false;
  }
}

function redactOne(bridge: Bridge, key: number, by: Redact): void {
  let hasFailed = false;
  try {
    const { span, changes } = readRedactable(bridge.core.toBeRedacted(key) as HeldSpan);
    // Spans that it makes would have to be redacted in turn, without end.
    const nowhere = new RemoteScope();
    rememberUnsampled(nowhere);
    const given: unknown = runWithin(nowhere, () => by(span));
    refusePromise(given);
    for (const change of changes()) write(bridge, key, change);
  } catch (error) {
    hasFailed = true;
    failures += 1;
    warnOnce(
      "redaction_failed",
      `\`redact\` failed, so a span is recorded without inputs and outputs: ${reason(error)}`,
    );
  }
  bridge.tracer.redacted(key, hasFailed);
}

function write(bridge: Bridge, key: number, change: Change): void {
  if ("text" in change) return bridge.tracer.redactText(key, change.which, bridge.text(change.text));
  if ("name" in change) {
    const name = bridge.name(change.name);
    const { tag, number, lengthBytes } = bridge.value(capture(change.value));
    return bridge.tracer.redactAttribute(key, name, tag, number, lengthBytes);
  }
  const { tag, number, lengthBytes } = bridge.value(capture(change.value));
  bridge.tracer.redactValue(key, change.event, change.index, tag, number, lengthBytes);
}

/** Nothing waits for a promise here, and what it would do comes too late. */
function refusePromise(given: unknown): void {
  if (typeof given !== "object" || given === null || typeof (given as { then?: unknown }).then !== "function") return;
  Promise.resolve(given).catch(() => {});
  throw new TypeError("it must not be async: it gave a promise");
}

beforeExport(redactPending);
whenLoaded(applyExposure);
