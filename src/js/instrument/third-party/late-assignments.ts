/**
 * Notices what is assigned to the properties of an object while one of its operations runs: a model client that is made
 * during a reply is called before any hook could find it. For that time a property is an accessor, and afterwards it
 * is again what it was.
 */

import { guard } from "../../util/guard.js";
import { isBuiltIn } from "./object-shape.js";
import { WeakTable } from "../weak-table.js";

/** The accessors of one object. */
interface Watched {
  /** How many operations of the object run. */
  operations: number;
  readonly restores: Map<string, () => void>;
}

/** Notices assignments on behalf of `ObjectDiscovery`. */
export class LateAssignments {
  #watched = new WeakTable<object, Watched>();

  /**
   * Calls `onValue` with what is assigned to these properties of `owner`, from now until the returned function is
   * called by each operation that has watched.
   *
   * @param isNewWatched whether properties that it does not have yet are watched too.
   */
  watch(
    owner: object,
    names: readonly string[],
    isNewWatched: boolean,
    onValue: (name: string, value: unknown) => void,
  ): () => void {
    let watched = this.#watched.get(owner);
    if (watched === undefined) this.#watched.set(owner, (watched = { operations: 0, restores: new Map() }));
    const { restores } = watched;
    watched.operations += 1;
    for (const name of names) {
      if (restores.has(name)) continue;
      const restore = observeAssignments(owner, name, (value) => onValue(name, value));
      if (restore !== undefined) restores.set(name, restore);
    }
    const restore = isNewWatched ? observeNewProperties(owner, onValue) : undefined;
    if (restore !== undefined) restores.set("", restore);
    return () => {
      watched.operations -= 1;
      if (watched.operations === 0) restoreAll(watched);
    };
  }

  /** Restores all properties. */
  undo(): void {
    this.#watched.values().forEach(restoreAll);
    this.#watched = new WeakTable();
  }
}

function restoreAll({ restores }: Watched): void {
  for (const restore of restores.values()) restore();
  restores.clear();
}

/** Makes a property an accessor; returns what restores it, or `undefined` where that is not possible. */
function observeAssignments(owner: object, name: string, onValue: (value: unknown) => void): (() => void) | undefined {
  const before = Reflect.getOwnPropertyDescriptor(owner, name);
  if (before?.writable !== true || before.configurable !== true) return undefined;
  let current: unknown = before.value;
  const get = (): unknown => current;
  const set = function (this: unknown, value: unknown): void {
    // An assignment to an object that inherits from this one makes a property of that one.
    if (this !== owner) {
      Reflect.defineProperty(this as object, name, { value, writable: true, enumerable: true, configurable: true });
      return;
    }
    current = value;
    guard(() => onValue(value));
  };
  if (!Reflect.defineProperty(owner, name, { get, set, enumerable: before.enumerable === true, configurable: true }))
    return undefined;
  return () => {
    if (Reflect.getOwnPropertyDescriptor(owner, name)?.get === get)
      Reflect.defineProperty(owner, name, { ...before, value: current });
  };
}

/**
 * Observes the assignments that give an object of a class new properties. Such an assignment asks the prototype, so
 * that is a proxy meanwhile, which passes on everything; the object itself shows no difference, not even to `in`.
 */
function observeNewProperties(
  owner: object,
  onValue: (name: string, value: unknown) => void,
): (() => void) | undefined {
  const prototype = Object.getPrototypeOf(owner) as object | null;
  if (prototype === null || isBuiltIn(prototype) || !Object.isExtensible(owner)) return undefined;
  const proxy = new Proxy(prototype, {
    getPrototypeOf: () => prototype,
    set(target, key, value, receiver: unknown) {
      const isDone = Reflect.set(target, key, value, receiver);
      if (receiver === owner && typeof key === "string") guard(() => onValue(key, value));
      return isDone;
    },
  });
  if (!Reflect.setPrototypeOf(owner, proxy)) return undefined;
  return () => {
    if (Object.getPrototypeOf(owner) === proxy) Reflect.setPrototypeOf(owner, prototype);
  };
}
