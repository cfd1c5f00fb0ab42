/**
 * Finds and hooks the classes, agents and functions among the exports of a library, nested ones included.
 * The exports of an ES module cannot be replaced, so there only what is reached through classes and
 * objects can be hooked.
 */

import { guard } from "../../util/guard.js";
import { tryRead, isObject } from "../fields.js";
import type { Hooks } from "./hooks.js";
import { shapeOfClass, shapeOfObject } from "./object-shape.js";
import { OBSERVERS_KEY } from "../recorders.js";
import { certainRole, normalizedName } from "./method-meaning.js";
import { type AnyFunction, replacementFor } from "../patch.js";
import { isNativePromise, watchPromise } from "../promises.js";
import { hook } from "../hook.js";

/** The names of factories of agents and the like, whose results are hooked. */
const FACTORY = new RegExp(
  "^(?:create|make|build|new|define|spawn|init)(?=[A-Z_])" +
    ".*(?:agent|assistant|proxy|chat|team|group|manager|bot|crew|swarm)",
  "i",
);

/** The depth to which exports are searched. */
const MAX_DEPTH = 3;

/** Hooks the exports of a library. Returns whether any of them is hooked. */
export function hookLibrary(library: object, hooks: Hooks): boolean {
  const seen = new Set<object>();
  let isHooked = false;
  const look = (value: object, depth: number): void => {
    if (seen.has(value) || depth > MAX_DEPTH) return;
    seen.add(value);
    if (typeof value === "function") {
      const { prototype } = value as { prototype?: unknown };
      if (!isObject(prototype)) return;
      hooks.hookClass(prototype);
      isHooked ||= shapeOfClass(prototype).methods.size > 0;
    } else if (shapeOfObject(value).kind === "agent" && typeof (value as { name?: unknown }).name === "string") {
      hooks.hookObject(value);
      hooks.discovery.visit(value);
      isHooked = true;
    } else if (!reportsItselfToObservers(value)) {
      for (const [name, exported] of exportsOf(value)) {
        if (typeof exported === "function" && hookFunction(value, name, hooks)) isHooked = true;
        if (isObject(exported) || typeof exported === "function") look(exported, depth + 1);
      }
    }
  };
  look(library, 0);
  return isHooked;
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
  return FACTORY.test(name) && hooks.replace(holder, name, (fn) => hookFactory(fn, visit));
}

function hookFactory(factory: AnyFunction, visit: (created: object) => void): AnyFunction {
  const value = (created: unknown): void => {
    if (isObject(created)) guard(() => visit(created));
  };
  return replacementFor(factory, (fn, self, args) => {
    const created = Reflect.apply(fn, self, args as never[]);
    if (isNativePromise(created)) guard(() => watchPromise(created, false, { value, failure: () => {} }));
    else value(created);
    return created;
  });
}

/** The exports of a module by name; `undefined` for those whose getter throws, such as uninitialized ones. */
function exportsOf(library: object): [string, unknown][] {
  return Object.keys(library).map((name) => [name, tryRead(() => (library as Record<string, unknown>)[name])]);
}
