/** Model clients in the shapes that everybody knows: where the methods are that ask a model. */

import { attempt, isFields } from "../fields.js";

/** Paths to the methods: OpenAI's and those that copy them, Anthropic's, Google's. Their helpers (`parse`, `stream`, `runTools`) call these. */
const PATHS = [
  "chat.completions.create",
  "completions.create",
  "responses.create",
  "messages.create",
  "models.generateContent",
  "models.generateContentStream",
];

/** What the methods are reached through. */
export const STEPS: ReadonlySet<PropertyKey> = new Set(PATHS.flatMap((path) => path.split(".").slice(0, -1)));

/** A method, and the object that has it. */
export interface ClientMethod {
  readonly holder: object;
  readonly name: string;
}

/** The methods of a client that ask a model; none if it has no known shape. */
export function clientMethods(client: object): ClientMethod[] {
  const found: ClientMethod[] = [];
  for (const path of PATHS) {
    const names = path.split(".");
    const name = names.pop()!;
    let holder: unknown = client;
    for (const step of names) holder = at(holder, step);
    if (isFields(holder) && typeof at(holder, name) === "function") found.push({ holder, name });
  }
  return found;
}

function at(holder: unknown, name: string): unknown {
  return isFields(holder) ? attempt(() => holder[name]) : undefined;
}
