/** The parameters of a tool: what the model is told about them, and what becomes of the arguments it sends. */

import { AgentError } from "./errors.js";

/** A JSON Schema, as the model gets it. */
export interface JsonSchema {
  readonly [keyword: string]: unknown;
}

/**
 * How a tool describes its parameters. Now a JSON Schema of an object; other notations (Standard
 * Schema validators) join here, by teaching `schemaFor` and `prepareArguments` to read them.
 */
export type ToolParameters = JsonSchema;

/** What AG2 tells the model of a function without parameters (tools/function_utils.py, `get_parameters`). */
export const NO_PARAMETERS: ToolParameters = { type: "object", properties: {}, required: [] };

/** The JSON Schema to tell the model. */
export function schemaFor(parameters: ToolParameters): JsonSchema {
  return parameters;
}

/**
 * The arguments a tool function gets: what the model sent, with the schema's top-level `default`s
 * for what it left out. The text of the error for missing ones is what the model reads; it begins
 * as in Python, where pydantic writes it.
 *
 * @throws AgentError when an argument is required and missing
 */
export function prepareArguments(name: string, parameters: ToolParameters | undefined, given: Record<string, unknown>): Record<string, unknown> {
  if (parameters === undefined) return given;
  const schema = schemaFor(parameters);
  const prepared = { ...given };
  for (const [key, property] of Object.entries((schema["properties"] ?? {}) as Record<string, { default?: unknown } | boolean>)) {
    // A copy, so that a tool that changes its arguments does not change the schema.
    if (!Object.hasOwn(prepared, key) && typeof property === "object" && "default" in property) prepared[key] = structuredClone(property.default);
  }
  const missing = ((schema["required"] ?? []) as readonly string[]).filter((key) => !Object.hasOwn(prepared, key));
  if (missing.length > 0) {
    const title = `${missing.length} validation error${missing.length === 1 ? "" : "s"} for ${name}`;
    throw new AgentError("tool_arguments", [title, ...missing.map((key) => `${key}\n  Field required`)].join("\n"));
  }
  return prepared;
}
