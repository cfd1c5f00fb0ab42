/** The names of third-party agents, and of the senders of messages. */

import type { Named } from "../../agents/observe/observer.js";
import { tryRead, field, isObject } from "../fields.js";
import { exportedNameOf } from "./object-shape.js";

const OWN_NAMES = "name agentName _name displayName id agentId role".split(" ");

const names = new WeakMap<object, string>();
const namedAgents = new WeakMap<object, Named>();

/** Sets the name of `agent`, which takes precedence over its own. */
export function setName(agent: object, name: string): void {
  names.set(agent, name);
}

/** The name of an agent: its own name, else its id, else that of its class. */
export function agentName(agent: unknown): string | undefined {
  return ownName(agent) ?? className(agent);
}

/** The name or id that an agent has itself. */
export function ownName(agent: unknown): string | undefined {
  if (typeof agent === "string") return text(agent);
  const explicitName = names.get(agent as object);
  if (explicitName !== undefined) return explicitName;
  for (const name of OWN_NAMES) {
    const found = field(agent, name);
    if (typeof found === "number") return String(found);
    if (text(found) !== undefined) return text(found);
  }
  return text(field(field(agent, "config options settings"), "name id"));
}

/** The name of an object's class; `undefined` for plain data. */
export function className(value: unknown): string | undefined {
  const name = tryRead(() => (isObject(value) ? (exportedNameOf(value) ?? value.constructor.name) : ""));
  return name === "" || name === "Object" ? undefined : name;
}

/**
 * An object with the name of an agent, the same one for the same agent. The agent itself is not passed
 * to observers.
 */
export function namedAgent(agent: unknown, otherwise: string): Named {
  const name = agentName(agent) ?? otherwise;
  if (!isObject(agent)) return { name };
  let cached = namedAgents.get(agent);
  if (cached?.name !== name) namedAgents.set(agent, (cached = { name }));
  return cached;
}

/** The sender that a message names. */
export function speakerName(message: unknown): string | undefined {
  return agentName(field(message, "name sender from speaker source agent"));
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
