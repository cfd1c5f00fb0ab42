/** Applies hooks to the classes of a library and to single objects, and removes them. */

import { hasAsyncContext } from "../context.js";
import { ownValue, memoize, asText } from "../fields.js";
import { type AnyFunction, PatchSet, override, originalOf, replaceOwn } from "../patch.js";
import { propagatingScope, reportAlways, hook, isHooked } from "../hook.js";
import type { HookOptions } from "./call.js";
import { clientMethods } from "./clients.js";
import { prototypeChain, reportsItself, type ObjectShape, shapeOfClass, shapeOfObject } from "./object-shape.js";
import { ObjectDiscovery } from "./object-discovery.js";
import { nameOfTool } from "./tools.js";
import { type MethodMeaning, TOOL_CALL } from "./method-meaning.js";

/** The properties that may hold the function of a tool, in order of precedence. */
const TOOL_FUNCTIONS =
  "execute handler func fn implementation executor callback handle invoke call run function action".split(" ");

type MakeHook = (fn: AnyFunction) => AnyFunction;

/** Hooks that are removed together. */
export class Hooks {
  readonly #changes = new PatchSet();
  /** Hooks the objects that calls of hooked methods reveal. */
  readonly discovery: ObjectDiscovery;

  /** @param hooksAgents whether agents that a hooked one holds or is called with are hooked too. */
  constructor(hooksAgents: boolean) {
    this.discovery = new ObjectDiscovery(this, hooksAgents);
  }

  /** Removes all hooks. */
  undo(): void {
    this.#changes.undoAll();
    this.discovery.reset();
  }

  /** Replaces a function. Returns whether that was possible. */
  replace(holder: object, name: string, make: MakeHook): boolean {
    return this.#changes.add(holder, replaceOwn(holder, name, make));
  }

  /** Replaces an entry of a map. */
  replaceEntry(map: Map<unknown, unknown>, key: unknown, value: unknown): void {
    const before = map.get(key);
    map.set(key, value);
    this.#changes.add(map, () => {
      if (map.get(key) === value) map.set(key, before);
    });
  }

  /** Hooks the methods of a class. */
  hookClass(prototype: object): void {
    if (reportsItself(prototype)) return;
    const shape = shapeOfClass(prototype);
    const chain = prototypeChain(prototype);
    for (const [name, meaning] of shape.methods) {
      const make = this.#hookMaker(name, meaning, shape);
      for (const at of chain) {
        // A method whose meaning depends on the class (any object may have a `start`) is hooked on that class only.
        const isShared = at !== prototype && !meaning.isCertain && !shapeOfClass(at).methods.has(name);
        if (!isShared) this.replace(at, name, make);
        else if (hasMethod(at, name) && originalOf((prototype as Record<string, unknown>)[name]) === undefined)
          this.#changes.add(prototype, override(prototype, name, make));
      }
    }
    if (!hasAsyncContext() && shape.kind !== undefined && shape.kind !== "tool") this.#propagateScopes(chain, shape);
  }

  /** Hooks the methods of one object. Returns whether all of them could be. */
  hookObject(value: object, shape = shapeOfObject(value), options: HookOptions = {}): boolean {
    const isDone = [...shape.methods].map(([name, meaning]) => {
      try {
        if (isHooked((value as Record<string, unknown>)[name], value)) return true;
      } catch {
        // The getter throws, so the method cannot be called either.
        return true;
      }
      return this.#changes.add(
        value,
        override(value, name, this.#hookMaker(name, meaning, shape, { ...options, owner: value })),
      );
    });
    return isDone.length > 0 && isDone.every(Boolean);
  }

  /**
   * Hooks an object that accepts no properties through its class, for calls on that object alone. Returns
   * whether all of its methods could be hooked.
   */
  hookThroughClass(value: object, shape: ObjectShape): boolean {
    const prototype = Object.getPrototypeOf(value) as object | null;
    if (prototype === null || [...shape.methods.keys()].some((name) => Object.hasOwn(value, name))) return false;
    const shared = sharedHooks(prototype);
    const { restrictedTo, changes } = shared;
    const undoIfUnused = (): void => {
      if (shared.objects === 0) changes.undoAll();
    };
    if (shared.objects === 0) {
      for (const [name, meaning] of shape.methods) {
        if (
          !changes.add(prototype, override(prototype, name, this.#hookMaker(name, meaning, shape, { restrictedTo })))
        ) {
          undoIfUnused();
          return false;
        }
      }
    }
    restrictedTo.add(value);
    shared.objects += 1;
    return this.#changes.add(value, () => {
      restrictedTo.delete(value);
      shared.objects -= 1;
      undoIfUnused();
    });
  }

  /** Hooks the methods of a client of a well-known shape. Returns how many; 0 for another shape. */
  hookClient(client: object, options: HookOptions): number {
    let count = 0;
    for (const { holder, name, meaning } of clientMethods(client)) {
      const found = (holder as Record<string, unknown>)[name];
      const isDone = originalOf(found) !== undefined;
      if (isDone && !options.isNestedOnly) reportAlways(found as AnyFunction);
      if (
        isDone ||
        this.#changes.add(
          holder,
          override(holder, name, (fn) => hook(fn, name, meaning, { ...options, kind: "client" })),
        )
      )
        count += 1;
    }
    return count;
  }

  /** Hooks the function of a tool, if `value` is a tool. Returns whether it is hooked. */
  hookTool(value: object, options: HookOptions = {}): boolean {
    const name = options.name ?? nameOfTool(value);
    const fields = value as Record<string, unknown>;
    const key = name === undefined ? undefined : TOOL_FUNCTIONS.find((one) => typeof fields[one] === "function");
    if (key === undefined) return false;
    if (originalOf(fields[key]) !== undefined) return true;
    const description = asText(options.description ?? fields["description"]);
    return this.#changes.add(
      value,
      override(value, key, (fn) => hook(fn, key, TOOL_CALL, { ...options, name, description })),
    );
  }

  #hookMaker(name: string, meaning: MethodMeaning, { kind }: ObjectShape, options: HookOptions = {}): MakeHook {
    const { visit, hookRegistered } = this.discovery;
    return (fn) => hook(fn, name, meaning, { ...options, kind, visit, hookRegistered });
  }

  /** Propagates the scope through the methods between two reported ones. */
  #propagateScopes(chain: readonly object[], { methods }: ObjectShape): void {
    for (const at of chain) {
      const names = Object.getOwnPropertyNames(at);
      if (!names.some((name) => methods.has(name))) continue;
      for (const name of names)
        if (name !== "constructor" && !methods.has(name) && hasMethod(at, name))
          this.replace(at, name, propagatingScope);
    }
  }
}

/** The hooks that the frozen objects of one class share. */
const sharedHooks = memoize((_prototype: object) => ({
  restrictedTo: new WeakSet<object>(),
  changes: new PatchSet(),
  objects: 0,
}));

function hasMethod(holder: object, name: string): boolean {
  return typeof ownValue(holder, name) === "function";
}
