/**
 * Reports the operations of third-party agents to the observers of our own agents, and in the same form
 * (agents/observe/observer.ts), so that the tracer records both in one way.
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
import { currentScope, withScope, hasAsyncContext } from "../context.js";
import { AgentReporter } from "../agent-reporter.js";
import { hasRecorder, sharedObservers } from "../recorders.js";
import { parentOf } from "../scope-state.js";
import type { StartedOperation } from "./call.js";
import { plainText, textOf } from "./message-fields.js";
import { hasThirdPartyMark, THIRD_PARTY } from "../third-party-mark.js";

/** The last message of a chat. */
export interface LastMessage {
  readonly message: unknown;
  readonly speaker: string;
  /** Whether it is a reply that has not been sent yet. */
  isPendingReply: boolean;
}

/** The state of an open chat. */
export interface ChatState {
  /** The first message, until a message is reported. */
  initial: unknown;
  readonly sender: string;
  lastMessage: LastMessage | undefined;
  /** The newest turn: further operations of its agent, such as the tool calls that it requested, are part of it. */
  lastTurn: ThirdPartyScope | undefined;
  readonly history: { readonly content: string; readonly role: string; readonly name: string }[];
}

/** The most messages that are stored of a chat, for libraries whose result has no history. */
const MAX_HISTORY_MESSAGES = 1_000;

/**
 * The observer that is used when `autolog()` was not called: an agent that was wrapped manually is traced
 * nevertheless.
 */
let fallbackReporter: AgentReporter | undefined;

/** Whether `scope` is an operation of a third-party library, reported by any copy of this package. */
export function isThirdPartyScope(scope: Scope | undefined): scope is ThirdPartyScope {
  return scope !== undefined && hasThirdPartyMark(scope);
}

/** An operation of a third-party library. */
export class ThirdPartyScope<K extends ScopeKind = ScopeKind> implements Scope {
  readonly [THIRD_PARTY] = true;
  readonly kind: K;
  readonly parent: Scope | undefined;
  /** The object whose method started the operation. */
  readonly self: unknown;
  /** The name of the agent or tool. */
  readonly name: string;
  /** Of a chat: its state. */
  readonly chat: ChatState | undefined;
  /** Of a reply: whether its message has been reported. Of a call: whether a nested one reports it in more detail. */
  isReported = false;
  /** Of a model call: whether a nested one has reported its token counts, which this one may repeat. */
  isCounted = false;
  /** Of a reply: whether the agent's next message ends it, since no method does. */
  isImplicitTurn = false;
  /** The error with which `end` is to end the operation. */
  #failure: { readonly error: unknown } | undefined;
  #isOpen = true;
  #endListener: (() => void) | undefined;
  /** The observers of the start, who are notified of everything else. */
  readonly #observers: readonly AgentObserver[];

  constructor(
    kind: K,
    self: unknown,
    name: string,
    details: StartDetails[K],
    parent: Scope | undefined = currentScope(),
    chat?: ChatState,
  ) {
    this.kind = kind;
    this.parent = parent;
    this.self = self;
    this.name = name;
    this.chat = chat;
    this.#observers = currentObservers();
    openScopes += 1;
    this.#notify((observer) => observer.start?.(this, details));
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** This operation as one that a call has started; `read` converts the call's result. */
  started(read: (result: unknown, usage: unknown) => EndDetails[K]): StartedOperation {
    return { scope: this, end: (result, usage) => this.end(read(result, usage)) };
  }

  end(details: EndDetails[K]): void {
    if (!this.#isOpen) return;
    this.#close();
    const failure = this.#failure;
    this.#notify((observer) =>
      failure === undefined ? observer.end?.(this, details) : observer.failure?.(this, failure.error, details),
    );
  }

  fail(error: unknown): void {
    if (!this.#isOpen) return;
    this.#close();
    this.#notify((observer) => observer.failure?.(this, error));
  }

  /** As `fail`, after a part of the result has come: `endWithPart` ends the operation with that. */
  failWithPart(error: unknown, endWithPart: () => void): void {
    this.#failure = { error };
    guard(endWithPart);
    this.fail(error);
  }

  /** Sets a function that is called when the operation has ended or failed. */
  onEnd(onOver: () => void): void {
    this.#endListener = onOver;
  }

  message(event: MessageEvent): void {
    this.#notify((observer) => observer.message?.(this, event));
  }

  chunk(chunk: unknown): void {
    this.#notify((observer) => observer.chunk?.(this as never, chunk));
  }

  /** Runs `work` as part of this operation. */
  run<T>(work: () => T): T {
    return withScope(this, work);
  }

  #close(): void {
    this.#isOpen = false;
    openScopes -= 1;
    this.#endListener?.();
  }

  #notify(notify: (observer: AgentObserver) => void): void {
    for (const observer of this.#observers) guard(() => notify(observer));
  }
}

let openScopes = 0;

/** Whether a call is certainly not part of an operation: in a page the ambient scope may have been lost. */
export function isCertainlyTopLevel(ambient: Scope | undefined): boolean {
  return ambient === undefined && (openScopes === 0 || hasAsyncContext());
}

/** The innermost open operation of a third-party library. */
export function innermostScope(): ThirdPartyScope | undefined {
  for (let at = currentScope(); at !== undefined; at = parentOf(at)) if (isThirdPartyScope(at)) return at;
  return undefined;
}

/** The nearest operation of that kind: `scope` itself or an ancestor. */
export function enclosing(scope: Scope | undefined, kind: ScopeKind): ThirdPartyScope | undefined {
  for (let at = scope; at !== undefined; at = parentOf(at))
    if (at.kind === kind) return isThirdPartyScope(at) ? at : undefined;
  return undefined;
}

/**
 * Reports a message of `sender`, and stores it as the chat's last one, if there is a chat.
 *
 * @param isPendingReply whether it is a reply that has not been sent yet.
 */
export function reportMessage(
  scope: ThirdPartyScope,
  chat: ChatState | undefined,
  sender: string,
  recipient: Named,
  message: unknown,
  isPendingReply = false,
): void {
  scope.message({ sender: { name: sender }, recipient, message: asMessage(message), valid: true });
  if (chat === undefined) return;
  chat.initial = undefined;
  chat.lastMessage = { message, speaker: sender, isPendingReply };
  if (chat.history.length < MAX_HISTORY_MESSAGES)
    chat.history.push({
      content: textOf(message) ?? "",
      role: sender === chat.sender ? "assistant" : "user",
      name: sender,
    });
}

/** A value as a message. */
export function asMessage(message: unknown): MessageEvent["message"] {
  return typeof message === "object" ? (message as MessageEvent["message"]) : plainText(message);
}

function currentObservers(): readonly AgentObserver[] {
  const observers = [...sharedObservers()];
  if (!hasRecorder(observers)) observers.push((fallbackReporter ??= new AgentReporter()));
  return observers;
}
