/**
 * Hands spans by hand to the core: one function per thing said, values captured on the way
 * (src/wasm/spans.rs is the other side). Call only when the core is loaded.
 *
 * Names go first in each function: a name that is new to the core crosses through the same scratch
 * area as the values do.
 */

import type { Border, Ids } from "../bridge/border.js";
import { capture, JSON_TEXT, NULL } from "../capture/capture.js";
import { loadedCore } from "../bridge/core.js";
import { captureLists } from "../capture/messages/capture-lists.js";

/** The numbers of `traceField` in src/wasm/spans.rs. */
export const TRACE_FIELDS = { clientRequestId: 0, requestPreview: 1, responsePreview: 2, sessionId: 3, userId: 4, state: 5 } as const;

/** @returns the key of the span; 0 if the core made none. Its ids are `newIds()` until the next call. */
export function spanStarted(parent: number, name: string, type: string, inputs: unknown, atMs: number): number {
  const border = loaded();
  const nameNumber = border.name(name);
  const typeNumber = border.name(type);
  const { tag, number, lengthBytes } = captureLists(border, inputs);
  return border.tracer.spanStarted(parent, nameNumber, typeNumber, tag, number, lengthBytes, atMs);
}

export function spanInputs(key: number, inputs: unknown): void {
  const border = loaded();
  const { tag, number, lengthBytes } = captureLists(border, inputs);
  border.tracer.spanInputs(key, tag, number, lengthBytes);
}

export function spanOutputs(key: number, outputs: unknown): void {
  const border = loaded();
  const { tag, number, lengthBytes } = captureLists(border, outputs);
  border.tracer.spanOutputs(key, tag, number, lengthBytes);
}

/** As `spanOutputs`, for JSON text. */
export function spanOutputsJson(key: number, json: string): void {
  const border = loaded();
  const { tag, number, lengthBytes } = border.value({ tag: JSON_TEXT, text: json });
  border.tracer.spanOutputs(key, tag, number, lengthBytes);
}

export function spanAttribute(key: number, name: string, value: unknown): void {
  const border = loaded();
  const nameNumber = border.name(name);
  const { tag, number, lengthBytes } = border.value(capture(value));
  border.tracer.spanAttribute(key, nameNumber, tag, number, lengthBytes);
}

export function spanAttributes(key: number, attributes: Readonly<Record<string, unknown>>): void {
  for (const name of Object.keys(attributes)) spanAttribute(key, name, attributes[name]);
}

export function spanStatus(key: number, isError: boolean, description: string): void {
  const border = loaded();
  border.tracer.spanStatus(key, isError, border.text(description));
}

export function spanEvent(key: number, name: string, attributes: Readonly<Record<string, unknown>>, atMs: number): void {
  const border = loaded();
  border.tracer.spanEvent(key, border.name(name), atMs);
  for (const [attribute, value] of Object.entries(attributes)) {
    const nameNumber = border.name(attribute);
    const { tag, number, lengthBytes } = border.value(capture(value));
    border.tracer.eventAttribute(key, nameNumber, tag, number, lengthBytes);
  }
}

/** `outputs`: `undefined` leaves them as they were said before. */
export function spanEnded(key: number, outputs: unknown, atMs: number): void {
  const border = loaded();
  const { tag, number, lengthBytes } = captureLists(border, outputs);
  // To the core, which is told everything in one call, nothing at all is no news.
  if (tag === NULL && outputs !== undefined) border.tracer.spanOutputs(key, tag, number, lengthBytes);
  border.tracer.spanEnded(key, tag, number, lengthBytes, atMs);
}

export function traceTag(key: number, name: string, value: string): void {
  const border = loaded();
  const nameNumber = border.name(name);
  border.tracer.traceTag(key, nameNumber, border.text(value));
}

export function traceMetadata(key: number, name: string, value: string): void {
  const border = loaded();
  const nameNumber = border.name(name);
  border.tracer.traceMetadata(key, nameNumber, border.text(value));
}

export function traceField(key: number, field: keyof typeof TRACE_FIELDS, value: string): void {
  const border = loaded();
  border.tracer.traceField(key, TRACE_FIELDS[field], border.text(value));
}

/** "32hex-16hex", trace and span; `undefined` once its trace is done. */
export function spanContext(key: number): string | undefined {
  const border = loadedCore();
  return border?.said(border.tracer.spanContext(key));
}

/** The ids of the span and its trace; `undefined` once that is done. */
export function spanIds(key: number): Ids | undefined {
  // As hexadecimal digits, eight to a word.
  return spanContext(key)?.match(/[^-]{8}/g)?.map((word) => parseInt(word, 16) | 0);
}

/** The ids of the span that `spanStarted` has made just now. */
export function newIds(): Ids | undefined {
  return loadedCore()?.newIds();
}

/** @returns a key that is good as a parent; 0 for a malformed `context`. */
export function remoteParent(context: string): number {
  const border = loaded();
  return border.tracer.remoteParent(border.text(context));
}

/** `guard` around every use turns a missing core into a counted failure. */
function loaded(): Border {
  const border = loadedCore();
  if (border === undefined) throw new Error("the core is not loaded");
  return border;
}
