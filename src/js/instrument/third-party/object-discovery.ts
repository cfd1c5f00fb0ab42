/**
 * Hooks the objects that calls of hooked methods reveal: the model clients and tools that agents hold, and other
 * agents. Each call looks again for what is new since the one before.
 */

import { isMap, isSet } from "../../capture/built-ins.js";
import { type Fields, isList, isObject, isPlainObject, memoizeText, ownValue, tryRead } from "../fields.js";
import { type AnyFunction, originalOf } from "../patch.js";
import { hook, observingResult } from "../hook.js";
import type { HookOptions } from "./call.js";
import type { Hooks } from "./hooks.js";
import { clientMethods, dataValue } from "./clients.js";
import { LateAssignments } from "./late-assignments.js";
import { isAgent, MEMBERS, reportsItself, markAsAgent, type ObjectShape, shapeOfObject } from "./object-shape.js";
import { markClientHolder } from "./models.js";
import { ownName } from "./agent-names.js";
import { nameOfTool } from "./tools.js";
import { MODEL_CALL, TOOL_CALL } from "./method-meaning.js";

/** Names of properties by what they hold. */
const HOLDS_CLIENT = /client|provider|(?<!a)llm|model|openai|api|gpt|claude|brain|engine|backend|service|^_?ai$/i;
const IS_MODEL = new RegExp(
  "^_?(?:(?:call|ask|invoke|query)_?)?(?:llm|(?:chat|language)?_?model|completion|complete)" +
    "(?:_?(?:fn|func|function|call))?$|^_?(?:stream|generate)_?(?:fn|func|function)$",
  "i",
);
const HOLDS_TOOLS = /tool|function|skill|plugin|middleware|executor|registry/i;
const HOLDS_AGENTS = /agent|participant|speaker|group|team|member|selector|manager|admin/i;
const HOLDS_SETTINGS = /config|option|setting|state|llm/i;

/** The names of functions that give model clients. */
const MAKES_CLIENT =
  /^_?(?:get|create|make|build|init|new|resolve|load|ensure|open)_?\w*(?:client|provider|llm|model)/i;

/** What a property may hold, by its name. */
interface Interest {
  readonly client: boolean;
  readonly model: boolean;
  readonly tools: boolean;
  readonly agents: boolean;
  readonly settings: boolean;
  readonly factory: boolean;
}

const interestIn = memoizeText((name): Interest | undefined => {
  const interest = {
    client: HOLDS_CLIENT.test(name),
    model: IS_MODEL.test(name),
    tools: HOLDS_TOOLS.test(name),
    agents: HOLDS_AGENTS.test(name),
    settings: HOLDS_SETTINGS.test(name),
    factory: MAKES_CLIENT.test(name),
  };
  return Object.values(interest).includes(true) ? interest : undefined;
});

/** Whether a property with this name may hold a model client. */
export function holdsClient(name: string): boolean {
  return interestIn(name)?.client === true;
}

/** Whether the method or function with this name gives model clients. */
export function makesClients(name: string): boolean {
  return interestIn(name)?.factory === true;
}

/** The most properties of an object, or members of a collection, that are inspected. */
const MAX_PROPERTIES = 500;

/** The options of hooks on discovered objects, whose calls are reported only within a traced operation. */
const NESTED_ONLY: HookOptions = { isNestedOnly: true };

/** What was found in an object. */
interface Inspection {
  /** `undefined` for an object that is of no interest. */
  readonly shape: ObjectShape | undefined;
  /** The number of its properties. */
  count: number;
  /** The properties that are inspected again, each with its value and the size of that. */
  readonly values: Map<string, { value: unknown; size: number }>;
  /** The properties to which something is assigned during operations. */
  readonly assigned: Set<string>;
  /** Whether an operation has started on it. */
  wasWatched: boolean;
}

/** Discovers objects on behalf of `Hooks`. */
export class ObjectDiscovery {
  readonly #hooks: Hooks;
  readonly #hooksAgents: boolean;
  readonly #assignments = new LateAssignments();
  #inspections = new WeakMap<object, Inspection>();

  constructor(hooks: Hooks, hooksAgents: boolean) {
    this.#hooks = hooks;
    this.#hooksAgents = hooksAgents;
  }

  /** Forgets what was found. */
  reset(): void {
    this.#assignments.undo();
    this.#inspections = new WeakMap();
  }

