/** The conversion of arguments and results of tools from and to text. */

import { messageOf } from "../util/errors.js";
import { isFields } from "../util/fields.js";

/**
 * The text of a tool's result for the model (AG2: tools/function_utils.py, `serialize_to_str`).
 *
 * Texts are unchanged, and whole numbers have the same digits in both languages. Other values are
 * written in Python's notation there (`True`, `None`, `{'a': [1, None]}`), and as JSON here (`true`,
 * `null`, `{"a":[1,null]}`), as AG2 itself writes pydantic models. A function that returns nothing
 * gives `null`.
 */
export function toolResultText(result: unknown): string {
  if (typeof result === "string") return result;
  if (result === undefined) return "null";
  if (typeof result === "number" || typeof result === "bigint") return String(result);
  try {
    return JSON.stringify(result, (_, value: unknown) => jsonValue(value)) ?? String(result);
  } catch {
    // Cycles, or a toJSON that throws.
    return fallbackText(result);
  }
}

/**
 * What JSON shows of a value that it would show as `{}`: of maps and sets what they hold, of other objects without
 * properties, such as errors, their text.
 */
function jsonValue(value: unknown): unknown {
  if (typeof value === "bigint") return String(value);
  if (value instanceof Map) return Object.fromEntries(value);
  if (value instanceof Set || ArrayBuffer.isView(value)) return [...(value as Set<unknown>)];
  if (!isFields(value) || Object.keys(value).length > 0) return value;
  const text = fallbackText(value);
  return /^(\[object Object|<)/.test(text) ? value : text;
}

/** The text of a value that JSON cannot represent. `String` can throw too: for a revoked proxy, or a cyclic array. */
function fallbackText(result: unknown): string {
  try {
    return String(result);
  } catch {
    return `<${typeof result} that cannot be shown>`;
  }
}

/** The text of an error for the model (AG2: `ConversableAgent.execute_function`). */
export function toolErrorText(error: unknown): string {
  return `Error: ${error instanceof Error ? messageOf(error) : fallbackText(error)}`;
}

const TEXT_OR_NUMBER = /"(?:[^"\\]|\\.)*"?|[-+.\w]+/g;

/**
 * Quotes whole numbers in JSON that JavaScript's numbers would round, such as long ids: a tool that wants a text gets
 * all digits, and one that wants an integer an error, where it would get another number.
 */
export function quoteLongIntegers(json: string): string {
  return json.replace(TEXT_OR_NUMBER, (token) =>
    /^-?\d{16,}$/.test(token) && BigInt(token) !== BigInt(Number(token)) ? `"${token}"` : token,
  );
}

/**
 * Repairs JSON of models with raw line breaks: removes those between tokens, and escapes line breaks
 * and tabs inside strings (AG2: `ConversableAgent._format_json_str`).
 */
export function repairJson(json: string): string {
  let repaired = "";
  let isInText = false;
  let before = " ";
  for (const character of json) {
    if (before !== "\\" && character === '"') isInText = !isInText;
    before = character;
    if (character === "\n") repaired += isInText ? "\\n" : "";
    else if (character === "\t" && isInText) repaired += "\\t";
    else repaired += character;
  }
  return repaired;
}
