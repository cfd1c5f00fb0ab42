/**
 * Many conversations at once, each of which takes its time, and what is wrong with their traces. A
 * span is wrong if it stands in the trace of another conversation than its own; that it stands alone,
 * where nobody can know where it belongs, is not wrong.
 */

import type { AgentObserver, Scope } from "mlflow-ag2/agents";
import * as direct from "./direct.js";
import { type Completion, type Log, newLog, type Request } from "./script.js";

const OBSERVERS = Symbol.for("mlflow-ag2.agent-observers");

/** What was found. */
export interface Crowd {
  /** Traces of whole conversations. */
  whole: number;
  /** Spans in the trace of another conversation. */
  wrong: string[];
}

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, Math.random() * 20));

/** A model that repeats the mark of the conversation that it is asked in. */
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
 * Holds that many conversations of three turns at once.
 *
 * @param isShared whether all of them are held by the same two agents.
 */
export async function crowd(count: number, isShared: boolean): Promise<Crowd> {
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
  for (const [scope, said] of spans) {
    const root = rootOf(scope);
    const marks = traces.get(root) ?? new Set();
    traces.set(root, marks);
    sizes.set(root, (sizes.get(root) ?? 0) + 1);
    for (const text of said) for (const [mark] of text.matchAll(/#\d+#/g)) marks.add(mark);
  }
  return {
    whole: [...sizes].filter(([root, size]) => root.kind === "chat" && size === 7).length,
    wrong: [...traces.values()].filter((marks) => marks.size > 1).map((marks) => [...marks].join(" and ")),
  };
}

/** What every operation said in the end, told by the reports that tracers get. */
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
