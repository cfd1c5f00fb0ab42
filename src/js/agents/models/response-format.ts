/**
 * Structured outputs: the `response_format` of requests, and the value in the model's response (AG2: oai/client.py,
 * `OpenAIClient.create`; openai/lib/_pydantic.py, `_ensure_strict_json_schema`).
 */

import { cloneData } from "../util/clone-data.js";
import { type ChatMessage, contentText } from "../message/message.js";
import { isStandardSchema } from "../schema/standard-schema.js";
import { convertBy, type JsonSchema, schemaFor, type ToJsonSchema, type ToolParameters } from "../schema/schema.js";
import { AgentError, messageOf } from "../util/errors.js";
import { type Fields, isFields } from "../util/fields.js";

/** A structured output with its name, its own text, or a validator that cannot make its JSON Schema. */
export interface ResponseFormatOptions {
  /** The JSON Schema, or a validator. */
  schema: ToolParameters;
  /** The name that the model gets: up to 64 letters, digits, `_` and `-`. Not given: the `title`, of a validator. */
  name?: string | undefined;
  /** Makes the text of the reply from the value, like the method `format` of AG2's models. */
  format?: ((value: never) => string) | undefined;
  /** Makes the JSON Schema of a validator that cannot itself. */
  toJsonSchema?: ToJsonSchema | undefined;
}

/**
 * The structured output of a model: a JSON Schema, a validator, these with options, or the API's own format.
 *
 * @example
 * const properties = { city: { type: "string" }, people: { type: "integer" } };
 * const responseFormat = { type: "object", properties, required: ["city", "people"] };
 * const guide = new AssistantAgent({ name: "guide", llmConfig: { ...llmConfig, responseFormat } });
 * const { parsed, parseError } = await user.initiateChat(guide, { message: "The largest city?", maxTurns: 1 });
 * if (parseError) console.log(parseError.message);
 * else console.log((parsed as { people: number }).people + 1);
 */
export type ResponseFormat = ToolParameters | ResponseFormatOptions;

/** What a model has responded, with the value in it. */
export interface ParsedContent {
  /** The value, checked and converted; not there if `error` is. */
  readonly value?: unknown;
  /** Why there is no value: the model refused, or its text does not fit. */
  readonly error?: AgentError | undefined;
}

/** The options behind each format that was made. */
const optionsByFormat = new WeakMap<object, ResponseFormatOptions>();

/**
 * The `response_format` of the API. A JSON Schema becomes what OpenAI's strict mode wants: all properties required,
 * no others allowed. One of the API is returned itself.
 *
 * @throws AgentError for a validator that cannot make its JSON Schema
 */
export function responseFormat(given: object): object {
  const { type, json_schema: own } = given as { type?: unknown; json_schema?: { schema?: JsonSchema } };
  if (optionsByFormat.has(given) || type === "text") return given;
  const isOwn = own !== undefined || type === "json_object";
  const hasOptions = "schema" in given && !isStandardSchema(given);
  const options = (
    isOwn ? { schema: own?.schema ?? {} } : hasOptions ? given : { schema: given }
  ) as ResponseFormatOptions;
  const { schema, toJsonSchema } = options;
  let format = given;
  if (!isOwn) {
    const copy = cloneData<Fields>(schemaFor("`responseFormat`", schema, toJsonSchema, "schema"));
    const title = isStandardSchema(schema) ? copy["title"] : undefined;
    const name = options.name ?? title ?? "response_format";
    format = { type: "json_schema", json_schema: { schema: strict(copy, copy), name, strict: true } };
  }
  optionsByFormat.set(format, options);
  return format;
}

/** Makes a schema strict, in place. `inlined` are the references that lead here. */
function strict(schema: Fields, root: Fields, inlined: readonly string[] = []): Fields {
  const each = (parts: unknown): void => {
    for (const part of Object.values(parts ?? {})) if (isFields(part)) strict(part, root, inlined);
  };
  const { properties, oneOf, allOf, $ref: reference } = schema;
  if (schema["type"] === "object") schema["additionalProperties"] ??= false;
  if (properties) schema["required"] = Object.keys(properties);
  // Strict mode has no `oneOf`.
  if (oneOf) schema["anyOf"] ??= oneOf;
  delete schema["oneOf"];
  for (const group of ["$defs", "definitions", "properties", "anyOf", "allOf"]) each(schema[group]);
  each([schema["items"]]);
  if (Array.isArray(allOf) && allOf.length === 1) {
    delete schema["allOf"];
    Object.assign(schema, allOf[0]);
  }
  if (schema["default"] === null) delete schema["default"];
  if (typeof reference !== "string" || Object.keys(schema).length === 1) return schema;
  // It has no keywords beside `$ref` either, so that what a reference leads to takes its place, unless that is itself.
  if (inlined.includes(reference)) {
    for (const key in schema) if (key !== "$ref") delete schema[key];
    return schema;
  }
  delete schema["$ref"];
  let target: unknown = root;
  for (const step of reference.slice(2).split("/")) target = (target as Fields | undefined)?.[step];
  return strict(Object.assign(schema, { ...cloneData(target as Fields), ...schema }), root, [...inlined, reference]);
}

/**
 * The value in the message of a model; `undefined` for a message with tool calls, or of a request without a format.
 */
export async function parseContent(
  format: unknown,
  { content, refusal, tool_calls: calls, function_call: call }: ChatMessage = {},
): Promise<(ParsedContent & { readonly text?: string | undefined }) | undefined> {
  const options = isFields(format) ? optionsByFormat.get(format) : undefined;
  if (!options || calls?.length || call) return undefined;
  try {
    if (refusal) throw new Error(String(refusal));
    const value: unknown = await convertBy("responseFormat", options.schema, JSON.parse(contentText(content)));
    return { value, text: options.format?.(value as never) };
  } catch (cause) {
    const [code, what] = refusal
      ? (["refusal", "the model refused to respond"] as const)
      : (["invalid_response", "the model's response does not fit `responseFormat`"] as const);
    const error = new AgentError(code, `${what}: ${messageOf(cause)}`, { cause });
    // As in AG2, where only a format with a text of its own is checked.
    if (options.format) throw error;
    return { error };
  }
}
