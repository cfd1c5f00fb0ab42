/** The keywords of JSON Schema that limit numbers, texts, lists and objects, with pydantic's messages. */

import { type Fields, isFields } from "../util/fields.js";

/** A keyword, whether a value or a size is over its limit, and the beginning of the message. */
type Limit = readonly [keyword: string, isBroken: (value: number, limit: number) => boolean, message: string];

const isBelow = (value: number, limit: number): boolean => value < limit;
const isAbove = (value: number, limit: number): boolean => value > limit;

const OF_NUMBERS: readonly Limit[] = [
  ["minimum", isBelow, "greater than or equal to "],
  ["maximum", isAbove, "less than or equal to "],
  ["exclusiveMinimum", (value, limit) => value <= limit, "greater than "],
  ["exclusiveMaximum", (value, limit) => value >= limit, "less than "],
  // Within a rounding error, because 0.1 has no exact value.
  ["multipleOf", (value, limit) => Math.abs(value / limit - Math.round(value / limit)) > 1e-9, "a multiple of "],
];
const OF_SIZES: readonly Limit[] = [
  ["min", isBelow, " should have at least "],
  ["max", isAbove, " should have at most "],
];

/** The message about a value that is over a limit of `schema`. */
export function limitProblem(schema: Fields, value: unknown): string | undefined {
  const broken = (limits: readonly Limit[], size: number, suffix = ""): string | undefined => {
    for (const [keyword, isBroken, message] of limits)
      if (isBroken(size, schema[keyword + suffix] as number)) return message + String(schema[keyword + suffix]);
    return undefined;
  };
  if (typeof value === "number") {
    const problem = broken(OF_NUMBERS, value);
    return problem && `Input should be ${problem}`;
  }
  if (typeof value === "string") {
    const { pattern } = schema as { pattern?: string };
    const problem = broken(OF_SIZES, Array.from(value).length, "Length");
    if (problem) return `String${problem} character${problem.endsWith(" 1") ? "" : "s"}`;
    return pattern === undefined || new RegExp(pattern, "u").test(value)
      ? undefined
      : `String should match pattern '${pattern}'`;
  }
  const isList = Array.isArray(value);
  if (!isList && !isFields(value)) return undefined;
  const size = Object.keys(value).length;
  const problem = broken(OF_SIZES, size, isList ? "Items" : "Properties");
  const kind = isList ? (schema["prefixItems"] ? "Tuple" : schema["uniqueItems"] ? "Set" : "List") : "Dictionary";
  return problem && `${kind}${problem} item${problem.endsWith(" 1") ? "" : "s"} after validation, not ${size}`;
}
