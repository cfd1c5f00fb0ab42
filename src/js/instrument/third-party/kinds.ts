/**
 * Tells what an object of another library is (an agent, a group of agents, a model client, a tool)
 * and what each of its methods means, by what they are called. Nothing is called or read on the way
 * but names and descriptors, so that no getter runs.
 */

import { attempt, isFields, ownValue, remembered } from "../fields.js";
import { OBSERVED } from "./report.js";
import { isKnownWord, type Kind, type Meaning, meanings, probes, sureRole, wordOf } from "./words.js";

/** What is known of a class or of one object. */
export interface Thing {
  readonly kind: Kind | undefined;
  /** The methods that mean something, by name. */
  readonly methods: ReadonlyMap<string, Meaning>;
}

const AGENT = /agent|assistant|proxy|bot(?![a-z])|participant|speaker/i;
const CLIENT = /client|provider|llm|model|openai|anthropic|gemini|mistral|ollama|completion/i;
const GROUP =
  /group|team|swarm|crew|conversation|orchestrat|room|council|debate|discussion|panel|manager|runtime|chats?$/i;
const TOOL = /tool|function|skill|plugin/i;
/** What a group calls those who are in it. */
export const MEMBERS = /^_?(?:agents|participants|members|speakers)$/;

const NOTHING: Thing = { kind: undefined, methods: new Map() };
const CONVERSATION = /group.?chat|team|swarm|crew|conversation|debate|council|discussion|chat.?room/i;

/** Members of conversations, who speak in them whatever their class is called. */
const members = new WeakSet<object>();

/** Whether objects of this kind report what they do by themselves, so that hooking them would tell everything twice. */
export function reportsItself(value: object): boolean {
  return attempt(() => OBSERVED in value) === true;
}

/** What the objects of a class are, from the class's prototype. */
export const thingOfClass = remembered(
  (prototype: object): Thing => thingOf(methodNames(prototype), nameOfClass(prototype)),
);

/**
 * What one object is, from its own functions and those of its class.
 *
 * @param otherwise what it is if that says nothing and it has no agents, which would make it a group.
 */
export function thingOfObject(value: object, otherwise?: Kind): Thing {
  const own = ownFunctionNames(value);
  const prototype = Object.getPrototypeOf(value) as object | null;
  const isClassLess = prototype === null || isBuiltIn(prototype);
  const names = [...own, ...(isClassLess ? [] : methodNames(prototype))];
  const thing =
    own.length === 0 && !isClassLess
      ? thingOfClass(prototype)
      : thingOf(names, isClassLess ? "" : nameOfClass(prototype));
  if (thing.methods.size > 0 || names.length === 0) return thing;
  const kind = hasMembers(value) ? "group" : otherwise;
  return kind === undefined ? thing : { kind, methods: meanings(names, kind) };
}

/** What an object is that does not show what it has: it is asked for what agents have. */
export function thingByAsking(value: object): Thing {
  const names = probes().filter((name) =>
    attempt(() => typeof (value as Record<string, unknown>)[name] === "function"),
  );
  return names.length === 0 ? NOTHING : { kind: "agent", methods: meanings(names, "agent") };
}

/** Whether an object speaks in conversations. */
export function isAgent(value: unknown): value is object {
  return isFields(value) && !Array.isArray(value) && (members.has(value) || looksLikeAgent(value));
}

/** From now on, `member` is an agent. */
export function takeForAgent(member: object): void {
  members.add(member);
}

// By far the most objects that are handed around are messages. A proxy may refuse to be looked at.
const looksLikeAgent = remembered(
  (value: object): boolean =>
    attempt(
      () => !Object.hasOwn(value, "content") && (reportsItself(value) || thingOfObject(value).kind === "agent"),
    ) === true,
);

/**
 * Whether an object holds conversations, so that its `run` or `start` is one: it has members, it
 * chooses who speaks, or its class says so.
 */
export const isConversation = remembered(
  (value: object): boolean =>
    attempt(
      () =>
        hasMembers(value) ||
        [...thingOfObject(value).methods.values()].some(({ role }) => role === "speakerSelection") ||
        CONVERSATION.test(nameOfClass(Object.getPrototypeOf(value) as object)),
    ) === true,
);

function hasMembers(value: object): boolean {
  return Object.keys(value).some((name) => MEMBERS.test(name));
}

/** The names of the methods that objects with this prototype have. */
export function methodNames(prototype: object): string[] {
  const names = new Set(chainOf(prototype).flatMap(ownFunctionNames));
  names.delete("constructor");
  return [...names];
}

/** A prototype and those that it inherits from, but for the language's own. */
export function chainOf(prototype: object): object[] {
  const chain: object[] = [];
  let at: object | null = prototype;
  while (at !== null && !isBuiltIn(at) && chain.length < 20) {
    chain.push(at);
    at = Object.getPrototypeOf(at) as object | null;
  }
  return chain;
}

function thingOf(names: readonly string[], className: string): Thing {
  const kind = kindOf(new Set(names.map(wordOf)), className);
  const methods = meanings(names, kind);
  return methods.size === 0 ? NOTHING : { kind, methods };
}

function kindOf(words: ReadonlySet<string>, className: string): Kind | undefined {
  const roles = new Set([...words].map(sureRole));
  const isNamedAgent = AGENT.test(className);
  if (CLIENT.test(className) && !isNamedAgent && !words.has("receive")) return "client";
  if (roles.has("reply") || (words.has("send") && words.has("receive"))) return "agent";
  if (roles.has("speakerSelection")) return "group";
  if (isNamedAgent) return "agent";
  if (roles.has("modelCall")) return "client";
  if (roles.has("chat") || GROUP.test(className)) return "group";
  return TOOL.test(className) ? "tool" : undefined;
}

function ownFunctionNames(value: object): string[] {
  return (
    Object.entries(Object.getOwnPropertyDescriptors(value))
      // A getter counts if it is a method by its name; whether it gives one is seen when somebody reads it.
      .filter(
        ([name, { value: held, get }]) =>
          typeof held === "function" || (get !== undefined && isKnownWord(wordOf(name))),
      )
      .map(([name]) => name)
  );
}

function nameOfClass(prototype: object): string {
  const constructor = ownValue(prototype, "constructor");
  const name = typeof constructor === "function" ? ownValue(constructor, "name") : undefined;
  return typeof name === "string" && name !== "Object" ? name : "";
}

/** Prototypes that belong to everybody. */
function isBuiltIn(prototype: object): boolean {
  if (prototype === Object.prototype) return true;
  const constructor = ownValue(prototype, "constructor");
  return (
    typeof constructor === "function" && /\[native code\]\s*\}$/.test(Function.prototype.toString.call(constructor))
  );
}
