/** Rewrites a module so that the scope is carried across each `await` and `for await` in it. */

import { type Token, tokensOf } from "./tokens.js";

/** The functions of `mlflow-ag2/carry-scope`, under names that no module has. */
const CARRY = "__mlflowAg2Carry";
const CARRY_EACH = "__mlflowAg2CarryEach";
const IMPORT = `\nimport { carry as ${CARRY}, carryEach as ${CARRY_EACH} } from "mlflow-ag2/carry-scope";\n`;

const PREFIXES = new Set("! ~ + - ++ -- typeof void delete await".split(" "));

/** The module with its awaits rewritten, line by line as before; `undefined` if it has none. */
export function carryAcrossAwait(code: string): string | undefined {
  if (!code.includes("await")) return undefined;
  const tokens = tokensOf(code);
  const insertions: { at: number; text: string }[] = [];
  const wrap = (name: string, first: Token | undefined, last: Token | undefined): void => {
    if (first === undefined || last === undefined) return;
    // What is opened later and ends at the same place is closed first.
    insertions.push({ at: first.start, text: `${name}(` }, { at: last.end, text: ")" });
  };
  for (const [index, token] of tokens.entries()) {
    if (token.kind !== "word" || token.text !== "await") continue;
    const before = tokens[index - 1]?.text;
    if (before === "." || before === "?." || tokens[index + 1]?.text === ":") continue;
    if (before === "for") {
      const end = closing(tokens, index + 1);
      const of = iterated(tokens, index + 2, end);
      if (of !== undefined) wrap(CARRY_EACH, tokens[of + 1], tokens[end - 1]);
      continue;
    }
    // `await() {}` is a method.
    if (tokens[index + 1]?.text === "(" && tokens[closing(tokens, index + 1) + 1]?.text === "{") continue;
    wrap(CARRY, tokens[index + 1], tokens[unaryEnd(tokens, index + 1)]);
  }
  if (insertions.length === 0) return undefined;
  // At one place an end comes before a beginning; the order among ends makes no difference.
  insertions.sort((one, other) => one.at - other.at || Number(other.text === ")") - Number(one.text === ")"));
  let result = "";
  let copied = 0;
  for (const { at, text } of insertions) {
    result += code.slice(copied, at) + text;
    copied = at;
  }
  return result + code.slice(copied) + IMPORT;
}

/** The index of the token that closes the bracket at `index`. */
function closing(tokens: readonly Token[], index: number): number {
  let depth = 0;
  for (let at = index; at < tokens.length; at += 1) {
    const { kind } = tokens[at]!;
    if (kind === "open") depth += 1;
    else if (kind === "close" && --depth === 0) return at;
  }
  return tokens.length - 1;
}

/** The index of the `of` between the parentheses of a loop. */
function iterated(tokens: readonly Token[], from: number, end: number): number | undefined {
  for (let at = from; at < end; at += 1) {
    if (tokens[at]!.kind === "open") at = closing(tokens, at);
    else if (tokens[at]!.text === "of" && at > from) return at;
  }
  return undefined;
}

/** The index of the last token of the unary expression that begins at `index`. */
function unaryEnd(tokens: readonly Token[], index: number): number {
  let at = index;
  while (PREFIXES.has(tokens[at]?.text ?? "")) at += 1;
  while (tokens[at]?.text === "new" && tokens[at + 1]?.text !== ".") at += 1;
  at = primaryEnd(tokens, at);
  for (let next = tokens[at + 1]; next !== undefined; next = tokens[at + 1]) {
    if (next.text === "." || next.text === "?.") {
      // A name, or after `?.` also brackets.
      at = tokens[at + 2]?.kind === "open" ? closing(tokens, at + 2) : at + 2;
    } else if (next.text === "(" || next.text === "[" || (next.kind === "open" && next.text.startsWith("`")))
      at = closing(tokens, at + 1);
    else if (next.kind === "value" && next.text.startsWith("`")) at += 1;
    else if ((next.text === "++" || next.text === "--") && !next.isOnNewLine) at += 1;
    else break;
  }
  return at;
}

/** The index of the last token of a primary expression. */
function primaryEnd(tokens: readonly Token[], index: number): number {
  let at = index;
  if (tokens[at]?.text === "async" && tokens[at + 1]?.text === "function") at += 1;
  const { kind, text } = tokens[at] ?? {};
  if (text === "function" || text === "class") {
    // Its body is the first brace that is not within other brackets.
    for (at += 1; at < tokens.length && tokens[at]!.text !== "{"; at += 1)
      if (tokens[at]!.kind === "open") at = closing(tokens, at);
    return closing(tokens, at);
  }
  return kind === "open" ? closing(tokens, at) : at;
}
