/**
 * Checks whether `JSON.stringify` alone can serialize a value, which is by far the fastest way: plain
 * data, within the limits, with nothing to be masked. Most values are, and the check costs a tenth of
 * the serialization.
 */

import type { Masking } from "./mask.js";

/** How much of one value is recorded, and what is masked in it. */
export interface CaptureRules {
  /** The most characters (UTF-16 units) of one text. */
  readonly maxTextCharacters: number;
  /** The most characters of all texts and keys of one value. */
  readonly maxValueCharacters: number;
  /** The most values inside one value, however deep: members of objects, items of lists. */
  readonly maxValueItems: number;
  /** `undefined`: nothing is masked. */
  readonly masking: Masking | undefined;
}

/**
 * The depth limit of values: MLflow returns spans as protobuf, where each object nests three messages,
 * and its parser stops at 100 (3.17.2 responds with 500 to `traces/get` from some 32 objects on). The
 * objects around a captured value (a message event, a list of messages) have to fit as well.
 */
export const MAX_DEPTH = 30;

/** Whether `JSON.stringify` alone serializes `value` as it is to be recorded. Throws what a getter or a trap throws. */
export function isJsonSafe(value: unknown, rules: CaptureRules): boolean {
  // One check is reused: engines drop the compiled code of a class that has no instance left.
  const check = idle ?? new JsonSafetyCheck();
  idle = undefined;
  check.reset(rules);
  const isSafe = check.isSafe(value, 0);
  idle = check;
  return isSafe;
}

class JsonSafetyCheck {
  #maxText = 0;
  #masking: Masking | undefined;
  #items = 0;
  #characters = 0;

  reset({ maxTextCharacters, maxValueCharacters, maxValueItems, masking }: CaptureRules): void {
    this.#maxText = maxTextCharacters;
    this.#masking = masking;
    this.#items = maxValueItems;
    this.#characters = maxValueCharacters;
  }

  isSafe(value: unknown, depth: number): boolean {
    if ((this.#items -= 1) < 0) return false;
    switch (typeof value) {
      case "string":
        return this.#isTextSafe(value);
      case "boolean":
      case "undefined":
        return true;
      case "number":
        return Number.isFinite(value);
      case "object":
        break;
      default:
        return false;
    }
    if (value === null) return true;
    if (depth >= MAX_DEPTH) return false;
    if (Array.isArray(value)) {
      for (let index = 0; index < value.length; index += 1) if (!this.isSafe(value[index], depth + 1)) return false;
      return true;
    }
    const prototype: unknown = Object.getPrototypeOf(value);
    return (
      (prototype === Object.prototype || prototype === null) &&
      this.#areMembersSafe(value as Record<string, unknown>, depth)
    );
  }

  #areMembersSafe(value: Record<string, unknown>, depth: number): boolean {
    const masking = this.#masking;
    for (const key in value) {
      if ((this.#characters -= key.length) < 0) return false;
      const member = value[key];
      if (masking?.isMasked(value, key, member) === true) return false;
      if (!this.isSafe(member, depth + 1)) return false;
    }
    return true;
  }

  #isTextSafe(text: string): boolean {
    if (text.length > this.#maxText || (this.#characters -= text.length) < 0) return false;
    return this.#masking === undefined || !this.#masking.mayContainSecret(text);
  }
}

let idle: JsonSafetyCheck | undefined;
