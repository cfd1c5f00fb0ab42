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
const NAMED_AGENT = /(?:agent|assistant|bot)$/i;
/** Properties that only agents have, for objects whose class has lost its name. */
const AGENT_PROPERTIES =
  /^_?(?:system_?(?:message|prompt)|instructions|persona|backstory|llm_?config|human_?input_?mode)$/i;
const CLIENT = /client|provider|(?<!a)llm|model|openai|anthropic|gemini|mistral|ollama|completion/i;
const GROUP =
  /group|team|swarm|crew|conversation|orchestrat|room|council|debate|discussion|panel|manager|runtime|chats?$/i;
const TOOL = /tool|function|skill|plugin/i;
const QUEUE = /queue|broker|dispatcher|scheduler|mailbox|inbox|worker|bus(?![a-z])/i;
/** Properties of a group that hold its members. */
export const MEMBERS: RegExp = /^_?(?:agents|participants|members|speakers)$/;

const NO_SHAPE: ObjectShape = { kind: undefined, methods: new Map() };
const CONVERSATION = /group.?chat|team|swarm|crew|conversation|debate|council|discussion|chat.?room/i;

/** Objects that count as agents, whatever their shape, since they are members of conversations. */
const members = new WeakSet<object>();

/** Whether an object reports to observers by itself, so that hooks would report everything twice. */
export function reportsItself(value: object): boolean {
  return tryRead(() => OBSERVERS_KEY in value) === true;
}

/** The names under which libraries export their classes, by prototype: a bundler shortens the classes' own names. */
const exportedNames = new WeakMap<object, string>();
const classShapes = new WeakMap<object, ObjectShape>();

/** Sets the name under which a library exports the class with this prototype. */
export function setExportedName(prototype: object, name: string): void {
  if (name === "default" || exportedNames.has(prototype)) return;
  exportedNames.set(prototype, name);
  classShapes.delete(prototype);
}

/** The shape of a class, from its prototype. */
export function shapeOfClass(prototype: object): ObjectShape {
  let shape = classShapes.get(prototype);
  if (shape === undefined)
    classShapes.set(prototype, (shape = shapeOf(methodNames(prototype), namesOfClasses(prototype))));
  return shape;
}

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
      : shapeOf(names, isClassLess ? [] : namesOfClasses(prototype));
  if (shape.methods.size > 0 || names.length === 0) return shape;
  const kind = hasProperty(value, MEMBERS) ? "group" : hasProperty(value, AGENT_PROPERTIES) ? "agent" : otherwise;
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

/** Whether the name of the object's class, or of one that it inherits from, is that of an agent. */
export function isAgentByClass(value: unknown): boolean {
  return (
    isObject(value) &&
    (namesOfClasses(Object.getPrototypeOf(value) as object | null).some((name) => NAMED_AGENT.test(name)) ||
      hasProperty(value, AGENT_PROPERTIES))
  );
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
export const isConversation: (value: object) => boolean = memoize(
  (value: object): boolean =>
    tryRead(
      () =>
        hasProperty(value, MEMBERS) ||
        [...shapeOfObject(value).methods.values()].some(({ role }) => role === "speakerSelection") ||
        namesOfClasses(Object.getPrototypeOf(value) as object).some((name) => CONVERSATION.test(name)),
    ) === true,
);

function hasProperty(value: object, pattern: RegExp): boolean {
  return Object.keys(value).some((name) => pattern.test(name));
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

function shapeOf(names: readonly string[], classNames: readonly string[]): ObjectShape {
  const normalized = new Set(names.map(normalizedName));
  // The class itself comes first, then its methods, then what it inherits from.
  const kind = kindOf(normalized, tellingName(classNames.slice(0, 2))) ?? kindOf(normalized, tellingName(classNames));
  const methods = meanings(names, kind);
  return methods.size === 0 ? NO_SHAPE : { kind, methods };
}

/** The first name that tells the kind of a class. */
function tellingName(classNames: readonly string[]): string {
  return classNames.find((name) => [AGENT, CLIENT, GROUP, TOOL, QUEUE].some((pattern) => pattern.test(name))) ?? "";
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
  return TOOL.test(className) ? "tool" : QUEUE.test(className) ? "queue" : undefined;
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

/** The names of a class and of those that it inherits from: under which it is exported, and its own. */
function namesOfClasses(prototype: object | null): string[] {
  return (prototype === null ? [] : prototypeChain(prototype)).flatMap((at) => {
    const constructor = ownValue(at, "constructor");
    const name = typeof constructor === "function" ? ownValue(constructor, "name") : undefined;
    return [exportedNames.get(at) ?? "", typeof name === "string" ? name : ""];
  });
}

/** The name under which the class of `value` is exported, if it is. */
export function exportedNameOf(value: object): string | undefined {
  return exportedNames.get(Object.getPrototypeOf(value) as object);
}

/** Whether a prototype is built in. */
export function isBuiltIn(prototype: object): boolean {
  if (prototype === Object.prototype) return true;
  const constructor = ownValue(prototype, "constructor");
  return (
    typeof constructor === "function" && /\[native code\]\s*\}$/.test(Function.prototype.toString.call(constructor))
  );
}
