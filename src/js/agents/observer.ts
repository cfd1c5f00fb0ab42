/**
 * The observer seam: how anything outside (a tracer, a logger, a test) learns what agents do.
 *
 * It is AG2's `runtime_logging` (autogen/runtime_logging.py) grown up: every operation has a start
 * and an end or a failure, and carries its parent explicitly, because a browser has no async
 * context to find it in. This library knows no tracer; it calls whoever sits in the shared set.
 *
 * The set lives under a well-known symbol on `globalThis`, so that import order does not matter and
 * two copies of this library report to the same observers.
 */

import type { ChatMessage, ModelRequest, ModelResponse } from "./message.js";

/** What a scope stands for. */
export type ScopeKind =
  | "chats"
  | "chat"
  | "reply"
  | "modelCall"
  | "toolCall"
  | "speakerSelection"
  | "humanInput"
  | "codeExecution";

/**
 * One operation in progress. Scopes form a tree through `parent`; identity is the object itself.
 * Hand a callback's `context` (which holds its scope) to whatever you start inside it, and the
 * observer sees that work under the right parent.
 */
export interface Scope {
  /** "span" is an operation of somebody else's, handed in as context: never started or ended here. */
  readonly kind: ScopeKind | "span";
  readonly parent: Scope | undefined;
}

/** Anything with a name that can speak in a chat. */
export interface Named {
  readonly name: string;
}

/** What is known when an operation starts, by kind. */
export interface StartDetails {
  /**
   * Several chats that belong together (`initiateChats`, `sequentialRun`): the parent of each of
   * them. Nested chats have the reply that they make as their parent and need no other.
   */
  chats: {
    /** Whose chats they are; `undefined` when every chat names its own sender. */
    sender: Named | undefined;
    /** How many. */
    count: number;
  };
  chat: {
    sender: Named;
    recipient: Named;
    message: unknown;
    clearHistory: boolean;
    silent: boolean | undefined;
    maxTurns: number | undefined;
    summaryMethod: unknown;
    summaryArgs: Readonly<Record<string, unknown>>;
    cache: unknown;
    /** Every further option of `initiateChat` (AG2's `**kwargs`: carryover, verbose, your own). */
    extra: Readonly<Record<string, unknown>>;
  };
  reply: { agent: Named; sender: Named | undefined; messages: readonly ChatMessage[] };
  modelCall: {
    /** The agent on whose behalf the model is called, if any. */
    agent: Named | undefined;
    /** Exactly what is sent to the model. */
    request: Readonly<ModelRequest>;
    /** Which entry of `configList` this attempt uses, counted from 0. */
    configIndex: number;
    /** How the model is reached, as far as the configuration says: the kind of API, and where it begins. */
    api?: { readonly type: string | undefined; readonly baseUrl: string | undefined };
  };
  toolCall: {
    agent: Named;
    name: string;
    callId: string | undefined;
    description: string | undefined;
    /** The parsed arguments, defaults filled in; the raw text where it could not be parsed. */
    arguments: unknown;
  };
  /** Who speaks next in a group chat. What is asked for that (a model in a chat of its own, a person) happens below this scope. */
  speakerSelection: {
    groupChat: unknown;
    lastSpeaker: Named | undefined;
    /** How the group chat is set up to choose: "auto", "manual", "random", "round_robin" or "function". */
    method: string;
  };
  humanInput: { agent: Named; prompt: string };
  codeExecution: { agent: Named; blocks: readonly { language: string; code: string }[] };
}

/** What is known when an operation ends well, by kind. */
export interface EndDetails {
  /** Each chat has told its result at its own end. */
  chats: Readonly<Record<string, never>>;
  chat: {
    chatId: number;
    chatHistory: readonly ChatMessage[];
    summary: unknown;
    cost: unknown;
    humanInput: readonly string[];
  };
  /** `undefined`: no reply was made (the conversation ends here). */
  reply: { reply: string | ChatMessage | undefined };
  modelCall: { response: Readonly<ModelResponse>; costUsd: number; isCached: boolean };
  /** What the tool function returned, before it was turned into text for the model, and that text. */
  toolCall: { result: unknown; content: string };
  speakerSelection: {
    /** `undefined`: nobody is to speak, the group chat ends. */
    speaker: Named | undefined;
    /**
     * What found the speaker. Beside the methods of the start: "only_candidate" (the rules left no
     * choice), the method a function named, or "round_robin" where a model or person gave no usable answer.
     */
    method: string;
  };
  humanInput: { reply: string };
  codeExecution: { exitCode: number; output: string };
}

