/** Objects from JSON. */

/** An object parsed from JSON. */
export type Fields = Record<string, unknown>;

/** Whether `value` is an object and not a list. */
export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
