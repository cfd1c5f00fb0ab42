/**
 * Captures a value as JSON text, at once, since the program may change it a moment later. The engine serializes it;
 * values without a JSON form (cycles, BigInt, NaN, functions, errors, maps, bytes, throwing getters), values over the
 * limits and secrets are replaced by `sanitize.ts` before that.
 */

import { truncateText, sanitize } from "./sanitize.js";
import { maskData, Masking } from "./mask.js";
import { MASK } from "./mask-text.js";
import type { CaptureRules } from "./capture-rules.js";
import { isError } from "./built-ins.js";
import { errorMessage } from "../util/safe-access.js";
import * as tags from "../bridge/numbers/value-tags.js";

/** A captured value: a scalar, or JSON text. */
export type Captured =
  | { readonly tag: typeof tags.nothing }
  | { readonly tag: typeof tags.bool | typeof tags.int | typeof tags.double; readonly number: number }
  | { readonly tag: typeof tags.text | typeof tags.jsonText; readonly text: string };

/**
 * The default limits. Every request that a model accepts fits (images as text included), and a value
 * over the limits would fill the buffer of 32 MiB alone.
 */
export const DEFAULT_RULES: Omit<CaptureRules, "masking"> = {
  maxTextCharacters: 8 * 1024 * 1024,
  maxValueCharacters: 16 * 1024 * 1024,
  maxValueItems: 250_000,
};

/** A captured error. */
export interface CapturedError {
  /** The name of its class; for a thrown value that is not an error, its type. */
  readonly kind: string;
  readonly message: string;
  /** Empty if there is none. */
  readonly stack: string;
}

let rules: CaptureRules = { ...DEFAULT_RULES, masking: new Masking() };
let truncatedCount = 0;

/** The current rules. */
export function captureRules(): CaptureRules {
  return rules;
}

/** Changes the rules; a rule that is left out stays as it is. */
export function setCaptureRules(changed: Partial<CaptureRules>): void {
  rules = { ...rules, ...changed };
}

/** How many values were truncated; shown by `stats()`. */
export function truncatedValues(): number {
  return truncatedCount;
}

/** Captures any value. Never throws. */
export function capture(value: unknown, by: CaptureRules = rules): Captured {
  switch (typeof value) {
    case "string":
      return { tag: tags.text, text: captureText(value, by) };
    case "boolean":
      return { tag: tags.bool, number: value ? 1 : 0 };
    case "number":
      return captureNumber(value);
    case "undefined":
      return { tag: tags.nothing };
    case "object":
      return value === null ? { tag: tags.nothing } : { tag: tags.jsonText, text: jsonOf(value, by) };
    default:
      return { tag: tags.text, text: String(sanitized(value, by)) };
  }
}

/** Captures the value of an attribute, a tag or the like; masked if its name is that of a secret. Never throws. */
export function captureNamed(name: string, value: unknown, by: CaptureRules = rules): Captured {
  const isMasked = by.masking?.isMasked({}, name, value) === true;
  return capture(isMasked ? maskData(sanitized(value, by)) : value, by);
}

/** The same for a text. */
export function captureNamedText(name: string, text: string): string {
  return captureText(rules.masking?.isMasked({}, name, text) === true ? MASK : text);
}

function captureNumber(value: number): Captured {
  if (Number.isSafeInteger(value) && !Object.is(value, -0)) return { tag: tags.int, number: value };
  // JSON has no NaN and no infinity: they are recorded as text.
  return Number.isFinite(value) ? { tag: tags.double, number: value } : { tag: tags.text, text: String(value) };
}

/** `text`, truncated to the limits and with secrets masked. */
export function captureText(text: string, by: CaptureRules = rules): string {
  const { masking, maxTextCharacters, maxValueCharacters } = by;
  const maxCharacters = Math.min(maxTextCharacters, maxValueCharacters);
  if (text.length > maxCharacters) {
    truncatedCount += 1;
    return truncateText(text, maxCharacters, masking);
  }
  return masking === undefined ? text : masking.maskText(text);
}

/** The JSON text of any value, with lone surrogates replaced (the server refuses them). Never throws. */
export function jsonOf(value: unknown, by: CaptureRules = rules): string {
  return replaceLoneSurrogates(JSON.stringify(sanitized(value, by)) ?? "null");
}

/** As `jsonOf`, for a text that is nearly always one word, in which there is nothing to escape or to mask. */
export function jsonOfName(name: string): string {
  return /^\w+$/.test(name) ? `"${name}"` : jsonOf(name);
}

/** Captures whatever was thrown. Never throws. */
export function captureError(error: unknown): CapturedError {
  if (!isError(error))
    return { kind: typeof error, message: typeof error === "string" ? captureText(error) : jsonOf(error), stack: "" };
  // Each may be a getter, and engines may build the stack only when it is read.
  const read = (key: "name" | "message" | "stack"): string => {
    try {
      return captureText(String(error[key] ?? ""));
    } catch (unreadable) {
      return captureText(`<unreadable: ${errorMessage(unreadable)}>`);
    }
  };
  return { kind: read("name"), message: read("message"), stack: read("stack") };
}

function sanitized(value: unknown, by: CaptureRules): unknown {
  const { data: plain, isTruncated: isCut } = sanitize(value, by);
  if (isCut) truncatedCount += 1;
  return plain;
}

/** `JSON.stringify` escapes lone surrogates, and them alone. */
function replaceLoneSurrogates(json: string): string {
  if (!json.includes("\\ud")) return json;
  return json.replace(/\\(?:u(d[89a-f][0-9a-f]{2})|[^])/g, (escape, lone: string | undefined) =>
    lone === undefined ? escape : "\\ufffd",
  );
}
