/** Objects from JSON. */

/** An object parsed from JSON. */
export type Fields = Record<string, unknown>;

/** The values of an object that are given: neither null nor undefined. */
export function givenFields(values: object): Fields {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value != null));
}

/** Whether `value` is an object and not a list. */
export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
