/**
 * Many concurrent conversations with random delays, and the errors in their traces. A span is wrong if it is in the
 * trace of another conversation; a span whose parent is unknown may be in a separate trace.
 */

import type { AgentObserver, Scope } from "mlflow-ag2/agents";
import * as direct from "./direct.js";
import { type Completion, type Log, newLog, type Request } from "./script.js";

const OBSERVERS = Symbol.for("mlflow-ag2.agent-observers");

/** The result of a run. */
export interface ConcurrencyReport {
  /** Traces of whole conversations. */
  whole: number;
  /** Spans in the trace of another conversation. */
  wrong: string[];
}

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, Math.random() * 20));

/** A model that repeats the mark of the conversation. */
class Repeating {
  readonly chat = {
    completions: {
      create: async ({ model, messages }: Request): Promise<Completion> => {
        await pause();
        const [mark] = /#\d+#/.exec(JSON.stringify(messages.at(-1))) ?? [""];
        const message = { role: "assistant" as const, content: `${mark} again` };
        return {
          id: "1",
          object: "chat.completion",
          model,
          choices: [{ index: 0, finish_reason: "stop", message }],
          usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
        };
      },
    },
  };
}

/**
 * Runs that many concurrent conversations of three turns.
 *
 * @param isShared whether all of them are held by the same two agents.
 */
export async function runConcurrently(count: number, isShared: boolean): Promise<ConcurrencyReport> {
  const log: Log = newLog();
  const agent = (name: string): direct.AssistantAgent =>
    new direct.AssistantAgent(name, new direct.OpenAIProvider(new Repeating(), "m"), log);
  const shared = [agent("alice"), agent("bob")] as const;
  const { spans, stop } = watchScopes();
  await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      await pause();
      const [alice, bob] = isShared ? shared : [agent(`alice ${index}`), agent(`bob ${index}`)];
      await alice.initiateChat(bob, `#${index}#`, 3);
    }),
  );
  stop();
  const traces = new Map<Scope, Set<string>>();
  const sizes = new Map<Scope, number>();
  for (const [scope, texts] of spans) {
    const root = rootOf(scope);
    const marks = traces.get(root) ?? new Set();
    traces.set(root, marks);
    sizes.set(root, (sizes.get(root) ?? 0) + 1);
    for (const text of texts) for (const [mark] of text.matchAll(/#\d+#/g)) marks.add(mark);
  }
  return {
    whole: [...sizes].filter(([root, size]) => root.kind === "chat" && size === 7).length,
    wrong: [...traces.values()].filter((marks) => marks.size > 1).map((marks) => [...marks].join(" and ")),
  };
}

/** The texts of every operation at its end, from the events that tracers get. */
function watchScopes(): { spans: Map<Scope, string[]>; stop(): void } {
  const spans = new Map<Scope, string[]>();
  const observer: AgentObserver = {
    start: (scope, details) =>
      spans.set(scope, scope.kind === "chat" ? [String((details as { message?: unknown }).message)] : []),
    message: (scope, { message }) => scope !== undefined && spans.get(scope)?.push(JSON.stringify(message)),
    end: (scope, details) => scope.kind === "modelCall" && spans.get(scope)?.push(JSON.stringify(details)),
  };
  const observers = ((globalThis as { [OBSERVERS]?: Set<AgentObserver> })[OBSERVERS] ??= new Set());
  observers.add(observer);
  return { spans, stop: () => observers.delete(observer) };
}

function rootOf(scope: Scope): Scope {
  let at = scope;
  while (at.parent !== undefined) at = at.parent;
  return at;
}
