/**
 * The check of JSON values against a JSON Schema, and their conversion, as pydantic does it with the arguments of
 * Python's tools: `"5"` becomes 5 for an integer, missing properties get their defaults, unknown ones are removed.
 *
 * It knows the keywords that pydantic, zod, valibot and arktype write for types, enumerations, limits, unions and
 * references, and needs no `eval`, which pages may forbid. Other keywords are not checked.
 */

import { cloneData } from "../util/clone-data.js";
import { type Fields, isFields } from "../util/fields.js";
import { kindOf, limitProblem } from "./limits.js";
import { SCALARS } from "./scalars.js";
import { keywordOf, labelOf, listOf, pythonText, resolveSchema } from "./schema-nodes.js";
import type { StandardIssue } from "./standard-schema.js";

/** Reports what does not fit, and where below the current value. */
type Refuse = (message: string, path?: readonly PropertyKey[]) => void;

/** Converts `value` to what `schema` describes, as far as it fits; the issues tell what does not. */
export function convert(schema: Fields, value: unknown): { value: unknown; issues: readonly StandardIssue[] } {
  const issues: StandardIssue[] = [];
  return { value: convertNode(schema, value, collectorOf(issues), [schema]), issues };
}

const collectorOf =
  (issues: StandardIssue[]): Refuse =>
  (message, path = []) =>
    void issues.push({ message, path });

const below =
  (refuse: Refuse, key: PropertyKey): Refuse =>
  (message, path = []) =>
    refuse(message, [key, ...path]);

/**
 * @param outer the schemas with definitions around `given`, innermost first
 * @param isStrict whether the value must have its type already
 */
function convertNode(
  given: unknown,
  value: unknown,
  refuse: Refuse,
  outer: readonly Fields[],
  isStrict = false,
): unknown {
  if (!isFields(given)) {
    if (given === false) refuse("Extra inputs are not permitted");
    return value;
  }
  const [schema, scopes] = resolveSchema(given, outer);
  if (value === null && schema["nullable"] === true) return null;
  let result = convertOwn(schema, value, refuse, scopes, isStrict);
  for (const branches of [
    ...listOf(schema["allOf"]).map((part) => [part]),
    listOf(schema["anyOf"]),
    listOf(schema["oneOf"]),
  ]) {
    if (branches.length === 0) continue;
    // Each part of the schema takes its own properties from the whole object.
    const other = convertUnion(
      branches,
      isFields(result) ? { ...(value as Fields), ...result } : result,
      refuse,
      scopes,
      isStrict,
    );
    result = result !== value && isFields(result) && isFields(other) ? { ...result, ...other } : other;
  }
  return result;
}

/** Applies `const`, `enum` and `type`, with the keywords for values of that type. */
function convertOwn(
  schema: Fields,
  value: unknown,
  refuse: Refuse,
  scopes: readonly Fields[],
  isStrict: boolean,
): unknown {
  const { type } = schema;
  const options = "const" in schema ? [schema["const"]] : listOf(schema["enum"]);
  const scalar = SCALARS[type as string]?.(value, isStrict);
  if (options.length > 0) {
    const fits = (candidate: unknown): boolean => options.some((option) => isSame(option, candidate));
    if (fits(value)) return value;
    if (scalar && !scalar[1] && fits(scalar[0])) return scalar[0];
    const texts = options.map(pythonText);
    const last = texts.pop();
    refuse(`Input should be ${texts.join(", ")}${texts.length > 0 ? " or " : ""}${last}`);
    return value;
  }
  if (Array.isArray(type))
    return convertUnion(
      type.map((each: unknown) => ({ ...schema, type: each })),
      value,
      refuse,
      scopes,
      isStrict,
    );
  let result = value;
  const isObject = isFields(value);
  if (scalar) {
    if (scalar[1]) {
      refuse(`Input should be ${scalar[1]}`);
      return value;
    }
    result = scalar[0];
  } else if (Array.isArray(value) && (!type || type === "array")) {
    const first = listOf(schema["prefixItems"]);
    const items = value.map((item: unknown, index) =>
      convertNode(first[index] ?? schema["items"], item, below(refuse, index), scopes, isStrict),
    );
    result = schema["uniqueItems"]
      ? items.filter((item, index) => items.findIndex((each) => isSame(each, item)) === index)
      : items;
  } else if (isObject && (type === "object" || OBJECT_KEYWORDS.some((keyword) => keyword in schema))) {
    result = convertObject(schema, value, refuse, scopes, isStrict);
  } else if (type === "array" || type === "object") {
    refuse(`Input should be a valid ${kindOf(schema, type === "array").toLowerCase()}`);
  }
  const problem = limitProblem(schema, result);
  if (problem) refuse(problem);
  return result;
}

/** The keywords that describe objects, even without `type`. */
const OBJECT_KEYWORDS = ["properties", "required", "additionalProperties"];

const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

function convertObject(
  schema: Fields,
  value: Fields,
  refuse: Refuse,
  scopes: readonly Fields[],
  isStrict: boolean,
): unknown {
  const required = listOf(schema["required"]) as readonly string[];
  const properties = new Map<string, unknown>([
    ...required.map((key) => [key, {}] as const),
    ...Object.entries((schema["properties"] ?? {}) as Fields),
  ]);
  const entries: [string, unknown][] = [];
  for (const [key, property] of properties) {
    const fallback = keywordOf(property, "default", scopes);
    if (Object.hasOwn(value, key))
      entries.push([key, convertNode(property, value[key], below(refuse, key), scopes, isStrict)]);
    // A copy, so that a tool that changes its arguments does not change the schema.
    else if (fallback !== undefined) entries.push([key, cloneData(fallback)]);
    else if (required.includes(key)) refuse("Field required", [key]);
  }
  // Without `additionalProperties`, pydantic removes what a class has no field for.
  // What `patternProperties` describe is kept, and not checked.
  const rest = schema["patternProperties"] ? {} : schema["additionalProperties"];
  const others = rest ?? (properties.size > 0 ? undefined : {});
  for (const [key, item] of Object.entries(value))
    if (others !== undefined && !properties.has(key))
      entries.push([key, convertNode(others, item, below(refuse, key), scopes, isStrict)]);
  return Object.fromEntries(entries);
}

/**
 * Converts to the branch that fits best, like pydantic's "smart" mode: one whose types the value has already, before
 * one that it can be converted to; of several, the one that keeps most properties.
 */
function convertUnion(
  branches: readonly unknown[],
  value: unknown,
  refuse: Refuse,
  scopes: readonly Fields[],
  isStrict: boolean,
): unknown {
  const others = branches.filter((branch) => keywordOf(branch, "type", scopes) !== "null");
  if (value === null && others.length < branches.length) return null;
  if (others.length < 2) return convertNode(others[0] ?? branches[0], value, refuse, scopes, isStrict);
  let issues: StandardIssue[] = [];
  for (const isStrictly of isStrict ? [true] : [true, false]) {
    issues = [];
    let best: { result: unknown; kept: number } | undefined;
    for (const branch of others) {
      const own: StandardIssue[] = [];
      const result = convertNode(branch, value, below(collectorOf(own), labelOf(branch, scopes)), scopes, isStrictly);
      const kept = isFields(result) ? Object.keys(result).filter((key) => key in (value as Fields)).length : 0;
      if (own.length === 0 && !(best && best.kept >= kept)) best = { result, kept };
      issues.push(...own);
    }
    if (best) return best.result;
  }
  for (const { message, path } of issues) refuse(message, path as PropertyKey[]);
  return value;
}
