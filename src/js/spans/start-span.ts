/** `startSpan`: a span that the program ends itself. */

import type { Scope } from "../agents/observer.js";
import { core } from "../core.js";
import { guard } from "../guard.js";
import { begin } from "../instrument/scopes.js";
import { watchHost } from "../lifecycle/host-events.js";
import { isEnabled } from "../switch.js";
import * as facts from "./facts.js";
import { type LiveSpan, noSpan, type SpanParent } from "./live-span.js";
import type { SpanType } from "./names.js";
import { msOf, RecordingSpan, spanIdIn } from "./recording-span.js";

/** What a span can be begun with. */
export interface SpanOptions {
  /** What it is called. */
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
}

/** The scope of a span by hand. */
class SpanScope implements Scope {
  readonly kind = "span";
  readonly parent: Scope | undefined;

  constructor(parent: Scope | undefined) {
    this.parent = parent;
  }
}

/** The name of a span that got none, as in MLflow's TypeScript SDK. */
const DEFAULT_NAME = "span";

/**
 * Begins a span, which runs until its `end()`. It does not become the active one: what is to be part
 * of it names it as `parent` or `context` (or use `withSpan`). While tracing is switched off, this
 * gives a span that records nothing. Never throws.
 *
 * @example
 * const span = startSpan({ name: "look up weather", spanType: "RETRIEVER", inputs: { city: "Oslo" } });
 * const weather = await lookUp("Oslo");
 * span.end({ outputs: weather });
 * @example
 * // In a tool, in any host: below the tool's own span.
 * async function weather({ city }, context) {
 *   const place = await geocode(city);
 *   const span = startSpan({ name: "look up", parent: context });
 *   …
 * }
 */
export function startSpan(options: SpanOptions): LiveSpan {
  return startRecording(options) ?? noSpan;
}

/** As `startSpan`; `undefined` if nothing is recorded. */
export function startRecording(options: SpanOptions): RecordingSpan | undefined {
  if (!isEnabled() || core() === undefined) return undefined;
  let span: RecordingSpan | undefined;
  guard(() => {
    span = recording(options);
  });
  return span;
}

function recording({ name, spanType, inputs, attributes, startTimeNs, parent }: SpanOptions): RecordingSpan | undefined {
  const scope = new SpanScope(parent?.scope);
  const shownName = name === undefined || name === "" ? DEFAULT_NAME : String(name);
  const type = spanType === undefined ? "UNKNOWN" : String(spanType);
  let parentContext: string | undefined;
  const start = (parentKey: number): number => {
    parentContext = parentKey === 0 ? undefined : facts.spanContext(parentKey);
    return facts.spanStarted(parentKey, shownName, type, inputs, msOf(startTimeNs));
  };
  const key = begin(scope, start, { ofUnknown: "trace", alone: parent === null });
  if (key === 0) return undefined;
  watchHost();
  const span = new RecordingSpan(scope, key, { name: shownName, parentId: parentContext && spanIdIn(parentContext) });
  if (attributes !== undefined) span.setAttributes(attributes);
  return span;
}
