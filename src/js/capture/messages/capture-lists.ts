/**
 * Captures a value that contains lists of objects (the messages of a request, the tools offered): each
 * item of such a list is passed to the core once, however often it is captured.
 */

import type { Bridge, EncodedValue } from "../../bridge/bridge.js";
import { capture, captureRules, jsonOf, jsonOfName } from "../capture.js";
import { reportedBridge } from "../../bridge/loader.js";
import { HistoryCache } from "./history-cache.js";
import * as tags from "../../bridge/numbers/value-tags.js";

/** More members than any request has are data. */
const MAX_MEMBERS = 100;

let sharedCache: HistoryCache | undefined;

/** Encodes the JSON text of a value, as `bridge.encode(capture(value))` does. Never throws. */
export function captureLists(bridge: Bridge, value: unknown): EncodedValue {
  if (typeof value !== "object" || value === null) return bridge.encode(capture(value));
  try {
    sharedCache ??= new HistoryCache(bridge);
    // Numbers of messages that were recorded hold for the core that has come since.
    sharedCache.bridge = bridge;
    sharedCache.evictIfStale();
    return captureWithLists(bridge, sharedCache, value) ?? bridge.encode(capture(value));
  } catch {
    // A Proxy or a getter threw: `capture` records that in the value.
    return bridge.encode(capture(value));
  }
}

/** Clears the cache. Called when no span is open that could refer to it again. */
export function clearCapturedLists(): void {
  if (sharedCache === undefined) return;
  sharedCache.bridge = reportedBridge() ?? sharedCache.bridge;
  sharedCache.clear();
}

function captureWithLists(bridge: Bridge, cache: HistoryCache, value: object): EncodedValue | undefined {
  if (Array.isArray(value)) {
    const historyId = cache.historyId(value);
    return historyId === 0 ? undefined : bridge.encodeAs(tags.history, historyId, 0);
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if ((prototype !== Object.prototype && prototype !== null) || "toJSON" in value) return undefined;
  if ("content" in value) {
    // A message: it will be captured again in a history, or as the message that the next one answers.
    const messageId = cache.messageId(value);
    return messageId === 0 ? undefined : bridge.encodeAs(tags.message, messageId, 0);
  }
  return captureMembers(bridge, cache, value as Readonly<Record<string, unknown>>);
}

/** Encodes an object some of whose members are lists that the core holds; `undefined` if none is. */
function captureMembers(
  bridge: Bridge,
  cache: HistoryCache,
  value: Readonly<Record<string, unknown>>,
): EncodedValue | undefined {
  const keys = Object.keys(value);
  if (!mayHoldLists(value, keys)) return undefined;
  const { masking } = captureRules();
  const text = new TextWithGaps();
  const historyIds: number[] = [];
  for (const key of keys) {
    const member = value[key];
    const historyId = Array.isArray(member) && masking?.isSecret(key) !== true ? cache.historyId(member) : 0;
    if (historyId === 0) text.add(key, member);
    else {
      text.addGap(key);
      historyIds.push(historyId);
    }
  }
  return historyIds.length === 0 ? undefined : bridge.encodeWithHistories(text.pieces(), historyIds);
}

/** Whether an object has lists and can be written member by member. */
function mayHoldLists(value: object, keys: readonly string[]): boolean {
  // An assignment to `__proto__` would not make a member.
  if (keys.length > MAX_MEMBERS || keys.includes("__proto__")) return false;
  // Descriptors, since a getter must not be read twice.
  const descriptors = keys.map((key) => Object.getOwnPropertyDescriptor(value, key));
  return (
    descriptors.every((descriptor) => descriptor !== undefined && descriptor.get === undefined) &&
    descriptors.some((descriptor) => Array.isArray(descriptor?.value))
  );
}

/** The JSON text of an object with gaps in place of some values, which the core fills with lists that it holds. */
class TextWithGaps {
  /** The text before each gap. */
  readonly #pieces: string[] = [];
  /** The text since the last gap. */
  #piece = "{";
  #separator = "";
  /** The members since the last gap that are not written yet: one call writes them all. */
  #members: Record<string, unknown> | undefined;

  add(key: string, value: unknown): void {
    (this.#members ??= {})[key] = value;
  }

  /** Adds a member with a gap for its value. */
  addGap(key: string): void {
    this.#writeMembers();
    this.#write(`${jsonOfName(key)}:`);
    this.#pieces.push(this.#piece);
    this.#piece = "";
  }

  /** The text before, between and after the gaps. */
  pieces(): string[] {
    this.#writeMembers();
    return [...this.#pieces, `${this.#piece}}`];
  }

  #writeMembers(): void {
    if (this.#members === undefined) return;
    const withoutBraces = jsonOf(this.#members).slice(1, -1);
    this.#members = undefined;
    // Empty if no value has a JSON form, as `undefined` has none.
    if (withoutBraces !== "") this.#write(withoutBraces);
  }

  #write(text: string): void {
    this.#piece += this.#separator + text;
    this.#separator = ",";
  }
}
