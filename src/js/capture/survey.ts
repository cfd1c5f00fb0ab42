/**
 * Looks whether a value can be written by `JSON.stringify` alone, which is by far the fastest way:
 * plain data, within the limits, with nothing in it to be masked. Most values are, and the look
 * costs a tenth of the writing.
 */

import { isWordOfModel, type Masking } from "./mask.js";

/** How much of one value is recorded, and what is kept out of it. */
export interface CaptureRules {
  /** Characters (UTF-16 units) of one text. */
  readonly maxTextCharacters: number;
  /** Characters of all texts and keys of one value. */
  readonly maxValueCharacters: number;
  /** Values inside one value, however deep: members of objects, items of lists. */
  readonly maxValueItems: number;
  /** `undefined`: nothing is masked. */
  readonly masking: Masking | undefined;
}

/**
 * Deeper than this a value is not recorded: MLflow gives back spans as protobuf, each object of which
 * is three messages deep, and its reader stops at 100 (3.17.2 answers 500 to `traces/get` from some 32
 * objects on). What we put around a value (a message event, a list of messages) has to fit, too.
 */
export const MAX_DEPTH = 30;

/** Whether `JSON.stringify` alone says everything about `value`. Throws what a getter or a trap throws. */
export function isPlain(value: unknown, rules: CaptureRules): boolean {
  // One is kept and used again: they are many, and an engine forgets how to run what no object is left of.
  const survey = idle ?? new Survey();
  idle = undefined;
  survey.begin(rules);
  const isPlainAll = survey.isPlain(value, 0);
  idle = survey;
  return isPlainAll;
}

/** Whether something that stands under a secret's key is itself a secret, not a description of one (a schema). */
export function isMaskable(value: unknown): boolean {
  const type = typeof value;
  return type === "string" ? value !== "" : type === "number" || type === "bigint" || Array.isArray(value);
}

class Survey {
  #maxText = 0;
  #masking: Masking | undefined;
  #items = 0;
  #characters = 0;

  begin({ maxTextCharacters, maxValueCharacters, maxValueItems, masking }: CaptureRules): void {
    this.#maxText = maxTextCharacters;
    this.#masking = masking;
    this.#items = maxValueItems;
    this.#characters = maxValueCharacters;
  }

  isPlain(value: unknown, depth: number): boolean {
    if ((this.#items -= 1) < 0) return false;
    switch (typeof value) {
      case "string":
        return this.#isPlainText(value);
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
      for (let index = 0; index < value.length; index += 1) if (!this.isPlain(value[index], depth + 1)) return false;
      return true;
    }
    const prototype: unknown = Object.getPrototypeOf(value);
    return (
      (prototype === Object.prototype || prototype === null) &&
      this.#areMembersPlain(value as Record<string, unknown>, depth)
    );
  }

  #areMembersPlain(value: Record<string, unknown>, depth: number): boolean {
    const masking = this.#masking;
    for (const key in value) {
      if ((this.#characters -= key.length) < 0) return false;
      const member = value[key];
      if (masking !== undefined && masking.isSecret(key) && isMaskable(member) && !isWordOfModel(value, key))
        return false;
      if (!this.isPlain(member, depth + 1)) return false;
    }
    return true;
  }

  #isPlainText(text: string): boolean {
    if (text.length > this.#maxText || (this.#characters -= text.length) < 0) return false;
    return this.#masking === undefined || !this.#masking.mayChange(text);
  }
}

let idle: Survey | undefined;
