/** Puts hooks on the classes of a library and on single objects, and takes them away. */

import { survivesAwait } from "../context.js";
import { ownValue, remembered, textOrNothing } from "../fields.js";
import { type AnyFunction, Changes, inFront, originalOf, replaceOwn } from "../patch.js";
import { carrier, countAlways, hook, isHooked } from "../wrap.js";
import type { HookOptions } from "./call.js";
import { clientMethods } from "./clients.js";
import { chainOf, reportsItself, type Thing, thingOfClass, thingOfObject } from "./kinds.js";
import { Others } from "./others.js";
import { nameOfTool } from "./tools.js";
import { type Meaning, MODEL_CALL, TOOL_CALL } from "./words.js";

/** Where the function of a tool is found, in the order of looking. */
const TOOL_FUNCTIONS =
  "execute handler func fn implementation executor callback handle invoke call run function action".split(" ");

type Make = (fn: AnyFunction) => AnyFunction;

/** All hooks that were put for one reason, to be taken away together. */
export class Hooks {
  readonly #changes = new Changes();
  /** What comes to light when hooked methods are called. */
  readonly others: Others;

  /** @param meetsOthers whether agents that a hooked one has to do with are hooked too. */
  constructor(meetsOthers: boolean) {
    this.others = new Others(this, meetsOthers);
  }

  /** Takes all hooks away. */
  undo(): void {
    this.#changes.undoAll();
    this.others.forget();
  }

  /** Puts a function in the place of another one. Returns whether that was possible. */
  replace(holder: object, name: string, make: Make): boolean {
    return this.#changes.add(holder, replaceOwn(holder, name, make));
  }

  /** Puts an entry in the place of another one. */
  replaceEntry(map: Map<unknown, unknown>, key: unknown, value: unknown): void {
    const before = map.get(key);
    map.set(key, value);
    this.#changes.add(map, () => {
      if (map.get(key) === value) map.set(key, before);
    });
  }

  /** Hooks what objects of a class do. */
  hookClass(prototype: object): void {
    if (reportsItself(prototype)) return;
    const thing = thingOfClass(prototype);
    const chain = chainOf(prototype);
    for (const [name, meaning] of thing.methods) {
      const make = this.#maker(name, meaning, thing);
      for (const at of chain) {
        // What is no agent's by itself (a `start` of everything that can be started) is hooked on the agent's class only.
        const isShared = at !== prototype && !meaning.isSure && !thingOfClass(at).methods.has(name);
        if (!isShared) this.replace(at, name, make);
        else if (hasMethod(at, name) && originalOf((prototype as Record<string, unknown>)[name]) === undefined)
          this.#changes.add(prototype, inFront(prototype, name, make));
      }
    }
    if (!survivesAwait() && thing.kind !== undefined && thing.kind !== "tool") this.#carry(chain, thing);
  }

  /** Hooks what one object does. Returns whether all of it could be. */
  hookObject(value: object, thing = thingOfObject(value), options: HookOptions = {}): boolean {
    const isDone = [...thing.methods].map(([name, meaning]) => {
      try {
        if (isHooked((value as Record<string, unknown>)[name], value)) return true;
      } catch {
        // Whoever reads it gets that error, and nobody can call it.
        return true;
      }
      return this.#changes.add(
        value,
        inFront(value, name, this.#maker(name, meaning, thing, { ...options, owner: value })),
      );
    });
    return isDone.length > 0 && isDone.every(Boolean);
  }

  /**
   * Hooks an object that takes no properties through its class, for itself alone. Returns whether all
   * of what it does could be hooked.
   */
  hookThroughClass(value: object, thing: Thing): boolean {
    const prototype = Object.getPrototypeOf(value) as object | null;
    if (prototype === null || [...thing.methods.keys()].some((name) => Object.hasOwn(value, name))) return false;
    const shared = sharedBy(prototype);
    const { only, changes } = shared;
    const leave = (): void => {
      if (shared.objects === 0) changes.undoAll();
    };
    if (shared.objects === 0) {
      for (const [name, meaning] of thing.methods) {
        if (!changes.add(prototype, inFront(prototype, name, this.#maker(name, meaning, thing, { only })))) {
          leave();
          return false;
        }
      }
    }
    only.add(value);
    shared.objects += 1;
    return this.#changes.add(value, () => {
      only.delete(value);
      shared.objects -= 1;
      leave();
    });
  }

  /** Hooks the methods of a client that has one of the known shapes. Returns how many; 0 if it has none. */
  hookClient(client: object, options: HookOptions): number {
    let count = 0;
    for (const { holder, name } of clientMethods(client)) {
      const found = (holder as Record<string, unknown>)[name];
      const isDone = originalOf(found) !== undefined;
      if (isDone && !options.isOnlyInside) countAlways(found as AnyFunction);
      if (
        isDone ||
        this.#changes.add(
          holder,
          inFront(holder, name, (fn) => hook(fn, name, MODEL_CALL, { ...options, kind: "client" })),
        )
      )
        count += 1;
    }
    return count;
  }

  /** Hooks the function of a tool, if `value` is one. Returns whether it is hooked. */
  hookTool(value: object, options: HookOptions = {}): boolean {
    const name = options.name ?? nameOfTool(value);
    const fields = value as Record<string, unknown>;
    const key = name === undefined ? undefined : TOOL_FUNCTIONS.find((one) => typeof fields[one] === "function");
    if (key === undefined) return false;
    if (originalOf(fields[key]) !== undefined) return true;
    const description = textOrNothing(options.description ?? fields["description"]);
    return this.#changes.add(
      value,
      inFront(value, key, (fn) => hook(fn, key, TOOL_CALL, { ...options, name, description })),
    );
  }

  #maker(name: string, meaning: Meaning, { kind }: Thing, options: HookOptions = {}): Make {
    const { meet, meetAgain } = this.others;
    return (fn) => hook(fn, name, meaning, { ...options, kind, meet, meetAgain });
  }

  /** What is on the way between two methods that mean something must not lose the scope. */
  #carry(chain: readonly object[], { methods }: Thing): void {
    for (const at of chain) {
      const names = Object.getOwnPropertyNames(at);
      if (!names.some((name) => methods.has(name))) continue;
      for (const name of names)
        if (name !== "constructor" && !methods.has(name) && hasMethod(at, name)) this.replace(at, name, carrier);
    }
  }
}

/** The hooks that objects of one class have in common because they cannot have their own. */
const sharedBy = remembered((_prototype: object) => ({
  only: new WeakSet<object>(),
  changes: new Changes(),
  objects: 0,
}));

function hasMethod(holder: object, name: string): boolean {
  return typeof ownValue(holder, name) === "function";
}
