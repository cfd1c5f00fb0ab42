/**
 * The conversion of texts, numbers and booleans to the type of a JSON Schema, as pydantic converts the arguments of
 * Python's tools (pydantic_core, "lax" mode), with its messages.
 */

/** The value, and the message of pydantic without its beginning if it has another type. */
export type Converted = readonly [value: unknown, problem?: string | false];

/** The text of a number, without white space around it and without `_` between digits, which Python allows. */
const digitsOf = (text: string): string => text.trim().replace(/(\d)_(?=\d)/g, "$1");

/** Converts what is not a number yet. */
function toNumber(value: unknown, isStrict: boolean, noun: string, parse: (digits: string) => number): Converted {
  const problem = noun.replace(/an? /, "a valid ");
  if (typeof value === "boolean" && !isStrict) return [Number(value)];
  if (typeof value !== "string" || isStrict) return [value, problem];
  const number = parse(digitsOf(value));
  return [number, Number.isNaN(number) && `${problem}, unable to parse string as ${noun}`];
}

const INTEGER = "a valid integer";
const BOOLEAN = "a valid boolean";

/** The conversions by type. If `isStrict`, a value of another type is not converted. */
export const SCALARS: Readonly<Record<string, (value: unknown, isStrict: boolean) => Converted>> = {
  integer: (value, isStrict) => {
    if (typeof value === "number")
      return [value, !Number.isInteger(value) && `${INTEGER}, got a number with a fractional part`];
    const [result, problem] = toNumber(value, isStrict, "an integer", (digits) =>
      /^[+-]?\d+(\.0+)?$/.test(digits) ? Number(digits) : NaN,
    );
    // Python has integers of any size. One that a number cannot hold is refused, not rounded.
    return [result, problem || (!Number.isSafeInteger(result) && `${INTEGER}, exceeded maximum size`)];
  },
  number: (value, isStrict) =>
    typeof value === "number"
      ? [value]
      : toNumber(value, isStrict, "a number", (digits) => (/^$|^0[xbo]/i.test(digits) ? NaN : Number(digits))),
  boolean: (value, isStrict) => {
    if (typeof value === "boolean") return [value];
    if (isStrict || !(typeof value === "string" || Number.isSafeInteger(value))) return [value, BOOLEAN];
    const found = /^(?:(1|on|t|true|y|yes)|0|off|f|false|n|no)$/i.exec(String(value));
    return [found?.[1] !== undefined, !found && `${BOOLEAN}, unable to interpret input`];
  },
  string: (value) => [value, typeof value !== "string" && "a valid string"],
  null: (value) => [value, value !== null && "None"],
};
