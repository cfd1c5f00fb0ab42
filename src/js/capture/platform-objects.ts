/** Descriptions of objects of the host, which have no JSON form: bytes, promises, nodes of a page. */

/**
 * A description in angle brackets; `undefined` for an object whose members are to be captured. Throws what a
 * getter or a trap throws.
 */
export function describePlatformObject(value: object): string | undefined {
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer || isInstanceOfGlobal(value, "SharedArrayBuffer")) {
    return `<${functionName(value.constructor)} of ${(value as ArrayBuffer).byteLength} bytes>`;
  }
  if (value instanceof Promise || value instanceof WeakMap || value instanceof WeakSet || value instanceof WeakRef)
    return `<${functionName(value.constructor)}>`;
  if (isInstanceOfGlobal(value, "Blob")) {
    const { size, type } = value as Blob;
    return `<${functionName(value.constructor)} of ${size} bytes${type === "" ? "" : `, ${type}`}>`;
  }
  if (isInstanceOfGlobal(value, "Node")) return `<${nodeName(value as Node)}>`;
  if ((value as { window?: unknown }).window === value) return "<Window>";
  return undefined;
}

/** The class tag of an object without members, in angle brackets; `undefined` for a mere "Object". */
export function describeByTag(value: object): string | undefined {
  const tag = Object.prototype.toString.call(value).slice("[object ".length, -1);
  return tag === "Object" ? undefined : `<${tag}>`;
}

/** The name of a function or class. Never throws. */
export function functionName(value: unknown): string {
  try {
    const { name } = value as { name?: unknown };
    return typeof name === "string" && name !== "" ? name.slice(0, MAX_NAME_CHARACTERS) : "anonymous";
  } catch {
    return "anonymous";
  }
}

const MAX_NAME_CHARACTERS = 200;

/** A node as a CSS selector, such as "div#id". */
function nodeName({ nodeName, id }: Node & { id?: unknown }): string {
  return `${String(nodeName).toLowerCase()}${typeof id === "string" && id !== "" ? `#${id}` : ""}`.slice(
    0,
    MAX_NAME_CHARACTERS,
  );
}

/** Whether `value` is an instance of a global class that only some hosts have. */
function isInstanceOfGlobal(value: object, name: string): boolean {
  const type = (globalThis as Record<string, unknown>)[name];
  return typeof type === "function" && value instanceof type;
}
