/**
 * Boolean settings from outside the program: environment variables, and flags on `globalThis`. The one parser for
 * all of them.
 */

import { warnOnce } from "./warn.js";

const TRUE = new Set(["true", "1", "yes", "on"]);
const FALSE = new Set(["false", "0", "no", "off", ""]);

/**
 * Whether the flag called `name` is set: true, 1, yes and on are, false, 0, no, off and nothing are not, in any case
 * and with blanks around them. Anything else is warned about and counts as set, since who sets a flag means it.
 */
export function isFlagSet(name: string, value: unknown): boolean {
  if (value === undefined || value === null) return false;
  const text = isScalar(value) ? String(value).trim().toLowerCase() : undefined;
  if (text !== undefined && FALSE.has(text)) return false;
  if (text === undefined || !TRUE.has(text)) {
    warnOnce(
      "invalid_flag",
      `\`${name}\` is neither true, 1, yes, on nor false, 0, no, off, and counts as true: set it to one of them`,
      name,
    );
  }
  return true;
}

function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}
