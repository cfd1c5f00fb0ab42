/**
 * Hooks: replacements of a library's methods that call the method and report the call, as the agents of
 * this package report theirs. Whatever fails here, the method runs exactly once, with its own `this` and
 * arguments, and its caller gets exactly what it returned or threw.
 */

import { guard } from "../util/guard.js";
import { isEnabled } from "../util/enablement.js";
import { shared } from "../util/shared.js";
import { hasAsyncContext } from "./context.js";
import type { StartedOperation, Call, HookOptions } from "./third-party/call.js";
import { startChat, startChats } from "./third-party/chats.js";
import { ChunkAssembler } from "./third-party/chunk-assembler.js";
import { isAgent } from "./third-party/object-shape.js";
import { startModelCall } from "./third-party/models.js";
import { startCodeExecution, startHumanInput, startSpeakerSelection } from "./third-party/other-operations.js";
import { startReply, startTurn, startMessage } from "./third-party/replies.js";
import { inScopeOfMessage, Submission } from "./third-party/submissions.js";
import { startToolCall } from "./third-party/tools.js";
import type { MethodMeaning, Role } from "./third-party/method-meaning.js";
import { type AnyFunction, originalOf, replacementFor } from "./patch.js";
import { isNativePromise, watchPromise } from "./promises.js";
import { givesFreshPromises, propagateScopeThrough, type ResultListener, watchCallResult } from "./call-result.js";

/** The roles of methods that are operations. */
type OperationRole = Exclude<Role, "registration" | "submission">;

const START_OPERATION: Readonly<Record<OperationRole, (call: Call) => StartedOperation | undefined>> = {
  chats: startChats,
  chat: startChat,
  reply: startReply,
  turn: startTurn,
  send: (call) => startMessage(call, true),
  receive: (call) => startMessage(call, false),
  modelCall: startModelCall,
  toolCall: startToolCall,
  speakerSelection: startSpeakerSelection,
  humanInput: startHumanInput,
  codeExecution: startCodeExecution,
};

/** The objects of hooks that report only calls on some objects. */
const restrictedTo = new WeakMap<AnyFunction, WeakSet<object>>();

/**
 * Hooks of objects that were discovered, not given: they report only calls within a traced operation. Shared, since
 * another copy of this package may be given such an object.
 */
const nestedOnly = shared("nested-hooks", () => new WeakSet<AnyFunction>());

/** Reports all calls of a hook whose object was discovered before and is given now. */
export function reportAlways(hooked: AnyFunction): void {
  nestedOnly.delete(hooked);
}

/** Whether `fn` is a hook that reports calls on `value`. */
export function isHooked(fn: unknown, value: object): boolean {
  if (originalOf(fn) === undefined) return false;
  const limit = restrictedTo.get(fn as AnyFunction);
  return limit === undefined || limit.has(value);
}

/** A hook of `fn`. While tracing is disabled, it costs one comparison. */
export function hook(fn: AnyFunction, key: PropertyKey, meaning: MethodMeaning, options: HookOptions): AnyFunction {
  const hooked: AnyFunction = replacementFor(fn, (target, self, args) => {
    if (!isEnabled() || (options.restrictedTo !== undefined && !options.restrictedTo.has(self as object)))
      return Reflect.apply(target, self, args as never[]);
    const run = (actual: readonly unknown[]): unknown => Reflect.apply(target, self, actual as never[]);
    const call: Call = {
      fn: target,
      self: self ?? options.owner,
      args,
      meaning,
      options,
      isNestedOnly: nestedOnly.has(hooked),
    };
    if (meaning.role === "registration") return callRegistration(call, run);
    return meaning.role === "submission"
      ? callSubmission(call, () => run(args))
      : callAndReport(
          call,
          () => run(args),
          () => isSuperCall(self, key, hooked),
        );
  });
  if (options.restrictedTo !== undefined) restrictedTo.set(hooked, options.restrictedTo);
  if (options.isNestedOnly) nestedOnly.add(hooked);
  return hooked;
}

/**
 * A replacement of `fn` that propagates the ambient scope to the code that awaits its result, in hosts
 * without an asynchronous context: for methods that are not reported, but call methods that are.
 */
export function propagatingScope(fn: AnyFunction): AnyFunction {
  return replacementFor(fn, (target, self, args) => withPropagation(Reflect.apply(target, self, args as never[])));
}

