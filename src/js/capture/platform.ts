/** Names for what belongs to the host rather than to the program: bytes, promises, nodes of a page. */

/** `value` in angle brackets; `undefined` if it is to be looked into. Throws what a getter or a trap throws. */
export function platformName(value: object): string | undefined {
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer || isOf(value, "SharedArrayBuffer")) {
    return `<${nameOf(value.constructor)} of ${(value as ArrayBuffer).byteLength} bytes>`;
  }
  if (value instanceof Promise || value instanceof WeakMap || value instanceof WeakSet || value instanceof WeakRef)
    return `<${nameOf(value.constructor)}>`;
  if (isOf(value, "Blob")) {
    const { size, type } = value as Blob;
    return `<${nameOf(value.constructor)} of ${size} bytes${type === "" ? "" : `, ${type}`}>`;
  }
  if (isOf(value, "Node")) return `<${nodeName(value as Node)}>`;
  if ((value as { window?: unknown }).window === value) return "<Window>";
  return undefined;
}

/** What its class calls itself, if that is more than "object"; for things that show nothing of themselves. */
export function tagOf(value: object): string | undefined {
  const tag = Object.prototype.toString.call(value).slice("[object ".length, -1);
  return tag === "Object" ? undefined : `<${tag}>`;
}

/** The name of a function or class. Never throws. */
export function nameOf(value: unknown): string {
  try {
    const { name } = value as { name?: unknown };
    return typeof name === "string" && name !== "" ? name.slice(0, MAX_NAME_CHARACTERS) : "anonymous";
  } catch {
    return "anonymous";
  }
}

const MAX_NAME_CHARACTERS = 200;

/** "div#id", as in a style sheet. */
function nodeName({ nodeName, id }: Node & { id?: unknown }): string {
  return `${String(nodeName).toLowerCase()}${typeof id === "string" && id !== "" ? `#${id}` : ""}`.slice(
    0,
    MAX_NAME_CHARACTERS,
  );
}

/** Whether `value` is of a class that only some hosts have. */
function isOf(value: object, name: string): boolean {
  const type = (globalThis as Record<string, unknown>)[name];
  return typeof type === "function" && value instanceof type;
}
