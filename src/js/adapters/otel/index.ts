/**
 * `mlflow-ag2/otel`: the spans of OpenTelemetry in the program as spans of this package, so that they are buffered,
 * delivered and persisted as all others, by MLflow's names.
 *
 * @module mlflow-ag2/otel
 */

import { trace } from "@opentelemetry/api";
import {
  flush,
  getCurrentActiveSpan,
  type LiveSpan,
  provideActiveSpan,
  type SpanParent,
  startSpan,
  updateCurrentTrace,
  withTracingContextFromHeaders,
} from "../../index.js";
import { messageOf, model, spanType, tokens, values } from "../conventions.js";
import { guard } from "../data.js";
import { checkedOptions } from "../options.js";
import type { OtelOptions, OtelProcessor, OtelSpan, OtelSpanContext, OtelTime } from "./types.js";

export type {
  OtelEvent,
  OtelOptions,
  OtelProcessor,
  OtelSpan,
  OtelSpanContext,
  OtelStatus,
  OtelTime,
} from "./types.js";

/** A span in progress; without a `live` one it is not recorded. */
interface Entry {
  readonly live: LiveSpan | undefined;
  /** What is below it belongs to this. */
  readonly parent: SpanParent | null | undefined;
}

/** The entries of a trace by the ids of spans, until all have ended: a child may start after the end of its parent. */
interface OpenTrace {
  readonly entries: Map<string, Entry>;
  open: number;
}

/** A span that differs more from now was given its time; else the clock of this package is used, which is finer. */
const NOW_MS = 20;
/** The most traces that wait for the export of their root; the oldest is recorded without it. */
const MAX_WAITING = 1_000;

const nanos = ([seconds, nanoseconds]: OtelTime): bigint => BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds);
const unlessNow = (time: OtelTime): bigint | undefined =>
  Math.abs(Date.now() - time[0] * 1e3 - time[1] / 1e6) > NOW_MS ? nanos(time) : undefined;
const parentIdOf = (span: OtelSpan): string | undefined => span.parentSpanContext?.spanId ?? span.parentSpanId;

/**
 * Records the spans of any library that is instrumented with OpenTelemetry (conventions of GenAI, OpenInference,
 * Vercel's `ai`, Traceloop, AG2) below the active span of this package; what this package records within such a span is
 * below it. Works as a `SpanProcessor`, and as a `SpanExporter` where only that can be given.
 *
 * @throws MlflowAg2Error `invalid_argument` for an unknown option, and an `include` that is no function.
 * @example
 * declare const BasicTracerProvider: new (options: { spanProcessors: OtelProcessor[] }) => object;
 * new BasicTracerProvider({ spanProcessors: [otel()] });
 */
