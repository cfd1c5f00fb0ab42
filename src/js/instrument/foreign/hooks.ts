/**
 * Puts hooks where they belong, and takes them away: on the classes of a library, on single objects,
 * on the model clients and tools that agents hold, and on whatever else comes to light when hooked
 * methods are called.
 */

import type { HookOptions } from "./call.js";
import { clientMethods } from "./clients.js";
import { chainOf, isAgent, MEMBERS, reportsItself, takeForAgent, type Thing, thingOfClass, thingOfObject } from "./kinds.js";
import { holdsClient } from "./models.js";
import { isFields, isRecord } from "../fields.js";
import { ownNameOf } from "./names.js";
import { nameOfTool } from "./tools.js";
import type { Meaning } from "./words.js";
import { type AnyFunction, Changes, originalOf, replaceEntry, replaceOwn, shadow } from "../patch.js";
import { inFront } from "../promises.js";
import { carrier, countAlways, hook, isHooked } from "../wrap.js";
import { survivesAwait } from "../context.js";

/** Where the function of a tool is found, in the order of looking. */
const TOOL_FUNCTIONS = ["execute", "handler", "func", "fn", "implementation", "executor", "callback", "handle", "invoke", "call", "run", "function", "action"];
const TOOL_CALL: Meaning = { role: "toolCall", word: "tool", isSure: false };
const MODEL_CALL: Meaning = { role: "modelCall", word: "create", isSure: true };

/** Names of properties that tell what they hold. */
const HOLDS_CLIENT = /client|llm|model|provider|api|openai|gpt|claude|brain|engine|backend|service|^_?ai$/i;
const IS_MODEL = /^_?(?:(?:call|ask|invoke|query)_?)?(?:llm|(?:chat|language)?_?model|completion|complete)(?:_?(?:fn|func|function|call))?$/i;
const HOLDS_TOOLS = /tool|function|skill|plugin|middleware|executor|registry/i;
const HOLDS_AGENTS = /agent|participant|member|speaker|selector|team|manager|group|admin/i;
const HOLDS_SETTINGS = /config|option|setting|llm/i;

/** How often an object is looked into: what it asks its models with may be made when it is needed first. */
const LOOKS = 3;

/** More than this of one object's properties or of one collection is not looked at. */
const MOST = 500;

/** All hooks that were put for one reason, to be taken away together. */
export class Hooks {
  readonly #changes = new Changes();
  #met = new WeakMap<object, number>();
  readonly #options: HookOptions;
  readonly #meetsOthers: boolean;

  /** @param meetsOthers whether agents that a hooked one has to do with are hooked too. */
  constructor(options: HookOptions, meetsOthers: boolean) {
    this.#options = options;
    this.#meetsOthers = meetsOthers;
  }

  /** Takes all hooks away. */
  undo(): void {
    this.#changes.undoAll();
    this.#met = new WeakMap();
  }