  /** Hooks an object of a call, and what it holds. */
  readonly visit = (value: object): void => {
    const known = this.#inspections.get(value);
    if (known !== undefined) {
      if (known.shape !== undefined) this.#inspectAgain(value, known, 0);
      return;
    }
    const shape = reportsItself(value) ? undefined : shapeOfObject(value);
    if (shape?.kind === undefined || shape.kind === "tool") {
      this.#inspectionOf(value, undefined);
      return;
    }
    if (this.#hooksAgents) {
      const prototype = Object.getPrototypeOf(value) as object | null;
      if (prototype !== null && prototype !== Object.prototype) this.#hooks.hookClass(prototype);
      // The functions of the object itself, which its class does not have.
      this.#hooks.hookObject(value, shape);
    }
    this.inspectProperties(value, shape);
  };

  /** Hooks a model client that a function has made. */
  readonly visitMade = (made: object): void => {
    this.#visitClient(undefined, made);
  };

  /** Notices the model clients that are assigned to an object while an operation of it runs. */
  readonly watch = (owner: object): (() => void) | undefined => {
    const releases: (() => void)[] = [];
    this.#watchClients(owner, 0, releases);
    return releases.length === 0 ? undefined : () => releases.forEach((release) => release());
  };

  /**
   * The arguments for a registration of tools with `owner`: a hooked function in place of each function; objects are
   * hooked themselves. They stay as they are if a method of `owner` runs its tools, since that is hooked.
   */
  readonly withHookedTools = (owner: object, args: readonly unknown[]): readonly unknown[] => {
    this.#expectNewProperties(owner);
    if (hasExecutor(shapeOfObject(owner))) return args;
    // `register("add", add)` or `register({ name: "add" }, add)`.
    const name = args.find((value) => typeof value === "string") ?? nameOfTool(args.find(isPlainObject));
    return args.map((value) => {
      if (typeof value === "function") return toolFunction(value as AnyFunction, name ?? value.name);
      if (isObject(value) && !isAgent(value) && !this.#hooks.hookTool(value)) this.#hookTools(value);
      return value;
    });
  };

  /** Lets the next visit of `owner` inspect all its properties again. */
  #expectNewProperties(owner: object): void {
    const inspection = this.#inspections.get(owner);
    if (inspection !== undefined) inspection.count = -1;
  }

  /** Hooks the model clients, tools and agents that an object holds. */
  inspectProperties(owner: object, shape: ObjectShape, depth = 0): void {
    const inspection = this.#inspectionOf(owner, shape);
    const names = Object.getOwnPropertyNames(owner);
    inspection.count = names.length;
    for (const name of names.slice(0, MAX_PROPERTIES)) {
      const value = currentValue(owner, name, undefined);
      if (interestIn(name) !== undefined) this.#inspectProperty(owner, name, value, inspection, depth);
      // A client of a well-known shape is one, whatever the name of the property.
      else if (isObject(value) && !isPlainObject(value) && this.#hookQuietly(value)) markClientHolder(owner);
    }
  }

  /**
   * Watches the properties of an object, and of its settings, that may be given a client: during its first operation
   * all, after that those that are empty or were assigned to before.
   */
  #watchClients(owner: object, depth: number, releases: (() => void)[]): void {
    const inspection = this.#inspections.get(owner);
    if (inspection?.shape === undefined) return;
    const names: string[] = [];
    for (const [name, { value }] of inspection.values) {
      const { client, settings } = interestIn(name)!;
      const isEmpty = value === null || value === undefined;
      if (!isEmpty && !isObject(value)) continue;
      if (client && (isEmpty || !inspection.wasWatched || inspection.assigned.has(name))) names.push(name);
      if (settings && depth < 2 && isPlainObject(value)) this.#watchClients(value, depth + 1, releases);
    }
    const isFirst = !inspection.wasWatched;
    inspection.wasWatched = true;
    if (names.length === 0 && !isFirst) return;
    const assigned = (name: string, value: unknown): void => {
      if (interestIn(name) === undefined) return;
      inspection.assigned.add(name);
      this.#inspectProperty(owner, name, value, inspection, depth);
    };
    releases.push(this.#assignments.watch(owner, names, isFirst, assigned));
  }

  /** What was found in an object, which is remembered from now on. */
  #inspectionOf(value: object, shape: ObjectShape | undefined): Inspection {
    let inspection = this.#inspections.get(value);
    if (inspection === undefined) {
      inspection = { shape, count: 0, values: new Map(), assigned: new Set(), wasWatched: false };
      this.#inspections.set(value, inspection);
    }
    return inspection;
  }

