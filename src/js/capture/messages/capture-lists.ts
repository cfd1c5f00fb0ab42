/**
 * Captures a value that contains lists of objects (the messages of a request, the tools offered): each
 * item of such a list is passed to the core once, however often it is captured.
 */

import type { Bridge, EncodedValue } from "../../bridge/bridge.js";
import { capture, captureRules, jsonOf } from "../capture.js";
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
    sharedCache.evictIfStale();
    return captureWithLists(bridge, sharedCache, value) ?? bridge.encode(capture(value));
  } catch {
    // A Proxy or a getter threw: `capture` records that in the value.
    return bridge.encode(capture(value));
  }
}

/** Clears the cache. Called when no span is open that could refer to it again. */
export function clearCapturedLists(): void {
  sharedCache?.clear();
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

/**
 * An object some of whose members are lists: its JSON text with a gap in place of each list that the core
 * holds, and the ids of those lists.
 */
function captureMembers(
  bridge: Bridge,
  cache: HistoryCache,
  value: Readonly<Record<string, unknown>>,
): EncodedValue | undefined {
  const keys = Object.keys(value);
  if (keys.length > MAX_MEMBERS) return undefined;
  // Descriptors, since a getter must not be read twice. An assignment to `__proto__` would not make a member.
  const descriptors = keys.map((key) => Object.getOwnPropertyDescriptor(value, key));
  if (
    keys.includes("__proto__") ||
    !descriptors.every((descriptor) => descriptor !== undefined && descriptor.get === undefined) ||
    !descriptors.some((descriptor) => Array.isArray(descriptor?.value))
  )
    return undefined;
  const { masking } = captureRules();
  const texts: string[] = [];
  const historyIds: number[] = [];
  let text = "{";
  // The members since the last gap, which are written by one call.
  let members: Record<string, unknown> | undefined;
  for (const key of keys) {
    const member = value[key];
    const historyId = Array.isArray(member) && masking?.isSecret(key) !== true ? cache.historyId(member) : 0;
    if (historyId === 0) {
      (members ??= {})[key] = member;
      continue;
    }
    texts.push(withMember(withMembers(text, members), `${jsonOf(key)}:`));
    historyIds.push(historyId);
    text = "";
    members = undefined;
  }
  if (historyIds.length === 0) return undefined;
  texts.push(`${withMembers(text, members)}}`);
  return bridge.encodeWithHistories(texts, historyIds);
}

/** `text`, the beginning of a JSON object, with these members added. */
function withMembers(text: string, members: object | undefined): string {
  const json = members === undefined ? "" : jsonOf(members).slice(1, -1);
  return json === "" ? text : withMember(text, json);
}

/** The same for JSON text; after a gap `text` is empty, and a comma is needed. */
function withMember(text: string, json: string): string {
  return `${text}${text === "{" ? "" : ","}${json}`;
}
