/**
 * Takes a picture of a value as JSON text, now, since the program may change it a moment later.
 *
 * Plain data takes the engine's own fast path. Whatever JSON cannot say (cycles, BigInt, NaN,
 * functions, errors, maps, bytes, throwing getters), whatever is too much and whatever is secret is
 * spelled out by `describe.ts` first.
 */

import { cutText, describe } from "./describe.js";
import { Masking } from "./mask.js";
import { type CaptureRules, isPlain } from "./survey.js";
import { reason } from "../util/unknowns.js";
import * as tags from "../bridge/numbers/value-tags.js";

/** A value as it crosses into the core: a scalar of its own, or JSON text. */
export type Captured =
  | { readonly tag: typeof tags.nothing }
  | { readonly tag: typeof tags.bool | typeof tags.int | typeof tags.double; readonly number: number }
  | { readonly tag: typeof tags.text | typeof tags.jsonText; readonly text: string };

/**
 * What is recorded unless the program says otherwise. Whatever a model takes in one request fits
 * (images as text included), and whatever is cut would fill the buffer alone: that holds 32 MiB.
 */
export const DEFAULT_RULES: Omit<CaptureRules, "masking"> = {
  maxTextCharacters: 8 * 1024 * 1024,
  maxValueCharacters: 16 * 1024 * 1024,
  maxValueItems: 250_000,
};
/** JSON text with more characters than this for each character captured did not come from what was looked at. */
const MOST_ESCAPED = 6;

/** An error as it crosses into the core. */
export interface CapturedError {
  /** The name of its class; the type, for what is no error. */
  readonly kind: string;
  readonly message: string;
  /** Empty if there is none. */
  readonly stack: string;
}

let rules: CaptureRules = { ...DEFAULT_RULES, masking: new Masking() };
let cutValues = 0;

/** The rules in force. */
export function captureRules(): CaptureRules {
  return rules;
}

/** Captures by these rules from now on. */
export function setCaptureRules(changed: Partial<CaptureRules>): void {
  rules = { ...rules, ...changed };
}

/** How many values were recorded in part; `stats()` shows it. */
export function truncatedValues(): number {
  return cutValues;
}

/** Captures any value. Never throws. */
export function capture(value: unknown, by: CaptureRules = rules): Captured {
  switch (typeof value) {
    case "string":
      return { tag: tags.text, text: textOf(value, by) };
    case "boolean":
      return { tag: tags.bool, number: value ? 1 : 0 };
    case "number":
      return captureNumber(value);
    case "undefined":
      return { tag: tags.nothing };
    case "object":
      return value === null ? { tag: tags.nothing } : { tag: tags.jsonText, text: jsonOf(value, by) };
    default:
      return { tag: tags.text, text: String(described(value, by)) };
  }
}

function captureNumber(value: number): Captured {
  if (Number.isSafeInteger(value) && !Object.is(value, -0)) return { tag: tags.int, number: value };
  // What the wire cannot carry as a number travels as text (DESIGN.md decision 12).
  return Number.isFinite(value) ? { tag: tags.double, number: value } : { tag: tags.text, text: String(value) };
}

/** `text` within the limits and without secrets. */
export function textOf(text: string, by: CaptureRules = rules): string {
  const { masking, maxTextCharacters, maxValueCharacters } = by;
  const room = Math.min(maxTextCharacters, maxValueCharacters);
  if (text.length > room) {
    cutValues += 1;
    return cutText(text, room, masking);
  }
  return masking === undefined ? text : masking.maskText(text);
}

/** The JSON text of any value, with lone surrogates replaced (the server refuses them). Never throws. */
export function jsonOf(value: unknown, by: CaptureRules = rules): string {
  return wellFormed(plainJson(value, by) ?? JSON.stringify(described(value, by)) ?? "null");
}

/** Captures whatever was thrown. Never throws. */
export function captureError(error: unknown): CapturedError {
  if (!isError(error))
    return { kind: typeof error, message: typeof error === "string" ? textOf(error) : jsonOf(error), stack: "" };
  // Each may be a getter, and an engine may write the stack only when it is asked for.
  const read = (key: "name" | "message" | "stack"): string => {
    try {
      return textOf(String(error[key] ?? ""));
    } catch (unreadable) {
      return textOf(`<unreadable: ${reason(unreadable)}>`);
    }
  };
  return { kind: read("name"), message: read("message"), stack: read("stack") };
}

function isError(error: unknown): error is Error {
  try {
    return error instanceof Error;
  } catch {
    return false;
  }
}

/** `undefined` if the engine alone would not do. */
function plainJson(value: unknown, by: CaptureRules): string | undefined {
  try {
    if (!isPlain(value, by)) return undefined;
    const json = JSON.stringify(value) as string | undefined;
    // A list with a `toJSON`, a getter or a Proxy can have behaved differently the second time.
    return json !== undefined && json.length <= by.maxValueCharacters * MOST_ESCAPED + by.maxValueItems * MOST_ESCAPED
      ? json
      : undefined;
  } catch {
    return undefined;
  }
}

function described(value: unknown, by: CaptureRules): unknown {
  const { plain, isCut } = describe(value, by);
  if (isCut) cutValues += 1;
  return plain;
}

/** In JSON text a lone surrogate is always an escape; a paired one never is. */
function wellFormed(json: string): string {
  if (!json.includes("\\ud")) return json;
  return json.replace(/\\(?:u(d[89a-f][0-9a-f]{2})|[^])/g, (escape, lone: string | undefined) =>
    lone === undefined ? escape : "\\ufffd",
  );
}
