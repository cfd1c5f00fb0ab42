/**
 * Turns anything into plain data that `JSON.stringify` can say without loss of meaning: what has no
 * JSON form is named in angle brackets, as Python's `repr` does, what is too much is cut with a mark,
 * and secrets are masked.
 */

import { isWordOfModel, MASK, type Masking } from "./mask.js";
import { nameOf, platformName, tagOf } from "./platform.js";
import { type CaptureRules, isMaskable, MAX_DEPTH } from "./survey.js";
import { reason } from "../util/unknowns.js";

/** Plain data that stands for a value. */
export interface Description {
  readonly plain: unknown;
  /** Whether any of it was cut. */
  readonly isCut: boolean;
}

/** Plain data that stands for `value`. Never throws, and looks at each part of it once. */
export function describe(value: unknown, rules: CaptureRules): Description {
  const copy = new Copy(rules);
  const plain = copy.of(value);
  return { plain, isCut: copy.isCut };
}

/** The beginning of a text, and how long it was. */
export function cutText(text: string, characters: number, masking: Masking | undefined): string {
  // Half of a character at the end would be no character.
  const last = text.charCodeAt(characters - 1);
  const end = last >= 0xd800 && last <= 0xdbff ? characters - 1 : characters;
  const kept = text.slice(0, end);
  return `${masking === undefined ? kept : masking.maskText(kept)}… (truncated, ${text.length} characters)`;
}

class Copy {
  isCut = false;
  readonly #rules: CaptureRules;
  readonly #path: object[] = [];
  #items: number;
  #characters: number;

  constructor(rules: CaptureRules) {
    this.#rules = rules;
    this.#items = rules.maxValueItems;
    this.#characters = rules.maxValueCharacters;
  }

  of(value: unknown): unknown {
    switch (typeof value) {
      case "string":
        return this.#text(value);
      case "number":
        return Number.isFinite(value) ? value : String(value);
      case "bigint":
        return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER
          ? Number(value)
          : this.#digits(value);
      case "function":
        return `<function ${nameOf(value)}>`;
      case "symbol":
        return this.#text(`<${String(value)}>`);
      case "object":
        return value === null ? null : this.#inside(value);
      default:
        return value;
    }
  }

  #inside(value: object): unknown {
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
    // The engine's own ways of looking, since a class can have others that never end.
    if (value instanceof Set) return this.#iterable(Set.prototype.values.call(value), value.size);
    if (value instanceof RegExp) return this.#text(RegExp.prototype.toString.call(value));
    if (
      value instanceof Number ||
      value instanceof String ||
      value instanceof Boolean ||
      value instanceof BigInt ||
      value instanceof Symbol
    )
      return this.of(value.valueOf());
    const name = platformName(value);
    if (name !== undefined) return this.#text(name);
    if (typeof Headers === "function" && value instanceof Headers)
      return this.#members(Object.fromEntries(value), [...value.keys()]);
    // Dates and URLs say themselves this way; an invalid date says null.
    const said = this.#toJson(value);
    if (said !== undefined) return said;
    const keys = Object.keys(value);
    return (keys.length === 0 ? tagOf(value) : undefined) ?? this.#members(value, keys);
  }

  #toJson(value: object): unknown {
    const { toJSON } = value as { toJSON?: unknown };
    return typeof toJSON === "function" ? (this.of(toJSON.call(value, "")) ?? null) : undefined;
  }

  #members(value: object, keys: readonly string[], count = keys.length): unknown {
    const plain: Record<string, unknown> = {};
    const { masking } = this.#rules;
    for (const [index, key] of keys.entries()) {
      if (!this.#hasRoom(key.length)) {
        define(plain, "…", `(truncated, ${count - index} more keys)`);
        break;
      }
      let member: unknown;
      try {
        member = (value as Record<string, unknown>)[key];
        const isHidden = masking?.isSecret(key) === true && isMaskable(member) && !isWordOfModel(value, key);
        member = isHidden ? this.#masked(member) : this.of(member);
      } catch (error) {
        member = this.#unreadable(error);
      }
      define(plain, key, member);
    }
    return plain;
  }

  /** Lists keep their length, and what they describe beside their texts and numbers. */
  #masked(value: unknown): unknown {
    if (!Array.isArray(value)) return MASK;
    return this.#list(value.length, (index) => {
      const item = value[index] as unknown;
      return isMaskable(item) && !Array.isArray(item) ? MASK : item;
    });
  }

  #list(length: number, at: (index: number) => unknown): unknown[] {
    const plain: unknown[] = [];
    for (let index = 0; index < length; index += 1) {
      if (!this.#hasRoom()) {
        plain.push(`… (truncated, ${length - index} more items)`);
        break;
      }
      try {
        plain.push(this.of(at(index)));
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
    const ask = Map.prototype.keys.call(value);
    for (
      let step = ask.next();
      !step.done && typeof step.value === "string" && names.length <= this.#items;
      step = ask.next()
    )
      names.push(step.value);
    const { size } = value;
    if (names.length < size && names.length <= this.#items)
      return this.#iterable(Map.prototype.entries.call(value), size);
    const named = Object.create(null) as Record<string, unknown>;
    for (const name of names) define(named, name, Map.prototype.get.call(value, name));
    return this.#members(named, names, size);
  }

  /** What errors have in common with data: further facts (`code`, `status`), and what caused them. */
  #error(error: Error): unknown {
    const { name, message } = error;
    const known: Record<string, unknown> = { name: String(name), message: String(message) };
    for (const key of ["cause", "errors"])
      if (Object.hasOwn(error, key)) known[key] = (error as unknown as Record<string, unknown>)[key];
    for (const key of ["code", "status"]) {
      const fact = (error as unknown as Record<string, unknown>)[key];
      if (typeof fact === "string" || typeof fact === "number") known[key] = fact;
    }
    return this.#members(known, Object.keys(known));
  }

  #text(text: string): string {
    const { masking, maxTextCharacters } = this.#rules;
    const room = Math.min(maxTextCharacters, this.#characters);
    this.#characters -= Math.min(text.length, room);
    if (text.length <= room) return masking === undefined ? text : masking.maskText(text);
    this.isCut = true;
    return cutText(text, room, masking);
  }

  /** The digits of a number without end take time that grows with its square. */
  #digits(value: bigint): string {
    return value < MOST_DIGITS && value > -MOST_DIGITS ? String(value) : "<bigint>";
  }

  /** Takes the place of one more value, and of its key. */
  #hasRoom(keyCharacters = 0): boolean {
    const hasRoom = this.#items > 0 && keyCharacters <= this.#characters;
    this.#items -= 1;
    if (hasRoom) this.#characters -= keyCharacters;
    else this.isCut = true;
    return hasRoom;
  }

  #unreadable(error: unknown): string {
    return this.#text(`<unreadable: ${reason(error)}>`);
  }
}

const MOST_DIGITS = 2n ** 65_536n;

/** Sets even `__proto__`, which a plain assignment would take for the prototype. */
function define(target: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
}
