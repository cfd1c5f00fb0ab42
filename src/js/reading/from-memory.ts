/** Reads a trace that the core still holds, in the form of the public classes' constructors (src/wasm/views.rs). */

import type { Bridge } from "../bridge/bridge.js";
import { Span, Trace, TraceInfo, type SpanFields, type TraceInfoFields } from "./trace.js";

/** `Trace` of src/wasm/views.rs. */
interface TraceView {
  readonly hasRemoteRoot: boolean;
  readonly info: TraceInfoFields;
  readonly spans: readonly SpanFields[];
}

/** A trace in memory. */
export interface TraceInMemory {
  readonly trace: Trace;
  /** Whether another program started it, and may hold more of it. */
  readonly hasRemoteRoot: boolean;
}

/** The trace with this id; `undefined` if it is not in memory. */
export function traceFromMemory(bridge: Bridge, traceId: string): TraceInMemory | undefined {
  const view = bridge.core.trace(traceId) as TraceView | undefined;
  if (view === undefined) return undefined;
  const spans = view.spans.map((fields) => new Span(fields));
  return { trace: new Trace(new TraceInfo(view.info), spans), hasRemoteRoot: view.hasRemoteRoot };
}
