/**
 * The observer API: how code outside of this library (a tracer, a logger, a test) follows what agents do.
 *
 * It extends AG2's `runtime_logging` (autogen/runtime_logging.py): every operation has a start and
 * an end or a failure, and names its parent explicitly, because a browser has no async context to
 * look it up in. This library depends on no tracer; it calls the observers in the shared set.
 *
 * The set is stored under a well-known symbol on `globalThis`, so that import order does not matter
 * and two copies of this library report to the same observers.
 */

import type { ChatMessage, ModelRequest, ModelResponse } from "../message/message.js";
import { AgentError } from "../util/errors.js";
import type { MessageEvent } from "./message-event.js";
import type { EmbeddingEnd, EmbeddingStart, RetrieverEnd, RetrieverStart } from "./retrieval-operations.js";
import type {
  ContextVariableChanges,
  GuardrailEnd,
  GuardrailStart,
  HandoffEnd,
  HandoffStart,
} from "./group-operations.js";

export type { MessageEvent } from "./message-event.js";

/** The kind of operation that a scope stands for. */
export type ScopeKind =
  | "chats"
  | "chat"
  | "reply"
  | "modelCall"
  | "toolCall"
  | "speakerSelection"
  | "humanInput"
  | "codeExecution"
  | "handoff"
  | "guardrail"
  | "retriever"
  | "embedding";

/**
 * One operation in progress. Scopes form a tree through `parent`; two scopes are the same if they
 * are the same object. Pass a callback's `context` (which holds its scope) to whatever you start
 * inside it, and the observer sees that work under the right parent.
 */
export interface Scope {
  /** "span" is an operation of the program's, passed as context: this library never starts or ends one. */
  readonly kind: ScopeKind | "span";
  /** The operation that it is part of; `undefined` for the outermost. */
  readonly parent: Scope | undefined;
}

/** Anything with a name that can speak in a chat. */
export interface Named {
  /** The name by which other agents address it; unique in a group chat. */
  readonly name: string;
}

/** The details of an operation when it starts, by kind. */
export interface StartDetails {
  /**
   * Several chats that belong together (`initiateChats`, `sequentialRun`): the parent of each of
   * them. Nested chats have the reply that they make as their parent and need no other.
   */
  chats: {
    /** The agent that starts the chats; `undefined` when every chat names its own sender. */
    sender: Named | undefined;
    /** The number of chats. */
    count: number;
  };
  /** Two agents talk, with the options of `initiateChat` as they were given, defaults filled in. */
  chat: {
    /** The agent that starts the chat. */
    sender: Named;
    /** The agent on the other side. */
    recipient: Named;
    /** The first message, or the function that makes it. */
    message: unknown;
    /** Whether both agents clear their earlier conversation with each other. */
    clearHistory: boolean;
    /** Whether the chat is kept off the terminal. */
    silent: boolean | undefined;
    /** The most messages that the sender sends. */
    maxTurns: number | undefined;
    /** The name of the summary method, or the function. */
    summaryMethod: unknown;
    /** The arguments for the summary method. */
    summaryArgs: Readonly<Record<string, unknown>>;
    /** The cache as text, without its entries. */
    cache: unknown;
    /** Every further option of `initiateChat` (AG2's `**kwargs`: carryover, verbose, your own). */
    extra: Readonly<Record<string, unknown>>;
    /** The name of the pattern, of a group chat by a pattern. */
    pattern?: string | undefined;
  };
  /** An agent makes a reply (`generateReply`), from its first hook until the recipient has received it. */
  reply: {
    /** The agent that replies. Where the executor of a group runs tools, the agent whose model called them. */
    agent: Named;
    /** The agent it replies to; `undefined` for a reply without one. */
    sender: Named | undefined;
    /** The conversation so far, before hooks change it. */
    messages: readonly ChatMessage[];
  };
  /** One attempt with one model of a configuration, including the client's own retries. */
  modelCall: {
    /** The agent on whose behalf the model is called, if any. */
    agent: Named | undefined;
    /** The request as it is sent to the model; a client of another API than OpenAI's translates it. */
    request: Readonly<ModelRequest>;
    /** The index of the entry of `configList` that this attempt uses. */
    configIndex: number;
    /** The API of the model, as far as the configuration names it. */
    api?: {
      /** `apiType`, or that of the client. */
      readonly type: string | undefined;
      /** `baseUrl`, as it was given. */
      readonly baseUrl: string | undefined;
    };
  };
  /** A tool runs because a model called it. */
  toolCall: {
    /** The agent that runs it; in a group, the agent whose model called it. */
    agent: Named;
    /** The name of the tool, as the model wrote it; the agent may have no such tool. */
    name: string;
    /** The `id` of the model's tool call. */
    callId: string | undefined;
    /** The description that the model got, where it is known. */
    description: string | undefined;
    /** The parsed arguments with defaults, or the raw text if it could not be parsed. */
    arguments: unknown;
  };
  /** A group chat selects its next speaker. A model or a person that is asked for it is called below this scope. */
  speakerSelection: {
    /** The `GroupChat`. */
    groupChat: unknown;
    /** The agent that spoke last. */
    lastSpeaker: Named | undefined;
    /** The configured selection method: "auto", "manual", "random", "round_robin" or "function". */
    method: string;
  };
  /** A person is asked. */
  humanInput: {
    /** The agent for which the person replies. */
    agent: Named;
    /** The question, with AG2's text. */
    prompt: string;
  };
  /** Code from a message runs. */
  codeExecution: {
    /** The agent that runs it. */
    agent: Named;
    /** The code blocks, in the order of the message. */
    blocks: readonly {
      /** The language, as the message names it or as guessed; "" if it is not known. */
      language: string;
      /** The code, without the backticks around it. */
      code: string;
    }[];
  };
  /** An agent of a group hands off to a target, which is resolved: part of the selection of the next speaker. */
  handoff: HandoffStart;
  /** A guardrail checks what an agent reads or says. A model that judges is called below this scope. */
  guardrail: GuardrailStart;
  /** Documents are searched: reported by other libraries, as our agents have no such operation. */
  retriever: RetrieverStart;
  /** A model embeds texts: reported by other libraries, as our agents have no such operation. */
  embedding: EmbeddingStart;
}

