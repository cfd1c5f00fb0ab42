/**
 * Reports what other libraries' agents do, in the words of our own agents and to the same observers
 * (agents/observer.ts), so that one path through the tracer serves both.
 */

import type {
  AgentObserver,
  EndDetails,
  MessageEvent,
  Named,
  Scope,
  ScopeKind,
  StartDetails,
} from "../../agents/observe/observer.js";
import { guard } from "../../util/guard.js";
import { currentScope, runWithin, survivesAwait } from "../context.js";
import { AgentReporter } from "../observe.js";
import type { Begun } from "./call.js";
import { textOf } from "./read.js";

/**
 * The key of the shared set of observers on `globalThis`, which agents/observer.ts documents. An
 * object that has a property by this name reports to those observers by itself.
 */
export const OBSERVED: unique symbol = Symbol.for("mlflow-ag2.agent-observers") as never;

/** What was said last in a chat, and whether by a reply that is still to be handed over. */
export interface Heard {
  readonly message: unknown;
  readonly speaker: string;
  isToBeSent: boolean;
}

/** What is remembered of a chat while it goes on. */
export interface ChatMemory {
  /** The first message, as long as nothing has been said. */
  initial: unknown;
  readonly sender: string;
  heard: Heard | undefined;
  /** The newest turn: what its agent does right after it, such as to run the tools it asked for, is part of it. */
  lastTurn: ForeignScope | undefined;
  readonly history: { readonly content: string; readonly role: string; readonly name: string }[];
}

/** More of a chat than this is not kept; a chat that hands out its own history needs none of it. */
const KEPT_MESSAGES = 1_000;

/** Those who learn of what libraries do although `autolog()` has not been called: whoever wraps an agent by hand wants it traced. */
let own: AgentReporter | undefined;

/** An operation of another library's. */
export class ForeignScope<K extends ScopeKind = ScopeKind> implements Scope {
  readonly kind: K;
  readonly parent: Scope | undefined;
  /** Whose operation it is: what the method was called on. */
  readonly self: unknown;
  /** The agent or tool whose operation it is. */
  readonly name: string;
  /** Of chats. */
  readonly chat: ChatMemory | undefined;
  /** Of replies: whether its message has been reported. Of calls: whether another one inside has told more about it. */
  isTold = false;
  /** Of replies: whether the agent's next message ends it, since nothing else tells. */
  isTurn = false;
  #isOpen = true;
  #onOver: (() => void) | undefined;
  /** Who was told of the beginning: only they can make something of the rest. */
  readonly #observers: readonly AgentObserver[];

  constructor(
    kind: K,
    self: unknown,
    name: string,
    details: StartDetails[K],
    parent = currentScope(),
    chat?: ChatMemory,
  ) {
    this.kind = kind;
    this.parent = parent;
    this.self = self;
    this.name = name;
    this.chat = chat;
    this.#observers = observersNow();
    open += 1;
    this.#tell((observer) => observer.start?.(this, details));
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** A call that has begun just this, and how its result is read. */
  begun(read: (result: unknown) => EndDetails[K]): Begun {
    return { scope: this, end: (result) => this.end(read(result)) };
  }

  end(details: EndDetails[K]): void {
    if (!this.#isOpen) return;
    this.#close();
    this.#tell((observer) => observer.end?.(this, details));
  }

  fail(error: unknown): void {
    if (!this.#isOpen) return;
    this.#close();
    this.#tell((observer) => observer.failure?.(this, error));
  }

  /** What is to be done when it has ended, well or not. */
  whenOver(onOver: () => void): void {
    this.#onOver = onOver;
  }

  message(event: MessageEvent): void {
    this.#tell((observer) => observer.message?.(this, event));
  }

  chunk(chunk: unknown): void {
    this.#tell((observer) => observer.chunk?.(this as never, chunk));
  }

  /** Runs work that belongs to this operation. */
  within<T>(work: () => T): T {
    return runWithin(this, work);
  }

  #close(): void {
    this.#isOpen = false;
    open -= 1;
    this.#onOver?.();
  }

  #tell(tell: (observer: AgentObserver) => void): void {
    for (const observer of this.#observers) guard(() => tell(observer));
  }
}

let open = 0;

/** Whether a call is certainly no part of an operation. A page may have forgotten what it is part of. */
export function isOutside(ambient: Scope | undefined): boolean {
  return ambient === undefined && (open === 0 || survivesAwait());
}

/** The innermost operation of another library's that goes on here. */
export function innermost(): ForeignScope | undefined {
  for (let at = currentScope(); at !== undefined; at = at.parent) if (at instanceof ForeignScope) return at;
  return undefined;
}

/** The nearest operation of that kind which `scope` is or is part of. */
export function around(scope: Scope | undefined, kind: ScopeKind): ForeignScope | undefined {
  for (let at = scope; at !== undefined; at = at.parent)
    if (at.kind === kind) return at instanceof ForeignScope ? at : undefined;
  return undefined;
}

/**
 * Reports that `sender` said something, and remembers it for the chat, if there is one.
 *
 * @param isToBeSent whether it is a reply that is still to be handed over.
 */
export function tell(
  scope: ForeignScope,
  chat: ChatMemory | undefined,
  sender: string,
  recipient: Named,
  message: unknown,
  isToBeSent = false,
): void {
  scope.message({ sender: { name: sender }, recipient, message: asMessage(message), valid: true });
  if (chat === undefined) return;
  chat.initial = undefined;
  chat.heard = { message, speaker: sender, isToBeSent };
  if (chat.history.length < KEPT_MESSAGES)
    chat.history.push({
      content: textOf(message) ?? "",
      role: sender === chat.sender ? "assistant" : "user",
      name: sender,
    });
}

/** What somebody said, as far as it can be a message. */
export function asMessage(message: unknown): MessageEvent["message"] {
  return typeof message === "object" ? (message as MessageEvent["message"]) : String(message);
}

function observersNow(): readonly AgentObserver[] {
  const shared = (globalThis as { [OBSERVED]?: Iterable<AgentObserver> })[OBSERVED];
  const observers = shared === undefined ? [] : [...shared];
  if (!observers.some((observer) => observer instanceof AgentReporter)) observers.push((own ??= new AgentReporter()));
  return observers;
}
