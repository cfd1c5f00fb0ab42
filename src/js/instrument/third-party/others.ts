/** Hooks what comes to light when hooked methods are called: the model clients and tools that agents hold, and whom they have to do with. */

import { isFields, isRecord } from "../fields.js";
import { type AnyFunction, originalOf } from "../patch.js";
import { hook } from "../wrap.js";
import type { HookOptions } from "./call.js";
import type { Hooks } from "./hooks.js";
import { isAgent, MEMBERS, reportsItself, takeForAgent, type Thing, thingOfObject } from "./kinds.js";
import { holdsClient } from "./models.js";
import { ownNameOf } from "./names.js";
import { nameOfTool } from "./tools.js";
import { MODEL_CALL, TOOL_CALL } from "./words.js";

/** Names of properties that tell what they hold. */
const HOLDS_CLIENT = /client|provider|llm|model|openai|api|gpt|claude|brain|engine|backend|service|^_?ai$/i;
const IS_MODEL =
  /^_?(?:(?:call|ask|invoke|query)_?)?(?:llm|(?:chat|language)?_?model|completion|complete)(?:_?(?:fn|func|function|call))?$/i;
const HOLDS_TOOLS = /tool|function|skill|plugin|middleware|executor|registry/i;
const HOLDS_AGENTS = /agent|participant|speaker|group|team|member|selector|manager|admin/i;
const HOLDS_SETTINGS = /config|option|setting|llm/i;

/** How often an object is looked into: what it asks its models with may be made when it is needed first. */
const LOOKS = 3;

/** More than this of one object's properties or of one collection is not looked at. */
const MOST = 500;

/** What was found counts only as part of what is traced already. */
const INSIDE: HookOptions = { isOnlyInside: true };

/** Meets objects on behalf of hooks. */
export class Others {
  readonly #hooks: Hooks;
  readonly #meetsOthers: boolean;
  #met = new WeakMap<object, number>();

  constructor(hooks: Hooks, meetsOthers: boolean) {
    this.#hooks = hooks;
    this.#meetsOthers = meetsOthers;
  }

  /** Who was met before is met anew. */
  forget(): void {
    this.#met = new WeakMap();
  }

  /** Looks at an object that a call brought to light, and hooks what it is and what it holds. */
  readonly meet = (value: object): void => {
    const times = this.#met.get(value) ?? 0;
    if (times >= LOOKS) return;
    const isOwn = reportsItself(value);
    this.#met.set(value, isOwn ? LOOKS : times + 1);
    const thing = thingOfObject(value);
    if (isOwn || thing.kind === undefined || thing.kind === "tool") return;
    if (this.#meetsOthers && times === 0) {
      const prototype = Object.getPrototypeOf(value) as object | null;
      if (prototype !== null && prototype !== Object.prototype) this.#hooks.hookClass(prototype);
      // What is not the class's: functions of its own.
      this.#hooks.hookObject(value, thing);
    }
    this.lookInto(value, thing);
  };

