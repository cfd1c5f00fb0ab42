/**
 * Finds what there is to hook in a library: classes, agents and functions among what a module
 * exports, however deep they are nested. The names that an ES module exports cannot be given to other
 * functions, so there only what is reached through classes and objects can be hooked.
 */

import { guard } from "../../guard.js";
import { attempt, isFields } from "../fields.js";
import type { Hooks } from "./hooks.js";
import { thingOfClass, thingOfObject } from "./kinds.js";
import { OBSERVED } from "./report.js";
import { sureRole, wordOf } from "./words.js";
import { type AnyFunction, originalOf, standIn } from "../patch.js";
import { isNativePromise, watchPromise } from "../promises.js";
import { hook } from "../wrap.js";

/** Functions that make agents and the like: what they give is hooked. */
const FACTORY = /^(?:create|make|build|new|define|spawn|init)(?=[A-Z_]).*(?:agent|assistant|proxy|chat|team|group|manager|bot|crew|swarm)/i;

/** Nobody nests what is meant to be found any deeper. */
const DEEPEST = 3;

/** What came of looking through a library. */
export interface Found {
  /** Methods and functions that are hooked now, and those of classes that other libraries had hooked. */
  hooked: number;
  /** Functions that would have been hooked if they could be replaced. */
  fixed: number;
}

/** Hooks what a library exports. */
export function hookLibrary(library: object, hooks: Hooks): Found {
  const found: Found = { hooked: 0, fixed: 0 };
  look(library, hooks, found, new Set(), 0);
  return found;
}

/** Whether the library reports what its agents do by itself, so that there is nothing to hook. */
export function announcesItself(library: object): boolean {
  return exportsOf(library).some(([, value]) => value === OBSERVED) || OBSERVED in library;
}

function look(value: object, hooks: Hooks, found: Found, seen: Set<object>, depth: number): void {
  if (seen.has(value) || depth > DEEPEST) return;
  seen.add(value);
  if (typeof value === "function") return lookAtClass(value, hooks, found);
  const { kind } = thingOfObject(value);
  if (kind === "agent" && typeof (value as { name?: unknown }).name === "string") {
    hooks.hookObject(value);
    hooks.others.meet(value);
    found.hooked += 1;
    return;
  }
  if (announcesItself(value)) return;
  for (const [name, exported] of exportsOf(value)) {
    if (typeof exported === "function") lookAtFunction(value, name, exported as AnyFunction, hooks, found);
    if (isFields(exported) || typeof exported === "function") look(exported, hooks, found, seen, depth + 1);
  }
}

function lookAtClass({ prototype }: { prototype?: unknown }, hooks: Hooks, found: Found): void {
  // A class whose methods are hooked already, through a class that inherits from it, is found as well.
  if (isFields(prototype)) found.hooked += Math.max(hooks.hookClass(prototype), thingOfClass(prototype).methods.size > 0 ? 1 : 0);
}

/** A function that is no class: it may do what a method does elsewhere, or make agents. */
function lookAtFunction(holder: object, name: string, fn: AnyFunction, hooks: Hooks, found: Found): void {
  const word = wordOf(name);
  const role = sureRole(word);
  if ((role === undefined && !FACTORY.test(name)) || originalOf(fn) !== undefined) return;
  const { meet } = hooks.others;
  const isReplaced = hooks.replace(holder, name, (original) => (role === undefined ? fromFactory(original, meet) : hook(original, name, { role, word, isSure: true }, { meet })));
  found[isReplaced ? "hooked" : "fixed"] += 1;
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
