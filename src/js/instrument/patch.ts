/**
 * The only file that changes other people's objects, and the one that changes them back.
 *
 * A method is replaced where it is found: on a prototype, or as an own property of one object. What
 * stands there afterwards is a proxy of the very same function, so that whatever else is done with
 * it (its name, its properties, `bind`, a test's spy) is done with the function itself. Undoing puts
 * back the identical function, with the same attributes as before, unless the program has put
 * something else there in the meantime: then that stays.
 */

import { guard } from "../util/guard.js";
import { attempt } from "./fields.js";
import { WeakTable } from "./weak-table.js";

/** Any function, called in any way. */
export type AnyFunction = (this: unknown, ...given: never[]) => unknown;

/** What happens instead of a call: gets the function, and `this` and the arguments of the call. */
export type Instead = (fn: AnyFunction, self: unknown, given: readonly unknown[]) => unknown;

/** Puts back what was replaced. Doing it twice does no harm. */
export type Undo = () => void;

/**
 * Asks a function of ours what it stands for. Two copies of this package recognise each other's by
 * it, so that none hooks what the other has hooked already.
 */
const ORIGINAL: unique symbol = Symbol.for("mlflow-ag2.original") as never;

/** A function that stands for `fn`: `instead` is called in its place, everything else is `fn`'s own. */
export function standIn<Fn extends AnyFunction>(fn: Fn, instead: Instead): Fn {
  return new Proxy(fn, {
    apply: (target, self: unknown, given: unknown[]) => instead(target, self, given),
    get: (target, key, receiver: unknown) => (key === ORIGINAL ? target : Reflect.get(target, key, receiver)),
  });
}

/** The function that `fn` stands for; `undefined` if it stands for itself. */
export function originalOf(fn: unknown): AnyFunction | undefined {
  return typeof fn === "function" ? attempt(() => (fn as { [ORIGINAL]?: AnyFunction })[ORIGINAL]) : undefined;
}

/**
 * Replaces the function under `key` of `holder` itself (not of its prototypes): a method, or a
 * getter that gives functions. One that stands for another already is left alone.
 *
 * @param make gives what shall stand in for a function.
 * @returns how to undo it; `undefined` where nothing could be replaced: there is no function, or
 *   the object or the property is frozen.
 */
export function replaceOwn(holder: object, key: PropertyKey, make: (fn: AnyFunction) => AnyFunction): Undo | undefined {
  const before = Reflect.getOwnPropertyDescriptor(holder, key);
  if (before === undefined) return undefined;
  const { value, get } = before;
  if (typeof value === "function")
    return originalOf(value) === undefined
      ? put(holder, key, { ...before, value: make(value as AnyFunction) })
      : undefined;
  if (get === undefined || originalOf(get) !== undefined) return undefined;
  // One function always gets the same stand-in, or it would not be equal to itself.
  const made = new WeakMap<AnyFunction, AnyFunction>();
  const standInOf = (given: unknown): unknown => {
    if (typeof given !== "function" || originalOf(given) !== undefined) return given;
    const fn = given as AnyFunction;
    const known = made.get(fn) ?? make(fn);
    made.set(fn, known);
    return known;
  };
  return put(holder, key, {
    ...before,
    get: standIn(get as AnyFunction, (target, self) => standInOf(Reflect.apply(target, self, []))) as () => unknown,
  });
}

/**
 * Puts a function in front of one of the object's own or inherited. In front of an inherited one it
 * is invisible to whoever lists or copies the object.
 *
 * @returns how to take it away again; `undefined` where there is no function, or the object is frozen.
 */
export function inFront(
  holder: object,
  key: PropertyKey,
  make: (original: AnyFunction) => AnyFunction,
): Undo | undefined {
  if (Object.hasOwn(holder, key)) return replaceOwn(holder, key, make);
  const original: unknown = (holder as Record<PropertyKey, unknown>)[key];
  return typeof original === "function"
    ? put(holder, key, { value: make(original as AnyFunction), writable: true, configurable: true })
    : undefined;
}

/** Shows what a function of the object's own or inherited gives, whenever it is called. */
export function seeResults(holder: object, key: PropertyKey, see: (result: unknown) => void): Undo | undefined {
  return inFront(
    holder,
    key,
    (original) =>
      function (this: unknown, ...given: never[]) {
        const result = Reflect.apply(original, this, given);
        guard(() => see(result));
        return result;
      },
  );
}

/**
 * Puts a property where there may be one already.
 *
 * @returns how to put back what was there, if the new one still is; `undefined` if the object does not take it.
 */
export function put(holder: object, key: PropertyKey, after: PropertyDescriptor): Undo | undefined {
  const before = Reflect.getOwnPropertyDescriptor(holder, key);
  const undo = (): void => {
    if (before === undefined) Reflect.deleteProperty(holder, key);
    else define(holder, key, before);
  };
  const stands = (): boolean => {
    const found = Reflect.getOwnPropertyDescriptor(holder, key);
    return found !== undefined && found.value === after.value && found.get === after.get;
  };
  if (!define(holder, key, after)) return undefined;
  if (stands()) {
    return () => {
      if (stands()) undo();
    };
  }
  // A proxy that takes everything and keeps nothing.
  undo();
  return undefined;
}

/** All changes made for one purpose, to be undone together. Keeps none of the changed objects alive. */
export class Changes {
  // An undo knows its object, so it may only live as long as that does.
  #undos = new WeakTable<object, Undo[]>();

  /** Notes how to undo a change of `holder`; `undefined` stands for a change that could not be made. */
  add(holder: object, undo: Undo | undefined): boolean {
    if (undo === undefined) return false;
    const known = this.#undos.get(holder);
    if (known === undefined) this.#undos.set(holder, [undo]);
    else known.push(undo);
    return true;
  }

  /** Undoes everything, object by object, the newest first. */
  undoAll(): void {
    const undos = this.#undos.values().flat();
    this.#undos = new WeakTable();
    for (const undo of undos.reverse()) undo();
  }
}

function define(holder: object, key: PropertyKey, descriptor: PropertyDescriptor): boolean {
  return attempt(() => Reflect.defineProperty(holder, key, descriptor)) === true;
}