/** The details of an operation when it has succeeded, by kind. */
export interface EndDetails {
  /** The chats have ended; each reports its result at its own end. */
  chats: Readonly<Record<string, never>>;
  /** The fields of its `ChatResult`. */
  chat: {
    /** A random whole number below 2^53. */
    chatId: number;
    /** The conversation, from the sender's history. */
    chatHistory: readonly ChatMessage[];
    /** The summary that `summaryMethod` made. */
    summary: unknown;
    /** A `ChatCost`: the usage of the two agents so far. */
    cost: unknown;
    /** The replies that persons typed for the sender. */
    humanInput: readonly string[];
  };
  /** The reply has been received. */
  reply: {
    /** Text, or a message with tool calls or tool responses; `undefined`: no reply, which ends the conversation. */
    reply: string | ChatMessage | undefined;
    /** The context variables of a group that have changed in this turn, before and after. */
    contextVariables?: ContextVariableChanges | undefined;
  };
  /** The model has responded; a streamed completion has arrived completely. */
  modelCall: {
    /** The response; of a stream, assembled from its chunks. */
    response: Readonly<ModelResponse>;
    /** The cost by the configuration's `price`, the client's, or AG2's table; 0 for models without a price. */
    costUsd: number;
    /** Whether the response came from a cache, so that no model was called. */
    isCached: boolean;
  };
  /** The tool function has returned. */
  toolCall: {
    /** The value that the function returned or its promise resolved to, before it became text. */
    result: unknown;
    /** The text that the model gets. */
    content: string;
  };
  /** The speaker is selected. */
  speakerSelection: {
    /** The next speaker; `undefined`: there is none, the group chat ends. */
    speaker: Named | undefined;
    /**
     * The method that selected the speaker. Beside those of `StartDetails`: "only_candidate" (the rules
     * allowed one agent), the method that a function returned, or "round_robin" as the fallback where a
     * model or person selected no agent. In a group by a pattern: "initial_agent", "tool_executor" (runs tools),
     * "tool_caller" (goes on after them), "after_user" (goes on after the user), or "handoff".
     */
    method: string;
  };
  /** The person has replied. */
  humanInput: {
    /** The text that the person typed; "exit" ends the conversation, "" skips. */
    reply: string;
  };
  /** The code has run, or one of its blocks has failed. */
  codeExecution: {
    /** The exit code; 0 for success. */
    exitCode: number;
    /** The output of the code, or the error text. */
    output: string;
  };
  /** The target is resolved. */
  handoff: HandoffEnd;
  /** The guardrail has judged. */
  guardrail: GuardrailEnd;
  /** The documents have been found. */
  retriever: RetrieverEnd;
  /** The model has responded. */
  embedding: EmbeddingEnd;
}

/** When an operation has started or ended that is reported later, in nanoseconds since 1970; `undefined`: now. */
export type ReportTimeNs = number | bigint | undefined;

