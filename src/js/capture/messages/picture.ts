/**
 * What a message said when it was captured, kept beside its JSON text, so that looking at the message
 * again is enough to know that the text still holds. Looking costs one comparison per field; strings
 * that were not replaced are compared by address.
 */

/** Fields of a message, and of what stands in them, that are worth remembering. A larger one is captured anew each time. */
const MAX_FIELDS = 64;
/** So deep that nothing of it would be left out by the limits of capture, whatever it stands in. */
const MAX_DEPTH = 16;

/** The fields of an object, or the items of an array, in order. */
export class Picture {
  readonly isArray: boolean;
  readonly keys: readonly string[];
  /** Scalars, and pictures of what is none. */
  readonly values: readonly unknown[];
  constructor(isArray: boolean, keys: readonly string[], values: readonly unknown[]) {
    this.isArray = isArray;
    this.keys = keys;
    this.values = values;
  }
}

/** A message of a role and a text, in this order, which nearly all are. */
export interface TextMessage {
  readonly role: string;
  readonly content: string;
}

/** Reads a message of a role and a text; `undefined` if it is any other. Throws what a Proxy throws. */
export function takeText(message: object): TextMessage | undefined {
  const { role, content } = message as { role?: unknown; content?: unknown };
  if (typeof role !== "string" || typeof content !== "string" || !isTextMessage(message, role, content))
    return undefined;
  const prototype: unknown = Object.getPrototypeOf(message);
  const isPlain =
    (prototype === Object.prototype || prototype === null) && isField(message, "role") && isField(message, "content");
  return isPlain ? { role, content } : undefined;
}

/** Whether `JSON.stringify` would say of a message what it said then: this role and this text, or without a role what this picture shows. Throws what reading throws. */
export function isStillSaid(role: string | undefined, content: unknown, message: unknown): boolean {
  return role === undefined ? isUnchanged(content as Picture, message) : isTextMessage(message, role, content);
}

/** What a getter gives is anybody's guess, and what is no member of its own is not written down. */
function isField(message: object, key: string): boolean {
  const descriptor = Object.getOwnPropertyDescriptor(message, key);
  return descriptor !== undefined && descriptor.get === undefined;
}

/** Whether `JSON.stringify` would say that message is this role and this text, and nothing else. */
function isTextMessage(message: unknown, role: unknown, content: unknown): boolean {
  if (typeof message !== "object" || message === null) return false;
  const said = message as { role?: unknown; content?: unknown; toJSON?: unknown };
  if (said.content !== content || said.role !== role || said.toJSON !== undefined || Array.isArray(said)) return false;
  let count = 0;
  // Inherited names show up here as well: then the prototype is not what it was.
  for (const key in said) {
    if (key !== (count === 0 ? "role" : "content")) return false;
    count++;
  }
  return count === 2;
}

/** A message as it was when it was read, once. */
export interface Taken {
  readonly picture: Picture;
  /** The same as plain data, for whoever writes it down: what is read twice may differ. */
  readonly copy: object;
}

/**
 * Reads a message. `undefined` if `JSON.stringify` would call code of its own on it, or if it is no
 * plain data: such a message can change without showing it. Throws what a Proxy throws.
 */
export function takePicture(message: object): Taken | undefined {
  return new Reader().read(message);
}

/** Whether `JSON.stringify` would say of `value` what it said when `picture` was taken. Throws what reading throws. */
function isUnchanged(picture: Picture, value: unknown): boolean {
  // Read rather than asked for with `in`, which takes longer: this is done for each message of a history, again and again.
  if (typeof value !== "object" || value === null || (value as { toJSON?: unknown }).toJSON !== undefined) return false;
  const { keys, values } = picture;
  if (picture.isArray) {
    if (!Array.isArray(value) || value.length !== values.length) return false;
    for (let at = 0; at < values.length; at++) if (!isSame(values[at], value[at])) return false;
    return true;
  }
  if (Array.isArray(value)) return false;
  let at = 0;
  // Inherited names show up here as well: then the prototype is not what it was.
  for (const key in value) {
    if (key !== keys[at] || !isSame(values[at], (value as Record<string, unknown>)[key])) return false;
    at++;
  }
  return at === keys.length;
}

function isSame(before: unknown, now: unknown): boolean {
  return before === now || (before instanceof Picture && isUnchanged(before, now));
}

class Reader {
  #fields = 0;

  read(value: object, depth = 0): Taken | undefined {
    if ("toJSON" in value || depth > MAX_DEPTH) return undefined;
    return Array.isArray(value) ? this.#readArray(value, depth) : this.#readObject(value, depth);
  }

  #readArray(array: readonly unknown[], depth: number): Taken | undefined {
    const values: unknown[] = [];
    const copy: unknown[] = [];
    for (let at = 0; at < array.length; at++)
      if (!this.#field(array[at], depth, values, (plain) => copy.push(plain))) return undefined;
    return { picture: new Picture(true, [], values), copy };
  }

  #readObject(object: object, depth: number): Taken | undefined {
    const prototype: unknown = Object.getPrototypeOf(object);
    if (prototype !== Object.prototype && prototype !== null) return undefined;
    const keys = Object.keys(object);
    const values: unknown[] = [];
    const copy: Record<string, unknown> = {};
    for (const key of keys) {
      const descriptor = Object.getOwnPropertyDescriptor(object, key);
      // What a getter gives, and what an assignment to `__proto__` does, is anybody's guess.
      if (descriptor === undefined || descriptor.get !== undefined || key === "__proto__") return undefined;
      if (!this.#field(descriptor.value, depth, values, (plain) => (copy[key] = plain))) return undefined;
    }
    return { picture: new Picture(false, keys, values), copy };
  }

  #field(value: unknown, depth: number, values: unknown[], write: (plain: unknown) => void): boolean {
    if (++this.#fields > MAX_FIELDS) return false;
    switch (typeof value) {
      case "number":
        if (!Number.isFinite(value)) return false;
        break;
      case "object": {
        if (value === null) break;
        const inside = this.read(value, depth + 1);
        if (inside === undefined) return false;
        values.push(inside.picture);
        write(inside.copy);
        return true;
      }
      case "string":
      case "boolean":
      case "undefined":
        break;
      default:
        return false;
    }
    values.push(value);
    write(value);
    return true;
  }
}
