/**
 * Calls of the core for spans of its general kind, which are manual spans, handoffs and guardrails: one function per
 * call of src/wasm/spans.rs, which captures its values. Call only when the core is loaded.
 *
 * Each function interns its names first: a new name is written into the same scratch area as the values.
 */

import type { Bridge, EncodedValue, SpanIds } from "../bridge/bridge.js";
import { captureNamed, captureNamedText, captureText } from "../capture/capture.js";
import { monotonicMs } from "../util/clock.js";
import { reportedBridge } from "../bridge/loader.js";
import { setNameAttribute, setSharedListAttribute } from "./attributes.js";
import { requireBridge } from "./events.js";
import { captureLists } from "../capture/messages/capture-lists.js";
import * as attributeIds from "../bridge/numbers/attribute-ids.js";
import * as traceFields from "../bridge/numbers/trace-fields.js";
import * as tags from "../bridge/numbers/value-tags.js";

/** A time of a span that the program gives, in nanoseconds since 1970; `undefined`: now. */
export type TimeNs = number | bigint | undefined;

/** The numbers of a span's times (`spanTime` of src/wasm/spans.rs). */
export const START = 0;
export const END = 1;
const EVENT = 2;

/** Later times do not fit the 63 bits that databases have for them. */
const MAX_TIME_MS = 9.2e12;
const NS_PER_MS = 1_000_000n;

/** Passes one of a span's times on, in two numbers, since one does not have enough digits. */
export function setTime(key: number, which: number, timeNs: TimeNs): void {
  if (timeNs === undefined || key === 0) return;
  let ns: bigint;
  try {
    ns = BigInt(typeof timeNs === "number" ? Math.round(timeNs) : timeNs);
  } catch {
    return;
  }
  const unixMs = Number(ns / NS_PER_MS);
  if (ns >= 0n && unixMs < MAX_TIME_MS) requireBridge().tracer.spanTime(key, which, unixMs, Number(ns % NS_PER_MS));
}

/** The value `null`, which is recorded as in Python; `undefined` is no value. */
const NULL = { tag: tags.jsonText, text: "null" } as const;

function captureValue(bridge: Bridge, value: unknown): EncodedValue {
  return value === null ? bridge.encode(NULL) : captureLists(bridge, value);
}

/** @returns the key of the span; 0 if the core made none. Its ids are `startedSpanIds()` until the next call. */
export function spanStarted(parent: number, name: string, type: string, inputs: unknown, startNs?: TimeNs): number {
  const bridge = requireBridge();
  const nameNumber = bridge.intern(captureText(name));
  const typeNumber = bridge.intern(type);
  const { tag, number, lengthBytes } = captureValue(bridge, inputs);
  const key = bridge.tracer.spanStarted(parent, nameNumber, typeNumber, tag, number, lengthBytes, monotonicMs());
  setTime(key, START, startNs);
  return key;
}

export function spanInputs(key: number, inputs: unknown): void {
  const bridge = requireBridge();
  const { tag, number, lengthBytes } = captureValue(bridge, inputs);
  bridge.tracer.spanInputs(key, tag, number, lengthBytes);
}

export function spanOutputs(key: number, outputs: unknown): void {
  const bridge = requireBridge();
  const { tag, number, lengthBytes } = captureValue(bridge, outputs);
  bridge.tracer.spanOutputs(key, tag, number, lengthBytes);
}

/** As `spanOutputs`, for JSON text. */
export function spanOutputsJson(key: number, json: string): void {
  const bridge = requireBridge();
  const { tag, number, lengthBytes } = bridge.encode({ tag: tags.jsonText, text: json });
  bridge.tracer.spanOutputs(key, tag, number, lengthBytes);
}

export function spanAttribute(key: number, name: string, value: unknown): void {
  const bridge = requireBridge();
  const nameNumber = bridge.intern(name);
  const { tag, number, lengthBytes } = bridge.encode(value === null ? NULL : captureNamed(name, value));
  bridge.tracer.spanAttribute(key, nameNumber, tag, number, lengthBytes);
}

export function spanAttributes(key: number, attributes: Readonly<Record<string, unknown>>): void {
  for (const name of Object.keys(attributes)) spanAttribute(key, name, attributes[name]);
}

/** Token counts by the names that MLflow has for them; what is no number is unknown. */
export function spanUsage(key: number, usage: Readonly<Record<string, unknown>>): void {
  const counts = USAGE_KEYS.map((name) => Number(usage[name] ?? Number.NaN));
  requireBridge().tracer.spanUsage(key, ...(counts as [number, number, number, number, number, number]));
}

