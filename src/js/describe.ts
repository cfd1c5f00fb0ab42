/**
 * Turns anything into plain data that `JSON.stringify` can say without loss of meaning:
 * what has no JSON form is named in angle brackets, as Python's `repr` does.
 */

/** Deeper than this nobody reads on, and a cycle through fresh objects (getters) never ends. */
const MAX_DEPTH = 100;

/** Whether `JSON.stringify` alone says everything about `value`. Throws what a getter throws. */
export function isPlain(value: unknown, depth = 0): boolean {
  switch (typeof value) {
    case "string":
    case "boolean":
      return true;
    case "number":
      return Number.isFinite(value);
    case "undefined":
      return true;
    case "object":
      break;
    default:
      return false;
  }
  if (value === null) return true;
  if (depth >= MAX_DEPTH) return false;
  if (Array.isArray(value)) {
    for (const item of value) if (!isPlain(item, depth + 1)) return false;
    return true;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return false;
  for (const key in value) if (!isPlain((value as Record<string, unknown>)[key], depth + 1)) return false;
  return true;
}

/** Plain data that stands for `value`. Never throws. */
export function describe(value: unknown): unknown {
  return describeInside(value, []);
}

function describeInside(value: unknown, path: object[]): unknown {
  switch (typeof value) {
    case "number":
      return Number.isFinite(value) ? value : String(value);
    case "bigint":
      return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : String(value);
    case "function":
      return `<function ${nameOf(value)}>`;
    case "symbol":
      return `<${String(value)}>`;
    case "object":
      break;
    default:
      return value;
  }
  if (value === null) return null;
  if (path.includes(value)) return "<cycle>";
  if (path.length >= MAX_DEPTH) return "<too deep>";
  path.push(value);
  try {
    return describeObject(value, path);
  } catch (error) {
    return `<unreadable: ${reason(error)}>`;
  } finally {
    path.pop();
  }
}

function describeObject(value: object, path: object[]): unknown {
  const inside = (item: unknown) => describeInside(item, path);
  if (Array.isArray(value)) return Array.from(value, inside);
  if (value instanceof Error) return { name: value.name, message: value.message };
  if (value instanceof Map) {
    const entries = [...value];
    return entries.every(([key]) => typeof key === "string")
      ? Object.fromEntries(entries.map(([key, item]) => [key, inside(item)]))
      : entries.map(([key, item]) => [inside(key), inside(item)]);
  }
  if (value instanceof Set) return Array.from(value, inside);
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `<${nameOf(value.constructor)} of ${value.byteLength} bytes>`;
  if (value instanceof Promise || value instanceof WeakMap || value instanceof WeakSet) return `<${nameOf(value.constructor)}>`;
  if (value instanceof RegExp) return String(value);
  const { toJSON } = value as { toJSON?: unknown };
  // Dates and URLs say themselves this way; an invalid date says null.
  if (typeof toJSON === "function") return inside(toJSON.call(value, ""));
  const plain: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    try {
      define(plain, key, inside((value as Record<string, unknown>)[key]));
    } catch (error) {
      define(plain, key, `<unreadable: ${reason(error)}>`);
    }
  }
  return plain;
}

/** Sets even `__proto__`, which a plain assignment would take for the prototype. */
function define(target: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
}

function nameOf(value: unknown): string {
  try {
    const { name } = value as { name?: unknown };
    return typeof name === "string" && name !== "" ? name : "anonymous";
  } catch {
    return "anonymous";
  }
}

function reason(error: unknown): string {
  try {
    return error instanceof Error ? error.message : String(error);
  } catch {
    return "an error that cannot be read";
  }
}
