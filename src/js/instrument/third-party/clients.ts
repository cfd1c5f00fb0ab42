/** Model clients of well-known shapes: where their methods for model calls are. */

import { tryRead, isObject } from "../fields.js";

/**
 * The paths of the methods: of OpenAI and compatible clients, Anthropic, Google. Helpers (`parse`, `stream`,
 * `runTools`) call these.
 */
const PATHS = [
  "chat.completions.create",
  "completions.create",
  "responses.create",
  "messages.create",
  "models.generateContent",
  "models.generateContentStream",
];

/** The properties on those paths. */
export const PATH_PROPERTIES: ReadonlySet<PropertyKey> = new Set(PATHS.flatMap((path) => path.split(".").slice(0, -1)));

/** A method, and the object that has it. */
export interface ClientMethod {
  readonly holder: object;
  readonly name: string;
}

/** The methods of a client for model calls; none if its shape is unknown. */
export function clientMethods(client: object): ClientMethod[] {
  const found: ClientMethod[] = [];
  for (const path of PATHS) {
    const names = path.split(".");
    const name = names.pop()!;
    let holder: unknown = client;
    for (const step of names) holder = at(holder, step);
    if (isObject(holder) && typeof at(holder, name) === "function") found.push({ holder, name });
  }
  return found;
}

function at(holder: unknown, name: string): unknown {
  return isObject(holder) ? tryRead(() => holder[name]) : undefined;
}
