/**
 * Converts any value to plain data that `JSON.stringify` serializes without loss of meaning: values
 * without a JSON form are described in angle brackets, as by Python's `repr`, values over the limits
 * are truncated with a mark, and secrets are masked.
 *
 * Each part of a value is read once, since a getter or a Proxy may have effects, or answer differently the next time.
 * The copy costs about as much as the serialization.
 */

import { builtInClass, builtInOf, unboxed } from "./built-ins.js";
import { type CaptureRules, MAX_DEPTH } from "./capture-rules.js";
import { maskData, type Masking } from "./mask.js";
import { functionName, describePlatformObject, describeByTag } from "./platform-objects.js";
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
  const plain = sanitizer.sanitize(value, 0);
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

/**
 * The plain data that stands for an object. It inherits nothing: no key has a meaning in it, not even `__proto__`,
 * and engines store its members as fast as those of a literal.
 */
const Plain = function () {} as unknown as new () => Record<string, unknown>;
Plain.prototype = Object.create(null) as object;

class Sanitizer {
  isTruncated = false;
  readonly #maxTextCharacters: number;
  readonly #masking: Masking | undefined;
  /** The objects around the value that is being read, up to its depth. */
  readonly #path: object[] = [];
  #items: number;
  #characters: number;

  constructor({ maxTextCharacters, maxValueCharacters, maxValueItems, masking }: CaptureRules) {
    this.#maxTextCharacters = maxTextCharacters;
    this.#masking = masking;
    this.#items = maxValueItems;
    this.#characters = maxValueCharacters;
  }

  /** `depth`: the number of objects around the value. */
  sanitize(value: unknown, depth: number): unknown {
    switch (typeof value) {
      case "string":
        return this.#text(value);
      case "number":
        return Number.isFinite(value) ? value : String(value);
      case "object":
        return value === null ? null : this.#nested(value, depth);
      case "bigint":
        return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER
          ? Number(value)
          : this.#bigInt(value);
      case "function":
        return `<function ${functionName(value)}>`;
      case "symbol":
        return this.#text(`<${String(value)}>`);
      default:
        return value;
    }
  }

