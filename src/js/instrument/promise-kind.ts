/**
 * Tells how a value can be waited for: whatever code made it, in whatever realm, whatever the program has replaced or
 * wrapped. Nothing is called, and a getter that throws affects its own value only.
 */

import { isObject, memoize, ownValue, tryRead } from "./fields.js";

/**
 * - `native`: a promise of the engine, of any realm, whose class leaves `then` as it is. `await` need not call `then`.
 * - `replaced`: of the class that the program has put in the place of `Promise`, as zone.js does. It is settled by
 *   its own, and may be adopted without a call of `then`.
 * - `thenable`: any other object with a `then`. Many start their work only when that is called.
 * - `undefined`: a value.
 */
export type PromiseKind = "native" | "replaced" | "thenable" | undefined;

/** How `value` can be waited for. */
export function promiseKind(value: unknown): PromiseKind {
  return isObject(value) ? tryRead(() => kindOf(value)) : undefined;
}

function kindOf(value: object): PromiseKind {
  const { then } = value as { then?: unknown };
  if (typeof then !== "function") return undefined;
  let holder: object | null = value;
  while (holder !== null && !Object.hasOwn(holder, "then")) holder = Object.getPrototypeOf(holder) as object | null;
  if (holder === enginePrototype) return "native";
  if (holder === Promise.prototype) return "replaced";
  return holder !== null && isNativePrototype(holder) ? "native" : "thenable";
}

/** The prototype of the promises of async functions, which a program cannot replace. */
const enginePrototype = /* @__PURE__ */ (() => Object.getPrototypeOf((async () => {})()) as object)();

/**
 * Whether `holder` is the prototype of the engine's promises, in another realm. A `then` that was wrapped there, as
 * monitoring scripts do, is called by programs, and not by `await`.
 */
function isNativePrototype(holder: object): boolean {
  const constructor = ownValue(holder, "constructor");
  return typeof constructor === "function" && ownValue(constructor, "prototype") === holder && isNative(constructor);
}

const isNative = memoize((constructor: object): boolean =>
  /^function Promise\(\) *\{\s*\[native code\]\s*\}$/.test(
    Function.prototype.toString.call(constructor as () => unknown),
  ),
);
