/** The parameters of tools: their JSON Schema for models, and the validation of arguments. */

import { cloneData } from "../util/clone-data.js";
import { AgentError } from "../util/errors.js";
import { isStandardSchema, type StandardOutput, type StandardResult, type StandardSchema } from "./standard-schema.js";

/** A JSON Schema for a model. */
export interface JsonSchema {
  readonly [keyword: string]: unknown;
}

/**
 * The parameters of a tool: the JSON Schema of an object, or a validator of any library that follows Standard Schema.
 */
export type ToolParameters = JsonSchema | StandardSchema;

/** The arguments that a tool function gets: the output of the validator. */
export type ArgumentsOf<Parameters extends ToolParameters> = Parameters extends StandardSchema
  ? StandardOutput<Parameters>
  : Record<string, unknown>;

/** Makes the JSON Schema of a validator. */
export type ToJsonSchema = (schema: never) => object;

/** AG2's schema for a function without parameters (tools/function_utils.py, `get_parameters`). */
export const NO_PARAMETERS: JsonSchema = { type: "object", properties: {}, required: [] };

/**
 * The JSON Schema for the model.
 *
 * @throws AgentError for a validator that cannot make its own
 */
export function schemaFor(
  name: string,
  parameters: ToolParameters,
  toJsonSchema: ToJsonSchema | undefined,
): JsonSchema {
  if (!isStandardSchema(parameters)) return parameters;
  const { jsonSchema, vendor } = parameters["~standard"];
  if (toJsonSchema === undefined && jsonSchema === undefined) {
    throw new AgentError(
      "invalid_option",
      `the validator of tool \`${name}\`, made by \`${vendor}\`, has no JSON Schema: ` +
        "give `toJsonSchema` beside `parameters`",
    );
  }
  const made = toJsonSchema
    ? toJsonSchema(parameters as never)
    : inputSchema(jsonSchema as NonNullable<typeof jsonSchema>);
  // Models do not need the number of the draft.
  const { $schema: _, ...schema } = made as Record<string, unknown>;
  return schema;
}

/** The newest draft that the library can write. */
function inputSchema(jsonSchema: {
  readonly input: (options: { readonly target: string }) => Record<string, unknown>;
}): Record<string, unknown> {
  try {
    return jsonSchema.input({ target: "draft-2020-12" });
  } catch {
    return jsonSchema.input({ target: "draft-07" });
  }
}

/**
 * The arguments that a tool function gets: the output of the validator, as a promise if it is
 * asynchronous; with a JSON Schema the model's arguments, with the schema's top-level `default`s for
 * missing ones.
 *
 * The model gets the text of the error, which has the format of pydantic's, as in Python.
 *
 * @throws AgentError if an argument is missing or invalid
 */
export function prepareArguments(
  name: string,
  parameters: ToolParameters | undefined,
  given: Record<string, unknown>,
): unknown {
  if (parameters === undefined) return given;
  if (!isStandardSchema(parameters)) return withDefaults(name, parameters, given);
  const result = parameters["~standard"].validate(given);
  return "then" in result ? result.then((settled) => validated(name, settled)) : validated(name, result);
}

function validated(name: string, result: StandardResult<unknown>): unknown {
  if (!result.issues) return result.value;
  throw validationError(
    name,
    result.issues.map(({ message, path = [] }) => {
      const place = path.map((step) => String(typeof step === "object" ? step.key : step)).join(".");
      return `${place && `${place}\n`}  ${message}`;
    }),
  );
}

function withDefaults(name: string, schema: JsonSchema, given: Record<string, unknown>): Record<string, unknown> {
  const prepared = { ...given };
  for (const [key, property] of Object.entries(
    (schema["properties"] ?? {}) as Record<string, { default?: unknown } | boolean>,
  )) {
    // A copy, so that a tool that changes its arguments does not change the schema.
    if (!Object.hasOwn(prepared, key) && typeof property === "object" && "default" in property)
      prepared[key] = cloneData(property.default);
  }
  const missing = ((schema["required"] ?? []) as readonly string[]).filter((key) => !Object.hasOwn(prepared, key));
  if (missing.length > 0)
    throw validationError(
      name,
      missing.map((key) => `${key}\n  Field required`),
    );
  return prepared;
}

function validationError(name: string, problems: readonly string[]): AgentError {
  const title = `${problems.length} validation error${problems.length === 1 ? "" : "s"} for ${name}`;
  return new AgentError("tool_arguments", [title, ...problems].join("\n"));
}
