/**
 * Looks at what other people's libraries hand around by the names of its properties. Pure, and
 * careful: a getter that throws costs its own value only.
 */

/** Any object, seen as what its properties are called. */
export type Fields = Readonly<Record<string, unknown>>;

/** Whether `value` is an object with properties worth looking at. */
export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null;
}

/** Whether `value` is data (`{ … }`), not an instance of something. */
export function isRecord(value: unknown): value is Fields {
  if (!isFields(value) || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** `maxTurns` → `max_turns`. */
export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

const spelled = new Map<string, readonly string[]>();

/** Names, separated by spaces in camelCase, in both spellings. For the few lists that the source has: they are remembered. */
export function spellings(names: string): readonly string[] {
  let known = spelled.get(names);
  if (known === undefined) {
    known = [...new Set(names.split(" ").flatMap((name) => [name, snakeCase(name)]))];
    spelled.set(names, known);
  }
  return known;
}

/** The first of these properties (`"summary finalMessage"`, in either spelling) that there is and that can be read. */
export function field(value: unknown, names: string): unknown {
  if (!isFields(value) && typeof value !== "function") return undefined;
  for (const name of spellings(names)) {
    try {
      const found = (value as unknown as Fields)[name];
      // A method by that name is no answer.
      if (found !== undefined && found !== null && typeof found !== "function") return found;
    } catch {
      // The next spelling may do.
    }
  }
  return undefined;
}

/** As `field`, if it is a text. */
export function textField(value: unknown, names: string): string | undefined {
  return textOrNothing(field(value, names));
}

/** `value`, if it is a text. */
export function textOrNothing(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** `value`, if it is a list. */
export function listOrNothing(value: unknown): readonly unknown[] | undefined {
  return Array.isArray(value) ? value : undefined;
}

/** What `read` gives; `undefined` if it cannot be read. */
export function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** What is held by a property of the object's own. No getter runs. */
export function ownValue(holder: object, key: PropertyKey): unknown {
  return Object.getOwnPropertyDescriptor(holder, key)?.value;
}

/** As `find`, which is asked once for each object. */
export function remembered<Key extends object, Value>(find: (key: Key) => Value): (key: Key) => Value {
  const known = new WeakMap<Key, Value>();
  return (key) => {
    let value = known.get(key);
    if (value === undefined) known.set(key, (value = find(key)));
    return value;
  };
}
