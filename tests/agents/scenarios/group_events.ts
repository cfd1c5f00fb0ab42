/** The events of runs under their names in Python. */

import type { RunEvent } from "mlflow-ag2/agents/run";

const NAMES: Readonly<Record<string, string>> = { onConditionLlmTransition: "on_condition_l_l_m_transition" };

/** The name of a type of event in Python. */
export function eventName(type: string): string {
  return NAMES[type] ?? snakeCase(type);
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

const FIELDS =
  "sender recipient speaker sourceAgent transitionTarget terminationReason funcName arguments isExecSuccess content " +
  "prompt lastSpeaker summary error";

/** An event as the Python program describes it. */
export function describeEvent(event: RunEvent): Record<string, unknown> {
  const given = event as unknown as Record<string, unknown>;
  const described: Record<string, unknown> = { type: eventName(event.type) };
  for (const field of FIELDS.split(" ")) {
    const value = given[field];
    if (value === undefined || value === null) continue;
    const name = field === "transitionTarget" ? "target" : snakeCase(field);
    described[name] = value instanceof Error ? `${value.name}: ${value.message}` : value;
  }
  return described;
}
