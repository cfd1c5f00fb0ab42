/** The keywords of JSON Schema that limit numbers, texts, lists and objects, with pydantic's messages. */

import { type Fields, isFields } from "../util/fields.js";
import { warn } from "../util/warn.js";

/** A keyword, whether a value or a size is over its limit, and the beginning of the message. */
type Limit = readonly [keyword: string, isBroken: (value: number, limit: number) => boolean, message: string];

const isBelow = (value: number, limit: number): boolean => value < limit;
const isAbove = (value: number, limit: number): boolean => value > limit;

const OF_NUMBERS: readonly Limit[] = [
  ["exclusiveMinimum", (value, limit) => value <= limit, "greater than "],
  ["exclusiveMaximum", (value, limit) => value >= limit, "less than "],
  ["minimum", isBelow, "greater than or equal to "],
  ["maximum", isAbove, "less than or equal to "],
  // Within a rounding error, because 0.1 has no exact value.
  ["multipleOf", (value, limit) => Math.abs(value / limit - Math.round(value / limit)) > 1e-9, "a multiple of "],
];
const OF_SIZES: readonly Limit[] = [
  ["min", isBelow, " should have at least "],
  ["max", isAbove, " should have at most "],
];

/**
 * The regular expression of a `pattern`. One with escapes that Unicode mode does not know, such as `\\-`, has no such
 * mode; one that only other languages can read, such as Python's `(?P<year>…)`, is not checked, with a warning.
 */
function expressionOf(pattern: string): RegExp | undefined {
  for (const flags of ["u", ""]) {
    try {
      return new RegExp(pattern, flags);
    } catch {
      // The next mode.
    }
  }
  warn(`the pattern \`${pattern}\` is not checked: JavaScript cannot read it`);
  return undefined;
}

/** The message about a value that is over a limit of `schema`. */
export function limitProblem(schema: Fields, value: unknown): string | undefined {
  const broken = (limits: readonly Limit[], size: number, suffix = "", noun = ""): string | undefined => {
    for (const [keyword, isBroken, message] of limits) {
      const given = schema[keyword + suffix];
      // In the draft of OpenAPI 3.0, `exclusiveMinimum: true` belongs to `minimum`.
      const limit = given === true ? schema[keyword.slice(9).toLowerCase()] : given;
      if (typeof limit === "number" && isBroken(size, limit))
        return `${message}${limit}${noun && ` ${noun}${limit === 1 ? "" : "s"}`}`;
    }
    return undefined;
  };
  if (typeof value === "number") {
    const problem = broken(OF_NUMBERS, value);
    return problem && `Input should be ${problem}`;
  }
  if (typeof value === "string") {
    const { pattern } = schema as { pattern?: string };
    const problem = broken(OF_SIZES, Array.from(value).length, "Length", "character");
    if (problem) return `String${problem}`;
    return pattern === undefined || expressionOf(pattern)?.test(value) !== false
      ? undefined
      : `String should match pattern '${pattern}'`;
  }
  const isList = Array.isArray(value);
  if (!isList && !isFields(value)) return undefined;
  const size = Object.keys(value).length;
  const problem = broken(OF_SIZES, size, isList ? "Items" : "Properties", "item");
  return problem && `${kindOf(schema, isList)}${problem} after validation, not ${size}`;
}

/** Python's name for the lists or objects that a schema describes. */
export function kindOf(schema: Fields, isList: boolean): string {
  if (!isList) return "Dictionary";
  return schema["prefixItems"] ? "Tuple" : schema["uniqueItems"] ? "Set" : "List";
}
