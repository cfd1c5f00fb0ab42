/**
 * Takes a picture of a value as JSON text, now, since the program may change it a moment later.
 *
 * Plain data takes the engine's own fast path. Whatever JSON cannot say (cycles, BigInt, NaN,
 * functions, errors, maps, bytes, throwing getters) is spelled out by `describe.ts` first.
 */

import { describe, isPlain } from "./describe.js";

/** A value as it crosses into the core: a scalar of its own, or JSON text. */
export type Captured =
  | { readonly tag: typeof NULL }
  | { readonly tag: typeof BOOL | typeof INT | typeof DOUBLE; readonly number: number }
  | { readonly tag: typeof TEXT | typeof JSON_TEXT; readonly text: string };

// The numbers of `ValueTag` in src/wasm/scratch.rs.
export const NULL = 0;
export const BOOL = 1;
export const INT = 2;
export const DOUBLE = 3;
export const TEXT = 4;
export const JSON_TEXT = 5;
/** Not made by `capture`: text that crossed before and has a number by now (`Border.name`). */
export const NAME = 6;

/** Captures any value. Never throws. */
export function capture(value: unknown): Captured {
  switch (typeof value) {
    case "string":
      return { tag: TEXT, text: value };
    case "boolean":
      return { tag: BOOL, number: value ? 1 : 0 };
    case "number":
      return captureNumber(value);
    case "undefined":
      return { tag: NULL };
    case "object":
      return value === null ? { tag: NULL } : { tag: JSON_TEXT, text: jsonOf(value) };
    default:
      return { tag: TEXT, text: String(describe(value)) };
  }
}

function captureNumber(value: number): Captured {
  if (Number.isSafeInteger(value) && !Object.is(value, -0)) return { tag: INT, number: value };
  // What the wire cannot carry as a number travels as text (DESIGN.md decision 12).
  return Number.isFinite(value) ? { tag: DOUBLE, number: value } : { tag: TEXT, text: String(value) };
}

/** The JSON text of any value, with lone surrogates replaced (the server refuses them). Never throws. */
export function jsonOf(value: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(isPlain(value) ? value : describe(value));
  } catch {
    // A getter or Proxy that behaves differently the second time.
    try {
      text = JSON.stringify(describe(value));
    } catch {
      text = undefined;
    }
  }
  return wellFormed(text ?? '"<not serialisable>"');
}

/** In JSON text a lone surrogate is always an escape; a paired one never is. */
function wellFormed(json: string): string {
  if (!json.includes("\\ud")) return json;
  return json.replace(/\\(?:u(d[89a-f][0-9a-f]{2})|[^])/g, (escape, lone: string | undefined) =>
    lone === undefined ? escape : "\\ufffd",
  );
}
