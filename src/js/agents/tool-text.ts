/** Text on its way into and out of tools. */

import { messageOf } from "./errors.js";

/**
 * What the model reads of a tool's result (AG2: tools/function_utils.py, `serialize_to_str`).
 *
 * Texts stay as they are and whole numbers are the same digits in both languages. For the rest
 * Python writes its own notation (`True`, `None`, `{'a': [1, None]}`); here it is JSON (`true`,
 * `null`, `{"a":[1,null]}`), which is what a model expects of a program that is not Python, and what
 * AG2 itself writes for pydantic models. A function that returns nothing gives `null`.
 */
export function toolResultText(result: unknown): string {
  if (typeof result === "string") return result;
  if (result === undefined) return "null";
  if (typeof result === "number" || typeof result === "bigint") return String(result);
  try {
    return JSON.stringify(result, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value)) ?? String(result);
  } catch {
    // Cycles, or a toJSON that throws.
    return lastResort(result);
  }
}

/** Python's `str()` always says something; here even `String` can throw (a revoked proxy, an array without end). */
function lastResort(result: unknown): string {
  try {
    return String(result);
  } catch {
    return `<${typeof result} that cannot be shown>`;
  }
}

/** What the model reads of an error (AG2: `ConversableAgent.execute_function`). */
export function toolErrorText(error: unknown): string {
  return `Error: ${messageOf(error)}`;
}

/**
 * Mends the JSON of models that break lines in it: line breaks between tokens go, line breaks and
 * tabs within texts are escaped (AG2: `ConversableAgent._format_json_str`).
 */
export function mendJson(json: string): string {
  let mended = "";
  let isInText = false;
  let before = " ";
  for (const character of json) {
    if (before !== "\\" && character === '"') isInText = !isInText;
    before = character;
    if (character === "\n") mended += isInText ? "\\n" : "";
    else if (character === "\t" && isInText) mended += "\\t";
    else mended += character;
  }
  return mended;
}