/** In the order of the parameters of `spanUsage` (mlflow/tracing/constant.py, `TokenUsageKey`). */
const USAGE_KEYS = [
  "input_tokens",
  "output_tokens",
  "total_tokens",
  "cache_read_input_tokens",
  "cache_creation_input_tokens",
  "cache_creation_input_tokens_above_1hr",
];

/** The model that a span is a call of, and its provider. */
export function spanModel(key: number, model: string, provider: string | undefined): void {
  const bridge = requireBridge();
  setNameAttribute(bridge, key, attributeIds.model, model);
  setNameAttribute(bridge, key, attributeIds.provider, provider);
}

/** The conversation that a span is about. */
export function spanMessages(key: number, messages: unknown, tools: unknown, format: string | undefined): void {
  const bridge = requireBridge();
  setSharedListAttribute(bridge, key, attributeIds.chatMessages, messages);
  if (tools !== undefined) setSharedListAttribute(bridge, key, attributeIds.chatTools, tools);
  setNameAttribute(bridge, key, attributeIds.messageFormat, format);
}

export function spanStatus(key: number, isError: boolean, description: string): void {
  const bridge = requireBridge();
  bridge.tracer.spanStatus(key, isError, bridge.writeText(captureText(description)));
}

export function spanEvent(
  key: number,
  name: string,
  attributes: Readonly<Record<string, unknown>>,
  timeNs?: TimeNs,
): void {
  const bridge = requireBridge();
  bridge.tracer.spanEvent(key, bridge.intern(captureText(name)), monotonicMs());
  setTime(key, EVENT, timeNs);
  eventAttributes(bridge, key, attributes);
}

/** The number of hexadecimal digits of a trace id, which MLflow writes with a prefix. */
const TRACE_ID_DIGITS = 32;

/** A link to a span; nothing if the ids are none. */
export function spanLink(
  key: number,
  traceId: string,
  spanId: string,
  attributes: Readonly<Record<string, unknown>>,
): void {
  const bridge = requireBridge();
  const context = `${String(traceId).slice(-TRACE_ID_DIGITS)}-${spanId}`;
  if (bridge.tracer.spanLink(key, bridge.writeText(context))) eventAttributes(bridge, key, attributes);
}

/** Attributes of the newest event, or link. */
function eventAttributes(bridge: Bridge, key: number, attributes: Readonly<Record<string, unknown>>): void {
  for (const [attribute, value] of Object.entries(attributes)) {
    const nameNumber = bridge.intern(attribute);
    const { tag, number, lengthBytes } = bridge.encode(captureNamed(attribute, value));
    bridge.tracer.eventAttribute(key, nameNumber, tag, number, lengthBytes);
  }
}

/** `outputs`: `undefined` leaves them as they were set before. */
export function spanEnded(key: number, outputs: unknown, endNs?: TimeNs): void {
  const bridge = requireBridge();
  setTime(key, END, endNs);
  const { tag, number, lengthBytes } = captureValue(bridge, outputs);
  bridge.tracer.spanEnded(key, tag, number, lengthBytes, monotonicMs());
}

export function traceTag(key: number, name: string, value: string): void {
  const bridge = requireBridge();
  bridge.tracer.traceTag(key, bridge.intern(name), bridge.writeText(captureNamedText(name, value)));
}

export function traceMetadata(key: number, name: string, value: string): void {
  const bridge = requireBridge();
  bridge.tracer.traceMetadata(key, bridge.intern(name), bridge.writeText(captureNamedText(name, value)));
}

export function traceField(key: number, field: keyof typeof traceFields, value: string): void {
  const bridge = requireBridge();
  // `field` is a key of the namespace, as its type says.
  // oxlint-disable-next-line import/namespace
  bridge.tracer.traceField(key, traceFields[field], bridge.writeText(captureText(value)));
}

/** "32hex-16hex", trace and span; `undefined` once the core has released the trace. */
export function spanContext(key: number): string | undefined {
  const bridge = reportedBridge();
  return bridge?.core.spanContext(key);
}

/** The ids of the span and its trace; `undefined` once the core has released the trace. */
export function spanIds(key: number): SpanIds | undefined {
  // Eight hexadecimal digits are a word.
  return spanContext(key)
    ?.match(/[^-]{8}/g)
    ?.map((word) => parseInt(word, 16) | 0);
}

/** The ids of the span that the previous call, `spanStarted`, has started. */
export function startedSpanIds(): SpanIds | undefined {
  return reportedBridge()?.readSpanIds();
}

/** @returns a key that can be used as a parent; 0 for a malformed `context`. */
export function remoteParent(context: string): number {
  return requireBridge().core.remoteParent(context);
}
