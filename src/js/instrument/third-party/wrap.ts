/** Agents, tools and model clients that a program hooks manually. */

import { invalid } from "../../util/errors.js";
import { checkOptions } from "../../util/options.js";
import { guard } from "../../util/guard.js";
import { areManualHooksEnabled, onToggle } from "../../util/enablement.js";
import { isObject } from "../fields.js";
import type { HookOptions } from "./call.js";
import { type ClientMethod, clientMethods, PATH_PROPERTIES, shapeOfModel } from "./clients.js";
import { Hooks } from "./hooks.js";
import { reportsItself, detectByProbing, shapeOfObject } from "./object-shape.js";
import { proxyFor, isProxy, targetOf } from "./proxy.js";
import { setName } from "./agent-names.js";
import { isOperation, type MethodMeaning, MODEL_CALL, TOOL_CALL } from "./method-meaning.js";
import { type AnyFunction, originalOf, replacementFor } from "../patch.js";
import { WeakTable } from "../weak-table.js";
import { hook } from "../hook.js";

/** The options of `wrapAgent`. */
export interface WrapAgentOptions {
  /** The agent's name in traces. Default: its own name. */
  name?: string;
}

/** The options of `wrapTool`. */
export interface WrapToolOptions {
  /** The tool's name in traces. Default: the name of the function, or of the tool. */
  name?: string;
  /** The description that the model receives. */
  description?: string;
}

/** The options of `wrapModelClient`. */
export interface WrapModelClientOptions {
  /** The model that is called, for requests that do not name it. */
  model?: string;
}

/** An object that was hooked manually. */
interface WrappedObject {
  /** The object that the program got: the original, or a proxy of it. */
  readonly result: object;
  readonly hooks: Hooks;
  /** Applies the hooks; returns whether all could be applied. */
  apply(hooks: Hooks): boolean;
}

const wrapped = new WeakTable<object, WrappedObject>();
let areHooksApplied = true;

/** Applies the hooks of all wrapped objects, or removes them, as tracing is enabled and disabled. */
function updateHooks(): void {
  const on = areManualHooksEnabled();
  if (on === areHooksApplied) return;
  areHooksApplied = on;
  for (const { hooks, apply } of wrapped.values()) {
    if (on) guard(() => apply(hooks));
    else hooks.undo();
  }
}

/**
 * Traces one agent of any library in the style of AG2 or AutoGen: its chats, replies, messages, tool
 * calls, and the calls of the model client it holds. Works whether `autolog()` has been called or
 * not, and does nothing to agents of `mlflow-ag2/agents`, which `autolog()` traces.
 *
 * The agent is changed in place, so that every reference to it is traced. Where that is not possible (a
 * frozen object with functions of its own), a proxy is returned: use that instead. Methods called on the
 * proxy run on the agent itself, so private fields work, but their calls on `this` are not traced.
 *
 * @throws MlflowAg2Error `invalid_argument` if it has no method of an agent.
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
  checkOptions("wrapAgent", options, { name: "text" });
  const target = checked("wrapAgent", agent);
  if (options.name !== undefined) setName(target, options.name);
  if (isProxy(agent) || reportsItself(target)) return agent;
  const listed = shapeOfObject(target, "agent");
  const shape = listed.methods.size > 0 ? listed : detectByProbing(target);
  const { methods, kind } = shape;
  if (![...methods.values()].some(isOperation)) {
    throw invalid(
      "wrapAgent found no operation of an agent: it looked for chats (`initiateChat`, `run`), replies " +
        "(`generateReply`, `reply`, `generate`, `invoke`), `send` and `receive`, tool calls (`executeFunction`) and " +
        "speaker selections; wrap its tools with wrapTool and its model with wrapModelClient, or its calls in withSpan",
    );
  }
  const apply = (hooks: Hooks): boolean => {
    let isDone = hooks.hookObject(target, shape);
    if (!isDone) {
      hooks.undo();
      isDone = hooks.hookThroughClass(target, shape);
    }
    if (isDone) hooks.discovery.inspectProperties(target, shape);
    return isDone;
  };
  return wrap(target, apply, () =>
    proxyFor(target, (key, value) => {
      const meaning = typeof key === "string" ? methods.get(key) : undefined;
      return meaning === undefined ? undefined : hookedMethod(target, key, value, meaning, { kind });
    }),
  );
}

/**
 * Reverts `wrapAgent`, `wrapTool` or `wrapModelClient`: the object is as it was before.
 *
 * @returns the original object, in place of a proxy or a traced function.
 * @example
 * const add = wrapTool((a: number, b: number) => a + b, { name: "add" });
 * const plain = unwrapAgent(add);
 */
