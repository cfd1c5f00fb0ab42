/**
 * Converts any value to plain data that `JSON.stringify` serializes without loss of meaning: values
 * without a JSON form are described in angle brackets, as by Python's `repr`, values over the limits
 * are truncated with a mark, and secrets are masked.
 */

import { maskData, type Masking } from "./mask.js";
import { functionName, describePlatformObject, describeByTag } from "./platform-objects.js";
import { type CaptureRules, MAX_DEPTH } from "./json-safety.js";
import { errorMessage } from "../util/safe-access.js";

/** Plain data in place of a value. */
export interface Sanitized {
  readonly data: unknown;
  /** Whether any of it was truncated. */
  readonly isTruncated: boolean;
}

/** Plain data in place of `value`. Never throws, and reads each part of it once. */
export function sanitize(value: unknown, rules: CaptureRules): Sanitized {
  const sanitizer = new Sanitizer(rules);
  const plain = sanitizer.sanitize(value);
  return { data: plain, isTruncated: sanitizer.isTruncated };
}

/** The beginning of a text, and its original length. */
export function truncateText(text: string, characters: number, masking: Masking | undefined): string {
  // A surrogate pair must not be split.
  const last = text.charCodeAt(characters - 1);
  const end = last >= 0xd800 && last <= 0xdbff ? characters - 1 : characters;
  const beginning = text.slice(0, end);
  return `${masking === undefined ? beginning : masking.maskText(beginning)}… (truncated, ${text.length} characters)`;
}

class Sanitizer {
  isTruncated = false;
  readonly #rules: CaptureRules;
  readonly #path: object[] = [];
  #items: number;
  #characters: number;

  constructor(rules: CaptureRules) {
    this.#rules = rules;
    this.#items = rules.maxValueItems;
    this.#characters = rules.maxValueCharacters;
  }

  sanitize(value: unknown): unknown {
    switch (typeof value) {
      case "string":
        return this.#text(value);
      case "number":
        return Number.isFinite(value) ? value : String(value);
      case "bigint":
        return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER
          ? Number(value)
          : this.#bigInt(value);
      case "function":
        return `<function ${functionName(value)}>`;
      case "symbol":
        return this.#text(`<${String(value)}>`);
      case "object":
        return value === null ? null : this.#nested(value);
      default:
        return value;
    }
  }

