/**
 * Recognizes the built-in objects of the engine and the host, of whatever realm they are: an iframe, a `vm` context,
 * jsdom. `instanceof` knows those of one realm only, and believes every object that inherits from a prototype.
 */

/** The classes that are recorded in a form of their own. */
export type BuiltIn =
  | "ArrayBuffer"
  | "BigInt"
  | "Blob"
  | "Boolean"
  | "Error"
  | "Headers"
  | "Map"
  | "Node"
  | "Number"
  | "Object"
  | "Promise"
  | "RegExp"
  | "Set"
  | "SharedArrayBuffer"
  | "String"
  | "Symbol"
  | "WeakMap"
  | "WeakRef"
  | "WeakSet"
  | "Window";

/** For each class a function that throws for what is none of its objects; `undefined` where there is none such. */
const BRAND_CHECKS: Readonly<Record<BuiltIn, ((this: unknown) => unknown) | undefined>> = {
  ArrayBuffer: getter(ArrayBuffer.prototype, "byteLength"),
  BigInt: BigInt.prototype.valueOf,
  Blob: undefined,
  Boolean: Boolean.prototype.valueOf,
  Error: undefined,
  Headers: undefined,
  Map: getter(Map.prototype, "size"),
  Node: undefined,
  Number: Number.prototype.valueOf,
  Object: undefined,
  Promise: undefined,
  RegExp: getter(RegExp.prototype, "source"),
  Set: getter(Set.prototype, "size"),
  SharedArrayBuffer:
    typeof SharedArrayBuffer === "function" ? getter(SharedArrayBuffer.prototype as object, "byteLength") : undefined,
  String: String.prototype.valueOf,
  Symbol: Symbol.prototype.valueOf,
  WeakMap: undefined,
  WeakRef: undefined,
  WeakSet: undefined,
  Window: undefined,
};

const classes = new WeakMap<object, BuiltIn | "other">();

/**
 * The built-in class of an object with this prototype, which the object itself or a superclass is; `undefined` for
 * other objects. "Object" is that of plain data only. Throws what a Proxy throws.
 */
export function builtInClass(value: object, prototype: object): BuiltIn | undefined {
  let found = classes.get(prototype);
  if (found === undefined) classes.set(prototype, (found = classOf(prototype) ?? "other"));
  if (found === "other") return undefined;
  const check = BRAND_CHECKS[found];
  if (check === undefined) return found;
  try {
    Reflect.apply(check, value, []);
    return found;
  } catch {
    return undefined;
  }
}

/** As `builtInClass`, for any value. Never throws. */
export function builtInOf(value: unknown): BuiltIn | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  try {
    const prototype = Object.getPrototypeOf(value) as object | null;
    return prototype === null ? undefined : builtInClass(value, prototype);
  } catch {
    return undefined;
  }
}

/** Whether `value` is an error, of any realm. Never throws. */
export function isError(value: unknown): value is Error {
  return builtInOf(value) === "Error";
}

/** Whether `value` is a map, of any realm. Never throws. */
export function isMap(value: unknown): value is Map<unknown, unknown> {
  return builtInOf(value) === "Map";
}

/** Whether `value` is a set, of any realm. Never throws. */
export function isSet(value: unknown): value is Set<unknown> {
  return builtInOf(value) === "Set";
}

/** The intrinsic value of a boxed one, which a class cannot override. */
export function unboxed(value: object, boxed: "BigInt" | "Boolean" | "Number" | "String" | "Symbol"): unknown {
  return Reflect.apply(BRAND_CHECKS[boxed]!, value, []);
}

function classOf(prototype: object): BuiltIn | undefined {
  for (let at: object | null = prototype; at !== null; at = Object.getPrototypeOf(at) as object | null) {
    const constructor = ownValue(at, "constructor");
    if (typeof constructor !== "function" || ownValue(constructor, "prototype") !== at) continue;
    const name = ownValue(constructor, "name");
    const isKnown = typeof name === "string" && Object.hasOwn(BRAND_CHECKS, name);
    // Classes of the host may be written in JavaScript, and have a tag then.
    if (!isKnown || !(isNative(constructor) || ownValue(at, Symbol.toStringTag) === name)) continue;
    return name === "Object" && at !== prototype ? undefined : (name as BuiltIn);
  }
  return undefined;
}

function isNative(fn: object): boolean {
  return /\{\s*\[native code\]\s*\}$/.test(Function.prototype.toString.call(fn as () => unknown));
}

function getter(prototype: object, key: string): ((this: unknown) => unknown) | undefined {
  return Object.getOwnPropertyDescriptor(prototype, key)?.get;
}

function ownValue(holder: object, key: PropertyKey): unknown {
  return Object.getOwnPropertyDescriptor(holder, key)?.value;
}
