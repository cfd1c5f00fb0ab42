/**
 * The names of a function's parameters, read from its source text, for the inputs of a traced function as
 * in MLflow's SDKs. In a minified program these are the minified names.
 */

import { isObject } from "../instrument/fields.js";

type AnyFunction = (...args: never[]) => unknown;

interface Parameter {
  /** `undefined` for one that is destructured (`{ a, b }`). */
  readonly name: string | undefined;
  readonly isRest: boolean;
}

// In valid source text every sequence without space and punctuation is a name. (Unicode's classes of letters
// would add a third of a millisecond to the import of this package.)
const BARE_ARROW = /^(?:async\s+)?([^\s=,(){}[\]'"./\\]+)\s*=>/;
const PARAMETER = /^(\.\.\.)?\s*(?:([^\s=,(){}[\]'"./\\]+)\s*)?(?:=|$)/;
const COMMENT = /^\/[*/]/;
/** A comment, a text, or one character of anything else. One without an end takes the rest, which is looked at once. */
const TOKEN = /\/\*[^]*?(?:\*\/|$)|\/\/[^\n]*|(["'`])(?:\\[^]|(?!\1)[^\\])*(?:\1|\\?$)|[^]/g;

const known = new WeakMap<AnyFunction, readonly Parameter[]>();

/** The arguments by the names of `fn`'s parameters: the inputs of the call. Never throws. */
export function namedArguments(fn: AnyFunction, args: readonly unknown[]): unknown {
  try {
    return named(fn, args);
  } catch {
    return { args };
  }
}

function named(fn: AnyFunction, args: readonly unknown[]): unknown {
  const parameters = parametersOf(fn);
  const [only] = parameters;
  // One destructured parameter: its properties are the named arguments.
  if (
    args.length === 1 &&
    parameters.length === 1 &&
    only?.name === undefined &&
    !only?.isRest &&
    isObject(args[0]) &&
    !Array.isArray(args[0])
  )
    return args[0];
  if (parameters.length === 0) return args.length === 0 ? {} : { args };
  const inputs: Record<string, unknown> = {};
  for (const [index, value] of args.entries()) {
    const { name, isRest } = parameters[index] ?? { name: undefined, isRest: index >= parameters.length };
    if (isRest) {
      inputs[name ?? "args"] = args.slice(index);
      break;
    }
    inputs[name ?? `arg${index}`] = value;
  }
  return inputs;
}

function parametersOf(fn: AnyFunction): readonly Parameter[] {
  let parameters = known.get(fn);
  if (parameters === undefined) {
    parameters = read(fn);
    known.set(fn, parameters);
  }
  return parameters;
}

function read(fn: AnyFunction): readonly Parameter[] {
  const source = Function.prototype.toString.call(fn);
  const bare = BARE_ARROW.exec(source)?.[1];
  if (bare !== undefined) return [{ name: bare, isRest: false }];
  return listIn(source, source.indexOf("(") + 1).map((text) => {
    const [, dots, name] = PARAMETER.exec(text) ?? [];
    return { name, isRest: dots !== undefined || text.startsWith("...") };
  });
}

/** The items of the comma-separated list from `start` to its closing parenthesis, without comments. */
function listIn(source: string, start: number): string[] {
  const parts = [""];
  let depth = 0;
  for (const [token] of source.slice(start).matchAll(TOKEN)) {
    if ("([{".includes(token)) depth += 1;
    else if (")]}".includes(token) && (depth -= 1) < 0) break;
    if (token === "," && depth === 0) parts.push("");
    else if (!COMMENT.test(token)) parts[parts.length - 1] += token;
  }
  return parts.map((part) => part.trim()).filter((part, index) => part !== "" || index < parts.length - 1);
}
