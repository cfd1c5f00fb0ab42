/** Schemas of tools and of structured outputs: their JSON Schema for models, and the check of values. */

import { AgentError } from "../util/errors.js";
import { convert } from "./convert.js";
import {
  isStandardSchema,
  type StandardIssue,
  type StandardOutput,
  type StandardResult,
  type StandardSchema,
} from "./standard-schema.js";

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
 * @param owner whose schema it is, and `option`, beside which option `toJsonSchema` may be given: for the error
 * @throws AgentError for a validator that cannot make its own
 */
export function schemaFor(
  owner: string,
  parameters: ToolParameters,
  toJsonSchema: ToJsonSchema | undefined,
  option = "parameters",
): JsonSchema {
  if (!isStandardSchema(parameters)) return parameters;
  const { jsonSchema, vendor } = parameters["~standard"];
  if (toJsonSchema === undefined && jsonSchema === undefined) {
    throw new AgentError(
      "invalid_option",
      `the validator of ${owner}, made by \`${vendor}\`, has no JSON Schema: ` +
        `give \`toJsonSchema\` beside \`${option}\``,
    );
  }
  const made = toJsonSchema
    ? toJsonSchema(parameters as never)
    : inputSchema(jsonSchema as NonNullable<typeof jsonSchema>);
  // Models do not need the number of the draft.
  const { $schema: _, ...schema } = made as Record<string, unknown>;
  return schema;
}

/**
 * Checks that these are parameters, which models refuse otherwise, and not the properties alone.
 *
 * @param owner whose parameters they are, for the error
 * @throws AgentError for anything but a validator or the JSON Schema of an object
 */
export function checkParameters(owner: string, parameters: ToolParameters): void {
  if (isStandardSchema(parameters)) return;
  const isSchema =
    typeof parameters === "object" &&
    (parameters["type"] === "object" ||
      Object.keys(parameters).length === 0 ||
      ["$ref", "allOf", "anyOf", "oneOf", "properties"].some((keyword) => keyword in parameters));
  if (isSchema) return;
  throw new AgentError(
    "invalid_option",
    `the \`parameters\` of ${owner} must be the JSON Schema of an object: \`{ type: "object", properties: { … } }\``,
  );
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
 * The value that a tool or the program gets for one of a model: the output of the validator, as a promise if it is
 * asynchronous; with a JSON Schema the value itself, checked and converted.
 *
 * The model gets the text of the error, which has the format of pydantic's, as in Python.
 *
 * @throws AgentError if the value does not fit
 */
export function convertBy(name: string, parameters: ToolParameters | undefined, given: unknown): unknown {
  if (parameters === undefined) return given;
  if (!isStandardSchema(parameters)) return validated(name, convert(parameters, given));
  const result = parameters["~standard"].validate(given);
  return "then" in result ? result.then((settled) => validated(name, settled)) : validated(name, result);
}

function validated(name: string, result: StandardResult<unknown> | ReturnType<typeof convert>): unknown {
  const { issues } = result;
  if (!issues?.length) return (result as { value: unknown }).value;
  const problems = issues.map(issueText);
  const title = `${problems.length} validation error${problems.length === 1 ? "" : "s"} for ${name}`;
  throw new AgentError("tool_arguments", [title, ...problems].join("\n"));
}

/** The text of an issue: its path, and its message below. */
export function issueText({ message, path = [] }: StandardIssue): string {
  const place = path.map((step) => String(typeof step === "object" ? step.key : step)).join(".");
  return `${place && `${place}\n`}  ${message}`;
}
