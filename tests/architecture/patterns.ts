/** Finds the regular expressions in the sources of the API, without a parser: TypeScript's has no API for programs. */

/** A regular expression as the source has it: a literal, or a call of `RegExp` with the text of its arguments. */
export interface Pattern {
  readonly file: string;
  readonly source: string;
}

/** After these a slash begins a regular expression; after a name or a closing bracket it divides. */
const BEFORE_REGEX = /(?:^|[(,=:[!&|?{};+~<>]|\b(?:return|typeof|case|of|in))\s*$/;

/** The regular expressions in the text of a file. */
export function patternsIn(file: string, text: string): Pattern[] {
  const found: Pattern[] = [];
  /** Code since the last comment, text or regular expression; enough of it to know what a slash is. */
  let before = "";
  /** The brackets of templates that are open: the depth of braces within each. */
  const templates: number[] = [];
  let at = 0;
  const skipTemplate = (): void => {
    while (at < text.length && text[at] !== "`") {
      if (text[at] === "\\") at += 1;
      else if (text.startsWith("${", at)) {
        templates.push(0);
        at += 2;
        before = "{";
        return;
      }
      at += 1;
    }
    at += 1;
    before = "x";
  };
  while (at < text.length) {
    const character = text[at]!;
    if (text.startsWith("//", at)) {
      at = endOf(text, "\n", at);
    } else if (text.startsWith("/*", at)) {
      at = endOf(text, "*/", at + 2) + 2;
    } else if (character === "/" && BEFORE_REGEX.test(before)) {
      const end = regexEnd(text, at);
      found.push({ file, source: text.slice(at, end) });
      at = end;
      before = "x";
    } else if (character === '"' || character === "'") {
      at += 1;
      while (at < text.length && text[at] !== character) at += text[at] === "\\" ? 2 : 1;
      at += 1;
      before = "x";
    } else if (character === "`") {
      at += 1;
      skipTemplate();
    } else {
      if (character === "{" && templates.length > 0) templates[templates.length - 1]! += 1;
      if (character === "}" && templates.length > 0) {
        templates[templates.length - 1]! -= 1;
        if (templates.at(-1)! < 0) {
          templates.pop();
          at += 1;
          skipTemplate();
          continue;
        }
      }
      if (text.startsWith("RegExp(", at)) found.push({ file, source: callFrom(text, at) });
      before = (before + character).slice(-20);
      at += 1;
    }
  }
  return found;
}

function endOf(text: string, mark: string, from: number): number {
  const end = text.indexOf(mark, from);
  return end < 0 ? text.length : end;
}

function regexEnd(text: string, start: number): number {
  let isInClass = false;
  let at = start + 1;
  for (; text[at] !== "/" || isInClass; at += 1) {
    if (text[at] === "\n" || at >= text.length) throw new Error(`no end: ${text.slice(start, start + 80)}`);
    if (text[at] === "\\") at += 1;
    else if (text[at] === "[") isInClass = true;
    else if (text[at] === "]") isInClass = false;
  }
  at += 1;
  while (/[a-z]/.test(text[at] ?? "")) at += 1;
  return at;
}

/** A call up to its closing parenthesis, on one line. */
function callFrom(text: string, start: number): string {
  let depth = 0;
  let at = text.indexOf("(", start);
  do {
    const character = text[at];
    if (character === "(") depth += 1;
    if (character === ")") depth -= 1;
    at += 1;
    if (character !== '"' && character !== "`") continue;
    while (at < text.length && text[at] !== character) at += text[at] === "\\" ? 2 : 1;
    at += 1;
  } while (depth > 0 && at < text.length);
  return text.slice(start, at).replaceAll(/\s+/g, " ");
}
