/** What agents of other libraries, and those who speak in messages, are called. */

import type { Named } from "../../agents/observe/observer.js";
import { attempt, field, isFields } from "../fields.js";

const OWN_NAMES = "name agentName _name displayName id agentId role".split(" ");

const givenNames = new WeakMap<object, string>();
const known = new WeakMap<object, Named>();

/** From now on `agent` is called that, whatever it says. */
export function giveName(agent: object, name: string): void {
  givenNames.set(agent, name);
}

/** What an agent is called: its own name, else its id, else its class. */
export function nameOf(agent: unknown): string | undefined {
  return ownNameOf(agent) ?? classOf(agent);
}

/** What an agent calls itself. */
export function ownNameOf(agent: unknown): string | undefined {
  if (typeof agent === "string") return text(agent);
  const given = givenNames.get(agent as object);
  if (given !== undefined) return given;
  for (const name of OWN_NAMES) {
    const found = field(agent, name);
    if (typeof found === "number") return String(found);
    if (text(found) !== undefined) return text(found);
  }
  return text(field(field(agent, "config options settings"), "name id"));
}

/** The name of an object's class; `undefined` for mere data. */
export function classOf(value: unknown): string | undefined {
  const name = attempt(() => (isFields(value) ? value.constructor.name : ""));
  return name === "" || name === "Object" ? undefined : name;
}

/**
 * Somebody by that name, the same one for the same agent. The agent itself is not handed on: a name
 * is all that is to be known of it.
 */
export function named(agent: unknown, otherwise: string): Named {
  const name = nameOf(agent) ?? otherwise;
  if (!isFields(agent)) return { name };
  let same = known.get(agent);
  if (same?.name !== name) known.set(agent, (same = { name }));
  return same;
}

/** Who is said to have said a message. */
export function speakerOf(message: unknown): string | undefined {
  return nameOf(field(message, "name sender from speaker source agent"));
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
