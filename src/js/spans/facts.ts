/**
 * Hands spans by hand to the core: one function per thing said, values captured on the way
 * (src/wasm/spans.rs is the other side). Call only when the core is loaded.
 *
 * Names go first in each function: a name that is new to the core crosses through the same scratch
 * area as the values do.
 */

import type { Bridge, Ids } from "../bridge/bridge.js";
import { capture } from "../capture/capture.js";
import { loadedBridge } from "../bridge/loader.js";
import { captureLists } from "../capture/messages/capture-lists.js";
import * as traceFields from "../bridge/numbers/trace-fields.js";
import * as tags from "../bridge/numbers/value-tags.js";

/** @returns the key of the span; 0 if the core made none. Its ids are `newIds()` until the next call. */
export function spanStarted(parent: number, name: string, type: string, inputs: unknown, atMs: number): number {
  const bridge = loaded();
  const nameNumber = bridge.name(name);
  const typeNumber = bridge.name(type);
  const { tag, number, lengthBytes } = captureLists(bridge, inputs);
  return bridge.tracer.spanStarted(parent, nameNumber, typeNumber, tag, number, lengthBytes, atMs);
}

export function spanInputs(key: number, inputs: unknown): void {
  const bridge = loaded();
  const { tag, number, lengthBytes } = captureLists(bridge, inputs);
  bridge.tracer.spanInputs(key, tag, number, lengthBytes);
}

export function spanOutputs(key: number, outputs: unknown): void {
  const bridge = loaded();
  const { tag, number, lengthBytes } = captureLists(bridge, outputs);
  bridge.tracer.spanOutputs(key, tag, number, lengthBytes);
}

/** As `spanOutputs`, for JSON text. */
export function spanOutputsJson(key: number, json: string): void {
  const bridge = loaded();
  const { tag, number, lengthBytes } = bridge.value({ tag: tags.jsonText, text: json });
  bridge.tracer.spanOutputs(key, tag, number, lengthBytes);
}

export function spanAttribute(key: number, name: string, value: unknown): void {
  const bridge = loaded();
  const nameNumber = bridge.name(name);
  const { tag, number, lengthBytes } = bridge.value(capture(value));
  bridge.tracer.spanAttribute(key, nameNumber, tag, number, lengthBytes);
}

export function spanAttributes(key: number, attributes: Readonly<Record<string, unknown>>): void {
  for (const name of Object.keys(attributes)) spanAttribute(key, name, attributes[name]);
}

export function spanStatus(key: number, isError: boolean, description: string): void {
  const bridge = loaded();
  bridge.tracer.spanStatus(key, isError, bridge.text(description));
}

export function spanEvent(
  key: number,
  name: string,
  attributes: Readonly<Record<string, unknown>>,
  atMs: number,
): void {
  const bridge = loaded();
  bridge.tracer.spanEvent(key, bridge.name(name), atMs);
  for (const [attribute, value] of Object.entries(attributes)) {
    const nameNumber = bridge.name(attribute);
    const { tag, number, lengthBytes } = bridge.value(capture(value));
    bridge.tracer.eventAttribute(key, nameNumber, tag, number, lengthBytes);
  }
}

/** `outputs`: `undefined` leaves them as they were said before. */
export function spanEnded(key: number, outputs: unknown, atMs: number): void {
  const bridge = loaded();
  const { tag, number, lengthBytes } = captureLists(bridge, outputs);
  // To the core, which is told everything in one call, nothing at all is no news.
  if (tag === tags.nothing && outputs !== undefined) bridge.tracer.spanOutputs(key, tag, number, lengthBytes);
  bridge.tracer.spanEnded(key, tag, number, lengthBytes, atMs);
}

export function traceTag(key: number, name: string, value: string): void {
  const bridge = loaded();
  const nameNumber = bridge.name(name);
  bridge.tracer.traceTag(key, nameNumber, bridge.text(value));
}

export function traceMetadata(key: number, name: string, value: string): void {
  const bridge = loaded();
  const nameNumber = bridge.name(name);
  bridge.tracer.traceMetadata(key, nameNumber, bridge.text(value));
}

export function traceField(key: number, field: keyof typeof traceFields, value: string): void {
  const bridge = loaded();
  bridge.tracer.traceField(key, traceFields[field], bridge.text(value));
}

/** "32hex-16hex", trace and span; `undefined` once its trace is done. */
export function spanContext(key: number): string | undefined {
  const bridge = loadedBridge();
  return bridge?.core.spanContext(key);
}

/** The ids of the span and its trace; `undefined` once that is done. */
export function spanIds(key: number): Ids | undefined {
  // As hexadecimal digits, eight to a word.
  return spanContext(key)
    ?.match(/[^-]{8}/g)
    ?.map((word) => parseInt(word, 16) | 0);
}

/** The ids of the span that `spanStarted` has made just now. */
export function newIds(): Ids | undefined {
  return loadedBridge()?.newIds();
}

/** @returns a key that is good as a parent; 0 for a malformed `context`. */
export function remoteParent(context: string): number {
  return loaded().core.remoteParent(context);
}

/** `guard` around every use turns a missing core into a counted failure. */
function loaded(): Bridge {
  const bridge = loadedBridge();
  if (bridge === undefined) throw new Error("the core is not loaded");
  return bridge;
}
