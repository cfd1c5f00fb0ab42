/**
 * Reports conversations through the public observer protocol, as an agent library does, so that
 * the tracer is tested without one.
 */

import type { AgentObserver, EndDetails, MessageEvent, Scope, ScopeKind, StartDetails } from "mlflow-ag2/agents";
import { getLastActiveTraceId, getTrace, type Trace } from "mlflow-ag2";

const OBSERVERS = Symbol.for("mlflow-ag2.agent-observers");

function each(report: (observer: AgentObserver) => void): void {
  for (const observer of (globalThis as { [OBSERVERS]?: Set<AgentObserver> })[OBSERVERS] ?? []) report(observer);
}

type ScopeOf<K extends ScopeKind> = Scope & { kind: K };

export function started<K extends ScopeKind>(
  kind: K,
  details: StartDetails[K],
  parent?: Scope,
  timeNs?: bigint,
): ScopeOf<K> {
  const scope = { kind, parent } as ScopeOf<K>;
  each((observer) => observer.start?.(scope, details, timeNs));
  return scope;
}

export function ended<K extends ScopeKind>(scope: ScopeOf<K>, details: EndDetails[K], timeNs?: bigint): void {
  each((observer) => observer.end?.(scope, details, timeNs));
}

export function failed(scope: Scope, error: unknown, part?: EndDetails[ScopeKind], timeNs?: bigint): void {
  each((observer) => observer.failure?.(scope, error, part, timeNs));
}

/** Reports one tool call without a chat, and returns its trace. */
export async function toolCallTrace(args: unknown, result: unknown = "", content = ""): Promise<Trace> {
  ended(startedToolCall(args), { result, content });
  return lastTrace();
}

/** Reports one tool call without a chat that fails with this error, and returns its trace. */
export async function failedToolCallTrace(error: unknown): Promise<Trace> {
  failed(startedToolCall({}), error);
  return lastTrace();
}

function startedToolCall(args: unknown): ScopeOf<"toolCall"> {
  return started("toolCall", {
    agent: { name: "agent" },
    name: "tool",
    callId: undefined,
    description: undefined,
    arguments: args,
  });
}

export async function lastTrace(): Promise<Trace> {
  const trace = await getTrace(getLastActiveTraceId());
  if (trace === null) throw new Error("no trace was recorded");
  return trace;
}

export function message(scope: Scope | undefined, event: MessageEvent): void {
  each((observer) => observer.message?.(scope, event));
}

export function chunk(scope: ScopeOf<"modelCall">, piece: unknown): void {
  each((observer) => observer.chunk?.(scope, piece));
}

export function chatDetails(sender: { name: string }, recipient: { name: string }, text: string): StartDetails["chat"] {
  return {
    sender,
    recipient,
    message: text,
    clearHistory: true,
    silent: true,
    maxTurns: undefined,
    summaryMethod: "last_msg",
    summaryArgs: {},
    cache: undefined,
    extra: {},
  };
}

export function chatResult(summary: string): EndDetails["chat"] {
  return { chatId: 1, chatHistory: [], summary, cost: {}, humanInput: [] };
}
