/**
 * Detects the kind of a third-party object (an agent, a group of agents, a model client, a tool) and the
 * meaning of its methods from their names. Only names and descriptors are read, so that no getter runs.
 */

import { tryRead, isObject, ownValue, memoize, isList } from "../fields.js";
import { OBSERVERS_KEY } from "../recorders.js";
import {
  isKnownName,
  type Kind,
  type MethodMeaning,
  meanings,
  probedNames,
  certainRole,
  normalizedName,
} from "./method-meaning.js";

/** The kind of a class or of one object, and its methods. */
export interface ObjectShape {
  readonly kind: Kind | undefined;
  /** The methods with a meaning, by name. */
  readonly methods: ReadonlyMap<string, MethodMeaning>;
}

const AGENT = /agent|assistant|proxy|bot(?![a-z])|participant|speaker/i;
const CLIENT = /client|provider|llm|model|openai|anthropic|gemini|mistral|ollama|completion/i;
const GROUP =
  /group|team|swarm|crew|conversation|orchestrat|room|council|debate|discussion|panel|manager|runtime|chats?$/i;
const TOOL = /tool|function|skill|plugin/i;
/** Properties of a group that hold its members. */
export const MEMBERS = /^_?(?:agents|participants|members|speakers)$/;

const NO_SHAPE: ObjectShape = { kind: undefined, methods: new Map() };
const CONVERSATION = /group.?chat|team|swarm|crew|conversation|debate|council|discussion|chat.?room/i;

/** Objects that count as agents, whatever their shape, since they are members of conversations. */
const members = new WeakSet<object>();

/** Whether an object reports to observers by itself, so that hooks would report everything twice. */
export function reportsItself(value: object): boolean {
  return tryRead(() => OBSERVERS_KEY in value) === true;
}

/** The shape of a class, from its prototype. */
export const shapeOfClass = memoize(
  (prototype: object): ObjectShape => shapeOf(methodNames(prototype), nameOfClass(prototype)),
);

/**
 * The shape of one object, from its own functions and those of its class.
 *
 * @param otherwise its kind if those have no meaning and it has no members, which would make it a group.
 */
export function shapeOfObject(value: object, otherwise?: Kind): ObjectShape {
  const own = ownFunctionNames(value);
  const prototype = Object.getPrototypeOf(value) as object | null;
  const isClassLess = prototype === null || isBuiltIn(prototype);
  const names = [...own, ...(isClassLess ? [] : methodNames(prototype))];
  const shape =
    own.length === 0 && !isClassLess
      ? shapeOfClass(prototype)
      : shapeOf(names, isClassLess ? "" : nameOfClass(prototype));
  if (shape.methods.size > 0 || names.length === 0) return shape;
  const kind = hasMembers(value) ? "group" : otherwise;
  return kind === undefined ? shape : { kind, methods: meanings(names, kind) };
}

/** The shape of an object that does not list its properties: it is probed for the methods of agents. */
export function detectByProbing(value: object): ObjectShape {
  const names = probedNames().filter((name) =>
    tryRead(() => typeof (value as Record<string, unknown>)[name] === "function"),
  );
  return names.length === 0 ? NO_SHAPE : { kind: "agent", methods: meanings(names, "agent") };
}

/** Whether an object is an agent. */
export function isAgent(value: unknown): value is object {
  return isObject(value) && !isList(value) && (members.has(value) || looksLikeAgent(value));
}

/** Makes `member` count as an agent. */
export function markAsAgent(member: object): void {
  members.add(member);
}

// Nearly all objects that are checked are messages. A Proxy may throw.
const looksLikeAgent = memoize(
  (value: object): boolean =>
    tryRead(
      () => !Object.hasOwn(value, "content") && (reportsItself(value) || shapeOfObject(value).kind === "agent"),
    ) === true,
);

/**
 * Whether an object is a conversation, so that its `run` or `start` is a chat: it has members, selects
 * speakers, or its class has such a name.
 */
export const isConversation = memoize(
  (value: object): boolean =>
    tryRead(
      () =>
        hasMembers(value) ||
        [...shapeOfObject(value).methods.values()].some(({ role }) => role === "speakerSelection") ||
        CONVERSATION.test(nameOfClass(Object.getPrototypeOf(value) as object)),
    ) === true,
);

function hasMembers(value: object): boolean {
  return Object.keys(value).some((name) => MEMBERS.test(name));
}

/** The names of the methods that objects with this prototype have. */
export function methodNames(prototype: object): string[] {
  const names = new Set(prototypeChain(prototype).flatMap(ownFunctionNames));
  names.delete("constructor");
  return [...names];
}

/** A prototype and those that it inherits from, without the built-in ones. */
export function prototypeChain(prototype: object): object[] {
  const chain: object[] = [];
  let at: object | null = prototype;
  while (at !== null && !isBuiltIn(at) && chain.length < 20) {
    chain.push(at);
    at = Object.getPrototypeOf(at) as object | null;
  }
  return chain;
}

function shapeOf(names: readonly string[], className: string): ObjectShape {
  const kind = kindOf(new Set(names.map(normalizedName)), className);
  const methods = meanings(names, kind);
  return methods.size === 0 ? NO_SHAPE : { kind, methods };
}

function kindOf(names: ReadonlySet<string>, className: string): Kind | undefined {
  const roles = new Set([...names].map(certainRole));
  const isNamedAgent = AGENT.test(className);
  if (CLIENT.test(className) && !isNamedAgent && !names.has("receive")) return "client";
  if (roles.has("reply") || (names.has("send") && names.has("receive"))) return "agent";
  if (roles.has("speakerSelection")) return "group";
  if (isNamedAgent) return "agent";
  if (roles.has("modelCall")) return "client";
  if (roles.has("chat") || GROUP.test(className)) return "group";
  return TOOL.test(className) ? "tool" : undefined;
}

function ownFunctionNames(value: object): string[] {
  return (
    Object.entries(Object.getOwnPropertyDescriptors(value))
      // A getter counts if it has the name of a method: its value is known only when it is read.
      .filter(
        ([name, { value: own, get }]) =>
          typeof own === "function" || (get !== undefined && isKnownName(normalizedName(name))),
      )
      .map(([name]) => name)
  );
}

function nameOfClass(prototype: object): string {
  const constructor = ownValue(prototype, "constructor");
  const name = typeof constructor === "function" ? ownValue(constructor, "name") : undefined;
  return typeof name === "string" && name !== "Object" ? name : "";
}

/** Whether a prototype is built in. */
function isBuiltIn(prototype: object): boolean {
  if (prototype === Object.prototype) return true;
  const constructor = ownValue(prototype, "constructor");
  return (
    typeof constructor === "function" && /\[native code\]\s*\}$/.test(Function.prototype.toString.call(constructor))
  );
}
