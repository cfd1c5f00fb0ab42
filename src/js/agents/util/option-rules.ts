/**
 * The rules of options, and their check: a name that a function does not know, and a value that an option cannot
 * have, are mistakes. The tracer uses it too, with errors of its own class.
 */

import { quoted } from "./lists.js";
import { shownText } from "./shown-text.js";

/** The values that an option may have: any, those of a kind, or the texts of a list. Null is always "not given". */
export type OptionRule = "any" | "text" | "flag" | "count" | "function" | readonly string[];

/** The declared names of a type of options, without those of an index signature. */
type OptionName<Options> = keyof { [Name in keyof Options as string extends Name ? never : Name]: unknown };

/** The rules of all options of a function, by name. The compiler keeps them equal to the type. */
export type OptionRules<Options> = { readonly [Name in OptionName<Options>]-?: OptionRule };

/** Makes the error for a mistake. */
export type MakeError = (message: string) => Error;

const KINDS: Readonly<Record<string, readonly [is: (value: unknown) => boolean, what: string]>> = {
  text: [(value) => typeof value === "string", "a text"],
  flag: [(value) => typeof value === "boolean", "true or false"],
  count: [
    (value) => value === Infinity || (Number.isInteger(value) && (value as number) >= 0),
    "a whole number from 0 on",
  ],
  function: [(value) => typeof value === "function", "a function"],
};

/**
 * Checks the options of a function.
 *
 * @param what the function's name, for the message
 * @param mayHaveOthers whether names may be the program's own, unless they are nearly those of an option
 * @throws the error that `makeError` makes
 */
export function checkByRules(
  what: string,
  options: unknown,
  rules: Readonly<Record<string, OptionRule>>,
  makeError: MakeError,
  mayHaveOthers = false,
): void {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    const given = typeof options === "function" ? "a function" : shown(options);
    throw makeError(`\`${what}\` takes an object of options, not ${given}: write \`{ ${Object.keys(rules)[0]}: … }\``);
  }
  for (const name of Object.keys(options)) {
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
    // A value that has no rule is not read here, since it may be one that changes when it is read.
    if (rule === "any") continue;
    const value = (options as Readonly<Record<string, unknown>>)[name];
    if (value === undefined || value === null) continue;
    if (rule === undefined) refuseName(what, name, Object.keys(rules), mayHaveOthers, makeError);
    else checkValue(what, name, value, rule, makeError);
  }
}

function checkValue(what: string, name: string, value: unknown, rule: OptionRule, makeError: MakeError): void {
  const [is, wanted] =
    typeof rule === "string"
      ? (KINDS[rule] ?? [() => true, ""])
      : [(text: unknown) => rule.includes(text as string), rule.map((text) => `"${text}"`).join(" or ")];
  if (is(value)) return;
  throw makeError(`\`${name}\` of \`${what}\` must be ${wanted}, not ${shown(value)}`);
}

/** Refuses a name that is no option's: a misspelt one, and others too unless `mayHaveOthers`. */
function refuseName(
  what: string,
  name: string,
  names: readonly string[],
  mayHaveOthers: boolean,
  makeError: MakeError,
): void {
  const near = nearestName(name, names, mayHaveOthers);
  if (near === undefined && mayHaveOthers) return;
  const hint = near === undefined ? `its options are ${quoted(names)}` : `did you mean \`${near}\`?`;
  throw makeError(`\`${shownText(name)}\` is no option of \`${what}\`: ${hint}`);
}

/**
 * The name that `name` is probably meant to be: the same one in another spelling (`max_turns`), one with up to two
 * wrong letters, or, unless `isStrict`, one that it is a part of (`filter` for `filterString`).
 */
export function nearestName(name: string, names: readonly string[], isStrict = false): string | undefined {
  const plain = plainName(name);
  const isPart = (other: string): boolean =>
    !isStrict && plain.length > 2 && (other.includes(plain) || isShortFor(plain, other));
  const ranked = names.map((each): readonly [string, number] => {
    const other = plainName(each);
    const wrong = plain === other ? 0 : wrongLetters(plain, other);
    const isNear = wrong < MAX_WRONG_LETTERS && wrong * 5 < Math.max(plain.length, other.length) * 2;
    return [each, isNear ? wrong : isPart(other) ? 2 : MAX_WRONG_LETTERS];
  });
  ranked.sort(([, first], [, second]) => first - second);
  const [best] = ranked;
  return best !== undefined && best[1] < MAX_WRONG_LETTERS ? best[0] : undefined;
}

const MAX_WRONG_LETTERS = 3;

function plainName(name: string): string {
  return name.replace(/[_-]/g, "").toLowerCase();
}

/** Whether `short` has the first three letters of `long`, and further letters of it in their order (`params`). */
function isShortFor(short: string, long: string): boolean {
  let at = 0;
  for (const letter of long) if (letter === short[at]) at++;
  return at === short.length && long.startsWith(short.slice(0, 3));
}

/**
 * The number of letters to insert, delete, replace or swap, up to `MAX_WRONG_LETTERS` (the restricted distance of
 * Damerau).
 */
function wrongLetters(first: string, second: string): number {
  if (Math.abs(first.length - second.length) > 2 || first.length > 64) return MAX_WRONG_LETTERS;
  let before: number[] = [];
  let row = Array.from({ length: second.length + 1 }, (_, index) => index);
  for (let at = 1; at <= first.length; at++) {
    const next = [at];
    for (let to = 1; to <= second.length; to++) {
      const isSame = first[at - 1] === second[to - 1];
      let cost = Math.min(
        (row[to] as number) + 1,
        (next[to - 1] as number) + 1,
        (row[to - 1] as number) + (isSame ? 0 : 1),
      );
      if (at > 1 && to > 1 && first[at - 1] === second[to - 2] && first[at - 2] === second[to - 1])
        cost = Math.min(cost, (before[to - 2] as number) + 1);
      next.push(cost);
    }
    before = row;
    row = next;
  }
  return row[second.length] as number;
}

const MAX_SHOWN_CHARACTERS = 80;

/** A value for a message, between backticks. */
function shown(value: unknown): string {
  return typeof value === "object" && value !== null
    ? "an object"
    : `\`${shownText(String(value).slice(0, MAX_SHOWN_CHARACTERS))}\``;
}
