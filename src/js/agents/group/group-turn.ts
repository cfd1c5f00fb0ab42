/** The turns of a group chat by a pattern: guardrails, and what a turn changes. */

import type { GroupTurns } from "../group-chat/group-chat-run.js";
import type { ContextVariableChanges } from "../observe/group-operations.js";
import { isObserved } from "../observe/observer.js";
import { callerOf } from "./group-tool-executor.js";
import type { Group } from "./group.js";
import { guardrailsOf, runGuardrails } from "./agent-guardrails.js";
import { contentText } from "../message/message.js";

/** What the manager does around each turn. */
export function groupTurns(group: Group): GroupTurns {
  const { variables, executor } = group;
  return {
    // Tools run in a turn of the executor, which is reported as one of the agent that called them.
    reportedAgent: (speaker) => (speaker === executor ? callerOf(group) : undefined),
    async around(speaker, messages, scope, context, make) {
      const before = isObserved() ? snapshot(variables.data) : undefined;
      try {
        let reply: Awaited<ReturnType<typeof make>> = await runGuardrails(group, speaker, "input", messages, context);
        if (reply !== undefined) return reply;
        reply = await make();
        if (reply === undefined || guardrailsOf(speaker, "output").length === 0) return reply;
        const text = typeof reply === "string" ? reply : contentText(reply.content);
        // A call of a tool without text says nothing that a guardrail could check.
        return (text === "" ? undefined : await runGuardrails(group, speaker, "output", text, context)) ?? reply;
      } finally {
        if (before !== undefined) scope.contextVariables = changes(before, snapshot(variables.data));
      }
    },
  };
}

/** A copy of the variables as JSON data; none if they are no data. */
function snapshot(data: Readonly<Record<string, unknown>>): Record<string, unknown> {
  try {
    return JSON.parse(JSON.stringify(data)) as Record<string, unknown>;
  } catch {
    return {};
  }
}

/** The variables that differ, before and after; `undefined` if none does. */
function changes(before: Record<string, unknown>, after: Record<string, unknown>): ContextVariableChanges | undefined {
  const names = Object.keys({ ...before, ...after });
  const changed = names.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
  if (changed.length === 0) return undefined;
  const of = (values: Record<string, unknown>): Record<string, unknown> =>
    Object.fromEntries(changed.flatMap((name) => (Object.hasOwn(values, name) ? [[name, values[name]]] : [])));
  return { before: of(before), after: of(after) };
}
