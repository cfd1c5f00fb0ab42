/** Model clients of well-known shapes: where their methods for model calls are. */

import { tryRead, isObject, ownValue } from "../fields.js";
import { isCallOnClient, type MethodMeaning, MODEL_CALL, normalizedName } from "./method-meaning.js";
import { methodNames, type ObjectShape } from "./object-shape.js";

/** The format of OpenAI's messages, by MLflow's name (mlflow/openai/autolog.py). */
const OPENAI = "openai";

/** Ollama, whose messages have that format too, but whose responses do not. */
export const OLLAMA = "ollama";

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

/** The methods of Ollama's client. Only they say that it is one, since their names are anyone's. */
const OF_OLLAMA: Readonly<Record<string, string | undefined>> = {
  chat: OLLAMA,
  generate: OLLAMA,
  embed: undefined,
  embeddings: undefined,
};
const PROOF_OF_OLLAMA = ["chat", "generate", "embed", "pull"];

const PATHS = Object.keys(FORMATS);

/** The properties on those paths. */
export const PATH_PROPERTIES: ReadonlySet<PropertyKey> = new Set(PATHS.flatMap((path) => path.split(".").slice(0, -1)));

/** A method, and the object that has it. */
export interface ClientMethod {
  readonly holder: object;
  readonly name: string;
  readonly meaning: MethodMeaning;
}

/**
 * The methods of a client for model calls; none if its shape is unknown.
 *
 * @param read reads a property: by default as the program does, so that getters run.
 */
export function clientMethods(client: object, read: typeof at = at): ClientMethod[] {
  const found: ClientMethod[] = [];
  const isOllama = PROOF_OF_OLLAMA.every((name) => typeof read(client, name) === "function");
  const formats = isOllama ? OF_OLLAMA : FORMATS;
  for (const path of isOllama ? Object.keys(formats) : PATHS) {
    const names = path.split(".");
    const name = names.pop()!;
    let holder: unknown = client;
    for (const step of names) holder = read(holder, step);
    if (!isObject(holder) || typeof read(holder, name) !== "function") continue;
    const meaning = { ...MODEL_CALL, name: path.toLowerCase(), format: formats[path] };
    found.push({ holder, name, meaning });
  }
  return found;
}

/** The shape of a model client with methods of its own: those whose names are of model calls. */
export function shapeOfModel(client: object): ObjectShape {
  const names = [...Object.getOwnPropertyNames(client), ...methodNames(Object.getPrototypeOf(client) as object)];
  const calls = names.filter(
    (name) => isCallOnClient(name) && typeof (client as Record<string, unknown>)[name] === "function",
  );
  return {
    kind: "client",
    methods: new Map(calls.map((name) => [name, { ...MODEL_CALL, name: normalizedName(name) }])),
  };
}

/** The value of a data property, own or inherited. No getter runs. */
export function dataValue(holder: unknown, name: string): unknown {
  let at: unknown = isObject(holder) ? holder : undefined;
  while (isObject(at) && !Object.hasOwn(at, name)) at = Object.getPrototypeOf(at);
  return isObject(at) ? ownValue(at, name) : undefined;
}

function at(holder: unknown, name: string): unknown {
  return isObject(holder) ? tryRead(() => holder[name]) : undefined;
}
