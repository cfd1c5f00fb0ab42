/** Descriptions of objects of the host, which have no JSON form: bytes, promises, nodes of a page. */

import type { BuiltIn } from "./built-ins.js";

/**
 * A description in angle brackets; `undefined` for an object whose members are to be captured. Throws what a
 * getter or a trap throws.
 */
export function describePlatformObject(value: object, builtIn: BuiltIn | undefined): string | undefined {
  if (ArrayBuffer.isView(value)) return describeBytes(value, value.byteLength);
  switch (builtIn) {
    case "ArrayBuffer":
    case "SharedArrayBuffer":
      return describeBytes(value, (value as ArrayBuffer).byteLength);
    case "Promise":
    case "WeakMap":
    case "WeakSet":
    case "WeakRef":
      return `<${functionName(value.constructor)}>`;
    case "Blob": {
      const { size, type } = value as Blob;
      return `<${functionName(value.constructor)} of ${size} bytes${type === "" ? "" : `, ${type}`}>`;
    }
    case "Node":
      return `<${nodeName(value as Node)}>`;
    case "Window":
      return "<Window>";
    default:
      return undefined;
  }
}

function describeBytes(value: object, bytes: number): string {
  return `<${functionName(value.constructor)} of ${bytes} bytes>`;
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
