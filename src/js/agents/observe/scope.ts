/**
 * Operations in progress: opening, ending and failing the scopes that `observer.ts` describes, and
 * running callbacks inside of them.
 */

import type { ChatMessage } from "../message/message.js";
import { type Agent, type ContextOption, runListener, type RunListener } from "../types.js";
import {
  type EndDetails,
  type Named,
  notify,
  type Scope,
  type ScopeKind,
  type StartDetails,
  withScope,
} from "./observer.js";

/** An operation in progress. It ends once: an `end` or `fail` after the first is not reported. */
export class OpenScope<K extends ScopeKind> implements Scope {
  readonly kind: K;
  readonly parent: Scope | undefined;
  /** The listener of the run that this is part of; inherited, so that only the outermost scope sets it. */
  readonly listener: RunListener | undefined;
  #isOpen = true;

  constructor(
    kind: K,
    parent: Scope | undefined,
    details: StartDetails[K],
    listener: RunListener | undefined = listenerOf(parent),
  ) {
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

/** The progress of a reply: not begun by `generateReply`, being made, being sent. */
type ReplyPhase = "pending" | "making" | "sending";

/**
 * A reply, from its first hook until the recipient has received it. Its public methods
 * (`generateReply`, `send`, `receive`) can be overridden or called by any code, so it remembers its
 * agent and its phase: this is how `receive` tells the reply from another message that the agent
 * sends while it makes the reply.
 */
export class ReplyScope extends OpenScope<"reply"> {
  readonly #agent: Agent;
  #phase: ReplyPhase = "pending";
  /** The context variables that have changed in the turn; see `EndDetails`. */
  contextVariables: EndDetails["reply"]["contextVariables"];

  /** @param reportedAgent the agent that observers get instead of `agent` */
  constructor(
    agent: Agent,
    sender: Agent | undefined,
    messages: readonly ChatMessage[],
    parent: Scope | undefined,
    reportedAgent: Named = agent,
  ) {
    super("reply", parent, { agent: reportedAgent, sender, messages });
    this.#agent = agent;
  }

  override end(details: EndDetails["reply"]): void {
    const { contextVariables } = this;
    super.end(contextVariables ? { ...details, contextVariables } : details);
  }

  /** Claims the scope for a call of `generateReply`: true for the first call on the expected agent, then false. */
  claim(agent: Agent): boolean {
    if (this.#agent !== agent || this.#phase !== "pending") return false;
    this.#phase = "making";
    return true;
  }

  /** Marks the next message that the agent sends as the reply. */
  markSending(): void {
    this.#phase = "sending";
  }

  /** Whether a message of `sender` that carries this scope is the reply itself. */
  isSentBy(sender: Agent): boolean {
    return this.#phase === "sending" && this.#agent === sender;
  }
}

/** The listener of the run that `scope` is part of; `undefined` outside of runs. */
export function listenerOf(scope: Scope | undefined): RunListener | undefined {
  return scope instanceof OpenScope ? scope.listener : undefined;
}

/** Runs an operation: ends `scope` with the result of `work`, or reports its failure and throws the same error. */
export async function runOperation<K extends ScopeKind, Result>(
  scope: OpenScope<K>,
  work: () => Promise<Result>,
  endDetails: (result: Result) => EndDetails[K] = (result) => result as unknown as EndDetails[K],
): Promise<Result> {
  try {
    const result = await withScope(scope, work);
    scope.end(endDetails(result));
    return result;
  } catch (error) {
    scope.fail(error);
    throw error;
  }
}

/** The reply that a message of `sender` with `scope` is; `undefined` for a message that is no reply. */
export function deliveredReply(scope: Scope | undefined, sender: Agent): ReplyScope | undefined {
  return scope instanceof ReplyScope && scope.isSentBy(sender) ? scope : undefined;
}

/** The listener of the run that a call with `context` is part of, or that it begins. */
export function listenerIn(context: ContextOption | undefined): RunListener | undefined {
  return context?.[runListener] ?? listenerOf(context?.scope);
}

/** The innermost chat that `scope` is part of. */
export function enclosingChat(scope: Scope | undefined): Scope | undefined {
  let enclosing = scope;
  while (enclosing !== undefined && enclosing.kind !== "chat") enclosing = enclosing.parent;
  return enclosing;
}

/**
 * The result of `work`, run in the scope of `context`, or the signal's reason if that comes first:
 * a model, tool or person that ignores the signal must not delay the end of a chat. A result that
 * comes later is dropped.
 */
export async function raceAbort<Result>(
  work: () => Result | Promise<Result>,
  { scope, signal }: ContextOption,
): Promise<Result> {
  if (signal === undefined) return withScope(scope, work);
  signal.throwIfAborted();
  let stop = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
  });
  try {
    return await Promise.race([withScope(scope, work), aborted]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

/** A signal that aborts when one of the two does. */
export function anySignal(one: AbortSignal | undefined, other: AbortSignal | undefined): AbortSignal | undefined {
  if (one === undefined || other === undefined || one === other) return one ?? other;
  return AbortSignal.any([one, other]);
}
