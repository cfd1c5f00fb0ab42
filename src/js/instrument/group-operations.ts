/** Events of group chats by a pattern, as spans of the core's general kind. Call only when the core is loaded. */

import type { EndDetails, StartDetails } from "../agents/observe/observer.js";
import { spanAttribute, spanEnded, spanStarted } from "./span-calls.js";

/** The name of the pattern, on the chat's span. */
export function patternNamed(key: number, name: string): void {
  spanAttribute(key, "ag2.pattern", name);
}

export function handoffStarted(
  parent: number,
  { from, by, condition, target, targetKind }: StartDetails["handoff"],
): number {
  const name = `handoff_to_${target.replace(/\W+/g, "_")}`;
  return spanStarted(parent, name, "TASK", {
    from: from.name,
    by,
    condition: condition ?? null,
    target: { kind: targetKind, name: target },
  });
}

export function handoffEnded(key: number, { to, method }: EndDetails["handoff"]): void {
  spanEnded(key, { to: to?.name ?? null, ...(method && { method }) });
}

export function guardrailStarted(
  parent: number,
  { name, side, condition, checked }: StartDetails["guardrail"],
): number {
  return spanStarted(parent, name, "GUARDRAIL", {
    side,
    condition,
    ...(typeof checked === "string" ? { text: checked } : { messages: checked }),
  });
}

export function guardrailEnded(key: number, { activated, justification, target }: EndDetails["guardrail"]): void {
  spanEnded(key, { activated, justification, ...(target !== undefined && { target }) });
}

/** The context variables that a turn has changed, as a span below the turn's: earlier values in, new ones out. */
export function variablesChanged(
  turn: number,
  { before, after }: NonNullable<EndDetails["reply"]["contextVariables"]>,
): void {
  const key = spanStarted(turn, "context_variables", "MEMORY", before);
  spanEnded(key, after);
}
