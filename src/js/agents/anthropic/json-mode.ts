/**
 * Structured outputs of models that have none: by their prompt (AG2: oai/anthropic.py,
 * `_add_response_format_to_system`).
 */

import { type Fields, isFields } from "../util/fields.js";

/** The beginnings of the names of models without structured outputs, before Claude 4.1 and 4.5. */
const WITHOUT = ["claude-2", "claude-instant", "claude-3", "claude-sonnet-4-0", "claude-sonnet-4-2", "claude-opus-4-0"];
const WITHOUT_EXACTLY = ["claude-sonnet-4", "claude-opus-4", "claude-opus-4-20250514"];

/** Whether a model makes structured outputs itself. */
export function hasStructuredOutput(model: string): boolean {
  // Bedrock names its models "us.anthropic.claude-…".
  const name = model.slice(Math.max(0, model.indexOf("claude-")));
  return !WITHOUT_EXACTLY.includes(name) && !WITHOUT.some((start) => name.startsWith(start));
}

/** What the system message says about the JSON that is wanted. */
export function jsonInstructions(schema: Fields | undefined): string {
  if (schema === undefined) return "Respond with a valid JSON object inside <json_response> tags, and nothing else.";
  return [
    "Respond with a valid JSON object that matches this JSON Schema. Do not return the schema itself:",
    JSON.stringify(schema, null, 2),
    "Put the data inside <json_response> tags, for example:",
    `<json_response>\n${JSON.stringify(example(schema), null, 2)}\n</json_response>`,
  ].join("\n\n");
}

/** Data of a schema's shape. */
function example(schema: unknown, name = "value"): unknown {
  const { type, properties, items, enum: values } = isFields(schema) ? schema : ({} as Fields);
  if (Array.isArray(values)) return values[0];
  switch (type) {
    case "integer":
      return 42;
    case "number":
      return 42.5;
    case "boolean":
      return true;
    case "array":
      return [example(items, "item")];
    case "object":
      return Object.fromEntries(Object.entries(properties ?? {}).map(([key, part]) => [key, example(part, key)]));
    default:
      return `example ${name}`;
  }
}

/** The JSON in a response: what is in the tags, else from the first brace to the last; all of it without one. */
export function jsonIn(text: string): string {
  const [, tagged] = text.split("<json_response>");
  if (tagged !== undefined) return tagged.split("</json_response>", 1)[0]!.trim();
  const [start, end] = [text.indexOf("{"), text.lastIndexOf("}")];
  return start >= 0 && end > start ? text.slice(start, end + 1) : text;
}
