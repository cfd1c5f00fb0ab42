/** The turns of a group chat by a pattern: guardrails, and what a turn changes. */

import type { GroupTurns } from "../group-chat/group-chat-run.js";
import { isObserved } from "../observe/observer.js";
import { callerOf } from "./group-tool-executor.js";
import type { Group } from "./group.js";
import { guardrailsOf, runGuardrails } from "./guardrails.js";
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

/** The variables as JSON, by name. */
type Snapshot = ReadonlyMap<string, string>;

function snapshot(data: Readonly<Record<string, unknown>>): Snapshot {
  return new Map(
    Object.entries(data).map(([name, value]) => {
      try {
        return [name, JSON.stringify(value) ?? "null"];
      } catch {
        return [name, '"(not shown)"'];
      }
    }),
  );
}

/** The variables that differ, before and after; `undefined` if none does. */
function changes(
  before: Snapshot,
  after: Snapshot,
): { before: Record<string, unknown>; after: Record<string, unknown> } | undefined {
  const names = [...new Set([...before.keys(), ...after.keys()])].filter(
    (name) => before.get(name) !== after.get(name),
  );
  if (names.length === 0) return undefined;
  const of = (values: Snapshot): Record<string, unknown> =>
    Object.fromEntries(names.filter((name) => values.has(name)).map((name) => [name, JSON.parse(values.get(name)!)]));
  return { before: of(before), after: of(after) };
}
