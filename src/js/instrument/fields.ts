/**
 * Reads objects of third-party libraries by the names of their properties. Pure; a getter that throws
 * affects its own value only.
 */

/** Any object, as its properties by name. */
export type Fields = Readonly<Record<string, unknown>>;

/** Whether `value` is an object. */
export function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null;
}

/** Whether `value` is data (`{ … }`), not an instance of something. */
export function isPlainObject(value: unknown): value is Fields {
  if (!isObject(value) || isList(value)) return false;
  const prototype: unknown = tryRead(() => Object.getPrototypeOf(value) as unknown);
  return prototype === Object.prototype || prototype === null;
}

/** Whether `value` is an array; a revoked Proxy is none. */
export function isList(value: unknown): value is readonly unknown[] {
  return tryRead(() => Array.isArray(value)) === true;
}

/** `maxTurns` → `max_turns`. */
export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

const spellingsCache = new Map<string, readonly string[]>();

/**
 * Names in camelCase, separated by spaces, in camelCase and in snake_case. Cached, for the constant lists of the
 * source.
 */
export function spellings(names: string): readonly string[] {
  let known = spellingsCache.get(names);
  if (known === undefined) {
    known = [...new Set(names.split(" ").flatMap((name) => [name, snakeCase(name)]))];
    spellingsCache.set(names, known);
  }
  return known;
}

/** The first of these properties (`"summary finalMessage"`, in either spelling) that is set and can be read. */
export function field(value: unknown, names: string): unknown {
  if (!isObject(value) && typeof value !== "function") return undefined;
  for (const name of spellings(names)) {
    try {
      const found = (value as unknown as Fields)[name];
      // A method with that name is not a field.
      if (found !== undefined && found !== null && typeof found !== "function") return found;
    } catch {
      // Try the next name.
    }
  }
  return undefined;
}

/** As `field`, if it is a text. */
export function textField(value: unknown, names: string): string | undefined {
  return asText(field(value, names));
}

/** `value`, if it is a text. */
export function asText(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** `value`, if it is a list. */
export function asList(value: unknown): readonly unknown[] | undefined {
  return isList(value) ? value : undefined;
}

/** The result of `read`; `undefined` if it throws. */
export function tryRead<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** The value of an own data property. No getter runs. */
export function ownValue(holder: object, key: PropertyKey): unknown {
  return Object.getOwnPropertyDescriptor(holder, key)?.value;
}

/** `find`, called once for each object. */
export function memoize<Key extends object, Value>(find: (key: Key) => Value): (key: Key) => Value {
  const known = new WeakMap<Key, Value>();
  return (key) => {
    let value = known.get(key);
    if (value === undefined) known.set(key, (value = find(key)));
    return value;
  };
}

/** `find` for texts: called once for each, as long as there are not too many. */
export function memoizeText<Value>(find: (text: string) => Value): (text: string) => Value {
  const known = new Map<string, Value>();
  return (text) => {
    let value = known.get(text);
    if (value === undefined && !known.has(text)) {
      if (known.size >= MAX_TEXTS) known.clear();
      known.set(text, (value = find(text)));
    }
    return value as Value;
  };
}

const MAX_TEXTS = 5_000;
