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
  /** The operation that it is part of; `undefined` for the outermost. */
  readonly parent: Scope | undefined;
}

/** Anything with a name that can speak in a chat. */
export interface Named {
  /** How the agent is addressed; unique in a group chat. */
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
  /** Two agents talk, with the options of `initiateChat` as they were given, defaults filled in. */
  chat: {
    /** Who begins. */
    sender: Named;
    /** Who is talked to. */
    recipient: Named;
    /** The first message, or the function that makes it. */
    message: unknown;
    /** Whether both forget what they said to each other before. */
    clearHistory: boolean;
    /** Whether the chat stays off the terminal. */
    silent: boolean | undefined;
    /** How often the sender speaks at most. */
    maxTurns: number | undefined;
    /** The name of the method, or the function. */
    summaryMethod: unknown;
    /** What the method is given. */
    summaryArgs: Readonly<Record<string, unknown>>;
    /** The cache as text, not its answers. */
    cache: unknown;
    /** Every further option of `initiateChat` (AG2's `**kwargs`: carryover, verbose, your own). */
    extra: Readonly<Record<string, unknown>>;
  };
  /** An agent makes a reply (`generateReply`), from its first hook until the other side has it. */
  reply: {
    /** Who replies. */
    agent: Named;
    /** Whom to; `undefined` when it was asked without one. */
    sender: Named | undefined;
    /** The conversation so far, before hooks change it. */
    messages: readonly ChatMessage[];
  };
  /** One attempt with one model of a configuration, with the client's own repetitions. */
  modelCall: {
    /** The agent on whose behalf the model is called, if any. */
    agent: Named | undefined;
    /** Exactly what is sent to the model. */
    request: Readonly<ModelRequest>;
    /** Which entry of `configList` this attempt uses, counted from 0. */
    configIndex: number;
    /** How the model is reached, as far as the configuration says: the kind of API, and where it begins. */
    api?: {
      /** `apiType`. */
      readonly type: string | undefined;
      /** `baseUrl`, as it was given. */
      readonly baseUrl: string | undefined;
    };
  };
  /** A tool is run because a model asked for it. */
  toolCall: {
    /** Who runs it. */
    agent: Named;
    /** As the model wrote it; the agent may have no such tool. */
    name: string;
    /** The `id` of the model's call. */
    callId: string | undefined;
    /** What the model was told of it, where that is known. */
    description: string | undefined;
    /** The parsed arguments, defaults filled in; the raw text where it could not be parsed. */
    arguments: unknown;
  };
  /** Who speaks next in a group chat. What is asked for that (a model in a chat of its own, a person) happens below this scope. */
  speakerSelection: {
    /** The `GroupChat`. */
    groupChat: unknown;
    /** Who has just spoken. */
    lastSpeaker: Named | undefined;
    /** How the group chat is set up to choose: "auto", "manual", "random", "round_robin" or "function". */
    method: string;
  };
  /** A person is asked. */
  humanInput: {
    /** For whom the person speaks. */
    agent: Named;
    /** The question, in AG2's words. */
    prompt: string;
  };
  /** Code from a message is run. */
  codeExecution: {
    /** Who runs it. */
    agent: Named;
    /** The pieces of code, in their order in the message. */
    blocks: readonly {
      /** As the message names it, else a guess; "" where it is not known. */
      language: string;
      /** Without the backticks around it. */
      code: string;
    }[];
  };
}

/** What is known when an operation ends well, by kind. */
export interface EndDetails {
  /** Each chat has told its result at its own end. */
  chats: Readonly<Record<string, never>>;
  /** The fields of its `ChatResult`. */
  chat: {
    /** A random whole number below 2^53. */
    chatId: number;
    /** The conversation as the sender knows it. */
    chatHistory: readonly ChatMessage[];
    /** What `summaryMethod` made of it. */
    summary: unknown;
    /** A `ChatCost`: what the two agents have used so far. */
    cost: unknown;
    /** What persons typed on the sender's side. */
    humanInput: readonly string[];
  };
  /** `undefined`: no reply was made (the conversation ends here). */
  reply: {
    /** Text, or a message with calls or answers of tools. */
    reply: string | ChatMessage | undefined;
  };
  /** The model has answered; of a streamed completion all of it has arrived. */
  modelCall: {
    /** What it answered, put together from its pieces. */
    response: Readonly<ModelResponse>;
    /** By the configuration's `price`, the client's, or AG2's table; 0 for models that have none. */
    costUsd: number;
    /** Whether the answer came from a cache, so that no model was asked. */
    isCached: boolean;
  };
  /** What the tool function returned, before it was turned into text for the model, and that text. */
  toolCall: {
    /** Any value; a promise's when it has settled. */
    result: unknown;
    /** What the model reads. */
    content: string;
  };
  /** The choice is made. */
  speakerSelection: {
    /** `undefined`: nobody is to speak, the group chat ends. */
    speaker: Named | undefined;
    /**
     * What found the speaker. Beside the methods of the start: "only_candidate" (the rules left no
     * choice), the method a function named, or "round_robin" where a model or person gave no usable answer.
     */
    method: string;
  };
  /** The person has answered. */
  humanInput: {
    /** What was typed; "exit" ends the conversation, "" skips. */
    reply: string;
  };
  /** The code has run, or one of its blocks has failed. */
  codeExecution: {
    /** 0: it went well. */
    exitCode: number;
    /** What it printed, or what went wrong. */
    output: string;
  };
}

/** A message that has arrived: AG2's `received_message` event (conversable_agent.py, `_process_received_message`). */
export interface MessageEvent {
  /** Who sent it; of the copies in a group chat that is the manager. */
  sender: Named;
  /** Who has it now. */
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
 * The key of the shared set of observers on `globalThis`; part of the public protocol, for scripts that
 * cannot import the copy of this library that is at work.
 *
 * @example
 * const key: symbol = Symbol.for("mlflow-ag2.agent-observers"); // OBSERVERS_SYMBOL itself
 * const observers = (globalThis as { [key: symbol]: Set<AgentObserver> | undefined })[key];
 * observers?.add({ agentCreated: ({ name }) => console.log(`${name} was made`) });
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