  #nested(value: object): unknown {
    if (this.#path.includes(value)) return "<cycle>";
    if (this.#path.length >= MAX_DEPTH) return "<too deep>";
    this.#path.push(value);
    try {
      return this.#object(value);
    } catch (error) {
      return this.#unreadable(error);
    } finally {
      this.#path.pop();
    }
  }

  #object(value: object): unknown {
    if (Array.isArray(value)) return this.#list(value.length, (index) => value[index] as unknown);
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === Object.prototype || prototype === null) {
      return this.#toJson(value) ?? this.#members(value, Object.keys(value));
    }
    if (value instanceof Error) return this.#error(value);
    if (value instanceof Map) return this.#map(value);
    // The built-in methods, since a class can override them with ones that never end.
    if (value instanceof Set) return this.#iterable(Set.prototype.values.call(value), value.size);
    if (value instanceof RegExp) return this.#text(RegExp.prototype.toString.call(value));
    if (
      value instanceof Number ||
      value instanceof String ||
      value instanceof Boolean ||
      value instanceof BigInt ||
      value instanceof Symbol
    )
      return this.sanitize(value.valueOf());
    const name = describePlatformObject(value);
    if (name !== undefined) return this.#text(name);
    if (typeof Headers === "function" && value instanceof Headers)
      return this.#members(Object.fromEntries(value), [...value.keys()]);
    // Dates and URLs have a `toJSON`; that of an invalid date returns null.
    const json = this.#toJson(value);
    if (json !== undefined) return json;
    const keys = Object.keys(value);
    return (keys.length === 0 ? describeByTag(value) : undefined) ?? this.#members(value, keys);
  }

  #toJson(value: object): unknown {
    const { toJSON } = value as { toJSON?: unknown };
    return typeof toJSON === "function" ? (this.sanitize(toJSON.call(value, "")) ?? null) : undefined;
  }

  #members(value: object, keys: readonly string[], count = keys.length): unknown {
    const plain: Record<string, unknown> = {};
    const { masking } = this.#rules;
    for (const [index, key] of keys.entries()) {
      if (!this.#takeBudget(key.length)) {
        define(plain, "…", `(truncated, ${count - index} more keys)`);
        break;
      }
      let member: unknown;
      try {
        member = (value as Record<string, unknown>)[key];
        const isMasked = masking?.isMasked(value, key, member) === true;
        member = this.sanitize(member);
        if (isMasked) member = maskData(member);
      } catch (error) {
        member = this.#unreadable(error);
      }
      define(plain, key, member);
    }
    return plain;
  }

  #list(length: number, at: (index: number) => unknown): unknown[] {
    const plain: unknown[] = [];
    for (let index = 0; index < length; index += 1) {
      if (!this.#takeBudget()) {
        plain.push(`… (truncated, ${length - index} more items)`);
        break;
      }
      try {
        plain.push(this.sanitize(at(index)));
      } catch (error) {
        plain.push(this.#unreadable(error));
      }
    }
    return plain;
  }

  #iterable(items: Iterator<unknown>, size: number): unknown[] {
    return this.#list(size, () => items.next().value);
  }

  #map(value: Map<unknown, unknown>): unknown {
    const names: string[] = [];
    const keys = Map.prototype.keys.call(value);
    for (
      let step = keys.next();
      !step.done && typeof step.value === "string" && names.length <= this.#items;
      step = keys.next()
    )
      names.push(step.value);
    const { size } = value;
    if (names.length < size && names.length <= this.#items) {
      const entries = Map.prototype.entries.call(value);
      return this.#list(size, () => this.#entry(...(entries.next().value as [unknown, unknown])));
    }
    const named = Object.create(null) as Record<string, unknown>;
    for (const name of names) define(named, name, Map.prototype.get.call(value, name));
    return this.#members(named, names, size);
  }

  #entry(key: unknown, value: unknown): [unknown, unknown] {
    const name = key instanceof String ? key.valueOf() : typeof key === "object" ? "" : String(key);
    const isMasked = this.#rules.masking?.isMasked({}, name, value) === true;
    return [key, isMasked ? maskData(this.sanitize(value)) : value];
  }

  /** The name and message of an error, its `code` and `status`, and its causes. */
  #error(error: Error): unknown {
    const { name, message } = error;
    const known: Record<string, unknown> = { name: String(name), message: String(message) };
    for (const key of ["cause", "errors"])
      if (Object.hasOwn(error, key)) known[key] = (error as unknown as Record<string, unknown>)[key];
    for (const key of ["code", "status"]) {
      const field = (error as unknown as Record<string, unknown>)[key];
      if (typeof field === "string" || typeof field === "number") known[key] = field;
    }
    return this.#members(known, Object.keys(known));
  }

  #text(text: string): string {
    const { masking, maxTextCharacters } = this.#rules;
    const maxCharacters = Math.min(maxTextCharacters, this.#characters);
    this.#characters -= Math.min(text.length, maxCharacters);
    if (text.length <= maxCharacters) return masking === undefined ? text : masking.maskText(text);
    this.isTruncated = true;
    return truncateText(text, maxCharacters, masking);
  }

  /** Writing the digits of a big integer takes time that grows with the square of its length. */
  #bigInt(value: bigint): string {
    return value < MAX_BIG_INT && value > -MAX_BIG_INT ? String(value) : "<bigint>";
  }

  /** Takes one more value and its key from the limits; returns whether they were within them. */
  #takeBudget(keyCharacters = 0): boolean {
    const isWithinLimits = this.#items > 0 && keyCharacters <= this.#characters;
    this.#items -= 1;
    if (isWithinLimits) this.#characters -= keyCharacters;
    else this.isTruncated = true;
    return isWithinLimits;
  }

  #unreadable(error: unknown): string {
    return this.#text(`<unreadable: ${errorMessage(error)}>`);
  }
}

const MAX_BIG_INT = 2n ** 65_536n;

/** Sets even `__proto__`, which a plain assignment would take for the prototype. */
function define(target: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
}
