/**
 * Names for what a function is called with: its parameters', read off its source text, as MLflow's
 * SDKs show the inputs of a traced function. Where a program was made small, these are what the
 * minifier left.
 */

type AnyFunction = (...given: never[]) => unknown;

interface Parameter {
  /** `undefined` for one that is taken apart at once (`{ a, b }`). */
  readonly name: string | undefined;
  readonly isRest: boolean;
}

// In source text that an engine has read, what is neither space nor punctuation is a name. (To spell out
// Unicode's letters would cost every program that imports us a third of a millisecond.)
const BARE_ARROW = /^(?:async\s+)?([^\s=,(){}[\]'"./\\]+)\s*=>/;
const PARAMETER = /^(\.\.\.)?\s*([^\s=,(){}[\]'"./\\]+)?\s*(?:=|$)/;
const COMMENT = /^\/[*/]/;
/** A comment, a text, or one character of anything else. */
const TOKEN = /\/\*[^]*?\*\/|\/\/[^\n]*|(["'`])(?:\\[^]|(?!\1)[^\\])*\1|[^]/g;

const known = new WeakMap<AnyFunction, readonly Parameter[]>();

/** What `given` is, by the names of `fn`'s parameters: the inputs of the call. Never throws. */
export function namedArguments(fn: AnyFunction, given: readonly unknown[]): unknown {
  try {
    return named(fn, given);
  } catch {
    return { args: given };
  }
}

function named(fn: AnyFunction, given: readonly unknown[]): unknown {
  const parameters = parametersOf(fn);
  const [only] = parameters;
  // A function with named arguments, JavaScript's way: they have their names already.
  if (given.length === 1 && parameters.length === 1 && only?.name === undefined && !only?.isRest && isRecord(given[0]))
    return given[0];
  if (parameters.length === 0) return given.length === 0 ? {} : { args: given };
  const inputs: Record<string, unknown> = {};
  for (const [index, value] of given.entries()) {
    const { name, isRest } = parameters[index] ?? { name: undefined, isRest: index >= parameters.length };
    if (isRest) {
      inputs[name ?? "args"] = given.slice(index);
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

/** The parts, between commas, of the list that begins at `start` and ends with its own closing parenthesis; comments left out. */
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

function isRecord(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
