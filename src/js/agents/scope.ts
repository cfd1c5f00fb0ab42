/**
 * Scopes in the making: how the agents' own code opens, ends and fails the operations that
 * `observer.ts` describes, and the context that carries them through every call.
 */

import type { Agent } from "./agent.js";
import type { ChatMessage } from "./message.js";
import { type EndDetails, type Named, notify, runAround, type Scope, type ScopeKind, type StartDetails } from "./observer.js";
import type { RunListener } from "./run-event.js";

/**
 * Where `run` leaves its listener for the chat that it begins. A symbol that is not exported from
 * the package keeps it out of its users' way.
 */
export const runListener: unique symbol = Symbol("run listener");

/** What a public method takes to know where it was called from; a `CallContext` is one. */
export interface ContextOption {
  /** The operation this call is part of. */
  readonly scope?: Scope | undefined;
  /** Ends the work early: the method throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Whether messages are kept off the terminal in this chat. */
  readonly silent?: boolean | undefined;
  /** For `send`: the message is a copy of one of this agent, sent on by the manager of a group chat. */
  readonly broadcastOf?: Named | undefined;
  /** @internal */
  readonly [runListener]?: RunListener | undefined;
}

/**
 * What tools, reply functions, hooks, `getHumanInput` and `isTerminationMsg` receive. Hand it on as
 * `context` to whatever you start inside of them: it then counts as part of the same operation, and
 * ends with it.
 */
export interface CallContext extends ContextOption {
  /** The operation at work; `undefined` only where something was called from outside of any. */
  readonly scope: Scope | undefined;
  /** The agent at work. */
  readonly agent: Agent;
  /** The other side of the conversation. */
  readonly sender?: Agent | undefined;
}

/** An operation in progress. Ends once: what comes after the first `end` or `fail` is not reported. */
export class OpenScope<K extends ScopeKind> implements Scope {
  readonly kind: K;
  readonly parent: Scope | undefined;
  /** The run that this is part of. Inherited, so that only the first scope of a run has to know. */
  readonly listener: RunListener | undefined;
  #isOpen = true;

  constructor(kind: K, parent: Scope | undefined, details: StartDetails[K], listener: RunListener | undefined = listenerOf(parent)) {
    this.kind = kind;
    this.parent = parent;
    this.listener = listener;
    notify((observer) => observer.start?.(this, details));
  }

  end(details: EndDetails[K]): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    notify((observer) => observer.end?.(this, details));
  }

  fail(error: unknown): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    notify((observer) => observer.failure?.(this, error));
  }
}

/** Where a reply is: offered to `generateReply`, being made, on its way to the other side. */
type ReplyPhase = "offered" | "making" | "delivering";

/**
 * A reply from its first hook until the other side has it. It passes through public methods
 * (`generateReply`, `send`, `receive`) that anybody may override or call, so it remembers whose it
 * is and how far it got: only then can `receive` tell the reply's own message from one that was
 * sent on the side while the reply was being made.
 */
export class ReplyScope extends OpenScope<"reply"> {
  readonly #agent: Agent;
  #phase: ReplyPhase = "offered";

  constructor(agent: Agent, sender: Agent | undefined, messages: readonly ChatMessage[], parent: Scope | undefined) {
    super("reply", parent, { agent, sender, messages });
    this.#agent = agent;
  }

  /** True once, for the first `generateReply` of the agent the reply is expected of. */
  claim(agent: Agent): boolean {
    if (this.#agent !== agent || this.#phase !== "offered") return false;
    this.#phase = "making";
    return true;
  }

  /** The next message that the agent sends is the reply. */
  deliver(): void {
    this.#phase = "delivering";
  }

  /** Whether a message of `sender` that carries this scope is the reply itself. */
  isDeliveredBy(sender: Agent): boolean {
    return this.#phase === "delivering" && this.#agent === sender;
  }
}

/** The run that `scope` is part of, if it is. */
export function listenerOf(scope: Scope | undefined): RunListener | undefined {
  return scope instanceof OpenScope ? scope.listener : undefined;
}

/** Ends `scope` with what `work` makes (or `endDetails` of it), or reports its failure; the error goes on unchanged. */
export async function within<K extends ScopeKind, Result>(
  scope: OpenScope<K>,
  work: () => Promise<Result>,
  endDetails: (result: Result) => EndDetails[K] = (result) => result as unknown as EndDetails[K],
): Promise<Result> {
  try {
    const result = await runAround(scope, work);
    scope.end(endDetails(result));
    return result;
  } catch (error) {
    scope.fail(error);
    throw error;
  }
}

/** The reply that made a message of `sender` arriving with `scope`, if it is one. */
export function replyBehind(scope: Scope | undefined, sender: Agent): ReplyScope | undefined {
  return scope instanceof ReplyScope && scope.isDeliveredBy(sender) ? scope : undefined;
}

/** The innermost chat that `scope` is part of. */
export function chatAround(scope: Scope | undefined): Scope | undefined {
  let around = scope;
  while (around !== undefined && around.kind !== "chat") around = around.parent;
  return around;
}

/**
 * Calls a function of the program's as part of the operation of `context`: observers stand around it
 * even where the library has awaited something since the operation began.
 */
export function calledWithin<T>(context: ContextOption | undefined, callback: () => T): T {
  return context?.scope === undefined ? callback() : runAround(context.scope, callback);
}

/**
 * What `work` gives, called as part of the operation of `context`, or the signal's reason if that
 * comes first: a model, tool or person that does not listen to the signal must not hold up the end
 * of a chat. What `work` gives later is dropped.
 */
export async function orAborted<Result>(work: () => Result | Promise<Result>, context: ContextOption): Promise<Result> {
  const { signal } = context;
  if (signal === undefined) return calledWithin(context, work);
  signal.throwIfAborted();
  let stop = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
  });
  try {
    return await Promise.race([calledWithin(context, work), aborted]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

/** A signal that is given when one of the two is. */
export function bothSignals(one: AbortSignal | undefined, other: AbortSignal | undefined): AbortSignal | undefined {
  if (one === undefined || other === undefined || one === other) return one ?? other;
  return AbortSignal.any([one, other]);
}
