/**
 * Proxies with hooks for objects that cannot be patched. Methods run on the object itself, so that its
 * private fields work; their calls on `this` are not reported, since that is the object and not the proxy.
 */

import { type AnyFunction, replacementFor } from "../patch.js";

/** The targets of our proxies. */
const targets = new WeakMap<object, object>();

/** The traps that are forwarded to the object. */
const FORWARDED_TRAPS = [
  "has",
  "deleteProperty",
  "defineProperty",
  "ownKeys",
  "getPrototypeOf",
  "setPrototypeOf",
] as const;

/** The target of a proxy; `value` itself if it is not one. */
export function targetOf<T extends object>(value: T): T {
  return (targets.get(value) as T | undefined) ?? value;
}

/** Whether `value` is a proxy of ours. */
export function isProxy(value: object): boolean {
  return targets.has(value);
}

/**
 * A proxy for an object.
 *
 * @param replace returns a replacement for the value of a property, given its name and value, or `undefined`.
 */
export function proxyFor<T extends object>(target: T, replace: (key: PropertyKey, value: unknown) => unknown): T {
  const replacements = new Map<PropertyKey, { value: unknown; replacement: unknown }>();
  const replaced = (key: PropertyKey, value: unknown): unknown => {
    const known = replacements.get(key);
    if (known !== undefined && known.value === value) return known.replacement;
    const replacement =
      replace(key, value) ??
      (typeof value === "function" && key !== "constructor" ? onTarget(value as AnyFunction) : value);
    replacements.set(key, { value, replacement });
    return replacement;
  };
  const onTarget = (fn: AnyFunction): AnyFunction =>
    replacementFor(fn, (method, self, args) => Reflect.apply(method, self === proxy ? target : self, args as never[]));
  const traps: ProxyHandler<T> = {
    get: (_, key) => replaced(key, Reflect.get(target, key, target)),
    set: (_, key, value: unknown) => Reflect.set(target, key, value, target),
    getOwnPropertyDescriptor: (_, key) => {
      const found = Reflect.getOwnPropertyDescriptor(target, key);
      if (found === undefined) return undefined;
      return { ...found, configurable: true, ...("value" in found ? { value: replaced(key, found.value) } : {}) };
    },
  };
  for (const trap of FORWARDED_TRAPS)
    Object.assign(traps, {
      [trap]: (_: T, ...args: unknown[]): unknown => Reflect.apply(Reflect[trap], undefined, [target, ...args]),
    });
  // A proxy of a frozen object must return the object's own values, so the proxy's target is another object.
  const proxy: T = new Proxy(Object.create(null) as T, traps);
  targets.set(proxy, target);
  return proxy;
}