/** A replacement of `fn` that passes the objects that it gives, also by a promise, to `onResult`. */
export function observingResult(fn: AnyFunction, onResult: (made: object) => void): AnyFunction {
  const value = (made: unknown): void => {
    if (isEnabled() && typeof made === "object" && made !== null) guard(() => onResult(made));
  };
  return replacementFor(fn, (target, self, args) => {
    const made = Reflect.apply(target, self, args as never[]);
    if (isNativePromise(made)) guard(() => watchPromise(made, givesFreshPromises(fn), { value, failure: () => {} }));
    else value(made);
    return withPropagation(made);
  });
}

function withPropagation(result: unknown): unknown {
  guard(() => {
    if (!hasAsyncContext() && isEnabled()) propagateScopeThrough(result);
  });
  return result;
}

function callAndReport(call: Call, run: () => unknown, isSuper: () => boolean): unknown {
  const { fn, self, args, options } = call;
  let operation: StartedOperation | undefined;
  guard(() => {
    if (isSuper()) return;
    if (options.visit !== undefined) visitAll(options.visit, self, args);
    if (isListenerCall(args)) return;
    operation = inScopeOfMessage(args, () => START_OPERATION[call.meaning.role as OperationRole](call));
  });
  if (operation === undefined) return withPropagation(run());
  const { scope, end } = operation;
  if (end === undefined) return withPropagation(scope.run(run));
  let release: (() => void) | undefined;
  guard(() => (release = typeof self === "object" && self !== null ? options.watch?.(self) : undefined));
  const listener = resultListenerOf({ scope, end }, release);
  let result: unknown;
  try {
    result = scope.run(run);
  } catch (error) {
    listener.failure(error);
    throw error;
  }
  guard(() => watchCallResult(result, fn, listener));
  return result;
}

/** Whether a call only passes functions, and so registers them, whatever the name of the method. */
function isListenerCall(args: readonly unknown[]): boolean {
  return args.length > 0 && args.every((value) => typeof value === "function");
}

/** A call that passes a message to a queue. */
function callSubmission(call: Call, run: () => unknown): unknown {
  const { self, args, fn, options } = call;
  let submission: Submission | undefined;
  guard(() => {
    if (typeof self !== "object" || self === null) return;
    if (options.visit !== undefined) visitAll(options.visit, self, args);
    submission = new Submission(call);
  });
  return withPropagation(submission === undefined ? run() : submission.run(fn, run));
}

/**
 * A call that registers tools or agents with an object: it is made with hooked tools in place of the program's, and the
 * object is inspected afterwards.
 */
function callRegistration({ self, args, options }: Call, run: (args: readonly unknown[]) => unknown): unknown {
  let registered = args;
  guard(() => {
    registered = options.withHookedTools?.(self as object, args) ?? args;
  });
  const result = run(registered);
  guard(() => options.visit?.(self as object));
  return withPropagation(result);
}

function visitAll(visit: (value: object) => void, self: unknown, args: readonly unknown[]): void {
  if (typeof self === "object" && self !== null) guard(() => visit(self));
  for (const value of args) if (isAgent(value)) guard(() => visit(value));
}

/** The listener that ends an operation with the result of its call. Failures in it are counted. */
function resultListenerOf({ scope, end }: Required<StartedOperation>, release?: () => void): ResultListener {
  let assembler: ChunkAssembler | undefined;
  const released = (): void => {
    if (release !== undefined) guard(release);
  };
  const failure = (error: unknown): void =>
    guard(() => {
      released();
      const part: unknown = assembler?.result(undefined);
      if (part === undefined) scope.fail(error);
      else scope.failWithPart(error, () => end(part, assembler?.usage));
    });
  const value = (result: unknown, usage?: unknown): void => {
    released();
    guard(() => {
      if (scope.isOpen) end(result, usage);
    });
    // If that failed, the operation has ended nevertheless.
    if (scope.isOpen) guard(() => scope.end({}));
  };
  return {
    value,
    failure,
    chunk: (chunk) =>
      guard(() => {
        (assembler ??= new ChunkAssembler()).add(chunk);
        if (scope.kind === "modelCall") scope.chunk(chunk);
      }),
    finished: (returned) => value(assembler === undefined ? returned : assembler.result(returned), assembler?.usage),
    step: (work) => scope.run(work),
    mayHoldStream: scope.kind === "modelCall",
  };
}

/**
 * Whether `hooked` was called by `super`: then the object's own method of that name is another hook,
 * which has reported the call already. Only descriptors are read.
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