export function otel(options: OtelOptions = {}): OtelProcessor {
  const { include } = checkedOptions("otel", options, { include: "function" });
  const traces = new Map<string, OpenTrace>();
  const waiting = new Map<string, OtelSpan[]>();
  const entryOf = ({ traceId, spanId }: OtelSpanContext): Entry | undefined => traces.get(traceId)?.entries.get(spanId);
  const stop = provideActiveSpan(() => {
    const active = trace.getActiveSpan()?.spanContext();
    return active && (entryOf(active)?.parent ?? undefined);
  });

  /** The parent of a span that starts now; `undefined`: the active span. */
  function parentOf(span: OtelSpan, context: object): SpanParent | null | undefined {
    const spanId = parentIdOf(span);
    // In another span, this one is to be a root.
    if (spanId === undefined) return trace.getActiveSpan() === undefined ? undefined : null;
    const { traceId } = span.spanContext();
    const parent = entryOf({ traceId, spanId, traceFlags: 1 })?.parent;
    if (parent) {
      let inner = getCurrentActiveSpan()?.scope;
      while (inner !== undefined && inner !== parent.scope) inner = inner.parent;
      return inner === undefined ? parent : undefined;
    }
    const { isRemote } = span.parentSpanContext ?? trace.getSpanContext(context as never) ?? {};
    return isRemote ? withTracingContextFromHeaders(`00-${traceId}-${spanId}-01`, (remote) => remote) : undefined;
  }

  function begin(span: OtelSpan, parent: SpanParent | null | undefined, startTimeNs: bigint | undefined): void {
    const { traceId, spanId, traceFlags } = span.spanContext();
    let open = traces.get(traceId);
    if (open === undefined) traces.set(traceId, (open = { entries: new Map(), open: 0 }));
    open.open += 1;
    const live =
      traceFlags & 1 && (!include || include(span))
        ? startSpan({ name: span.name, parent, ...(startTimeNs !== undefined && { startTimeNs }) })
        : undefined;
    open.entries.set(spanId, { live, parent: live ?? parent ?? getCurrentActiveSpan() });
  }

  function finish(span: OtelSpan, endTimeNs: bigint | undefined): void {
    const { traceId } = span.spanContext();
    const open = traces.get(traceId);
    const live = entryOf(span.spanContext())?.live;
    if (open !== undefined && (open.open -= 1) <= 0) traces.delete(traceId);
    if (live === undefined) return;
    guard(() => translate(span, live));
    const { code, message = "" } = span.status;
    live.end({
      ...(code === 2 && { status: { code: "ERROR", description: message } }),
      ...(endTimeNs !== undefined && { endTimeNs }),
    });
  }

  /** Records spans that have ended, each below its parent if that is among them. */
  function replay(spans: readonly OtelSpan[]): void {
    const inOrder = spans.toSorted((one, other) => (nanos(one.startTime) < nanos(other.startTime) ? -1 : 1));
    for (const span of inOrder) {
      const { traceId, traceFlags } = span.spanContext();
      const above = entryOf({ traceId, spanId: parentIdOf(span) ?? "", traceFlags });
      begin(span, above?.parent ?? null, nanos(span.startTime));
    }
    for (const span of inOrder.reverse()) finish(span, nanos(span.endTime));
  }

  const flushed = async (): Promise<void> => void (await flush());
  return {
    onStart: (span, context) => guard(() => begin(span, parentOf(span, context), unlessNow(span.startTime))),
    onEnd: (span) => guard(() => finish(span, unlessNow(span.endTime))),
    export(spans, done) {
      guard(() => {
        for (const span of spans) {
          const { traceId } = span.spanContext();
          waiting.set(traceId, [...(waiting.get(traceId) ?? []), span]);
        }
        for (const [traceId, held] of waiting) {
          const isWhole = held.some((span) => parentIdOf(span) === undefined || span.parentSpanContext?.isRemote);
          if (!isWhole && waiting.size <= MAX_WAITING) continue;
          waiting.delete(traceId);
          replay(held);
        }
      });
      done({ code: 0 });
    },
    forceFlush: flushed,
    shutdown() {
      stop();
      return flushed();
    },
  };
}

/** Reports what the attributes and events of a span mean. */
function translate({ attributes, events }: OtelSpan, live: LiveSpan): void {
  const { name, provider } = model(attributes);
  const { inputs, outputs, messages, rest } = values(attributes, events);
  live.setAttributes(rest);
  const type = spanType(attributes);
  if (type !== undefined) live.setSpanType(type);
  if (inputs !== undefined) live.setInputs(inputs);
  if (outputs !== undefined) live.setOutputs(outputs);
  if (messages.length > 0) live.setChatMessages(messages);
  if (typeof name === "string") live.setModel(name, provider);
  live.setTokenUsage(tokens(attributes));
  const text = (key: string): string | undefined => {
    const value = attributes[key];
    return typeof value === "string" ? value : undefined;
  };
  const sessionId = text("session.id");
  const userId = text("user.id");
  if (sessionId ?? userId) updateCurrentTrace({ ...(sessionId && { sessionId }), ...(userId && { userId }) }, live);
  for (const event of events)
    if (messageOf(event) === undefined)
      live.addEvent({ name: event.name, attributes: event.attributes ?? {}, timestamp: nanos(event.time) });
}
