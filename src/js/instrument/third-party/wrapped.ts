/** Agents, tools and model clients that a program hooks by hand. */

import { invalid } from "../../util/errors.js";
import { guard } from "../../util/guard.js";
import { isHookingByHand, takePart } from "../../util/switch.js";
import { isFields } from "../fields.js";
import type { HookOptions } from "./call.js";
import { type ClientMethod, clientMethods, STEPS } from "./clients.js";
import { Hooks } from "./hooks.js";
import { methodNames, reportsItself, thingByAsking, thingOfObject } from "./kinds.js";
import { faceOf, isFace, realOf } from "./proxy.js";
import { giveName } from "./names.js";
import { isCallOnClient, type Meaning, MODEL_CALL, TOOL_CALL } from "./words.js";
import { type AnyFunction, originalOf, standIn } from "../patch.js";
import { WeakTable } from "../weak-table.js";
import { hook } from "../wrap.js";

/** What can be said about an agent that is wrapped. */
export interface WrapAgentOptions {
  /** What it is called in traces; not given: what it calls itself. */
  name?: string;
}

/** What can be said about a tool that is wrapped. */
export interface WrapToolOptions {
  /** What it is called in traces; not given: the function's own name, or the tool's. */
  name?: string;
  /** What it does, as the model is told. */
  description?: string;
}

/** What can be said about a model client that is wrapped. */
export interface WrapModelClientOptions {
  /** The model that is asked, where requests do not say it. */
  model?: string;
}

/** Something that was hooked by hand. */
interface Wrapped {
  /** What the program has in its hands: the thing itself, or its second face. */
  readonly result: object;
  readonly hooks: Hooks;
  /** Puts the hooks; returns whether all could be put in place. */
  put(hooks: Hooks): boolean;
}

const wrapped = new WeakTable<object, Wrapped>();
let isOn = true;

/** Hooks of all wrapped things are put back, or taken away, as tracing is switched on and off. */
function follow(): void {
  const on = isHookingByHand();
  if (on === isOn) return;
  isOn = on;
  for (const { hooks, put } of wrapped.values()) {
    if (on) guard(() => put(hooks));
    else hooks.undo();
  }
}

/**
 * Traces one agent of any library in the style of AG2 or AutoGen: its chats, replies, messages, tool
 * calls, and the calls of the model client it holds. Works whether `autolog()` has been called or
 * not, and does nothing to agents of `mlflow-ag2/agents`, which are traced without.
 *
 * The agent is changed in place, so that whoever holds it has the traced one. Where that cannot be
 * (a frozen object with functions of its own), a second face is returned: use that instead. Methods
 * called on it run on the agent itself, so private fields work; what they call on `this` is then not
 * seen.
 *
 * @throws MlflowAg2Error `invalid_argument` if nothing of it looks like an agent.
 * @example
 * class SomebodysAgent {
 *   name = "alice";
 *   async generateReply(messages: string[]): Promise<string> {
 *     return `${messages.length} messages`;
 *   }
 * }
 * const alice = wrapAgent(new SomebodysAgent());
 */
export function wrapAgent<Agent extends object>(agent: Agent, options: WrapAgentOptions = {}): Agent {
  const real = checked("wrapAgent", agent);
  if (options.name !== undefined) giveName(real, options.name);
  if (isFace(agent) || reportsItself(real)) return agent;
  const shown = thingOfObject(real, "agent");
  const thing = shown.methods.size > 0 ? shown : thingByAsking(real);
  const { methods, kind } = thing;
  if (methods.size === 0) {
    throw invalid("wrapAgent found no method of an agent, such as `generateReply`, `send` or `initiateChat`");
  }
  const put = (hooks: Hooks): boolean => {
    let isDone = hooks.hookObject(real, thing);
    if (!isDone) {
      hooks.undo();
      isDone = hooks.hookThroughClass(real, thing);
    }
    if (isDone) hooks.others.lookInto(real, thing);
    return isDone;
  };
  return wrap(real, put, () =>
    faceOf(real, (key, value) => {
      const meaning = typeof key === "string" ? methods.get(key) : undefined;
      return meaning === undefined ? undefined : hookedOn(real, key, value, meaning, { kind });
    }),
  );
}

/**
 * Takes back `wrapAgent`, `wrapTool` or `wrapModelClient`: what was changed is what it was before.
 *
 * @returns the thing itself, for those that have a second face or a traced function.
 * @example
 * const add = wrapTool((a: number, b: number) => a + b, { name: "add" });
 * const plain = unwrapAgent(add);
 */
export function unwrapAgent<Agent extends object>(agent: Agent): Agent {
  const original = originalOf(agent);
  if (original !== undefined) return original as unknown as Agent;
  const real = realOf(agent);
  wrapped.get(real)?.hooks.undo();
  wrapped.delete(real);
  return real;
}

