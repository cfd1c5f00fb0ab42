/**
 * A second face for objects that cannot be changed: does what the object does and reports it, while
 * the object itself stays as it is. Methods run on the object itself, so that its private fields
 * work; what they call on `this` is not seen, since that is the object and not its second face.
 */

import { type AnyFunction, standIn } from "../patch.js";

/** What stands behind a second face. */
const behind = new WeakMap<object, object>();

/** What is asked of the object itself. */
const PASSED_ON = ["has", "deleteProperty", "defineProperty", "ownKeys", "getPrototypeOf", "setPrototypeOf"] as const;

/** The object behind `value`; `value` itself if it is no second face. */
export function realOf<T extends object>(value: T): T {
  return (behind.get(value) as T | undefined) ?? value;
}

/** Whether `value` is a second face. */
export function isFace(value: object): boolean {
  return behind.has(value);
}

/**
 * Makes one.
 *
 * @param replace what to show for a property instead of its value; gets the name and the value.
 */
export function faceOf<T extends object>(real: T, replace: (key: PropertyKey, value: unknown) => unknown): T {
  const shown = new Map<PropertyKey, { value: unknown; instead: unknown }>();
  const show = (key: PropertyKey, value: unknown): unknown => {
    const known = shown.get(key);
    if (known !== undefined && known.value === value) return known.instead;
    const instead =
      replace(key, value) ??
      (typeof value === "function" && key !== "constructor" ? onReal(value as AnyFunction) : value);
    shown.set(key, { value, instead });
    return instead;
  };
  const onReal = (fn: AnyFunction): AnyFunction =>
    standIn(fn, (target, self, given) => Reflect.apply(target, self === face ? real : self, given as never[]));
  const traps: ProxyHandler<T> = {
    get: (_, key) => show(key, Reflect.get(real, key, real)),
    set: (_, key, value: unknown) => Reflect.set(real, key, value, real),
    getOwnPropertyDescriptor: (_, key) => {
      const found = Reflect.getOwnPropertyDescriptor(real, key);
      if (found === undefined) return undefined;
      return { ...found, configurable: true, ...("value" in found ? { value: show(key, found.value) } : {}) };
    },
  };
  for (const trap of PASSED_ON)
    Object.assign(traps, {
      [trap]: (_: T, ...given: unknown[]): unknown => Reflect.apply(Reflect[trap], undefined, [real, ...given]),
    });
  // A frozen object may show nothing but its own values, so another one stands for it.
  const face: T = new Proxy(Object.create(null) as T, traps);
  behind.set(face, real);
  return face;
}
