/**
 * Captures a value in which lists of objects stand (the messages of a request, the tools offered):
 * each item of such a list crosses into the core once, however often it is captured.
 */

import type { Bridge, Crossing } from "../../bridge/bridge.js";
import { capture, captureRules, jsonOf } from "../capture.js";
import { Lines } from "./lines.js";
import * as tags from "../../bridge/numbers/value-tags.js";

let lines: Lines | undefined;

/** Prepares what `JSON.stringify` would say of the value now, as `bridge.value(capture(value))` does. Never throws. */
export function captureLists(bridge: Bridge, value: unknown): Crossing {
  if (typeof value !== "object" || value === null) return bridge.value(capture(value));
  try {
    lines ??= new Lines(bridge);
    lines.keepUp();
    return captureWithLists(bridge, lines, value) ?? bridge.value(capture(value));
  } catch {
    // A Proxy or a getter that throws: `capture` says so in the value.
    return bridge.value(capture(value));
  }
}

/** Forgets what was captured. For when no span is open that could refer to it again. */
export function forgetLists(): void {
  lines?.forget();
}

function captureWithLists(bridge: Bridge, known: Lines, value: object): Crossing | undefined {
  if (Array.isArray(value)) {
    const history = known.history(value);
    return history === 0 ? undefined : bridge.cross(tags.history, history, 0);
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if ((prototype !== Object.prototype && prototype !== null) || "toJSON" in value) return undefined;
  if ("content" in value) {
    // A message: it will come again, in a history or as what the next one answers.
    const message = known.message(value);
    return message === 0 ? undefined : bridge.cross(tags.message, message, 0);
  }
  return captureMembers(bridge, known, value as Readonly<Record<string, unknown>>);
}

function captureMembers(bridge: Bridge, known: Lines, value: Readonly<Record<string, unknown>>): Crossing | undefined {
  const keys = Object.keys(value);
  if (!keys.some((key) => Array.isArray(value[key]))) return undefined;
  const { masking } = captureRules();
  const texts: string[] = [];
  const histories: number[] = [];
  let text = "{";
  let rest: Record<string, unknown> | undefined;
  const writeRest = (): void => {
    const members = rest === undefined ? "" : jsonOf(rest).slice(1, -1);
    if (members !== "") text += (text === "{" ? "" : ",") + members;
    rest = undefined;
  };
  for (const key of keys) {
    // An assignment to it would not make a member.
    if (key === "__proto__") return undefined;
    const member = value[key];
    const history = Array.isArray(member) && masking?.isSecret(key) !== true ? known.history(member) : 0;
    if (history === 0) {
      (rest ??= {})[key] = member;
      continue;
    }
    writeRest();
    texts.push(`${text}${text === "{" ? "" : ","}${jsonOf(key)}:`);
    histories.push(history);
    text = "";
  }
  if (histories.length === 0) return undefined;
  writeRest();
  texts.push(`${text}}`);
  return bridge.lists(texts, histories);
}