  /** Before something is registered with an object that runs its tools out of sight: what is registered is hooked. */
  readonly meetAgain = (value: object, given: readonly unknown[]): readonly unknown[] => {
    this.#met.delete(value);
    if (hasExecutor(thingOfObject(value))) return given;
    const named = given.find((item) => typeof item === "string") ?? nameOfTool(given.find(isRecord));
    return given.map((item) => {
      if (typeof item === "function") return toolFunction(item as AnyFunction, named ?? item.name);
      if (Array.isArray(item)) item.forEach(this.#hookTool);
      if (isFields(item) && !this.#hooks.hookTool(item)) this.#hookTools(item);
      return item;
    });
  };

  /** Hooks the model clients and tools that an object holds, and whom it has to do with. */
  lookInto(owner: object, thing: Thing, depth = 0): void {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(owner)).slice(0, MOST)) {
      if (typeof value === "function" && IS_MODEL.test(name)) {
        this.#hooks.replace(owner, name, (fn) =>
          hook(fn, name, { ...MODEL_CALL, isSure: false }, { ...INSIDE, kind: "client" }),
        );
      }
      if (!isFields(value)) continue;
      if (HOLDS_CLIENT.test(name) && this.#meetClient(owner, value)) continue;
      if (HOLDS_TOOLS.test(name)) this.#meetTools(value, thing);
      if (this.#meetsOthers && HOLDS_AGENTS.test(name))
        for (const member of membersOf(value)) if (isFields(member)) this.#meetMember(member, MEMBERS.test(name));
      if (depth < 2 && HOLDS_SETTINGS.test(name) && isRecord(value)) this.lookInto(value, thing, depth + 1);
    }
  }

  #meetMember(member: object, isListed: boolean): void {
    const thing = thingOfObject(member);
    const asAgent =
      isListed && thing.kind === undefined && ownNameOf(member) !== undefined ? thingOfObject(member, "agent") : thing;
    if (asAgent === thing || this.#met.has(member)) return this.meet(member);
    this.#met.set(member, LOOKS);
    takeForAgent(member);
    this.#hooks.hookObject(member, asAgent);
    this.lookInto(member, asAgent);
  }

  #meetClient(owner: object, value: object): boolean {
    if (this.#hooks.hookClient(value, INSIDE) > 0) {
      holdsClient(owner);
      return true;
    }
    const thing = thingOfObject(value, "client");
    if (thing.kind !== "client" || reportsItself(value)) return false;
    if (this.#met.has(value)) return true;
    this.#met.set(value, LOOKS);
    // What asks the models may itself hold what does: then that one tells more.
    this.lookInto(value, thing);
    this.#hooks.hookObject(value, thing, INSIDE);
    return thing.methods.size > 0;
  }

  #meetTools(value: object, thing: Thing): void {
    const executing = thingOfObject(value);
    if (hasExecutor(executing)) this.#hooks.hookObject(value, executing);
    else if (!hasExecutor(thing)) this.#hookTools(value);
  }

  /** Tools in a list, a map or a record: tool objects, or functions by their names. */
  #hookTools(holder: object): void {
    if (holder instanceof Map) {
      for (const [key, value] of holder as Map<unknown, unknown>) {
        if (typeof value === "function" && originalOf(value) === undefined)
          this.#hooks.replaceEntry(holder, key, toolFunction(value as AnyFunction, String(key)));
        else if (isFields(value)) this.#hooks.hookTool(value, { name: nameOfTool(value) ?? String(key) });
      }
    }
    if (holder instanceof Set) holder.forEach(this.#hookTool);
    if (!Array.isArray(holder) && !isRecord(holder)) return;
    const entries = Object.entries(holder).slice(0, MOST);
    const areFunctions = entries.every(([, value]) => typeof value === "function");
    for (const [key, value] of entries) {
      this.#hookTool(value);
      if (areFunctions)
        this.#hooks.replace(holder, key, (fn) => toolFunction(fn, Array.isArray(holder) ? fn.name : key));
    }
  }

  readonly #hookTool = (value: unknown): void => {
    if (isFields(value)) this.#hooks.hookTool(value);
  };
}

function toolFunction(fn: AnyFunction, name: unknown): AnyFunction {
  return originalOf(fn) === undefined ? hook(fn, "", TOOL_CALL, { ...INSIDE, name: name as string }) : fn;
}

function hasExecutor({ methods }: Thing): boolean {
  return [...methods.values()].some(({ role, isSure }) => role === "toolCall" && isSure);
}

function membersOf(value: object): readonly unknown[] {
  // Without the cast the checker takes what is no agent for `never`.
  // oxlint-disable-next-line typescript/no-unnecessary-type-assertion
  if (isAgent(value as unknown)) return [value];
  if (Array.isArray(value) || value instanceof Map || value instanceof Set) return [...value.values()].slice(0, MOST);
  return isRecord(value) ? Object.values(value).slice(0, MOST) : [value];
}
