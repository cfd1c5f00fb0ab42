/** Events of group chats by a pattern, as spans of the core's general kind. Call only when the core is loaded. */

import type { EndDetails, StartDetails } from "../agents/observe/observer.js";
import { capture } from "../capture/capture.js";
import { captureLists } from "../capture/messages/capture-lists.js";
import { monotonicMs } from "../util/clock.js";
import { requireBridge } from "./events.js";

/** The name of the pattern, on the chat's span. */
export function patternNamed(key: number, name: string): void {
  const bridge = requireBridge();
  const attribute = bridge.intern("ag2.pattern");
  const { tag, number, lengthBytes } = bridge.encode(capture(name));
  bridge.tracer.spanAttribute(key, attribute, tag, number, lengthBytes);
}

export function handoffStarted(
  parent: number,
  { from, by, condition, target, targetKind }: StartDetails["handoff"],
): number {
  const name = `handoff_to_${target.replace(/\W+/g, "_")}`;
  return started(parent, name, "TASK", {
    from: from.name,
    by,
    condition: condition ?? null,
    target: { kind: targetKind, name: target },
  });
}

export function handoffEnded(key: number, { to, method }: EndDetails["handoff"]): void {
  ended(key, { to: to?.name ?? null, ...(method && { method }) });
}

export function guardrailStarted(
  parent: number,
  { name, side, condition, checked }: StartDetails["guardrail"],
): number {
  return started(parent, name, "GUARDRAIL", {
    side,
    condition,
    ...(typeof checked === "string" ? { text: checked } : { messages: checked }),
  });
}

export function guardrailEnded(key: number, { activated, justification, target }: EndDetails["guardrail"]): void {
  ended(key, { activated, justification, ...(target !== undefined && { target }) });
}

/** The context variables that a turn has changed, as a span below the turn's: earlier values in, new ones out. */
export function variablesChanged(
  turn: number,
  { before, after }: NonNullable<EndDetails["reply"]["contextVariables"]>,
): void {
  ended(started(turn, "context_variables", "MEMORY", before), after);
}

function started(parent: number, name: string, type: string, inputs: Readonly<Record<string, unknown>>): number {
  const bridge = requireBridge();
  const [nameNumber, typeNumber] = [bridge.intern(name), bridge.intern(type)];
  const { tag, number, lengthBytes } = captureLists(bridge, inputs);
  return bridge.tracer.spanStarted(parent, nameNumber, typeNumber, tag, number, lengthBytes, monotonicMs());
}

function ended(key: number, outputs: unknown): void {
  const bridge = requireBridge();
  const { tag, number, lengthBytes } = bridge.encode(capture(outputs));
  bridge.tracer.spanEnded(key, tag, number, lengthBytes, monotonicMs());
}
