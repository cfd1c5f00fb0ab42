/**
 * Hooks: functions that do what a library's method does, and report it as our own agents report what
 * they do. Whatever goes wrong here, the method runs exactly once, with its own `this` and arguments,
 * and its caller gets exactly what it gave or threw.
 */

import { guard } from "../util/guard.js";
import { isEnabled } from "../util/switch.js";
import { survivesAwait } from "./context.js";
import type { Begun, Call, HookOptions } from "./third-party/call.js";
import { beginChat, beginChats } from "./third-party/chats.js";
import { Pieces } from "./third-party/chunks.js";
import { isAgent } from "./third-party/kinds.js";
import { beginModelCall } from "./third-party/models.js";
import { beginCodeExecution, beginHumanInput, beginSpeakerSelection } from "./third-party/other-operations.js";
import { beginReply, beginTurn, hearMessage } from "./third-party/replies.js";
import { beginToolCall } from "./third-party/tools.js";
import type { Meaning, Role } from "./third-party/words.js";
import { type AnyFunction, originalOf, standIn } from "./patch.js";
import { carry, type Outcome, watch } from "./stream.js";

const BEGIN: Readonly<Record<Exclude<Role, "registration">, (call: Call) => Begun | undefined>> = {
  chats: beginChats,
  chat: beginChat,
  reply: beginReply,
  turn: beginTurn,
  send: (call) => hearMessage(call, true),
  receive: (call) => hearMessage(call, false),
  modelCall: beginModelCall,
  toolCall: beginToolCall,
  speakerSelection: beginSpeakerSelection,
  humanInput: beginHumanInput,
  codeExecution: beginCodeExecution,
};

/** Hooks that are for some objects only. */
const limits = new WeakMap<AnyFunction, WeakSet<object>>();

/** Hooks of what was found rather than given, which count only as part of something that is traced already. */
const onlyInside = new WeakSet<AnyFunction>();

/** What was found before has been given now: all of its calls count. */
export function countAlways(hooked: AnyFunction): void {
  onlyInside.delete(hooked);
}

/** Whether `fn` reports calls on `value` already. */
export function isHooked(fn: unknown, value: object): boolean {
  if (originalOf(fn) === undefined) return false;
  const limit = limits.get(fn as AnyFunction);
  return limit === undefined || limit.has(value);
}

/** A function that does what `fn` does and reports it. Costs one question while tracing is off. */
export function hook(fn: AnyFunction, key: PropertyKey, meaning: Meaning, options: HookOptions): AnyFunction {
  const hooked: AnyFunction = standIn(fn, (target, self, given) => {
    if (!isEnabled() || (options.only !== undefined && !options.only.has(self as object)))
      return Reflect.apply(target, self, given as never[]);
    const run = (changed: readonly unknown[]): unknown => Reflect.apply(target, self, changed as never[]);
    const call: Call = {
      fn: target,
      self: self ?? options.owner,
      given,
      meaning,
      options,
      isOnlyInside: onlyInside.has(hooked),
    };
    return meaning.role === "registration"
      ? register(call, run)
      : observed(
          call,
          () => run(given),
          () => isSuperCall(self, key, hooked),
        );
  });
  if (options.only !== undefined) limits.set(hooked, options.only);
  if (options.isOnlyInside) onlyInside.add(hooked);
  return hooked;
}

/**
 * A function that does what `fn` does and keeps the ambient scope for whoever waits for it, where
 * the host does not: for a library's methods that mean nothing but are on the way.
 */
export function carrier(fn: AnyFunction): AnyFunction {
  return standIn(fn, (target, self, given) => carried(Reflect.apply(target, self, given as never[])));
}

function carried(result: unknown): unknown {
  guard(() => {
    if (!survivesAwait() && isEnabled()) carry(result);
  });
  return result;
}

function observed(call: Call, run: () => unknown, isSuper: () => boolean): unknown {
  const { fn, self, given, options } = call;
  let begun: Begun | undefined;
  guard(() => {
    if (isSuper()) return;
    if (options.meet !== undefined) meetAll(options.meet, self, given);
    begun = BEGIN[call.meaning.role as Exclude<Role, "registration">](call);
  });
  if (begun === undefined) return carried(run());
  const { scope, end } = begun;
  if (end === undefined) return carried(scope.within(run));
  const outcome = outcomeOf({ scope, end });
  let result: unknown;
  try {
    result = scope.within(run);
  } catch (error) {
    outcome.failure(error);
    throw error;
  }
  guard(() => watch(result, fn, outcome));
  return result;
}

/** Something is registered with an object, which may then hold what was not there before. */
function register({ self, given, options }: Call, run: (given: readonly unknown[]) => unknown): unknown {
  let changed = given;
  guard(() => {
    changed = options.meetAgain?.(self as object, given) ?? given;
  });
  const result = run(changed);
  guard(() => options.meet?.(self as object));
  return carried(result);
}

function meetAll(meet: (value: object) => void, self: unknown, given: readonly unknown[]): void {
  if (typeof self === "object" && self !== null) guard(() => meet(self));
  for (const value of given) if (isAgent(value)) guard(() => meet(value));
}

/** Turns what is seen of a result into the end of what was begun. What goes wrong here is counted and dropped. */
function outcomeOf({ scope, end }: Required<Begun>): Outcome {
  let pieces: Pieces | undefined;
  const failure = (error: unknown): void => guard(() => scope.fail(error));
  const value = (result: unknown): void => {
    guard(() => {
      if (scope.isOpen) end(result);
    });
    // Whatever became of that, it is over.
    if (scope.isOpen) guard(() => scope.end({}));
  };
  return {
    value,
    failure,
    chunk: (chunk) =>
      guard(() => {
        (pieces ??= new Pieces()).add(chunk);
        if (scope.kind === "modelCall") scope.chunk(chunk);
      }),
    finished: (returned) => value(pieces === undefined ? returned : pieces.result(returned)),
    step: (work) => scope.within(work),
  };
}

/**
 * Whether `hooked` was reached by `super`: then what an object really calls by that name is another
 * function of ours, which has reported the call already. Nothing is read but descriptors.
 */
function isSuperCall(self: unknown, key: PropertyKey, hooked: AnyFunction): boolean {
  let at: unknown = self;
  while ((typeof at === "object" && at !== null) || typeof at === "function") {
    const found = Reflect.getOwnPropertyDescriptor(at, key);
    if (found !== undefined) return found.value !== hooked && originalOf(found.value) !== undefined;
    at = Object.getPrototypeOf(at);
  }
  return false;
}
