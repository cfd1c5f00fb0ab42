/**
 * The program's `redact`: called with every finished span before that may be sent, persisted or shown. The
 * core holds spans until they are redacted (src/redaction.rs), so that an unredacted span cannot be
 * exported.
 */

import type { Bridge } from "../bridge/bridge.js";
import { capture, captureNamed } from "../capture/capture.js";
import { monotonicMs } from "../util/clock.js";
import { reportedBridge, whenLoaded, whenRecording } from "../bridge/loader.js";
import { beforeExport } from "../export/exporter.js";
import { bindUnsampled, RemoteScope } from "../instrument/scopes.js";
import { withScope } from "../instrument/context.js";
import { type Change, type PendingSpan, readRedactable, type RedactableSpan } from "./redactable-span.js";
import { errorMessage } from "../util/safe-access.js";
import { settingsChanged, warnOnce } from "../util/warn.js";

/**
 * Changes a span before it is exported or shown: in place, or by returning a span, such as
 * `{ ...span, inputs: "<hidden>" }`, which is used instead. `null` or `false` drops the span.
 */
// A function that edits in place may have no return statement.
// oxlint-disable-next-line typescript/no-invalid-void-type
export type Redact = (span: RedactableSpan) => void | RedactableSpan | null | false;

let redact: Redact | undefined;
let inputs = true;
let outputs = true;
let failures = 0;
let isRedacting = false;

/** Sets what is removed from spans before their export; an option that is left out stays as it is. */
export function setPrivacyPolicy(changed: {
  redact?: Redact | null;
  captureInputs?: boolean;
  captureOutputs?: boolean;
}): void {
  const bridge = reportedBridge();
  // Spans that were recorded under the old policy are redacted by it.
  if (bridge !== undefined) redactPending(bridge);
  if (changed.redact !== undefined) {
    // Another function fails for another reason.
    if (changed.redact !== redact) settingsChanged({ redactFailures: failures });
    redact = changed.redact ?? undefined;
  }
  inputs = changed.captureInputs ?? inputs;
  outputs = changed.captureOutputs ?? outputs;
  if (bridge !== undefined) applyPrivacyPolicy(bridge);
}

function applyPrivacyPolicy(bridge: Bridge): void {
  bridge.tracer.setCapturePolicy(inputs, outputs, redact !== undefined, monotonicMs());
}

/** How many spans were recorded without values, or dropped, because `redact` failed; shown by `stats()`. */
export function redactFailures(): number {
  return failures;
}

function redactPending(bridge: Bridge): void {
  // Not again for calls by `redact` itself.
  if (redact === undefined || isRedacting) return;
  isRedacting = true;
  try {
    const keys = [...bridge.core.unredacted()];
    if (keys.length === 0) return;
    for (const key of keys) redactOne(bridge, key, redact);
    bridge.tracer.releaseRedacted(monotonicMs());
  } finally {
    isRedacting = false;
  }
}

function redactOne(bridge: Bridge, key: number, redactSpan: Redact): void {
  const pending = bridge.core.toBeRedacted(key) as PendingSpan | undefined;
  // Dropped with its root.
  if (pending === undefined) return;
  // What becomes of the span if the next step fails.
  let fate: "recorded" | "stripped" | "dropped" = "stripped";
  try {
    const { span, changes, replaceBy } = readRedactable(pending);
    // Spans of `redact` itself would have to be redacted in turn, without end: it runs in an unsampled scope.
    const unsampledScope = new RemoteScope();
    bindUnsampled(unsampledScope);
    const result: unknown = withScope(unsampledScope, () => redactSpan(span));
    if (result === null || result === false) fate = "dropped";
    else {
      if (result !== undefined && result !== span) {
        // Unless it can be read, what it meant is not known, so nothing of the span may leave.
        fate = "dropped";
        rejectOther(result);
        replaceBy(result);
        fate = "stripped";
      }
      for (const change of changes()) applyChange(bridge, key, change);
      fate = "recorded";
    }
  } catch (error) {
    failures += 1;
    warnOnce(
      "redaction_failed",
      `\`redact\` failed, so a span is ${fate === "dropped" ? "dropped" : "recorded without inputs and outputs"}: ` +
        errorMessage(error),
    );
  }
  if (fate === "dropped") bridge.tracer.dropRedacted(key);
  else bridge.tracer.redacted(key, fate === "stripped");
}

function applyChange(bridge: Bridge, key: number, change: Change): void {
  if ("text" in change) return bridge.tracer.redactText(key, change.textId, bridge.writeText(change.text));
  if ("name" in change) {
    const name = bridge.intern(change.name);
    const { tag, number, lengthBytes } = bridge.encode(captureNamed(change.name, change.value));
    return bridge.tracer.redactAttribute(key, name, tag, number, lengthBytes);
  }
  const { tag, number, lengthBytes } = bridge.encode(capture(change.value));
  bridge.tracer.redactValue(key, change.event, change.index, tag, number, lengthBytes);
}

/** Throws for what is no object, and for a promise: its changes would come too late. */
function rejectOther(result: unknown): asserts result is object {
  if (typeof result !== "object" || result === null)
    throw new TypeError(`it must return nothing, a span, null or false, and returned a ${typeof result}`);
  if (typeof (result as { then?: unknown }).then !== "function") return;
  Promise.resolve(result).catch(() => {});
  throw new TypeError("it must not be async: it returned a promise");
}

beforeExport(redactPending);
whenLoaded(applyPrivacyPolicy);
whenRecording(applyPrivacyPolicy);