  #nested(value: object, depth: number): unknown {
    const path = this.#path;
    for (let at = 0; at < depth; at++) if (path[at] === value) return "<cycle>";
    if (depth >= MAX_DEPTH) return "<too deep>";
    path[depth] = value;
    try {
      return Array.isArray(value) ? this.#array(value, depth + 1) : this.#object(value, depth + 1);
    } catch (error) {
      return this.#unreadable(error);
    }
  }

  #object(value: object, depth: number): unknown {
    const prototype = Object.getPrototypeOf(value) as object | null;
    if (prototype === Object.prototype || prototype === null) {
      const toJson = jsonMethod(value);
      return toJson === undefined ? this.#data(value, depth) : this.#json(value, toJson, depth);
    }
    const builtIn = builtInClass(value, prototype);
    switch (builtIn) {
      case "Error":
        return this.#error(value as Error, depth);
      case "Map":
        return this.#map(value as Map<unknown, unknown>, depth);
      case "Set": {
        // The built-in methods, since a class can override them with ones that never end.
        const items = Set.prototype.values.call(value);
        return this.#list(sizeOf(Set.prototype, value), depth, () => items.next().value);
      }
      case "RegExp":
        return this.#text(RegExp.prototype.toString.call(value));
      case "BigInt":
      case "Boolean":
      case "Number":
      case "String":
      case "Symbol":
        return this.sanitize(unboxed(value, builtIn), depth);
      case "Headers": {
        const members = Object.fromEntries(value as Headers);
        return this.#members(members, Object.keys(members), depth);
      }
      default:
        break;
    }
    const name = describePlatformObject(value, builtIn);
    if (name !== undefined) return this.#text(name);
    // Dates and URLs have a `toJSON`; that of an invalid date returns null.
    const toJson = jsonMethod(value);
    if (toJson !== undefined) return this.#json(value, toJson, depth);
    const keys = Object.keys(value);
    return (keys.length === 0 ? describeByTag(value) : undefined) ?? this.#members(value, keys, depth);
  }

  #json(value: object, toJson: JsonMethod, depth: number): unknown {
    return this.sanitize(toJson.call(value, ""), depth) ?? null;
  }

  /** The members of plain data: the way of nearly all objects, so that engines make their fastest code of it. */
  #data(value: object, depth: number): unknown {
    // Names that every object inherits would be listed too.
    for (const _ in Object.prototype) return this.#members(value, Object.keys(value), depth);
    const masking = this.#masking;
    const plain = new Plain();
    let index = 0;
    for (const key in value) {
      if (!this.#takeBudget(key.length)) {
        plain["…"] = `(truncated, ${Object.keys(value).length - index} more keys)`;
        break;
      }
      index += 1;
      try {
        const member = (value as Record<string, unknown>)[key];
        if (masking?.isSecret(key) === true) plain[key] = this.#member(value, key, member, depth);
        else plain[key] = Number.isFinite(member) ? member : this.sanitize(member, depth);
      } catch (error) {
        plain[key] = this.#unreadable(error);
      }
    }
    return plain;
  }

  #members(value: object, keys: readonly string[], depth: number, count = keys.length): unknown {
    const plain = new Plain();
    for (let index = 0; index < keys.length; index++) {
      const key = keys[index]!;
      if (!this.#takeBudget(key.length)) {
        plain["…"] = `(truncated, ${count - index} more keys)`;
        break;
      }
      try {
        plain[key] = this.#member(value, key, (value as Record<string, unknown>)[key], depth);
      } catch (error) {
        plain[key] = this.#unreadable(error);
      }
    }
    return plain;
  }

  #member(holder: object, key: string, member: unknown, depth: number): unknown {
    const isMasked = this.#masking?.isMasked(holder, key, member) === true;
    const plain = this.sanitize(member, depth);
    return isMasked ? maskData(plain) : plain;
  }

  /** An array, which the engine copies if its class is the engine's own and all of it is recorded. */
  #array(value: readonly unknown[], depth: number): unknown[] {
    const { length } = value;
    if (length > this.#items || value.constructor !== Array) return this.#list(length, depth, (index) => value[index]);
    let plain: unknown[];
    try {
      plain = Array.prototype.slice.call(value);
    } catch {
      // A getter in place of an item.
      return this.#list(length, depth, (index) => value[index]);
    }
    this.#items -= length;
    for (let index = 0; index < length; index++) {
      const item = plain[index];
      if (!Number.isFinite(item)) plain[index] = this.sanitize(item, depth);
    }
    return plain;
  }

  #list(length: number, depth: number, at: (index: number) => unknown): unknown[] {
    const plain: unknown[] = [];
    for (let index = 0; index < length; index += 1) {
      if (!this.#takeBudget(0)) {
        plain.push(`… (truncated, ${length - index} more items)`);
        break;
      }
      try {
        plain.push(this.sanitize(at(index), depth));
      } catch (error) {
        plain.push(this.#unreadable(error));
      }
    }
    return plain;
  }

  #map(value: Map<unknown, unknown>, depth: number): unknown {
    const names: string[] = [];
    const keys = Map.prototype.keys.call(value);
    for (
      let step = keys.next();
      !step.done && typeof step.value === "string" && names.length <= this.#items;
      step = keys.next()
    )
      names.push(step.value);
    const size = sizeOf(Map.prototype, value);
    if (names.length < size && names.length <= this.#items) {
      const entries = Map.prototype.entries.call(value);
      return this.#list(size, depth, () => this.#entry(entries.next().value as [unknown, unknown], depth));
    }
    const named = new Plain();
    for (const name of names) named[name] = Map.prototype.get.call(value, name);
    return this.#members(named, names, depth, size);
  }

  /** A key of a map with its value, which may be a secret under that name. */
  #entry([key, value]: [unknown, unknown], depth: number): [unknown, unknown] {
    const isText = typeof key !== "object" || builtInOf(key) === "String";
    const name =
      isText && typeof key !== "function" ? String(typeof key === "object" ? unboxed(key!, "String") : key) : "";
    const isMasked = this.#masking?.isMasked({}, name, value) === true;
    return [key, isMasked ? maskData(this.sanitize(value, depth)) : value];
  }

  /** The name and message of an error, its `code` and `status`, and its causes. */
  #error(error: Error, depth: number): unknown {
    const { name, message } = error;
    const known: Record<string, unknown> = { name: String(name), message: String(message) };
    for (const key of ["cause", "errors"])
      if (Object.hasOwn(error, key)) known[key] = (error as unknown as Record<string, unknown>)[key];
    for (const key of ["code", "status"]) {
      const field = (error as unknown as Record<string, unknown>)[key];
      if (typeof field === "string" || typeof field === "number") known[key] = field;
    }
    return this.#members(known, Object.keys(known), depth);
  }

  #text(text: string): string {
    const masking = this.#masking;
    const maxCharacters = Math.min(this.#maxTextCharacters, this.#characters);
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
  #takeBudget(keyCharacters: number): boolean {
    if (--this.#items >= 0 && keyCharacters <= this.#characters) {
      this.#characters -= keyCharacters;
      return true;
    }
    this.isTruncated = true;
    return false;
  }

  #unreadable(error: unknown): string {
    return this.#text(`<unreadable: ${errorMessage(error)}>`);
  }
}

const MAX_BIG_INT = 2n ** 65_536n;

type JsonMethod = (key: string) => unknown;

/** The method `toJSON` of an object, if it has one that can be read. */
function jsonMethod(value: object): JsonMethod | undefined {
  try {
    const { toJSON } = value as { toJSON?: unknown };
    return typeof toJSON === "function" ? (toJSON as JsonMethod) : undefined;
  } catch {
    // Such a Proxy may well tell its members.
    return undefined;
  }
}

/** The number of entries of a map or set, whatever its class says. */
function sizeOf(prototype: object, value: object): number {
  return Reflect.get(prototype, "size", value) as number;
}
