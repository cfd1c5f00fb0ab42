/** Applies hooks to the classes of a library and to single objects, and removes them. */

import { hasAsyncContext } from "../context.js";
import { ownValue, memoize, asText, spellings } from "../fields.js";
import { type AnyFunction, PatchSet, override, originalOf, replaceGetter, replaceOwn } from "../patch.js";
import { propagatingScope, reportAlways, hook, isHooked, observingResult } from "../hook.js";
import type { HookOptions } from "./call.js";
import { type ClientMethod, clientMethods, dataValue, shapeOfModel } from "./clients.js";
import { prototypeChain, reportsItself, type ObjectShape, shapeOfClass, shapeOfObject } from "./object-shape.js";
import { holdsClient, makesClients, ObjectDiscovery } from "./object-discovery.js";
import { nameOfTool } from "./tools.js";
import { type MethodMeaning, TOOL_CALL } from "./method-meaning.js";

/** The properties that may hold the function of a tool, in order of precedence. */
const TOOL_FUNCTIONS =
  "execute handler func fn implementation executor callback handle invoke call run function action".split(" ");

/** The methods by which a model client gives another one. */
const DERIVING = spellings("bindTools bind withConfig withStructuredOutput withOptions withRetry withTools");

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
    if (shape.kind !== undefined && shape.kind !== "tool") for (const at of chain) this.#hookClientMakers(at, shape);
    if (!hasAsyncContext() && shape.kind !== undefined && shape.kind !== "tool") this.#propagateScopes(chain, shape);
  }

  /** Hooks the methods of one object. Returns whether all of them could be. */
  hookObject(value: object, shape: ObjectShape = shapeOfObject(value), options: HookOptions = {}): boolean {
    if (shape.kind === "client") this.#hookDerived(value, options);
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
  hookClient(client: object, options: HookOptions, methods: readonly ClientMethod[] = clientMethods(client)): number {
    let count = 0;
    for (const { holder, name, meaning } of methods) {
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
    if (count > 0) this.#hookDerived(client, options);
    return count;
  }

  /** Hooks the models that a client gives when tools or settings are bound to it, as it is hooked itself. */
  #hookDerived(client: object, options: HookOptions): void {
    for (const name of DERIVING)
      if (typeof dataValue(client, name) === "function")
        this.#changes.add(
          client,
          override(client, name, (fn) => observingResult(fn, (made) => this.#hookMadeFrom(client, made, options))),
        );
  }

  #hookMadeFrom(client: object, made: object, options: HookOptions): void {
    // One that holds the client calls it.
    if (made === client || Object.values(Object.getOwnPropertyDescriptors(made)).some(({ value }) => value === client))
      return;
    if (this.hookClient(made, options) === 0) this.hookObject(made, shapeOfModel(made), options);
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
    const { visit, watch, withHookedTools } = this.discovery;
    return (fn) => hook(fn, name, meaning, { ...options, kind, visit, watch, withHookedTools });
  }

  /** Hooks the model clients that methods and getters of a class give. */
  #hookClientMakers(prototype: object, { methods }: ObjectShape): void {
    const { visitMade } = this.discovery;
    for (const [name, { get, value }] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
      if (methods.has(name)) continue;
      if (typeof value === "function" && makesClients(name))
        this.replace(prototype, name, (fn) => observingResult(fn, visitMade));
      else if (get !== undefined && holdsClient(name))
        this.#changes.add(
          prototype,
          replaceGetter(prototype, name, (fn) => observingResult(fn, visitMade)),
        );
    }
  }

  /** Propagates the scope through all methods of a class that are not reported: they may be between two that are. */
  #propagateScopes(chain: readonly object[], { methods }: ObjectShape): void {
    for (const at of chain)
      for (const name of Object.getOwnPropertyNames(at))
        if (name !== "constructor" && !methods.has(name) && hasMethod(at, name))
          this.replace(at, name, propagatingScope);
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
