/**
 * The tokens of Python (Python's reference, "Lexical analysis"), as far as it takes to tell whether a text is Python.
 */

/** A token: its kind, and its text. The end of a line, and of the text, has none. */
export interface PythonToken {
  readonly kind:
    | "name"
    | "keyword"
    | "number"
    | "string"
    | "bytes"
    | "operator"
    | "newline"
    | "indent"
    | "dedent"
    | "end";
  readonly text: string;
}

const KEYWORDS = new Set(
  (
    "False None True and as assert async await break class continue def del elif else except finally for from global " +
    "if import in is lambda nonlocal not or pass raise return try while with yield"
  ).split(" "),
);
const NAME = /[\p{L}\p{Nl}_][\p{L}\p{Nl}\p{Mn}\p{Mc}\p{Nd}\p{Pc}]*/uy;
const NUMBER =
  /0x(?:_?[\da-f])+|0o(?:_?[0-7])+|0b(?:_?[01])+|(?:(?:\d(?:_?\d)*)?\.\d(?:_?\d)*|\d(?:_?\d)*\.?)(?:e[+-]?\d(?:_?\d)*)?j?/iy;
/** What may follow a number without a space. */
const AFTER_NUMBER = /(?![\p{L}\p{N}_])|(?:and|else|for|if|in|is|not|or)(?![\p{L}\p{N}_])/uy;
const STRING_START = /(?:[rub]|f|rb|br|fr|rf)?("""|'''|"|')/iy;
const OPERATOR = /\*\*=|\/\/=|>>=|<<=|\.\.\.|!=|->|:=|\*\*|\/\/|>>|<<|[-+*/%@&|^<>=]=|[-+*/%@&|^~<>()[\]{},:.;=]/y;
/** The number of open brackets that Python's own parser accepts. */
const MAX_BRACKETS = 200;
const CLOSING: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };

/** The tokens of `code`; `undefined` for a text that has no such tokens, or whose lines are not indented in steps. */
export function pythonTokens(code: string): PythonToken[] | undefined {
  const tokens: PythonToken[] = [];
  const indents: (readonly [width: number, widthByTab: number])[] = [[0, 0]];
  const brackets: string[] = [];
  let at = 0;
  let isLineStart = true;
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const [text] = pattern.exec(code) ?? [];
    if (text !== undefined) at += text.length;
    return text;
  };
  while (at < code.length) {
    if (isLineStart) {
      const blank = take(/[ \t\f]*/y) ?? "";
      if (/[\r\n#]/.test(code[at] ?? "\n")) {
        take(/(?:#[^\r\n]*)?(?:\r\n?|\n)?/y);
        continue;
      }
      isLineStart = false;
      const width = widthOf(blank, 8);
      // Whatever the width of a tab is, the steps must be the same.
      const widthByTab = widthOf(blank, 1);
      if (width > (indents.at(-1)?.[0] ?? 0)) {
        if (widthByTab <= (indents.at(-1)?.[1] ?? 0)) return undefined;
        indents.push([width, widthByTab]);
        tokens.push({ kind: "indent", text: "" });
      }
      while (width < (indents.at(-1)?.[0] ?? 0)) {
        indents.pop();
        tokens.push({ kind: "dedent", text: "" });
      }
      if (width !== indents.at(-1)?.[0] || widthByTab !== indents.at(-1)?.[1]) return undefined;
    }
    take(/(?:[ \t\f]|\\(?:\r\n?|\n))*(?:#[^\r\n]*)?/y);
    if (at >= code.length) break;
    if (take(/\r\n?|\n/y) !== undefined) {
      if (brackets.length > 0) continue;
      tokens.push({ kind: "newline", text: "" });
      isLineStart = true;
      continue;
    }
    STRING_START.lastIndex = at;
    const [start, quote] = STRING_START.exec(code) ?? [];
    if (start !== undefined && quote !== undefined) {
      const end = stringEnd(code, at + start.length, quote);
      if (end === undefined) return undefined;
      tokens.push({ kind: /b/i.test(start) ? "bytes" : "string", text: start });
      at = end;
      continue;
    }
    const number = take(NUMBER);
    if (number !== undefined) {
      AFTER_NUMBER.lastIndex = at;
      // An integer has no zero in front.
      if (!AFTER_NUMBER.test(code) || /^0[0_]*[1-9][\d_]*$/.test(number)) return undefined;
      tokens.push({ kind: "number", text: number });
      continue;
    }
    const name = take(NAME);
    if (name !== undefined) {
      tokens.push({ kind: KEYWORDS.has(name) ? "keyword" : "name", text: name });
      continue;
    }
    const operator = take(OPERATOR);
    if (operator === undefined) return undefined;
    const closing = CLOSING[operator];
    if (closing !== undefined && brackets.push(closing) > MAX_BRACKETS) return undefined;
    if (/^[)\]}]$/.test(operator) && brackets.pop() !== operator) return undefined;
    tokens.push({ kind: "operator", text: operator });
  }
  if (brackets.length > 0) return undefined;
  if (!isLineStart) tokens.push({ kind: "newline", text: "" });
  for (let depth = indents.length; depth > 1; depth--) tokens.push({ kind: "dedent", text: "" });
  return [...tokens, { kind: "end", text: "" }];
}

/** The width of white space at the start of a line: a tab leads to the next multiple of `tab`. */
function widthOf(blank: string, tab: number): number {
  let width = 0;
  for (const character of blank) {
    if (character === "\t") width += tab - (width % tab);
    else width = character === "\f" ? 0 : width + 1;
  }
  return width;
}

/** The position after a string whose text begins at `from`; `undefined` if it does not end. */
function stringEnd(code: string, from: number, quote: string): number | undefined {
  for (let at = from; at < code.length; at++) {
    if (code[at] === "\\") at += code.startsWith("\r\n", at + 1) ? 2 : 1;
    else if (code.startsWith(quote, at)) return at + quote.length;
    else if (quote.length === 1 && /[\r\n]/.test(code[at] ?? "")) return undefined;
  }
  return undefined;
}