export function unwrapAgent<Agent extends object>(agent: Agent): Agent {
  const original = originalOf(agent);
  if (original !== undefined) return original as unknown as Agent;
  const target = targetOf(agent);
  wrapped.get(target)?.hooks.undo();
  wrapped.delete(target);
  return target;
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
  checkOptions("wrapTool", options, { name: "text", description: "text" });
  if (typeof tool === "function") {
    if (originalOf(tool) !== undefined) return tool;
    const name = options.name ?? (tool as AnyFunction).name;
    return hook(tool, "", TOOL_CALL, {
      ...options,
      name: name === "" ? "tool" : name,
    }) as unknown as Tool;
  }
  const target = checked("wrapTool", tool);
  const apply = (hooks: Hooks): boolean => hooks.hookTool(target, options);
  return wrap(target, apply, () => {
    throw invalid(
      "wrapTool found no function that can be replaced, such as `execute`, or no name: wrap the function itself",
    );
  });
}

/**
 * Traces the calls of a model client, streamed or not: of the `openai` package and those that copy
 * it, of Anthropic's and Google's, or any object with a method such as `create` or `complete`. It is
 * changed in place; where it is frozen, a proxy is returned: use that instead.
 *
 * @throws MlflowAg2Error `invalid_argument` if it has no such method.
 * @example
 * const client = wrapModelClient({
 *   create: async (request: { model: string }) => ({ choices: [{ message: { content: request.model } }] }),
 * });
 */
export function wrapModelClient<Client extends object>(client: Client, options: WrapModelClientOptions = {}): Client {
  checkOptions("wrapModelClient", options, { model: "text" });
  if (typeof client === "function") {
    return originalOf(client) === undefined
      ? (hook(client, "", MODEL_CALL, { ...options, kind: "client" }) as unknown as Client)
      : client;
  }
  const target = checked("wrapModelClient", client);
  if (isProxy(client) || reportsItself(target)) return client;
  const clientCalls = clientMethods(target);
  const own = shapeOfModel(target);
  if (clientCalls.length === 0 && own.methods.size === 0) {
    throw invalid(
      "wrapModelClient found no method that asks a model, such as `chat.completions.create`, `create` or `complete`",
    );
  }
  const known: HookOptions = { ...options, kind: "client" };
  const apply = (hooks: Hooks): boolean =>
    clientCalls.length > 0
      ? hooks.hookClient(target, known) === clientCalls.length
      : hooks.hookObject(target, own, known);
  return wrap(target, apply, () =>
    clientProxy(
      target,
      clientCalls.length > 0
        ? clientCalls
        : [...own.methods].map(([name, meaning]) => ({ holder: target, name, meaning })),
      known,
    ),
  );
}

function wrap<T extends object>(target: T, apply: (hooks: Hooks) => boolean, makeProxy: () => T): T {
  const known = wrapped.get(target);
  if (known !== undefined) return known.result as T;
  onToggle(updateHooks);
  updateHooks();
  const hooks = new Hooks(false);
  const isApplied = apply(hooks);
  if (!isApplied || !areHooksApplied) hooks.undo();
  const result = isApplied ? target : makeProxy();
  wrapped.set(target, { result, hooks, apply: isApplied ? apply : () => false });
  return result;
}

/** The proxy of a frozen client, with proxies for the objects that hold its methods. */
function clientProxy<T extends object>(client: T, calls: readonly ClientMethod[], options: HookOptions): T {
  const proxyOf = <Part extends object>(part: Part): Part =>
    proxyFor(part, (key, value) => {
      const call = calls.find(({ holder, name }) => holder === part && name === key);
      if (call !== undefined) return hookedMethod(part, key, value, call.meaning, options);
      return isObject(value) && PATH_PROPERTIES.has(key) ? proxyOf(value) : undefined;
    });
  return proxyOf(client);
}

/** A hooked method of `target` that can be called on its proxy. */
function hookedMethod(
  target: object,
  key: PropertyKey,
  value: unknown,
  meaning: MethodMeaning,
  options: HookOptions,
): unknown {
  if (typeof value !== "function") return undefined;
  const method = replacementFor(value as AnyFunction, (fn, _, args) => Reflect.apply(fn, target, args as never[]));
  return hook(method, key, meaning, options);
}

function checked<T extends object>(what: string, value: T): T {
  if (!isObject(value)) throw invalid(`${what} takes an object, not \`${String(value)}\``);
  return targetOf(value);
}