/** The methods that an observer may implement. All are optional; what they throw, or reject with, is dropped. */
export interface AgentObserver {
  /** An operation starts, or has started at `timeNs`. */
  start?<K extends ScopeKind>(scope: Scope & { kind: K }, details: StartDetails[K], timeNs?: ReportTimeNs): void;
  /** An operation has succeeded, now or at `timeNs`. */
  end?<K extends ScopeKind>(scope: Scope & { kind: K }, details: EndDetails[K], timeNs?: ReportTimeNs): void;
  /**
   * An operation threw `error`, now or at `timeNs`; its caller gets the same error. `part` is what had come before
   * that, as for `end`: of other libraries only, since our own agents report the pieces of a stream by `chunk`.
   */
  failure?(scope: Scope, error: unknown, part?: EndDetails[ScopeKind], timeNs?: ReportTimeNs): void;
  /** A message was received. `scope` is the reply that made it, else the chat that it is part of, else `undefined`. */
  message?(scope: Scope | undefined, event: MessageEvent): void;
  /** A chunk of a streamed completion arrived. */
  chunk?(scope: Scope & { kind: "modelCall" }, chunk: unknown): void;
  /** An agent was created. */
  agentCreated?(agent: Named): void;
  /**
   * Runs the work of an operation that has started, and returns the result of `work`: for observers
   * that track the active operation by the call stack or an async context. `work` is not awaited
   * here, so its result is usually a promise.
   */
  around?<T>(scope: Scope, work: () => T): T;
  /** The trace context of `scope` for another program, as W3C headers (`traceparent`); `undefined` without a trace. */
  traceContext?(scope: Scope): Readonly<Record<string, string>> | undefined;
  /** More about an operation in progress: attributes of its span, such as the server that a tool calls. */
  attributes?(scope: Scope, attributes: Readonly<Record<string, unknown>>): void;
  /** Something that happens within an operation in progress, such as a report on the progress of a tool. */
  event?(scope: Scope, name: string, attributes: Readonly<Record<string, unknown>>): void;
}

/**
 * The key of the shared set of observers on `globalThis`; part of the public protocol, for scripts that
 * cannot import the copy of this library that is in use.
 *
 * @example
 * const key: symbol = Symbol.for("mlflow-ag2.agent-observers"); // OBSERVERS_SYMBOL itself
 * const observers = (globalThis as { [key: symbol]: Set<AgentObserver> | undefined })[key];
 * observers?.add({ agentCreated: ({ name }) => console.log(`${name} was created`) });
 */
export const OBSERVERS_SYMBOL: unique symbol = Symbol.for("mlflow-ag2.agent-observers") as never;

type Shared = { [OBSERVERS_SYMBOL]?: Set<AgentObserver> };

const observers: Set<AgentObserver> = ((globalThis as Shared)[OBSERVERS_SYMBOL] ??= new Set());

/**
 * Calls `observer` for everything that agents do from now on, until the returned function is called.
 * An object that observes already is not added again.
 *
 * @throws AgentError `invalid_option` for what is no object
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
  if (typeof observer !== "object" || observer === null)
    throw new AgentError("invalid_option", "an observer is an object with methods such as `start` and `message`");
  observers.add(observer);
  return () => {
    observers.delete(observer);
  };
}

/**
 * Whether there are observers, for reports that take work.
 *
 * @internal
 */
export function isObserved(): boolean {
  return observers.size > 0;
}

/**
 * Calls every observer. Their errors are dropped: an observer must not be able to break a chat.
 * Without observers the cost is one size check.
 *
 * @internal
 */
export function notify(call: (observer: AgentObserver) => unknown): void {
  if (observers.size === 0) return;
  for (const observer of observers) {
    try {
      const returned = call(observer);
      // An observer may be an async function: its rejection must not end the program.
      if (returned instanceof Promise) returned.catch(() => {});
    } catch {
      // Dropped on purpose, see above.
    }
  }
}

/**
 * Runs `work` in `scope`: inside of every observer that implements `around`. The work runs exactly
 * once, and the caller gets its result or error unchanged, whatever the observers do.
 *
 * @internal
 */
export function withScope<T>(scope: Scope | undefined, work: () => T): T {
  if (scope === undefined || observers.size === 0) return work();
  let run = work;
  for (const observer of observers) run = wrapForObserver(observer, scope, run);
  return run();
}

function wrapForObserver<T>(observer: AgentObserver, scope: Scope, work: () => T): () => T {
  let outcome: Outcome<T> | undefined;
  const once = (): T => {
    outcome ??= outcomeOf(work);
    if ("error" in outcome) throw outcome.error;
    return outcome.result;
  };
  return () => {
    try {
      const returned: unknown = observer.around?.(scope, once);
      // No caller gets a promise that the observer made itself: its rejection must not end the program.
      if (returned instanceof Promise && !isResult(returned, outcome)) returned.catch(() => {});
    } catch {
      // An error of the observer's is dropped; an error of the work's is thrown below.
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
