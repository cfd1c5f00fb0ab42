/** Parts of JSON Schemas: references, lists, and their names in pydantic's messages. */

import { type Fields, isFields } from "../util/fields.js";

/** A list, or an empty one instead of any other value. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/**
 * The schema that `schema` refers to, with its own keywords beside `$ref`, and the scopes in which its references are
 * resolved. A reference that leads nowhere describes nothing.
 *
 * Python's AG2 writes the definitions of a parameter into the parameter, but refers to them as if they were in the
 * outermost schema, so that the innermost scope with the definition counts.
 */
export function resolveSchema(schema: Fields, outer: readonly Fields[]): [schema: Fields, scopes: readonly Fields[]] {
  let scopes = outer;
  let resolved = schema;
  // A reference to itself must not go on for ever.
  for (let steps = 0; steps < 100; steps++) {
    if (isFields(resolved["$defs"]) && scopes[0] !== resolved) scopes = [resolved, ...scopes];
    const { $ref, ...own } = resolved;
    if (typeof $ref !== "string") break;
    resolved = { ...find($ref, scopes), ...own };
  }
  return [resolved, scopes];
}

function find(reference: string, scopes: readonly Fields[]): Fields {
  if (reference === "#") return scopes.at(-1) ?? {};
  const steps = reference.slice(2).split("/");
  for (const scope of scopes) {
    let found: unknown = scope;
    for (const step of steps) found = (found as Fields | undefined)?.[step.replaceAll("~1", "/").replaceAll("~0", "~")];
    if (isFields(found)) return found;
  }
  return {};
}

/** The value of a keyword in a schema, or in the one that it refers to. */
export function keywordOf(given: unknown, keyword: string, outer: readonly Fields[]): unknown {
  return isFields(given) ? resolveSchema(given, outer)[0][keyword] : undefined;
}

const NAMES: Readonly<Record<string, string>> = {
  integer: "int",
  number: "float",
  string: "str",
  boolean: "bool",
  object: "dict",
};

/** The name of a schema, as pydantic names the branch of a union in the path to an error. */
export function labelOf(given: unknown, outer: readonly Fields[]): string {
  if (!isFields(given)) return "any";
  const [{ title, type, items }, scopes] = resolveSchema(given, outer);
  if (title) return String(title);
  return type === "array" ? `list[${labelOf(items, scopes)}]` : (NAMES[type as string] ?? "any");
}

/** A value in Python's notation. */
export function pythonText(value: unknown): string {
  if (typeof value === "string") return `'${value}'`;
  return value === null ? "None" : typeof value === "boolean" ? (value ? "True" : "False") : JSON.stringify(value);
}
