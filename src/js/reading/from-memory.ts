/** Reads a trace that the core still holds, in the form of the public classes' constructors (src/wasm/views.rs). */

import type { Bridge } from "../bridge/bridge.js";
import { loadedBridge } from "../bridge/loader.js";
import { guard } from "../util/guard.js";
import { withAdditions } from "./additions.js";
import { Span, Trace, TraceInfo, type SpanFields, type TraceInfoFields } from "./trace.js";

/** `Trace` of src/wasm/views.rs. */
interface TraceView {
  readonly hasRemoteRoot: boolean;
  readonly info: TraceInfoFields;
  readonly spans: readonly SpanFields[];
}

/** The only span with this id as the program has set it; `undefined` if its trace is not in memory. Never throws. */
export function spanFromMemory(traceId: string, spanId: string): Span | undefined {
  let span: Span | undefined;
  guard(() => {
    const view = loadedBridge()?.core.trace(traceId, spanId) as TraceView | undefined;
    const [fields] = view?.spans ?? [];
    if (fields !== undefined) span = new Span(fields);
  });
  return span;
}

/** A trace in memory. */
export interface TraceInMemory {
  readonly trace: Trace;
  /** Whether another program started it, and may hold more of it. */
  readonly hasRemoteRoot: boolean;
}

/** The trace with this id; `undefined` if it is not in memory. */
export function traceFromMemory(bridge: Bridge, traceId: string): TraceInMemory | undefined {
  const view = bridge.core.trace(traceId, "") as TraceView | undefined;
  if (view === undefined) return undefined;
  const spans = view.spans.map((fields) => new Span(fields));
  return { trace: new Trace(new TraceInfo(withAdditions(view.info)), spans), hasRemoteRoot: view.hasRemoteRoot };
}
