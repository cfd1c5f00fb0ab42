/** Divides JavaScript into tokens, as far as it takes to find the operands of `await`. */

/** One token. Comments and white space are none. */
export interface Token {
  /** "open" and "close" are brackets, and the parts of a template with gaps. */
  readonly kind: "word" | "value" | "open" | "close" | "punctuator";
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** Whether there is a line break before it. */
  readonly isOnNewLine: boolean;
}

const SPACE = /(?:\s|\/\/[^\n\r\u2028\u2029]*|\/\*(?:[^*]|\*(?!\/))*\*\/)+/y;
const WORD = /#?(?:[\p{ID_Start}$_]|\\u[\da-f{}]+)(?:[\p{ID_Continue}$\u200c\u200d]|\\u[\da-f{}]+)*/iuy;
const NUMBER = /(?:0[xob][\da-f_]+|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:e[+-]?[\d_]+)?)n?/iy;
const STRING = /"(?:[^"\\\n]|\\[^])*"|'(?:[^'\\\n]|\\[^])*'/y;
const REGEX = /\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[\p{ID_Continue}$]*/uy;
const TEMPLATE = /(?:[^`\\$]|\\[^]|\$(?!\{))*(?:`|\$\{)/y;
const PUNCTUATOR = /=>|\?\.(?!\d)|\+\+|--|\.\.\.|[^]/y;

/** Words after which an expression begins. */
const BEFORE_EXPRESSION = new Set(
  "await case delete do else extends in instanceof new of return throw typeof void yield".split(" "),
);
/** Words before the parentheses of statements. */
const BEFORE_CONDITION = new Set(["if", "while", "for", "with"]);

/** The tokens of a module. What is not JavaScript gives tokens of no meaning. */
export function tokensOf(code: string): Token[] {
  const tokens: Token[] = [];
  /** What each open bracket is: its index in `tokens`, and whether a regular expression may follow its end. */
  const open: { text: string; isBeforeExpression: boolean }[] = [];
  let at = 0;
  let mayBeginExpression = true;
  let isOnNewLine = false;
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(code)?.[0];
  };
  const push = (kind: Token["kind"], text: string, isBefore: boolean): void => {
    tokens.push({ kind, text, start: at, end: at + text.length, isOnNewLine });
    at += text.length;
    isOnNewLine = false;
    mayBeginExpression = isBefore;
  };
  if (code.startsWith("#!")) at = code.indexOf("\n") + 1 || code.length;
  while (at < code.length) {
    const space = match(SPACE);
    if (space !== undefined) {
      isOnNewLine ||= /[\n\r\u2028\u2029]/.test(space);
      at += space.length;
      continue;
    }
    const character = code[at]!;
    const before = tokens.at(-1);
    if (character === "`") {
      at += 1;
      const text = match(TEMPLATE) ?? code.slice(at);
      at -= 1;
      if (text.endsWith("${")) open.push({ text: "`", isBeforeExpression: false });
      push(text.endsWith("${") ? "open" : "value", `\`${text}`, text.endsWith("${"));
    } else if (character === "}" && open.at(-1)?.text === "`") {
      at += 1;
      const text = match(TEMPLATE) ?? code.slice(at);
      at -= 1;
      const isEnd = !text.endsWith("${");
      if (isEnd) open.pop();
      push(isEnd ? "close" : "punctuator", `}${text}`, !isEnd);
    } else if ("([{".includes(character)) {
      const isCondition = character === "(" && before?.kind === "word" && BEFORE_CONDITION.has(before.text);
      const isBlock = character === "{" && (!mayBeginExpression || isBeforeBlock(before));
      open.push({ text: character, isBeforeExpression: isCondition || isBlock });
      push("open", character, true);
    } else if (")]}".includes(character)) push("close", character, open.pop()?.isBeforeExpression ?? true);
    else if (character === '"' || character === "'") push("value", match(STRING) ?? character, false);
    else if (/\d/.test(character) || (character === "." && /\d/.test(code[at + 1] ?? "")))
      push("value", match(NUMBER) ?? character, false);
    else if (character === "/" && mayBeginExpression) push("value", match(REGEX) ?? character, false);
    else {
      const word = match(WORD);
      const isName = before?.text === "." || before?.text === "?.";
      if (word !== undefined && word !== "") push("word", word, !isName && BEFORE_EXPRESSION.has(word));
      else {
        const text = match(PUNCTUATOR)!;
        push("punctuator", text, text !== "++" && text !== "--");
      }
    }
  }
  return tokens;
}

/** Whether a brace after this token begins statements rather than an object. */
function isBeforeBlock(before: Token | undefined): boolean {
  return before === undefined || [";", "{", "}", "=>", ")", "else", "do"].includes(before.text);
}