/** A message that has arrived: AG2's `received_message` event (conversable_agent.py, `_process_received_message`). */
export interface MessageEvent {
  sender: Named;
  recipient: Named;
  /** The message as it was handed to `receive`: text, or a message object. */
  message: string | ChatMessage;
  /** Whether it was a valid chat message. */
  valid: boolean;
  /**
   * Set on copies: whose message this is one of. What a member of a group chat says arrives at the
   * manager as its own message, reported once with the scope of its reply and without this; the
   * manager then sends a copy to every other member. Its introductions, and old messages put back
   * by `resume`, count as copies too.
   */
  broadcastOf?: Named;
}

/** What an observer may implement. All methods are optional; what they throw, or reject with, is dropped. */
export interface AgentObserver {
  /** An operation begins. */
  start?<K extends ScopeKind>(scope: Scope & { kind: K }, details: StartDetails[K]): void;
  /** An operation has ended well. */
  end?<K extends ScopeKind>(scope: Scope & { kind: K }, details: EndDetails[K]): void;
  /** The operation threw `error` (which the caller then sees, unchanged). */
  failure?(scope: Scope, error: unknown): void;
  /** A message arrived. `scope` is the reply that made it, else the chat it opens or belongs to, else `undefined`. */
  message?(scope: Scope | undefined, event: MessageEvent): void;
  /** A piece of a streamed completion arrived. */
  chunk?(scope: Scope & { kind: "modelCall" }, chunk: unknown): void;
  /** An agent was made. */
  agentCreated?(agent: Named): void;
  /**
   * Runs the work of an operation that has started, and gives what `work` gives: for observers that
   * keep track of what is going on by the call stack or an async context. Here `work` is not
   * awaited, so what it gives is a promise more often than not.
   */
  around?<T>(scope: Scope, work: () => T): T;
}

/**
 * The key of the shared set of observers on `globalThis`; part of the public protocol. Whoever cannot
 * import this library, because the program brings its own copy, observes through the set.
 *
 * @example
 * const shared = globalThis as { [OBSERVERS_SYMBOL]?: Set<AgentObserver> };
 * (shared[OBSERVERS_SYMBOL] ??= new Set()).add({ agentCreated: ({ name }) => console.log(name) });
 */
export const OBSERVERS_SYMBOL: unique symbol = Symbol.for("mlflow-ag2.agent-observers") as never;

type Shared = { [OBSERVERS_SYMBOL]?: Set<AgentObserver> };

const observers: Set<AgentObserver> = ((globalThis as Shared)[OBSERVERS_SYMBOL] ??= new Set());

/**
 * Tells `observer` of everything that agents do from now on, until the returned function is called.
 * Observing twice with one object counts once.
 *
 * @example
 * const stop = observe({
 *   start: ({ kind }, details) => console.log(kind, "begins", details),
 *   failure: ({ kind }, error) => console.log(kind, "failed:", error),
 *   message: (_, { sender, recipient, message }) => console.log(`${sender.name} to ${recipient.name}:`, message),
 * });
 * await user.initiateChat(assistant, { message: "Hello." });
 * stop();
 */
export function observe(observer: AgentObserver): () => void {
  observers.add(observer);
  return () => {
    observers.delete(observer);
  };
}

/**
 * Calls every observer. What one throws is dropped: whoever watches must not be able to break a chat.
 * With nobody watching the cost is this one size check.
 *
 * @internal
 */
export function notify(tell: (observer: AgentObserver) => unknown): void {
  if (observers.size === 0) return;
  for (const observer of observers) {
    try {
      const given = tell(observer);
      // An observer that is an async function: what it rejects with must not end the program.
      if (given instanceof Promise) given.catch(() => {});
    } catch {
      // Dropped on purpose, see above.
    }
  }
}

/**
 * Runs the work of `scope` inside of every observer that wants that. The work runs exactly once and
 * its result or error is the caller's, untouched, whatever the observers do.
 *
 * @internal
 */
export function runAround<T>(scope: Scope, work: () => T): T {
  if (observers.size === 0) return work();
  let run = work;
  for (const observer of observers) run = insideOf(observer, scope, run);
  return run();
}

function insideOf<T>(observer: AgentObserver, scope: Scope, work: () => T): () => T {
  let outcome: Outcome<T> | undefined;
  const once = (): T => {
    outcome ??= outcomeOf(work);
    if ("error" in outcome) throw outcome.error;
    return outcome.result;
  };
  return () => {
    try {
      const given: unknown = observer.around?.(scope, once);
      // What an async observer makes of the work's promise is nobody's: its rejection must not end the program.
      if (given instanceof Promise && !isResult(given, outcome)) given.catch(() => {});
    } catch {
      // An error of the observer's is dropped; one of the work's is thrown below.
    }
    return once();
  };
}

type Outcome<T> = { readonly result: T } | { readonly error: unknown };

function isResult(value: unknown, outcome: Outcome<unknown> | undefined): boolean {
  return outcome !== undefined && "result" in outcome && outcome.result === value;
}

function outcomeOf<T>(work: () => T): Outcome<T> {
  try {
    return { result: work() };
  } catch (error) {
    return { error };
  }
}
