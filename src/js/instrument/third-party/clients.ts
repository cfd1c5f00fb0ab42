/** Model clients of well-known shapes: where their methods for model calls are. */

import { tryRead, isObject } from "../fields.js";
import { type MethodMeaning, MODEL_CALL } from "./method-meaning.js";

/** The format of OpenAI's messages, by MLflow's name (mlflow/openai/autolog.py). */
const OPENAI = "openai";

/**
 * The paths of the methods, each with the format of its messages (mlflow/tracing/constant.py, `MESSAGE_FORMAT`): of
 * OpenAI and compatible clients, Anthropic, Google, Mistral. Helpers (`parse`, `stream`, `runTools`) call these.
 */
const FORMATS: Readonly<Record<string, string | undefined>> = {
  "chat.completions.create": OPENAI,
  "completions.create": OPENAI,
  "responses.create": OPENAI,
  "embeddings.create": undefined,
  "messages.create": "anthropic",
  "beta.messages.create": "anthropic",
  "models.generateContent": "gemini",
  "models.generateContentStream": "gemini",
  "models.embedContent": undefined,
  "chat.complete": "mistral",
  "chat.stream": "mistral",
};

const PATHS = Object.keys(FORMATS);

/** The properties on those paths. */
export const PATH_PROPERTIES: ReadonlySet<PropertyKey> = new Set(PATHS.flatMap((path) => path.split(".").slice(0, -1)));

/** A method, and the object that has it. */
export interface ClientMethod {
  readonly holder: object;
  readonly name: string;
  readonly meaning: MethodMeaning;
}

/** The methods of a client for model calls; none if its shape is unknown. */
export function clientMethods(client: object): ClientMethod[] {
  const found: ClientMethod[] = [];
  for (const path of PATHS) {
    const names = path.split(".");
    const name = names.pop()!;
    let holder: unknown = client;
    for (const step of names) holder = at(holder, step);
    if (!isObject(holder) || typeof at(holder, name) !== "function") continue;
    const meaning = { ...MODEL_CALL, name: path.toLowerCase(), format: FORMATS[path] };
    found.push({ holder, name, meaning });
  }
  return found;
}

function at(holder: unknown, name: string): unknown {
  return isObject(holder) ? tryRead(() => holder[name]) : undefined;
}