/**
 * Traces a tool: a function, of which a traced one is returned, or an object with a function (such
 * as `{ name, execute }`), which is changed in place. Everything else about it stays as it is.
 *
 * @throws MlflowAg2Error `invalid_argument` if it is neither.
 * @example
 * const add = wrapTool(({ a, b }: { a: number; b: number }) => a + b, { name: "add" });
 */
export function wrapTool<Tool extends object>(tool: Tool, options: WrapToolOptions = {}): Tool {
  if (typeof tool === "function") {
    if (originalOf(tool) !== undefined) return tool;
    const name = options.name ?? (tool as AnyFunction).name;
    return hook(tool, "", TOOL_CALL, {
      ...options,
      name: name === "" ? "tool" : name,
    }) as unknown as Tool;
  }
  const real = checked("wrapTool", tool);
  const put = (hooks: Hooks): boolean => hooks.hookTool(real, options);
  return wrap(real, put, () => {
    throw invalid(
      "wrapTool found no function that can be replaced, such as `execute`, or no name: wrap the function itself",
    );
  });
}

/**
 * Traces the calls of a model client, streamed or not: of the `openai` package and those that copy
 * it, of Anthropic's and Google's, or any object with a method such as `create` or `complete`. It is
 * changed in place; where it is frozen, a second face is returned: use that instead.
 *
 * @throws MlflowAg2Error `invalid_argument` if it has no such method.
 * @example
 * const client = wrapModelClient({
 *   create: async (request: { model: string }) => ({ choices: [{ message: { content: request.model } }] }),
 * });
 */
export function wrapModelClient<Client extends object>(client: Client, options: WrapModelClientOptions = {}): Client {
  if (typeof client === "function") {
    return originalOf(client) === undefined
      ? (hook(client, "", MODEL_CALL, { ...options, kind: "client" }) as unknown as Client)
      : client;
  }
  const real = checked("wrapModelClient", client);
  if (isFace(client) || reportsItself(real)) return client;
  const shaped = clientMethods(real);
  const own = namesOfCalls(real);
  if (shaped.length === 0 && own.length === 0) {
    throw invalid(
      "wrapModelClient found no method that asks a model, such as `chat.completions.create`, `create` or `complete`",
    );
  }
  const known: HookOptions = { ...options, kind: "client" };
  const calls = { kind: "client", methods: new Map(own.map((name) => [name, MODEL_CALL])) } as const;
  const put = (hooks: Hooks): boolean =>
    shaped.length > 0 ? hooks.hookClient(real, known) === shaped.length : hooks.hookObject(real, calls, known);
  return wrap(real, put, () =>
    clientFace(real, shaped.length > 0 ? shaped : own.map((name) => ({ holder: real, name })), known),
  );
}

function wrap<T extends object>(real: T, put: (hooks: Hooks) => boolean, face: () => T): T {
  const known = wrapped.get(real);
  if (known !== undefined) return known.result as T;
  takePart(follow);
  follow();
  const hooks = new Hooks(false);
  const isPut = put(hooks);
  if (!isPut || !isOn) hooks.undo();
  const result = isPut ? real : face();
  wrapped.set(real, { result, hooks, put: isPut ? put : () => false });
  return result;
}

/** The second face of a frozen client, down to where its methods are. */
function clientFace<T extends object>(client: T, calls: readonly ClientMethod[], options: HookOptions): T {
  const face = <Part extends object>(part: Part): Part =>
    faceOf(part, (key, value) => {
      if (calls.some(({ holder, name }) => holder === part && name === key))
        return hookedOn(part, key, value, MODEL_CALL, options);
      return isFields(value) && STEPS.has(key) ? face(value) : undefined;
    });
  return face(client);
}

/** A hooked method of `real` that can be called on its second face. */
function hookedOn(real: object, key: PropertyKey, value: unknown, meaning: Meaning, options: HookOptions): unknown {
  if (typeof value !== "function") return undefined;
  const method = standIn(value as AnyFunction, (fn, _, given) => Reflect.apply(fn, real, given as never[]));
  return hook(method, key, meaning, options);
}

/** The methods of an object without a known shape by which it asks its model. */
function namesOfCalls(client: object): string[] {
  const names = [...Object.getOwnPropertyNames(client), ...methodNames(Object.getPrototypeOf(client) as object)];
  return names.filter(
    (name) => isCallOnClient(name) && typeof (client as Record<string, unknown>)[name] === "function",
  );
}

function checked<T extends object>(what: string, value: T): T {
  if (!isFields(value)) throw invalid(`${what} takes an object, not \`${String(value)}\``);
  return realOf(value);
}