  /** Hooks what objects of a class do. Returns how many methods. */
  hookClass(prototype: object): number {
    if (reportsItself(prototype)) return 0;
    const thing = thingOfClass(prototype);
    const chain = chainOf(prototype);
    let count = 0;
    for (const [name, meaning] of thing.methods) {
      for (const at of chain) {
        // What is no agent's by itself (a `start` of everything that can be started) is hooked on the agent's class only.
        const isShared = at !== prototype && !meaning.isSure && !thingOfClass(at).methods.has(name);
        if (isShared ? this.#shadowInherited(prototype, at, name, meaning, thing) : this.#replace(at, name, meaning, thing)) count += 1;
      }
    }
    if (!survivesAwait() && thing.kind !== undefined && thing.kind !== "tool") this.#carry(chain, thing);
    return count;
  }

  /** Hooks what one object does. Returns whether all of it could be. */
  hookObject(value: object, thing = thingOfObject(value)): boolean {
    let all = thing.methods.size > 0;
    for (const [name, meaning] of thing.methods) {
      if (!this.#hookMethod(value, name, meaning, thing)) all = false;
    }
    return all;
  }

  /** Hooks the methods of a client that has one of the known shapes. Returns how many; 0 if it has none. */
  hookClient(client: object, options: HookOptions = this.#options): number {
    let count = 0;
    for (const { holder, name } of clientMethods(client)) {
      const found = (holder as Record<string, unknown>)[name];
      const isDone = originalOf(found) !== undefined;
      if (isDone && !options.isOnlyInside) countAlways(found as AnyFunction);
      const undo = isDone ? undefined : inFront(holder, name, (fn) => hook(fn, name, MODEL_CALL, { ...options, kind: "client" }));
      if (this.#changes.add(holder, undo) || isDone) count += 1;
    }
    return count;
  }

  /** Hooks the function of a tool, if `value` is one. Returns whether it is hooked. */
  hookTool(value: object, options: HookOptions = this.#options): boolean {
    const name = options.name ?? nameOfTool(value);
    if (name === undefined) return false;
    for (const key of TOOL_FUNCTIONS) {
      const found = (value as Record<string, unknown>)[key];
      if (typeof found !== "function") continue;
      if (originalOf(found) !== undefined) return true;
      const description = options.description ?? (value as { description?: unknown }).description;
      const known = { ...options, name, description: typeof description === "string" ? description : undefined };
      return this.#changes.add(value, inFront(value, key, (fn) => hook(fn, key, TOOL_CALL, known)));
    }
    return false;
  }

  /** Puts a function in the place of another one. Returns whether that was possible. */
  replace(holder: object, name: string, make: (fn: AnyFunction) => AnyFunction): boolean {
    return this.#changes.add(holder, replaceOwn(holder, name, make));
  }

  /**
   * Hooks an object that takes no properties through its class, for itself alone. Returns whether all
   * of what it does could be hooked.
   */
  hookThroughClass(value: object, thing = thingOfObject(value)): boolean {
    const prototype = Object.getPrototypeOf(value) as object | null;
    if (prototype === null || [...thing.methods.keys()].some((name) => Object.hasOwn(value, name))) return false;
    const shared = sharedBy(prototype);
    if (shared.objects === 0) {
      for (const [name, meaning] of thing.methods) {
        const make = (fn: AnyFunction): AnyFunction => hook(fn, name, meaning, { ...this.#optionsFor(thing, this.#options), only: shared.only });
        if (!shared.changes.add(prototype, inFront(prototype, name, make))) {
          shared.changes.undoAll();
          return false;
        }
      }
    }
    shared.only.add(value);
    shared.objects += 1;
    return this.#changes.add(value, () => {
      shared.only.delete(value);
      shared.objects -= 1;
      if (shared.objects === 0) shared.changes.undoAll();
    });
  }

  /** Hooks these methods of an object, whatever they are called. Returns whether all could be. */
  hookCalls(value: object, names: readonly string[], meaning: Meaning, options: HookOptions): boolean {
    return names.map((name) => this.#hookMethod(value, name, meaning, { kind: "client", methods: new Map() }, options)).every(Boolean);
  }

  /** Looks at an object that a call brought to light, and hooks what it is and what it holds. */
  readonly meet = (value: object): void => {
    const times = this.#met.get(value) ?? 0;
    if (times >= LOOKS) return;
    this.#met.set(value, reportsItself(value) ? LOOKS : times + 1);
    const thing = thingOfObject(value);
    if (reportsItself(value) || thing.kind === undefined || thing.kind === "tool") return;
    if (this.#meetsOthers && times === 0) {
      const prototype = Object.getPrototypeOf(value) as object | null;
      if (prototype !== null && prototype !== Object.prototype) this.hookClass(prototype);
      // What is not the class's: functions of its own.
      this.hookObject(value, thing);
    }
    this.lookInto(value, thing);
  };

  /** Before something is registered with an object that runs its tools out of sight: what is registered is hooked. */
  readonly meetAgain = (value: object, given: readonly unknown[]): readonly unknown[] => {
    this.#met.delete(value);
    if (hasExecutor(thingOfObject(value))) return given;
    const named = given.find((item) => typeof item === "string") ?? nameOfTool(given.find(isRecord));
    return given.map((item) => {
      if (typeof item === "function" && originalOf(item) === undefined) return this.#toolFunction(item as AnyFunction, (named as string | undefined) ?? item.name);
      if (Array.isArray(item)) for (const one of item) if (isFields(one)) this.hookTool(one);
      if (isFields(item) && !this.hookTool(item)) this.#hookTools(item);
      return item;
    });
  };

  /** Hooks the model clients and tools that an object holds, and whom it has to do with. */
  lookInto(owner: object, thing: Thing, depth = 0): void {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(owner)).slice(0, MOST)) {
      if (typeof value === "function" && IS_MODEL.test(name)) this.#hookModelFunction(owner, name);
      if (!isFields(value)) continue;
      if (HOLDS_CLIENT.test(name) && this.#meetClient(owner, value)) continue;
      if (HOLDS_TOOLS.test(name)) this.#meetTools(value, thing);
      if (this.#meetsOthers && HOLDS_AGENTS.test(name)) for (const member of membersOf(value)) if (isFields(member)) this.#meetMember(member, MEMBERS.test(name));
      if (depth < 2 && HOLDS_SETTINGS.test(name) && isRecord(value)) this.lookInto(value, thing, depth + 1);
    }
  }

  #meetMember(member: object, isListed: boolean): void {
    const thing = thingOfObject(member);
    const asAgent = isListed && thing.kind === undefined && ownNameOf(member) !== undefined ? thingOfObject(member, "agent") : thing;
    if (asAgent === thing || this.#met.has(member)) return this.meet(member);
    this.#met.set(member, LOOKS);
    takeForAgent(member);
    this.hookObject(member, asAgent);
    this.lookInto(member, asAgent);
  }

  #hookModelFunction(owner: object, name: string): void {
    const options = { ...this.#options, name: undefined, isOnlyInside: true, kind: "client" as const };
    this.#changes.add(owner, replaceOwn(owner, name, (fn) => (originalOf(fn) === undefined ? hook(fn, name, { ...MODEL_CALL, isSure: false }, options) : undefined)));
  }

  #meetClient(owner: object, value: object): boolean {
    const inside = { ...this.#options, name: undefined, only: undefined, isOnlyInside: true };
    if (this.hookClient(value, inside) > 0) {
      holdsClient(owner);
      return true;
    }
    const thing = thingOfObject(value, "client");
    if (thing.kind !== "client" || reportsItself(value)) return false;
    if (this.#met.has(value)) return true;
    this.#met.set(value, LOOKS);
    // What asks the models may itself hold what does: then that one tells more.
    this.lookInto(value, thing);
    for (const [name, meaning] of thing.methods) this.#hookMethod(value, name, meaning, thing, inside);
    return thing.methods.size > 0;
  }

  #meetTools(value: object, thing: Thing): void {
    const executing = thingOfObject(value);
    if (hasExecutor(executing)) for (const [name, meaning] of executing.methods) this.#hookMethod(value, name, meaning, executing);
    else if (!hasExecutor(thing)) this.#hookTools(value);
  }

  /** Tools in a list, a map or a record: tool objects, or functions by their names. */
  #hookTools(holder: object): void {
    if (holder instanceof Map) {
      for (const [key, value] of holder as Map<unknown, unknown>) {
        if (typeof value === "function" && originalOf(value) === undefined) {
          this.#changes.add(holder, replaceEntry(holder as Map<unknown, unknown>, key, this.#toolFunction(value as AnyFunction, String(key))));
        } else if (isFields(value)) this.hookTool(value, { ...this.#options, name: nameOfTool(value) ?? String(key) });
      }
      return;
    }
    if (holder instanceof Set) for (const value of holder) if (isFields(value)) this.hookTool(value);
    if (!Array.isArray(holder) && !isRecord(holder)) return;
    const entries = Object.entries(holder).slice(0, MOST);
    const areFunctions = entries.every(([, value]) => typeof value === "function");
    for (const [key, value] of entries) {
      if (isFields(value)) this.hookTool(value);
      else if (areFunctions && originalOf(value) === undefined) {
        this.#changes.add(holder, replaceOwn(holder, key, (fn) => this.#toolFunction(fn, Array.isArray(holder) ? fn.name : key)));
      }
    }
  }

  #toolFunction(fn: AnyFunction, name: string): AnyFunction {
    return hook(fn, "", TOOL_CALL, { ...this.#options, only: undefined, name, isOnlyInside: true });
  }

  #hookMethod(value: object, name: string, meaning: Meaning, thing: Thing, options = this.#options): boolean {
    try {
      if (isHooked((value as Record<string, unknown>)[name], value)) return true;
    } catch {
      // Whoever reads it gets that error, and nobody can call it.
      return true;
    }
    return this.#changes.add(value, inFront(value, name, (fn) => hook(fn, name, meaning, { ...this.#optionsFor(thing, options), owner: value })));
  }

  #replace(holder: object, name: string, meaning: Meaning, thing: Thing, options = this.#options): boolean {
    const make = (fn: AnyFunction): AnyFunction | undefined =>
      originalOf(fn) === undefined ? hook(fn, name, meaning, this.#optionsFor(thing, options)) : undefined;
    return this.#changes.add(holder, replaceOwn(holder, name, make));
  }

  #shadowInherited(prototype: object, at: object, name: string, meaning: Meaning, thing: Thing): boolean {
    const inherited: unknown = Object.getOwnPropertyDescriptor(at, name)?.value;
    if (typeof inherited !== "function" || originalOf((prototype as Record<string, unknown>)[name]) !== undefined) return false;
    return this.#changes.add(prototype, shadow(prototype, name, hook(inherited as AnyFunction, name, meaning, this.#optionsFor(thing, this.#options))));
  }

  #optionsFor(thing: Thing, options: HookOptions): HookOptions {
    return { ...options, kind: thing.kind, meet: this.meet, meetAgain: this.meetAgain };
  }

  /** What is on the way between two methods that mean something must not lose the scope. */
  #carry(chain: readonly object[], thing: Thing): void {
    for (const at of chain) {
      const names = Object.keys(Object.getOwnPropertyDescriptors(at));
      if (!names.some((name) => thing.methods.has(name))) continue;
      for (const name of names) {
        if (name === "constructor" || thing.methods.has(name) || typeof Object.getOwnPropertyDescriptor(at, name)?.value !== "function") continue;
        this.#changes.add(at, replaceOwn(at, name, (fn) => (originalOf(fn) === undefined ? carrier(fn) : undefined)));
      }
    }
  }
}

interface SharedByClass {
  readonly only: WeakSet<object>;
  readonly changes: Changes;
  objects: number;
}

const shared = new WeakMap<object, SharedByClass>();

/** The hooks that objects of one class have in common because they cannot have their own. */
function sharedBy(prototype: object): SharedByClass {
  let known = shared.get(prototype);
  if (known === undefined) {
    known = { only: new WeakSet(), changes: new Changes(), objects: 0 };
    shared.set(prototype, known);
  }
  return known;
}

function hasExecutor({ methods }: Thing): boolean {
  for (const { role, isSure } of methods.values()) if (role === "toolCall" && isSure) return true;
  return false;
}

function membersOf(value: object): readonly unknown[] {
  if (Array.isArray(value)) return (value as unknown[]).slice(0, MOST);
  if (value instanceof Map || value instanceof Set) return [...value.values()].slice(0, MOST);
  if (isAgent(value)) return [value];
  return isRecord(value) ? Object.values(value).slice(0, MOST) : [value];
}
