/**
 * The rules of options, and their check: a name that a function does not know, and a value that an option cannot
 * have, are mistakes. The tracer uses it too, with errors of its own class.
 */

import { quoted } from "./lists.js";
import { shownText } from "./shown-text.js";

/** The kinds of values. */
type Kind =
  | "text"
  | "flag"
  | "count"
  | "milliseconds"
  | "function"
  | "object"
  | "list"
  | "texts"
  | "parent"
  | "signal"
  | "agent"
  | "agents";

/** The values that an option may have: any, those of a kind, or the texts of a list. Null is always "not given". */
export type OptionRule = "any" | Kind | readonly string[];

/** The declared names of a type of options, without those of an index signature. */
type OptionName<Options> = keyof { [Name in keyof Options as string extends Name ? never : Name]: unknown };

/** The rules of all options of a function, by name. The compiler keeps them equal to the type. */
export type OptionRules<Options> = { readonly [Name in OptionName<Options>]-?: OptionRule };

/** Makes the error for a mistake. */
export type MakeError = (message: string) => Error;

const isText = (value: unknown): boolean => typeof value === "string";
const isObject = (value: unknown): boolean => typeof value === "object" && !Array.isArray(value);
const isAgent = (value: unknown): boolean => {
  const { name, receive } = (value ?? {}) as { name?: unknown; receive?: unknown };
  return isText(name) && typeof receive === "function";
};

const KINDS: Readonly<Record<Kind, readonly [is: (value: unknown) => boolean, what: string]>> = {
  text: [isText, "a text"],
  flag: [(value) => typeof value === "boolean", "true or false"],
  count: [
    (value) => value === Infinity || (Number.isInteger(value) && (value as number) >= 0),
    "a whole number from 0 on",
  ],
  milliseconds: [(value) => typeof value === "number" && value >= 0, "a number of milliseconds from 0 on"],
  function: [(value) => typeof value === "function", "a function"],
  object: [isObject, "an object"],
  list: [Array.isArray, "a list"],
  texts: [(value) => Array.isArray(value) && value.every(isText), "a list of texts"],
  parent: [isObject, "a span, or the `context` of a callback"],
  signal: [
    (value) => isObject(value) && "aborted" in (value as object),
    "an `AbortSignal`, such as `controller.signal`",
  ],
  agent: [isAgent, "an agent"],
  agents: [(value) => Array.isArray(value) && value.every(isAgent), "a list of agents"],
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
    const given = typeof options === "function" ? "a function" : Array.isArray(options) ? "a list" : shown(options);
    throw makeError(`\`${what}\` takes an object of options, not ${given}: write \`{ ${Object.keys(rules)[0]}: … }\``);
  }
  if (options instanceof Promise) throw makeError(`\`${what}\` takes an object of options, not a promise: await it`);
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
      ? KINDS[rule as Kind]
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
  let nearest: string | undefined;
  let fewest = MAX_WRONG_LETTERS;
  for (const each of names) {
    const other = plainName(each);
    const isPart = !isStrict && plain.length > 2 && (other.includes(plain) || isShortFor(plain, other));
    let wrong = wrongLetters(plain, other);
    if (wrong * 5 >= Math.max(plain.length, other.length) * 2) wrong = MAX_WRONG_LETTERS;
    if (isPart) wrong = Math.min(wrong, 2);
    if (wrong < fewest) [nearest, fewest] = [each, wrong];
  }
  return nearest;
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
 * The number of letters to insert, delete, replace or swap, or `most` if it is not less (the restricted distance of
 * Damerau).
 */
function wrongLetters(first: string, second: string, most = MAX_WRONG_LETTERS): number {
  let same = 0;
  while (same < first.length && first[same] === second[same]) same++;
  const [one, other] = [first.slice(same), second.slice(same)];
  if (most === 0 || one === "" || other === "") return Math.min(most, one.length + other.length);
  const without = (ofOne: number, ofOther: number): number =>
    1 + wrongLetters(one.slice(ofOne), other.slice(ofOther), most - 1);
  const isSwapped = one[0] === other[1] && one[1] === other[0];
  return Math.min(without(1, 1), without(1, 0), without(0, 1), isSwapped ? without(2, 2) : most);
}

const MAX_SHOWN_CHARACTERS = 80;

/** A value for a message, between backticks. */
function shown(value: unknown): string {
  return typeof value === "object" && value !== null
    ? "an object"
    : `\`${shownText(String(value).slice(0, MAX_SHOWN_CHARACTERS))}\``;
}
