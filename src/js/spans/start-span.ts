/** `startSpan`: a span that the program ends itself. */

import type { Scope } from "../agents/observe/observer.js";
import type { Ids } from "../bridge/bridge.js";
import { loadBridge } from "../bridge/loader.js";
import { countFailure, guard } from "../util/guard.js";
import { checkedRatio } from "../instrument/sampling.js";
import { begin, isUnsampled } from "../instrument/scopes.js";
import { Noted } from "../instrument/scope-notes.js";
import { watchHost } from "../export/host-events.js";
import { isEnabled } from "../util/switch.js";
import * as facts from "./facts.js";
import { type LiveSpan, noSpan, type SpanParent } from "./live-span.js";
import type { SpanType } from "./names.js";
import { msOf, RecordingSpan, spanOf } from "./recording-span.js";
import { type SpanOfWork, unsampledSpan } from "./unsampled-span.js";

/** What a span can be begun with. */
export interface SpanOptions {
  /** What MLflow lists it under; need not be unique. */
  name: string;
  /** Its type; not given: "UNKNOWN". */
  spanType?: SpanType;
  /** What goes in. Captured at once. */
  inputs?: unknown;
  /** Further facts. Captured at once. */
  attributes?: Readonly<Record<string, unknown>>;
  /** Nanoseconds since 1970; not given: now. */
  startTimeNs?: number | bigint;
  /**
   * What it is part of: another span, or the `context` of an agents' callback; `null`: it begins a
   * trace. Not given: the span or agents' operation that runs around it (`getCurrentActiveSpan`),
   * which a page knows only until the first `await`.
   */
  parent?: SpanParent | null | undefined;
  /**
   * The part of such spans that is recorded, from 0 to 1, if they begin a trace; not given: that of
   * `init`. What becomes part of a trace is recorded as the trace is (as `sampling_ratio_override` in
   * mlflow/tracing/fluent.py).
   */
  samplingRatio?: number;
}

/** The scope of a span by hand. */
class SpanScope extends Noted implements Scope {
  readonly kind = "span";
  readonly parent: Scope | undefined;

  constructor(parent: Scope | undefined) {
    super();
    this.parent = parent;
  }
}

/** The name of a span that got none, as in MLflow's TypeScript SDK. */
const DEFAULT_NAME = "span";

/**
 * Begins a span, which runs until its `end()`. It does not become the active one: what is to be part
 * of it names it as `parent` or `context` (or use `withSpan`). While tracing is switched off, this
 * gives a span that records nothing.
 *
 * @throws MlflowAg2Error `invalid_argument` for a `samplingRatio` that is no number from 0 to 1, and nothing else.
 *
 * @example
 * const span = startSpan({ name: "look up weather", spanType: "RETRIEVER", inputs: { city: "Oslo" } });
 * const answer = await fetch("/weather/oslo");
 * span.end({ outputs: await answer.json() });
 * @example
 * // In a tool, in any host: below the tool's own span.
 * async function weather({ city }: { city: string }, context: CallContext): Promise<string> {
 *   await Promise.resolve();
 *   const span = startSpan({ name: "look up", parent: context });
 *   span.end();
 *   return `Sun in ${city}`;
 * }
 */
export function startSpan(options: SpanOptions): LiveSpan {
  return startRecording(options) ?? noSpan;
}

/** As `startSpan`; `undefined` if nothing is recorded. */
export function startRecording(options: SpanOptions): SpanOfWork | undefined {
  const { samplingRatio } = options;
  if (samplingRatio !== undefined) checkedRatio("samplingRatio", samplingRatio);
  if (!isEnabled() || loadBridge() === undefined) return undefined;
  try {
    // Apart from what reads the program's own object: engines forget its shape with the last of its kind, and with it their machine code.
    const { name, spanType, inputs, attributes, startTimeNs, parent } = options;
    return recording(name, spanType, inputs, attributes, startTimeNs, parent, samplingRatio);
  } catch {
    countFailure();
    return undefined;
  }
}

function recording(
  name: string | undefined,
  spanType: SpanType | undefined,
  inputs: unknown,
  attributes: SpanOptions["attributes"],
  startTimeNs: number | bigint | undefined,
  wanted: SpanParent | null | undefined,
  samplingRatio: number | undefined,
): SpanOfWork | undefined {
  kept ??= new RecordingSpan(new SpanScope(undefined), 0, "", NO_IDS, NO_IDS);
  const scope = new SpanScope(wanted?.scope);
  const shownName = name === undefined || name === "" ? DEFAULT_NAME : String(name);
  const type = spanType === undefined ? "UNKNOWN" : String(spanType);
  let parentIds: Ids | undefined;
  let ids: Ids | undefined;
  const start = (parentKey: number, home: Scope | undefined): number => {
    if (home !== undefined) {
      const parent = spanOf(home);
      parentIds = parent === undefined ? facts.spanIds(parentKey) : parent.ids;
    }
    const key = facts.spanStarted(parentKey, shownName, type, inputs, msOf(startTimeNs));
    // At once: the core forgets a trace that has arrived.
    if (key !== 0) ids = facts.newIds();
    return key;
  };
  const key = begin(scope, start, { ofUnknown: "trace", alone: wanted === null, samplingRatio });
  if (key === 0) return isUnsampled(scope) ? unsampledSpan(scope) : undefined;
  watchHost();
  const span = new RecordingSpan(scope, key, shownName, ids, parentIds);
  if (attributes !== undefined) guard(() => facts.spanAttributes(key, attributes));
  return span;
}

const NO_IDS: Ids = [];
/** One stays, because engines forget how to run what no object is left of. */
let kept: RecordingSpan | undefined;
