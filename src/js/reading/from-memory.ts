/** Reads a trace that the core still holds (src/wasm/view.rs says in what shape it comes). */

import { Span, Trace, TraceInfo, type SpanStatus, type TraceState } from "./trace.js";

/** An attribute's value, and whether it is JSON text that stands for data. */
type HeldValue = readonly [value: unknown, isJson: boolean];

interface HeldSpan {
  readonly name: string;
  readonly spanId: string;
  readonly parentId?: string;
  readonly statusCode: SpanStatus["code"];
  readonly statusDescription: string;
  /** Times are in digits: they do not fit a number. */
  readonly startTimeNs: string;
  readonly endTimeNs?: string;
  readonly attributes: readonly (readonly [key: string, value: HeldValue])[];
  readonly events: readonly { name: string; timeNs: string; attributes: readonly (readonly [string, HeldValue])[] }[];
}

/** What `Tracer.trace` answers. */
export interface HeldTrace {
  readonly traceId: string;
  readonly experimentId: string;
  readonly state: TraceState;
  /** Another program began it, and may hold more of it. */
  readonly isPart: boolean;
  readonly clientRequestId?: string;
  readonly requestPreview?: string;
  readonly responsePreview?: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly metadata: Readonly<Record<string, string>>;
  readonly spans: readonly HeldSpan[];
}

const NS_PER_MS = 1e6;
/** MLflow's limit (mlflow/tracing/constant.py, `TRACE_REQUEST_RESPONSE_PREVIEW_MAX_LENGTH_OSS`). */
const PREVIEW_LENGTH = 1000;

/** The trace in the public classes. */
export function traceFromMemory(held: HeldTrace): Trace {
  const { traceId, experimentId, state, clientRequestId, tags, metadata } = held;
  const spans = held.spans.map((span) => readSpan(span, traceId));
  // The core puts the root first, or the first span of a part.
  const [root] = spans;
  const [heldRoot] = held.spans;
  return new Trace(
    new TraceInfo({
      traceId,
      experimentId,
      state,
      requestTimeMs: root === undefined ? Number.NaN : Number(root.startTimeNs) / NS_PER_MS,
      executionDurationMs: root?.endTimeNs === undefined ? undefined : Number(root.endTimeNs - root.startTimeNs) / NS_PER_MS,
      clientRequestId,
      requestPreview: held.requestPreview ?? preview(heldRoot, "mlflow.spanInputs"),
      responsePreview: held.responsePreview ?? preview(heldRoot, "mlflow.spanOutputs"),
      tags: { ...(root && { "mlflow.traceName": root.name }), ...tags },
      traceMetadata: metadata,
    }),
    spans,
  );
}

function readSpan({ name, spanId, parentId, statusCode: code, statusDescription: description, startTimeNs, endTimeNs, attributes, events }: HeldSpan, traceId: string): Span {
  return new Span({
    name,
    spanId,
    parentId,
    traceId,
    status: { code, description },
    startTimeNs: BigInt(startTimeNs),
    endTimeNs: endTimeNs === undefined ? undefined : BigInt(endTimeNs),
    attributes: readAttributes(attributes),
    events: events.map(({ name, timeNs, attributes }) => ({ name, timeNs: BigInt(timeNs), attributes: readAttributes(attributes) })),
  });
}

function readAttributes(attributes: HeldSpan["attributes"]): Record<string, unknown> {
  return Object.fromEntries(attributes.map(([key, [value, isJson]]) => [key, isJson ? JSON.parse(value as string) : value]));
}

/** What the server shows before it is asked for the whole: the beginning of the text as it is sent. */
function preview(root: HeldSpan | undefined, key: string): string | undefined {
  const value = root?.attributes.find(([name]) => name === key)?.[1][0];
  if (value === undefined) return undefined;
  const text = String(value);
  // Half of a character at the end would be no character.
  return text.length <= PREVIEW_LENGTH ? text : `${text.slice(0, PREVIEW_LENGTH - 3).replace(/[\ud800-\udbff]$/, "")}...`;
}
