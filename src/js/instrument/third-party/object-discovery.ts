/**
 * Hooks the objects that calls of hooked methods reveal: the model clients and tools that agents hold, and other
 * agents.
 */

import { isMap, isSet } from "../../capture/built-ins.js";
import { isObject, isPlainObject } from "../fields.js";
import { type AnyFunction, originalOf } from "../patch.js";
import { hook } from "../hook.js";
import type { HookOptions } from "./call.js";
import type { Hooks } from "./hooks.js";
import { isAgent, MEMBERS, reportsItself, markAsAgent, type ObjectShape, shapeOfObject } from "./object-shape.js";
import { markClientHolder } from "./models.js";
import { ownName } from "./agent-names.js";
import { nameOfTool } from "./tools.js";
import { MODEL_CALL, TOOL_CALL } from "./method-meaning.js";

/** Names of properties by what they hold. */
const HOLDS_CLIENT = /client|provider|llm|model|openai|api|gpt|claude|brain|engine|backend|service|^_?ai$/i;
const IS_MODEL = new RegExp(
  "^_?(?:(?:call|ask|invoke|query)_?)?(?:llm|(?:chat|language)?_?model|completion|complete)" +
    "(?:_?(?:fn|func|function|call))?$",
  "i",
);
const HOLDS_TOOLS = /tool|function|skill|plugin|middleware|executor|registry/i;
const HOLDS_AGENTS = /agent|participant|speaker|group|team|member|selector|manager|admin/i;
const HOLDS_SETTINGS = /config|option|setting|llm/i;

/** How often an object is inspected: its model client may be created at first use. */
const MAX_VISITS = 3;

/** The most properties of an object, or members of a collection, that are inspected. */
const MAX_PROPERTIES = 500;

/** The options of hooks on discovered objects, whose calls are reported only within a traced operation. */
const NESTED_ONLY: HookOptions = { isNestedOnly: true };

/** Discovers objects on behalf of `Hooks`. */
export class ObjectDiscovery {
  readonly #hooks: Hooks;
  readonly #hooksAgents: boolean;
  #visits = new WeakMap<object, number>();

  constructor(hooks: Hooks, hooksAgents: boolean) {
    this.#hooks = hooks;
    this.#hooksAgents = hooksAgents;
  }

  /** Clears the set of visited objects. */
  reset(): void {
    this.#visits = new WeakMap();
  }

  /** Hooks an object of a call, and what it holds. */
  readonly visit = (value: object): void => {
    const times = this.#visits.get(value) ?? 0;
    if (times >= MAX_VISITS) return;
    const isOwn = reportsItself(value);
    this.#visits.set(value, isOwn ? MAX_VISITS : times + 1);
    const shape = shapeOfObject(value);
    if (isOwn || shape.kind === undefined || shape.kind === "tool") return;
    if (this.#hooksAgents && times === 0) {
      const prototype = Object.getPrototypeOf(value) as object | null;
      if (prototype !== null && prototype !== Object.prototype) this.#hooks.hookClass(prototype);
      // The functions of the object itself, which its class does not have.
      this.#hooks.hookObject(value, shape);
    }
    this.inspectProperties(value, shape);
  };

  /**
   * The arguments of a registration with all tools in them hooked, unless `owner` has a hooked method that runs
   * them.
   */
  readonly hookRegistered = (owner: object, args: readonly unknown[]): readonly unknown[] => {
    // Inspect it again after the registration.
    this.#visits.delete(owner);
    if (hasExecutor(shapeOfObject(owner))) return args;
    const name = args.find((value) => typeof value === "string") ?? nameOfTool(args.find(isPlainObject));
    return args.map((value) => {
      if (typeof value === "function") return toolFunction(value as AnyFunction, name ?? value.name);
      if (isObject(value) && !this.#hooks.hookTool(value)) this.#hookTools(value);
      return value;
    });
  };

  /** Hooks the model clients, tools and agents that an object holds. */
  inspectProperties(owner: object, shape: ObjectShape, depth = 0): void {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(owner)).slice(0, MAX_PROPERTIES)) {
      if (typeof value === "function" && IS_MODEL.test(name)) {
        this.#hooks.replace(owner, name, (fn) =>
          hook(fn, name, { ...MODEL_CALL, isCertain: false }, { ...NESTED_ONLY, kind: "client" }),
        );
      }
      if (!isObject(value)) continue;
      if (HOLDS_CLIENT.test(name) && this.#visitClient(owner, value)) continue;
      if (HOLDS_TOOLS.test(name)) this.#visitTools(value, shape);
      if (this.#hooksAgents && HOLDS_AGENTS.test(name))
        for (const member of membersOf(value)) if (isObject(member)) this.#visitMember(member, MEMBERS.test(name));
      if (depth < 2 && HOLDS_SETTINGS.test(name) && isPlainObject(value))
        this.inspectProperties(value, shape, depth + 1);
    }
  }

