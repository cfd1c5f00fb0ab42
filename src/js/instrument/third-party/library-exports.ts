/**
 * Finds and hooks the classes, agents and functions among the exports of a library, nested ones included.
 * The exports of an ES module cannot be replaced, so there only what is reached through classes and
 * objects can be hooked.
 */

import { tryRead, isObject } from "../fields.js";
import type { Hooks } from "./hooks.js";
import { setExportedName, shapeOfClass, shapeOfObject } from "./object-shape.js";
import { OBSERVERS_KEY } from "../recorders.js";
import { certainRole, normalizedName } from "./method-meaning.js";
import { givesFreshPromises } from "../call-result.js";
import { type AnyFunction, originalOf } from "../patch.js";
import { hook, observingResult } from "../hook.js";

/** The names of factories of agents and the like, whose results are hooked. */
const FACTORY = new RegExp(
  "^(?:create|make|build|new|define|spawn|init)(?=[A-Z_])" +
    ".*(?:agent|assistant|proxy|chat|team|group|manager|bot|crew|swarm)",
  "i",
);

/** The depth to which exports are searched. */
const MAX_DEPTH = 3;

/** An export of a library: what it is, and whether it is hooked. */
export interface HookedExport {
  readonly name: string;
  readonly value: object;
  readonly isHooked: boolean;
  /** Whether it looks like a part of conversations, so that it is missed where it is not hooked. */
  readonly isMissed: boolean;
}

/** Hooks the exports of a library; returns what became of each class, function and agent. */
export function hookLibrary(library: object, hooks: Hooks): HookedExport[] {
  const seen = new Set<object>();
  const found: HookedExport[] = [];
  /** Calls `look` with the exports below `value` that were not reached before. */
  const each = (value: object, depth: number, look: (value: object, name: string, holder: object) => void): void => {
    if (seen.has(value) || depth > MAX_DEPTH) return;
    seen.add(value);
    for (const [name, exported] of exportsOf(value)) {
      if (typeof exported === "function") look(exported, name, value);
      else if (isObject(exported) && !isNamedAgent(exported)) each(exported, depth + 1, look);
      else if (isObject(exported)) look(exported, name, value);
    }
  };
  const walk = (look: (value: object, name: string, holder: object) => void): void => {
    seen.clear();
    if (typeof library === "function" || isNamedAgent(library)) look(library, "", library);
    else if (!reportsItselfToObservers(library)) each(library, 0, look);
  };
  // All names first: a class may inherit from one that is exported later.
  walk((value, name) => {
    const prototype = prototypeOf(value);
    if (prototype !== undefined && name !== "") setExportedName(prototype, name);
  });
  walk((value, name, holder) => {
    const isHooked = hookExport(value, name, holder, hooks);
    found.push({ name, value, isHooked, isMissed: !isHooked && isMissed(value, name) });
  });
  return found;
}

function isNamedAgent(value: object): boolean {
  return shapeOfObject(value).kind === "agent" && typeof (value as { name?: unknown }).name === "string";
}

function prototypeOf(value: object): object | undefined {
  const prototype: unknown = typeof value === "function" ? (value as { prototype?: unknown }).prototype : undefined;
  return isObject(prototype) ? prototype : undefined;
}

function hookExport(value: object, name: string, holder: object, hooks: Hooks): boolean {
  if (typeof value !== "function") {
    hooks.hookObject(value);
    hooks.discovery.visit(value);
    return true;
  }
  const isReplaced = originalOf(value) !== undefined || (holder !== value && hookFunction(holder, name, hooks));
  const prototype = prototypeOf(value);
  if (prototype === undefined) return isReplaced;
  hooks.hookClass(prototype);
  return isReplaced || shapeOfClass(prototype).methods.size > 0;
}

/** Whether a function that is not hooked may take part in conversations: a class without methods does not. */
function isMissed(value: object, name: string): boolean {
  return (
    typeof value === "function" &&
    !isClass(value) &&
    (certainRole(normalizedName(name)) !== undefined || FACTORY.test(name) || givesFreshPromises(value as AnyFunction))
  );
}

/** Whether a function is a class, as far as its source shows it. */
export function isClass(value: object): boolean {
  return /^class\b/.test(Function.prototype.toString.call(value));
}

/** Whether the agents of a library report to observers by themselves, so that there is nothing to hook. */
export function reportsItselfToObservers(library: object): boolean {
  return exportsOf(library).some(([, value]) => value === OBSERVERS_KEY) || OBSERVERS_KEY in library;
}

/**
 * Hooks a function whose name has a meaning as that of a method, or is that of a factory. Returns whether it is
 * hooked.
 */
function hookFunction(holder: object, name: string, hooks: Hooks): boolean {
  const normalized = normalizedName(name);
  const role = certainRole(normalized);
  const { visit } = hooks.discovery;
  if (role !== undefined)
    return hooks.replace(holder, name, (fn) => hook(fn, name, { role, name: normalized, isCertain: true }, { visit }));
  return FACTORY.test(name) && hooks.replace(holder, name, (fn) => observingResult(fn, visit));
}

/** The exports of a module by name; `undefined` for those whose getter throws, such as uninitialized ones. */
function exportsOf(library: object): [string, unknown][] {
  return Object.keys(library).map((name) => [name, tryRead(() => (library as Record<string, unknown>)[name])]);
}