  /** Looks for new values: the cost of a call on an object that has not changed. */
  #inspectAgain(owner: object, inspection: Inspection, depth: number): void {
    const { shape, values } = inspection;
    if (shape === undefined) return;
    if (Object.getOwnPropertyNames(owner).length !== inspection.count)
      return this.inspectProperties(owner, shape, depth);
    for (const [name, before] of values) {
      const value = currentValue(owner, name, before.value);
      if (value !== before.value || sizeOf(value) !== before.size) {
        if (before.value !== undefined && before.value !== null) inspection.assigned.add(name);
        this.#inspectProperty(owner, name, value, inspection, depth);
      } else if (depth < 2 && isPlainObject(value) && interestIn(name)?.settings === true) {
        const nested = this.#inspections.get(value);
        if (nested !== undefined) this.#inspectAgain(value, nested, depth + 1);
      }
    }
  }

  /** Hooks what one property holds, as far as its name says that it may be of interest. */
  #inspectProperty(owner: object, name: string, value: unknown, inspection: Inspection, depth: number): void {
    const { client, model, tools, agents, settings, factory } = interestIn(name)!;
    inspection.values.set(name, { value, size: sizeOf(value) });
    if (typeof value === "function") {
      if (model)
        this.#hooks.replace(owner, name, (fn) =>
          hook(fn, name, { ...MODEL_CALL, isCertain: false }, { ...NESTED_ONLY, kind: "client" }),
        );
      else if (factory) this.#hooks.replace(owner, name, (fn) => observingResult(fn, this.visitMade));
      if (model || factory) inspection.values.set(name, { value: ownValue(owner, name), size: 0 });
    }
    if (!isObject(value)) return;
    if (client && this.#visitClient(owner, value)) return;
    const shape = inspection.shape!;
    if (tools) this.#visitTools(value, shape);
    if (this.#hooksAgents && agents)
      for (const member of membersOf(value)) if (isObject(member)) this.#visitMember(member, MEMBERS.test(name));
    if (depth < 2 && settings && isPlainObject(value)) this.inspectProperties(value, shape, depth + 1);
  }

  /** Hooks a client of a well-known shape without running a getter. */
  #hookQuietly(value: object): boolean {
    return tryRead(() => this.#hooks.hookClient(value, NESTED_ONLY, clientMethods(value, dataValue)) > 0) === true;
  }

  /** Hooks a member of a group. In a list of members, what has a name counts as an agent, whatever its methods. */
  #visitMember(member: object, isListed: boolean): void {
    const shape = shapeOfObject(member);
    const asAgent =
      isListed && shape.kind === undefined && ownName(member) !== undefined ? shapeOfObject(member, "agent") : shape;
    if (asAgent === shape || this.#inspections.has(member)) return this.visit(member);
    markAsAgent(member);
    this.#hooks.hookObject(member, asAgent);
    this.inspectProperties(member, asAgent);
  }

  /** Hooks a model client, which `owner` holds; returns whether it is one. */
  #visitClient(owner: object | undefined, value: object): boolean {
    if (this.#hooks.hookClient(value, NESTED_ONLY) > 0) {
      if (owner !== undefined) markClientHolder(owner);
      return true;
    }
    const shape = shapeOfObject(value, "client");
    if (shape.kind !== "client" || reportsItself(value)) return false;
    if (this.#inspections.has(value)) return true;
    // The object may hold another client, whose calls are more detailed.
    this.inspectProperties(value, shape);
    this.#hooks.hookObject(value, shape, NESTED_ONLY);
    return shape.methods.size > 0;
  }

  /** Hooks the object that runs tools; the tools themselves if neither it nor the owner, of this shape, runs them. */
  #visitTools(value: object, shape: ObjectShape): void {
    const executor = shapeOfObject(value);
    if (hasExecutor(executor)) this.#hooks.hookObject(value, executor);
    else if (!hasExecutor(shape)) this.#hookTools(value);
  }

  /** Hooks the tools in a list, a map or a record: tool objects, or functions by their names. */
  #hookTools(holder: object): void {
    if (isMap(holder)) {
      for (const [key, value] of holder) {
        // A key is the name of a tool, or its definition.
        const name = nameOfTool(key) ?? String(key);
        if (typeof value === "function" && originalOf(value) === undefined)
          this.#hooks.replaceEntry(holder, key, toolFunction(value as AnyFunction, name));
        else if (isObject(value)) this.#hooks.hookTool(value, { name: nameOfTool(value) ?? name });
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

/**
 * The value of a property. Getters do not run, except for tools, which would be found in no other way: so `otherwise`
 * is that of an accessor.
 */
function currentValue(owner: object, name: string, otherwise: unknown): unknown {
  const descriptor = Object.getOwnPropertyDescriptor(owner, name);
  if (descriptor?.get === undefined) return descriptor?.value;
  return interestIn(name)?.tools === true ? tryRead(() => (owner as Fields)[name]) : otherwise;
}

/** The number of members of a collection; 0 for anything else. */
function sizeOf(value: unknown): number {
  if (!isObject(value)) return 0;
  if (isList(value)) return value.length;
  if (isMap(value) || isSet(value)) return value.size;
  return isPlainObject(value) ? (tryRead(() => Object.keys(value).length) ?? 0) : 0;
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
