/** `startSpan`: starts a span that the program ends itself. */

import type { Scope } from "../agents/observe/observer.js";
import type { SpanIds } from "../bridge/bridge.js";
import { loadBridge } from "../bridge/loader.js";
import { countFailure } from "../util/guard.js";
import { checkedSamplingRatio } from "../instrument/sampling.js";
import { beginSpan, isUnsampled } from "../instrument/scopes.js";
import { spanListener } from "../instrument/span-listener.js";
import { scopeStateOf, StatefulScope } from "../instrument/scope-state.js";
import { observeHost } from "../export/host-events.js";
import { checkOptions, type OptionRules } from "../util/options.js";
import { isEnabled } from "../util/enablement.js";
import * as spanCalls from "../instrument/span-calls.js";
import { type LiveSpan, noopSpan, type SpanParent } from "./live-span.js";
import type { SpanType } from "./names.js";
import { RecordingSpan, spanOf } from "./recording-span.js";
import { type WorkSpan, unsampledSpan } from "./work-span.js";

/** The options of a new span. */
export interface SpanOptions {
  /** The name; need not be unique. */
  name: string;
  /** The type. Default: "UNKNOWN". */
  spanType?: SpanType;
  /** The inputs; `null` is a value too. Captured at once. */
  inputs?: unknown;
  /** Further attributes. Captured at once. */
  attributes?: Readonly<Record<string, unknown>>;
  /**
   * Nanoseconds since 1970. A BigInt is recorded exactly; a number is rounded by JavaScript itself, to 256 nanoseconds
   * for a time of today. Default: now, also for an invalid time.
   */
  startTimeNs?: number | bigint;
  /**
   * The parent: another span, or the `context` of an agents' callback; `null`: the span starts a trace.
   * Default: the active span (`getCurrentActiveSpan`), which in a page is known only until the first
   * `await`.
   */
  parent?: SpanParent | null | undefined;
  /**
   * The sampling ratio of such spans, from 0 to 1, if they start a trace. Default: that of `init`. Spans
   * with a parent follow its sampling decision (as `sampling_ratio_override` in mlflow/tracing/fluent.py).
   */
  samplingRatio?: number;
}

/** The rules of the options. */
export const SPAN_OPTIONS: OptionRules<SpanOptions> = {
  name: "any",
  spanType: "any",
  inputs: "any",
  attributes: "object",
  startTimeNs: "any",
  parent: "parent",
  samplingRatio: "any",
};

/** The scope of a manual span. */
class SpanScope extends StatefulScope implements Scope {
  readonly kind = "span";
  /** The parent that the program gave. */
  readonly #given: Scope | undefined;

  constructor(given: Scope | undefined) {
    super();
    this.#given = given;
  }

  /** The parent: the given one, or the scope that was active when the span started. */
  get parent(): Scope | undefined {
    return this.#given ?? scopeStateOf(this)?.parent;
  }
}

/** The default name, as in MLflow's TypeScript SDK. */
const DEFAULT_NAME = "span";

/**
 * Starts a span, which is open until its `end()`. It does not become the active span: operations that are
 * part of it need it as `parent` or `context` (or use `withSpan`). While tracing is disabled, this returns
 * a span that records nothing.
 *
 * @throws MlflowAg2Error `invalid_argument` for an unknown option, for a `parent` or `attributes` that are no objects,
 *   and for a `samplingRatio` that is not a number from 0 to 1; nothing else.
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
  checkOptions("startSpan", options, SPAN_OPTIONS);
  return startRecording(options) ?? noopSpan;
}

/** As `startSpan`; `undefined` if nothing is recorded. */
export function startRecording(options: SpanOptions): WorkSpan | undefined {
  const { samplingRatio } = options;
  if (samplingRatio !== undefined) checkedSamplingRatio("samplingRatio", samplingRatio);
  if (!isEnabled() || loadBridge() === undefined) return undefined;
  try {
    // In a function of its own, without access to the options: engines drop compiled code that depends on
    // the shape of a collected object.
    const { name, spanType, inputs, attributes, startTimeNs, parent } = options;
    return startRecordingSpan(name, spanType, inputs, attributes, startTimeNs, parent, samplingRatio);
  } catch (error) {
    countFailure(error);
    return undefined;
  }
}

function startRecordingSpan(
  name: string | undefined,
  spanType: SpanType | undefined,
  inputs: unknown,
  attributes: SpanOptions["attributes"],
  startTimeNs: number | bigint | undefined,
  parentOption: SpanParent | null | undefined,
  samplingRatio: number | undefined,
): WorkSpan | undefined {
  retainedSpan ??= new RecordingSpan(new SpanScope(undefined), 0, "", NO_IDS, NO_IDS);
  const scope = new SpanScope(parentOption?.scope);
  const shownName = name === undefined || name === "" ? DEFAULT_NAME : String(name);
  const type = spanType === undefined ? "UNKNOWN" : String(spanType);
  let parentIds: SpanIds | undefined;
  let ids: SpanIds | undefined;
  const start = (parentKey: number, parentScope: Scope | undefined): number => {
    if (parentScope !== undefined) {
      const parent = spanOf(parentScope);
      parentIds = parent === undefined ? spanCalls.spanIds(parentKey) : parent.ids;
    }
    const key = spanCalls.spanStarted(parentKey, shownName, type, inputs, startTimeNs);
    // At once: the core releases a trace once it is delivered.
    if (key !== 0) ids = spanCalls.startedSpanIds();
    return key;
  };
  const key = beginSpan(scope, start, { ifParentUnrecorded: "trace", isRoot: parentOption === null, samplingRatio });
  if (key === 0) return isUnsampled(scope) ? unsampledSpan(scope) : undefined;
  observeHost();
  const span = new RecordingSpan(scope, key, shownName, ids, parentIds);
  if (attributes !== undefined) span.setAttributes(attributes);
  spanListener()?.(scope, false);
  return span;
}

const NO_IDS: SpanIds = [];
/** One instance is retained, because engines drop the compiled code of a class that has none left. */
let retainedSpan: RecordingSpan | undefined;
