/**
 * Snapshots of captured messages, stored beside their JSON text: comparing a message with its snapshot
 * tells whether the text is still valid. A comparison costs one `===` per field; strings that were not
 * replaced are compared by address.
 */

/** The most fields that a snapshot holds, nested ones included. A larger message is captured again each time. */
const MAX_FIELDS = 64;
/** Low enough that the depth limit of capture leaves nothing out, whatever the message is part of. */
const MAX_DEPTH = 16;

/** The fields of an object, or the items of an array, in order. */
export class Snapshot {
  readonly isArray: boolean;
  readonly keys: readonly string[];
  /** Scalars, and snapshots of objects and arrays. */
  readonly values: readonly unknown[];
  constructor(isArray: boolean, keys: readonly string[], values: readonly unknown[]) {
    this.isArray = isArray;
    this.keys = keys;
    this.values = values;
  }
}

/** A message of a role and a text, in this order, as nearly all messages are. */
export interface TextMessage {
  readonly role: string;
  readonly content: string;
}

/**
 * Whether a list may be one of messages, or of tools: its first item has a role and a content, or describes a
 * function. Reads no getter. Rows of data are not captured one by one.
 */
export function isListOfMessages(list: readonly unknown[]): boolean {
  const first = Object.getOwnPropertyDescriptor(list, 0)?.value as unknown;
  if (typeof first !== "object" || first === null || "toJSON" in list) return false;
  return MESSAGE_FIELDS.some((fields) => fields.every((key) => isField(first, key)));
}

/** The fields of messages and tools of the model APIs, by which they differ from data. */
const MESSAGE_FIELDS = [
  ["role", "content"],
  ["role", "tool_calls"],
  ["role", "tool_responses"],
  ["role", "function_call"],
  ["role", "parts"],
  ["type", "function"],
  ["type", "content"],
  ["type", "text"],
  ["name", "parameters"],
  ["name", "input_schema"],
  ["functionDeclarations"],
];

/** Reads a message of a role and a text; `undefined` if it is any other. Throws what a Proxy throws. */
export function readTextMessage(message: object): TextMessage | undefined {
  // First of all, since a getter must not be read twice.
  if (!isField(message, "role") || !isField(message, "content")) return undefined;
  const { role, content } = message as { role?: unknown; content?: unknown };
  if (typeof role !== "string" || typeof content !== "string" || !isTextMessage(message, role, content))
    return undefined;
  const prototype: unknown = Object.getPrototypeOf(message);
  return prototype === Object.prototype || prototype === null ? { role, content } : undefined;
}

/**
 * Whether the JSON text of a message is still the same: that of this role and text, or without a role
 * that of this snapshot. Throws what reading throws.
 */
export function isUnchanged(role: string | undefined, content: unknown, message: unknown): boolean {
  return role === undefined ? matchesSnapshot(content as Snapshot, message) : isTextMessage(message, role, content);
}

/**
 * Whether `key` is an own data property: getters may change without notice, and inherited members are not
 * serialized.
 */
function isField(message: object, key: string): boolean {
  const descriptor = Object.getOwnPropertyDescriptor(message, key);
  return descriptor !== undefined && descriptor.get === undefined;
}

/** Whether the JSON text of a message has this role, this text, and nothing else. */
function isTextMessage(message: unknown, role: unknown, content: unknown): boolean {
  if (typeof message !== "object" || message === null) return false;
  const fields = message as { role?: unknown; content?: unknown; toJSON?: unknown };
  if (fields.content !== content || fields.role !== role) return false;
  let count = 0;
  // `for in` lists inherited names as well: then the prototype has changed.
  for (const key in fields) {
    if (key !== (count === 0 ? "role" : "content")) return false;
    count++;
  }
  return count === 2;
}

/** The result of reading a message once. */
export interface TakenSnapshot {
  readonly snapshot: Snapshot;
  /** The same as plain data, to be serialized: a second reading might differ. */
  readonly copy: object;
}

/**
 * Takes a snapshot of a message. `undefined` if `JSON.stringify` would call code of the program, or if it
 * is not plain data: such a message can change without notice. Throws what a Proxy throws.
 */
export function takeSnapshot(message: object): TakenSnapshot | undefined {
  return new SnapshotReader().read(message);
}

/** Whether the JSON text of `value` is still that of `snapshot`. Throws what reading throws. */
function matchesSnapshot(snapshot: Snapshot, value: unknown): boolean {
  // Reading is faster than `in`, and this runs for each message of a history, again and again.
  if (typeof value !== "object" || value === null || (value as { toJSON?: unknown }).toJSON !== undefined) return false;
  const { keys, values } = snapshot;
  if (snapshot.isArray) {
    if (!Array.isArray(value) || value.length !== values.length) return false;
    for (let at = 0; at < values.length; at++) if (!isSameField(values[at], value[at])) return false;
    return true;
  }
  if (Array.isArray(value)) return false;
  let at = 0;
  // `for in` lists inherited names as well: then the prototype has changed.
  for (const key in value) {
    if (key !== keys[at] || !isSameField(values[at], (value as Record<string, unknown>)[key])) return false;
    at++;
  }
  return at === keys.length;
}

function isSameField(before: unknown, now: unknown): boolean {
  return before === now || (before instanceof Snapshot && matchesSnapshot(before, now));
}

class SnapshotReader {
  #fields = 0;

  read(value: object, depth = 0): TakenSnapshot | undefined {
    if ("toJSON" in value || depth > MAX_DEPTH) return undefined;
    return Array.isArray(value) ? this.#readArray(value, depth) : this.#readObject(value, depth);
  }

  #readArray(array: readonly unknown[], depth: number): TakenSnapshot | undefined {
    const values: unknown[] = [];
    const copy: unknown[] = [];
    for (let at = 0; at < array.length; at++)
      if (!this.#field(array[at], depth, values, (plain) => copy.push(plain))) return undefined;
    return { snapshot: new Snapshot(true, [], values), copy };
  }

  #readObject(object: object, depth: number): TakenSnapshot | undefined {
    const prototype: unknown = Object.getPrototypeOf(object);
    if (prototype !== Object.prototype && prototype !== null) return undefined;
    const keys = Object.keys(object);
    const values: unknown[] = [];
    const copy: Record<string, unknown> = {};
    for (const key of keys) {
      const descriptor = Object.getOwnPropertyDescriptor(object, key);
      // Neither the value of a getter nor the effect of an assignment to `__proto__` can be relied on.
      if (descriptor === undefined || descriptor.get !== undefined || key === "__proto__") return undefined;
      if (!this.#field(descriptor.value, depth, values, (plain) => (copy[key] = plain))) return undefined;
    }
    return { snapshot: new Snapshot(false, keys, values), copy };
  }

  #field(value: unknown, depth: number, values: unknown[], write: (plain: unknown) => void): boolean {
    if (++this.#fields > MAX_FIELDS) return false;
    switch (typeof value) {
      case "number":
        if (!Number.isFinite(value)) return false;
        break;
      case "object": {
        if (value === null) break;
        const nested = this.read(value, depth + 1);
        if (nested === undefined) return false;
        values.push(nested.snapshot);
        write(nested.copy);
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
