/**
 * Tells what an object of another library is (an agent, a group of agents, a model client, a tool)
 * and what each of its methods means, by what they are called. Nothing is called or read on the way
 * but names and descriptors, so that no getter runs.
 */

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
const GROUP = /group|team|swarm|crew|conversation|orchestrat|room|council|debate|discussion|panel|manager|runtime|chats?$/i;
const TOOL = /tool|function|skill|plugin/i;
/** What a group calls those who are in it. */
export const MEMBERS = /^_?(?:agents|participants|members|speakers)$/;

const NOTHING: Thing = { kind: undefined, methods: new Map() };
const CONVERSATION = /group.?chat|team|swarm|crew|conversation|debate|council|discussion|chat.?room/i;

const known = new WeakMap<object, Thing>();
const conversations = new WeakMap<object, boolean>();
const agents = new WeakMap<object, boolean>();

/** Whether objects of this kind report what they do by themselves, so that hooking them would tell everything twice. */
export function reportsItself(value: object): boolean {
  try {
    return OBSERVED in value;
  } catch {
    return false;
  }
}

/** What the objects of a class are, from the class's prototype. */
export function thingOfClass(prototype: object): Thing {
  let thing = known.get(prototype);
  if (thing === undefined) {
    thing = thingOf(methodNames(prototype), nameOfClass(prototype));
    known.set(prototype, thing);
  }
  return thing;
}

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
  const thing = own.length === 0 && !isClassLess ? thingOfClass(prototype) : thingOf(names, isClassLess ? "" : nameOfClass(prototype));
  if (thing.methods.size > 0 || names.length === 0) return thing;
  const kind = Object.keys(value).some((name) => MEMBERS.test(name)) ? "group" : otherwise;
  return kind === undefined ? thing : { kind, methods: meanings(names, kind) };
}

/** What an object is that does not show what it has: it is asked for what agents have. */
export function thingByAsking(value: object): Thing {
  const names = probes().filter((name) => {
    try {
      return typeof (value as Record<string, unknown>)[name] === "function";
    } catch {
      return false;
    }
  });
  return names.length === 0 ? NOTHING : { kind: "agent", methods: meanings(names, "agent") };
}

/** Whether an object speaks in conversations. */
export function isAgent(value: unknown): value is object {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  let is = agents.get(value);
  if (is === undefined) {
    is = looksLikeAgent(value);
    agents.set(value, is);
  }
  return is;
}

/** Whoever is a member of a conversation speaks in it, whatever its class is called. */
export function takeForAgent(member: object): void {
  agents.set(member, true);
}

function looksLikeAgent(value: object): boolean {
  try {
    // By far the most objects that are handed around are messages.
    if (Object.hasOwn(value, "content")) return false;
    return reportsItself(value) || thingOfObject(value).kind === "agent";
  } catch {
    // A proxy that refuses to be looked at.
    return false;
  }
}

/**
 * Whether an object holds conversations, so that its `run` or `start` is one: it has members, it
 * chooses who speaks, or its class says so.
 */
export function isConversation(value: object): boolean {
  let is = conversations.get(value);
  if (is === undefined) {
    is = looksLikeConversation(value);
    conversations.set(value, is);
  }
  return is;
}

function looksLikeConversation(value: object): boolean {
  try {
    if (Object.keys(value).some((name) => MEMBERS.test(name))) return true;
    for (const { role } of thingOfObject(value).methods.values()) if (role === "speakerSelection") return true;
    return CONVERSATION.test(nameOfClass(Object.getPrototypeOf(value) as object));
  } catch {
    return false;
  }
}

/** The names of the methods that objects with this prototype have. */
export function methodNames(prototype: object): string[] {
  const names = new Set<string>();
  for (const at of chainOf(prototype)) for (const name of ownFunctionNames(at)) names.add(name);
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
  const names: string[] = [];
  for (const [name, { value: held, get }] of Object.entries(Object.getOwnPropertyDescriptors(value))) {
    // A getter counts if it is a method by its name; whether it gives one is seen when somebody reads it.
    if (typeof held === "function" || (get !== undefined && isKnownWord(wordOf(name)))) names.push(name);
  }
  return names;
}

function nameOfClass(prototype: object): string {
  const constructor: unknown = Object.getOwnPropertyDescriptor(prototype, "constructor")?.value;
  const name: unknown = typeof constructor === "function" ? Object.getOwnPropertyDescriptor(constructor, "name")?.value : undefined;
  return typeof name === "string" && name !== "Object" ? name : "";
}

/** Prototypes that belong to everybody. */
function isBuiltIn(prototype: object): boolean {
  if (prototype === Object.prototype || prototype === Function.prototype || prototype === Array.prototype) return true;
  const constructor: unknown = Object.getOwnPropertyDescriptor(prototype, "constructor")?.value;
  return typeof constructor === "function" && /\[native code\]\s*\}$/.test(Function.prototype.toString.call(constructor));
}
