/**
 * How a tool's function takes its arguments: in one object, or, if it was written for Python's AG2, with a parameter
 * for each. The source of the function tells.
 */

import { AgentError } from "../util/errors.js";

const NAME = /^[\p{ID_Continue}$]+/u;

/**
 * The arguments for a call of a tool's function.
 *
 * @param keysOf returns the names of the tool's arguments; called only for a function that may take them one by one
 * @throws AgentError for a function whose parameters are not the tool's arguments
 */
export function argumentsFor(
  { name: tool, fn }: { readonly name: string; readonly fn: (...args: never[]) => unknown },
  keysOf: () => readonly unknown[],
  args: Readonly<Record<string, unknown>>,
  context: unknown,
): unknown[] {
  // A bound function has no source, and so no names.
  const source = Function.prototype.toString.call(fn).replace(/\/\*(?:[^*]|\*(?!\/))*(?:\*\/|$)|\/\/[^\n]*/g, "");
  let [, , list = ""] = /^(async\s+)?([^\s(]+)\s*=>/.exec(source) ?? [];
  if (!list) list = /\(((?:[^()]|\([^()]*\))*)/.exec(source)?.[1] ?? "";
  // Without lists, objects and calls, whose commas separate no parameters.
  for (let inner = ""; inner !== list; ) list = (inner = list).replace(/[([{][^()[\]{}]*[)\]}]/g, "#");
  const names = list
    .split(",")
    .map((parameter) => parameter.trim())
    .filter((parameter) => parameter && !parameter.startsWith("."))
    .map((parameter) => NAME.exec(parameter)?.[0]);
  const [first] = names;
  // An object that is taken apart, or no name that can be read.
  if (!first && (names.length > 0 || fn.length < 3)) return [args, context];
  const keys = keysOf();
  const isSeparate = !first || names.length > 2 || keys.includes(first);
  if (!isSeparate || (names.length < 3 && isReadFrom(source, first as string, keys))) return [args, context];
  // The context may follow the arguments.
  const last = names.length > 1 ? names.at(-1) : undefined;
  if (names.length < fn.length || names.some((name) => !keys.includes(name) && name !== last))
    throw new AgentError(
      "invalid_option",
      `the function of tool \`${tool}\` has other parameters than the tool: take the arguments in one object, ` +
        `\`({ ${keys.join(", ")} }) => …\``,
    );
  return names.map((name) => (keys.includes(name) ? args[name as string] : context));
}

/** Whether the source reads an argument from `first`, which is then the object of all arguments. */
function isReadFrom(source: string, first: string, keys: readonly unknown[]): boolean {
  const [object, ...members] = [first, ...keys]
    .filter((name) => NAME.exec(String(name))?.[0] === name)
    .map((name) => `(?<![\\p{ID_Continue}$])${String(name).replaceAll("$", "\\$")}(?![\\p{ID_Continue}$])`);
  const member = `(?:${members.join("|")})`;
  return new RegExp(`(?<!\\.)${object}\\??\\.${member}|[{,]\\s*${member}[^{}]{0,200}\\}\\s*=\\s*${object}`, "u").test(
    source,
  );
}
