/**
 * Messages that are passed to a queue, whose worker handles those of several requests: the ambient scope of the worker
 * is that of the request that has started it. The scope of each message is remembered with it, and an operation on the
 * message is placed there; where several scopes are possible, it is detached.
 */

import type { Scope } from "../../agents/observe/observer.js";
import { guard } from "../../util/guard.js";
import { ambientScope, currentScope, hasEnded, isWithin, markScopeEnded, scopeToCarry, withScope } from "../context.js";
import { isObject, isPlainObject } from "../fields.js";
import { parentOf } from "../scope-state.js";
import { givesFreshPromises } from "../call-result.js";
import type { AnyFunction } from "../patch.js";
import { isNativePromise, watchPromise } from "../promises.js";
import type { Call } from "./call.js";
import { messagesIn, textOf } from "./message-fields.js";
import { hasThirdPartyMark } from "../third-party-mark.js";

/** The most messages that are remembered of one queue. */
const MAX_MESSAGES = 1_000;

/** A call that passes a message to a queue. Work that it starts has it as its ambient scope. */
export class Submission implements Scope {
  readonly kind = "span";
  readonly parent: Scope | undefined = scopeToCarry();
  readonly queue: object;
  readonly text: string | undefined;
  /** Whether the call itself runs: what it starts is certainly for its own message. */
  isRunning = true;
  /** The sets that it is in, as long as its message may wait. */
  readonly #sets: readonly Set<Submission>[];

  constructor({ self, args }: Call) {
    this.queue = self as object;
    this.text = args.map(textOf).find(Boolean);
    this.#sets = [entriesOf(waiting, this.queue), ...args.flatMap(messagesOf).map((one) => entriesOf(submitted, one))];
    for (const set of this.#sets) {
      const [oldest] = set;
      if (set.size >= MAX_MESSAGES) set.delete(oldest!);
      set.add(this);
    }
    isAnySubmitted = true;
    // The scope in which it was made counts, not this one.
    markScopeEnded(this);
  }

  /** Runs the call; `fn` is its method. */
  run(fn: AnyFunction, work: () => unknown): unknown {
    try {
      const result = this.parent === undefined ? work() : withScope(this, work);
      const over = (): void => this.#sets.forEach((set) => set.delete(this));
      // Without a promise it is not known when the message is handled.
      if (isNativePromise(result))
        guard(() => watchPromise(result, givesFreshPromises(fn), { value: over, failure: over }));
      return result;
    } finally {
      this.isRunning = false;
    }
  }
}

let isAnySubmitted = false;

/** The ambient scope of operations that may be part of several others. */
const uncertain: Scope = { kind: "span", parent: undefined };
/** The messages that wait in a queue. */
const waiting = new WeakMap<object, Set<Submission>>();
/** Those of one message object. */
const submitted = new WeakMap<object, Set<Submission>>();

/**
 * Runs `start`, which starts an operation with these arguments, in the scope of the message that it is about, if the
 * ambient scope may be that of another one. If that scope is not certain, the operation is detached.
 */
export function inScopeOfMessage<T>(args: readonly unknown[], start: () => T): T {
  if (!isAnySubmitted) return start();
  const ambient = enclosingSubmission();
  const candidates = submissionsOf(args, ambient);
  if (candidates === undefined) return start();
  const scopes = new Set(candidates.map(({ parent }) => parent));
  const [scope] = scopes;
  if (scopes.size !== 1 || (scope === undefined && ambientScope() !== undefined)) return withDetached(start);
  return scope === undefined || isWithin(ambient ?? currentScope(), scope) ? start() : withScope(scope, start);
}

/**
 * The submissions that an operation with these arguments may be about: by the message objects, else by the texts of
 * what waits in the queue that runs it. `undefined` if the ambient scope is right in any case.
 */
function submissionsOf(args: readonly unknown[], ambient: Submission | undefined): Submission[] | undefined {
  const messages = [...args.flatMap(messagesOf), ...(messagesIn(args) ?? []).slice(-1).filter(isObject)];
  const found = messages.flatMap((message) => [...(submitted.get(message) ?? [])]);
  if (found.length > 0) return found;
  // No queue runs it, or its message is handled by the very call that passes it.
  if (ambient === undefined || ambient.isRunning) return undefined;
  const others = [...(waiting.get(ambient.queue) ?? [])];
  if (others.length === 1 && others[0] === ambient) return undefined;
  const texts = [...args, ...messages].map(textOf).filter(Boolean);
  return others.filter(({ text }) => texts.includes(text));
}

/** Runs `start` in a scope that has ended, so that what it starts is marked as detached. */
function withDetached<T>(start: () => T): T {
  markScopeEnded(uncertain);
  return withScope(uncertain, start);
}

/** The submission in whose work the running code is, unless an operation has started in it. */
function enclosingSubmission(): Submission | undefined {
  for (let at = ambientScope(); at !== undefined; at = parentOf(at)) {
    if (at instanceof Submission) return at;
    if (hasThirdPartyMark(at) && !hasEnded(at)) return undefined;
  }
  return undefined;
}

/** The objects by which a message is recognized: itself, or what an envelope has in it. */
function messagesOf(value: unknown): object[] {
  if (!isObject(value) || Array.isArray(value)) return [];
  const inner = isPlainObject(value) ? [value["message"], value["content"], value["payload"]] : [];
  return [value, ...inner.filter(isObject)];
}

function entriesOf<Key extends object>(table: WeakMap<Key, Set<Submission>>, key: Key): Set<Submission> {
  let entries = table.get(key);
  if (entries === undefined) table.set(key, (entries = new Set()));
  return entries;
}