  #visitMember(member: object, isListed: boolean): void {
    const shape = shapeOfObject(member);
    const asAgent =
      isListed && shape.kind === undefined && ownName(member) !== undefined ? shapeOfObject(member, "agent") : shape;
    if (asAgent === shape || this.#visits.has(member)) return this.visit(member);
    this.#visits.set(member, MAX_VISITS);
    markAsAgent(member);
    this.#hooks.hookObject(member, asAgent);
    this.inspectProperties(member, asAgent);
  }

  #visitClient(owner: object, value: object): boolean {
    if (this.#hooks.hookClient(value, NESTED_ONLY) > 0) {
      markClientHolder(owner);
      return true;
    }
    const shape = shapeOfObject(value, "client");
    if (shape.kind !== "client" || reportsItself(value)) return false;
    if (this.#visits.has(value)) return true;
    this.#visits.set(value, MAX_VISITS);
    // The object may hold another client, whose calls are more detailed.
    this.inspectProperties(value, shape);
    this.#hooks.hookObject(value, shape, NESTED_ONLY);
    return shape.methods.size > 0;
  }

  #visitTools(value: object, shape: ObjectShape): void {
    const executor = shapeOfObject(value);
    if (hasExecutor(executor)) this.#hooks.hookObject(value, executor);
    else if (!hasExecutor(shape)) this.#hookTools(value);
  }

  /** Hooks the tools in a list, a map or a record: tool objects, or functions by their names. */
  #hookTools(holder: object): void {
    if (isMap(holder)) {
      for (const [key, value] of holder) {
        if (typeof value === "function" && originalOf(value) === undefined)
          this.#hooks.replaceEntry(holder, key, toolFunction(value as AnyFunction, String(key)));
        else if (isObject(value)) this.#hooks.hookTool(value, { name: nameOfTool(value) ?? String(key) });
      }
    }
    if (isSet(holder)) holder.forEach(this.#hookTool);
    if (!Array.isArray(holder) && !isPlainObject(holder)) return;
    const entries = Object.entries(holder).slice(0, MAX_PROPERTIES);
    const areFunctions = entries.every(([, value]) => typeof value === "function");
    for (const [key, value] of entries) {
      this.#hookTool(value);
      if (areFunctions)
        this.#hooks.replace(holder, key, (fn) => toolFunction(fn, Array.isArray(holder) ? fn.name : key));
    }
  }

  readonly #hookTool = (value: unknown): void => {
    if (isObject(value)) this.#hooks.hookTool(value);
  };
}

function toolFunction(fn: AnyFunction, name: unknown): AnyFunction {
  return originalOf(fn) === undefined ? hook(fn, "", TOOL_CALL, { ...NESTED_ONLY, name: name as string }) : fn;
}

function hasExecutor({ methods }: ObjectShape): boolean {
  return [...methods.values()].some(({ role, isCertain }) => role === "toolCall" && isCertain);
}

function membersOf(value: object): readonly unknown[] {
  // Without the cast the type checker narrows other values to `never`.
  // oxlint-disable-next-line typescript/no-unnecessary-type-assertion
  if (isAgent(value as unknown)) return [value];
  if (Array.isArray(value) || isMap(value) || isSet(value)) return [...value.values()].slice(0, MAX_PROPERTIES);
  return isPlainObject(value) ? Object.values(value).slice(0, MAX_PROPERTIES) : [value];
}
