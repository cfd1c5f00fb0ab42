/**
 * Finds what there is to hook in a library: classes, agents and functions among what a module
 * exports, however deep they are nested. The names that an ES module exports cannot be given to other
 * functions, so there only what is reached through classes and objects can be hooked.
 */

import { guard } from "../../util/guard.js";
import { attempt, isFields } from "../fields.js";
import type { Hooks } from "./hooks.js";
import { thingOfClass, thingOfObject } from "./kinds.js";
import { OBSERVED } from "./report.js";
import { sureRole, wordOf } from "./words.js";
import { type AnyFunction, standIn } from "../patch.js";
import { isNativePromise, watchPromise } from "../promises.js";
import { hook } from "../wrap.js";

/** Functions that make agents and the like: what they give is hooked. */
const FACTORY =
  /^(?:create|make|build|new|define|spawn|init)(?=[A-Z_]).*(?:agent|assistant|proxy|chat|team|group|manager|bot|crew|swarm)/i;

/** Nobody nests what is meant to be found any deeper. */
const DEEPEST = 3;

/** Hooks what a library exports. Returns whether anything of it is hooked. */
export function hookLibrary(library: object, hooks: Hooks): boolean {
  const seen = new Set<object>();
  let isHooked = false;
  const look = (value: object, depth: number): void => {
    if (seen.has(value) || depth > DEEPEST) return;
    seen.add(value);
    if (typeof value === "function") {
      const { prototype } = value as { prototype?: unknown };
      if (!isFields(prototype)) return;
      hooks.hookClass(prototype);
      isHooked ||= thingOfClass(prototype).methods.size > 0;
    } else if (thingOfObject(value).kind === "agent" && typeof (value as { name?: unknown }).name === "string") {
      hooks.hookObject(value);
      hooks.others.meet(value);
      isHooked = true;
    } else if (!announcesItself(value)) {
      for (const [name, exported] of exportsOf(value)) {
        if (typeof exported === "function" && hookFunction(value, name, hooks)) isHooked = true;
        if (isFields(exported) || typeof exported === "function") look(exported, depth + 1);
      }
    }
  };
  look(library, 0);
  return isHooked;
}

/** Whether the library reports what its agents do by itself, so that there is nothing to hook. */
export function announcesItself(library: object): boolean {
  return exportsOf(library).some(([, value]) => value === OBSERVED) || OBSERVED in library;
}

/** A function that is no class: it may do what a method does elsewhere, or make agents. Returns whether it is hooked. */
function hookFunction(holder: object, name: string, hooks: Hooks): boolean {
  const word = wordOf(name);
  const role = sureRole(word);
  const { meet } = hooks.others;
  if (role !== undefined)
    return hooks.replace(holder, name, (fn) => hook(fn, name, { role, word, isSure: true }, { meet }));
  return FACTORY.test(name) && hooks.replace(holder, name, (fn) => fromFactory(fn, meet));
}

function fromFactory(factory: AnyFunction, meet: (made: object) => void): AnyFunction {
  const value = (made: unknown): void => {
    if (isFields(made)) guard(() => meet(made));
  };
  return standIn(factory, (fn, self, given) => {
    const made = Reflect.apply(fn, self, given as never[]);
    if (isNativePromise(made)) guard(() => watchPromise(made, false, { value, failure: () => {} }));
    else value(made);
    return made;
  });
}

/** What a module gives to those who import it, as they would get it; nothing where that is not ready yet, or not for everybody. */
function exportsOf(library: object): [string, unknown][] {
  return Object.keys(library).map((name) => [name, attempt(() => (library as Record<string, unknown>)[name])]);
}
