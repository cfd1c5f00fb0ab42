/**
 * The only file that patches objects of third-party libraries, and that restores them.
 *
 * A method is replaced where it is found: on a prototype, or as an own property of one object. The
 * replacement is a proxy of the function, so that every other use of it (its name, its properties,
 * `bind`, a test's spy) reaches the function itself. Undoing restores the identical function with its
 * previous property attributes, unless the program has replaced it in the meantime: then that stays.
 */

import { guard } from "../util/guard.js";
import { tryRead } from "./fields.js";
import { WeakTable } from "./weak-table.js";

/** Any function, called in any way. */
export type AnyFunction = (this: unknown, ...args: never[]) => unknown;

/** Handles a call of a replaced function: receives the function, and `this` and the arguments of the call. */
export type CallHandler = (fn: AnyFunction, self: unknown, args: readonly unknown[]) => unknown;

/** Restores what was replaced. A second call does nothing. */
export type Undo = () => void;

/**
 * The key under which a replacement returns its original function. Two copies of this package recognize
 * each other's replacements by it, so that neither hooks what the other has hooked already.
 */
const ORIGINAL: unique symbol = Symbol.for("mlflow-ag2.original") as never;

/** A proxy of `fn` whose calls go to `onCall`; everything else is `fn`'s own. */
export function replacementFor<Fn extends AnyFunction>(fn: Fn, onCall: CallHandler): Fn {
  return new Proxy(fn, {
    apply: (target, self: unknown, args: unknown[]) => onCall(target, self, args),
    get: (target, key, receiver: unknown) => (key === ORIGINAL ? target : Reflect.get(target, key, receiver)),
  });
}

/** The original of a replacement; `undefined` if `fn` is not one. */
export function originalOf(fn: unknown): AnyFunction | undefined {
  return typeof fn === "function" ? tryRead(() => (fn as { [ORIGINAL]?: AnyFunction })[ORIGINAL]) : undefined;
}

/**
 * Replaces the function under `key` of `holder` itself (not of its prototypes): a method, or a getter
 * that returns functions. A function that is a replacement already is left as it is.
 *
 * @param make returns the replacement of a function.
 * @returns the undo; `undefined` where nothing could be replaced: there is no function, or the object or
 *   the property is frozen.
 */
export function replaceOwn(holder: object, key: PropertyKey, make: (fn: AnyFunction) => AnyFunction): Undo | undefined {
  const before = Reflect.getOwnPropertyDescriptor(holder, key);
  if (before === undefined) return undefined;
  const { get } = before;
  const value: unknown = before.value;
  if (typeof value === "function")
    return originalOf(value) === undefined
      ? defineReversibly(holder, key, { ...before, value: make(value as AnyFunction) })
      : undefined;
  if (get === undefined || originalOf(get) !== undefined) return undefined;
  // A function always gets the same replacement, or it would not be equal to itself.
  const replacements = new WeakMap<AnyFunction, AnyFunction>();
  const cachedReplacement = (result: unknown): unknown => {
    if (typeof result !== "function" || originalOf(result) !== undefined) return result;
    const fn = result as AnyFunction;
    const replacement = replacements.get(fn) ?? make(fn);
    replacements.set(fn, replacement);
    return replacement;
  };
  return defineReversibly(holder, key, {
    ...before,
    get: replacementFor<() => unknown>(get, (target, self) => cachedReplacement(Reflect.apply(target, self, []))),
  });
}

/** Replaces the getter under `key` of `holder` itself; the undo as in `replaceOwn`. */
export function replaceGetter(
  holder: object,
  key: PropertyKey,
  make: (get: AnyFunction) => AnyFunction,
): Undo | undefined {
  const before = Reflect.getOwnPropertyDescriptor(holder, key);
  if (before?.get === undefined || originalOf(before.get) !== undefined) return undefined;
  return defineReversibly(holder, key, { ...before, get: make(before.get) });
}

/**
 * Overrides an own or inherited function of an object. The override of an inherited one is not
 * enumerable, so that lists and copies of the object do not include it.
 *
 * @returns the undo; `undefined` where there is no function, or the object is frozen.
 */
export function override(
  holder: object,
  key: PropertyKey,
  make: (original: AnyFunction) => AnyFunction,
): Undo | undefined {
  if (Object.hasOwn(holder, key)) return replaceOwn(holder, key, make);
  const original: unknown = (holder as Record<PropertyKey, unknown>)[key];
  return typeof original === "function"
    ? defineReversibly(holder, key, { value: make(original as AnyFunction), writable: true, configurable: true })
    : undefined;
}

/** Calls `onResult` with each result of an own or inherited function of an object. */
export function observeResults(
  holder: object,
  key: PropertyKey,
  onResult: (result: unknown) => void,
): Undo | undefined {
  return override(
    holder,
    key,
    (original) =>
      function (this: unknown, ...args: never[]) {
        const result = Reflect.apply(original, this, args);
        guard(() => onResult(result));
        return result;
      },
  );
}

/**
 * Defines a property, in place of a previous one if there is one.
 *
 * @returns the undo, which restores the previous one if the new one is unchanged; `undefined` if the object
 *   does not accept the property.
 */
export function defineReversibly(holder: object, key: PropertyKey, after: PropertyDescriptor): Undo | undefined {
  const before = Reflect.getOwnPropertyDescriptor(holder, key);
  const undo = (): void => {
    if (before === undefined) Reflect.deleteProperty(holder, key);
    else tryDefine(holder, key, before);
  };
  const isInPlace = (): boolean => {
    const found = Reflect.getOwnPropertyDescriptor(holder, key);
    return found !== undefined && found.value === after.value && found.get === after.get;
  };
  if (!tryDefine(holder, key, after)) return undefined;
  if (isInPlace()) {
    return () => {
      if (isInPlace()) undo();
    };
  }
  // A Proxy that accepts definitions and ignores them.
  undo();
  return undefined;
}

/** Patches that are undone together. The patched objects are held weakly. */
export class PatchSet {
  // An undo refers to its object, so it must not outlive it.
  #undos = new WeakTable<object, Undo[]>();

  /** Adds the undo of a patch of `holder`, `undefined` for one that failed; returns whether it succeeded. */
  add(holder: object, undo: Undo | undefined): boolean {
    if (undo === undefined) return false;
    const known = this.#undos.get(holder);
    if (known === undefined) this.#undos.set(holder, [undo]);
    else known.push(undo);
    return true;
  }

  /** Undoes all patches, object by object, the newest first. */
  undoAll(): void {
    const undos = this.#undos.values().flat();
    this.#undos = new WeakTable();
    for (const undo of undos.reverse()) undo();
  }
}

function tryDefine(holder: object, key: PropertyKey, descriptor: PropertyDescriptor): boolean {
  return tryRead(() => Reflect.defineProperty(holder, key, descriptor)) === true;
}
