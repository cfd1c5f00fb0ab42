/**
 * Expressions over context variables (AG2: agentchat/group/context_expression.py, which has Python evaluate
 * them; the rules here are those that it lets through).
 */

import { AgentError } from "../util/errors.js";
import { variable, type VariablesInput, variablesOf } from "./context-variables.js";

/** A part of a parsed expression: makes its value of the variables. */
type Node = (variables: Readonly<Record<string, unknown>>) => unknown;

/** One token: its kind and its text. */
type Token = readonly [kind: "name" | "variable" | "literal" | "operator" | "end", text: string, value?: unknown];

/**
 * An expression over context variables: `${name}`, texts in quotes, numbers, `True`, `False`, `None`,
 * `len(…)`, the comparisons `==`, `!=`, `<`, `<=`, `>`, `>=`, then `not` or `!`, `and` or ` & `, `or` or ` | `,
 * and parentheses. It is parsed by this class; nothing is evaluated as code.
 *
 * As in Python, `and` and `or` give one of their values, and 0, "", an empty list and `None` count as false. A
 * list or an object that is not in `len(…)` counts as true unless it is empty. A variable that does not exist
 * counts as `None`, and a comparison of `None` by size is false.
 *
 * @example
 * const isDue = new ContextExpression("${openOrders} > 0 and not ${paid}");
 * console.log(isDue.evaluate({ openOrders: 2, paid: false })); // true
 */
export class ContextExpression {
  /** The text of the expression. */
  readonly expression: string;
  readonly #root: Node;

  /** @throws AgentError if the expression is invalid, or asks for more than its grammar has */
  constructor(expression: string) {
    this.expression = expression;
    this.#root = new Parser(expression).parse();
  }

  /**
   * The value of the expression, which is not always a boolean.
   *
   * @throws AgentError for a text compared with a number.
   */
  evaluate(contextVariables: VariablesInput): unknown {
    return this.#root(variablesOf(contextVariables));
  }

  /** The expression as text. */
  toString(): string {
    return `ContextExpression('${this.expression}')`;
  }
}

const CONSTANTS: ReadonlyMap<string, unknown> = new Map([
  ["True", true],
  ["False", false],
  ["None", null],
]);

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", "\n": "" };

/** Text in quotes, variables, numbers, names, operators, anything else; white space before them is skipped. */
const TOKEN =
  /\s*(?:("(?:[^"\\]|\\[^])*"|'(?:[^'\\]|\\[^])*')|\$\{([^}]*)\}|((?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)|([A-Za-z_]\w*)|([<>=!]=|[<>!()-])|(\S))/y;

class Parser {
  readonly #expression: string;
  readonly #tokens: Token[] = [];
  #at = 0;

  constructor(expression: string) {
    this.#expression = expression;
    if (/^\s/.test(expression)) throw this.#invalid("white space at its beginning");
    const text = expression.trimEnd();
    TOKEN.lastIndex = 0;
    while (TOKEN.lastIndex < text.length) {
      const start = TOKEN.lastIndex;
      const [whole = "", quoted, reference, number, name, operator, other] = TOKEN.exec(text) ?? [];
      if (quoted !== undefined) this.#tokens.push(["literal", quoted, unquoted(quoted)]);
      else if (reference !== undefined) this.#tokens.push(["variable", reference]);
      else if (number !== undefined) this.#tokens.push(["literal", number, Number(number)]);
      else if (name !== undefined) this.#tokens.push(["name", name]);
      else if (operator !== undefined) this.#tokens.push(["operator", operator]);
      else if (/^\s+[&|]$/.test(whole) && /\s/.test(text[start + whole.length] ?? ""))
        this.#tokens.push(["name", other === "&" ? "and" : "or"]);
      else throw this.#invalid(`\`${other ?? whole}\``);
    }
    this.#tokens.push(["end", "its end"]);
  }

  parse(): Node {
    const root = this.#or();
    if (this.#token[0] !== "end") throw this.#invalid(`\`${this.#token[1]}\``);
    return root;
  }

  get #token(): Token {
    return this.#tokens[this.#at] as Token;
  }

  /** Goes on to the next token if this one is `text`. */
  #take(text: string): boolean {
    const [kind, found] = this.#token;
    if (found !== text || kind === "literal" || kind === "variable") return false;
    this.#at++;
    return true;
  }

  #or(word: "or" | "and" = "or"): Node {
    const left = word === "or" ? this.#or("and") : this.#not();
    if (!this.#take(word)) return left;
    const right = this.#or(word);
    return (variables) => {
      const value = left(variables);
      return isTrue(value) === (word === "or") ? value : right(variables);
    };
  }

  #not(): Node {
    const isBang = this.#take("!");
    if (!isBang && !this.#take("not")) return this.#comparison();
    // `!` stands before a variable or a parenthesis.
    if (isBang && this.#token[0] !== "variable" && this.#token[1] !== "(") throw this.#invalid("`!`");
    const operand = this.#not();
    return (variables) => !isTrue(operand(variables));
  }

  #comparison(): Node {
    const operands = [this.#operand()];
    const operators: string[] = [];
    while (/^(?:[<>=!]=|[<>])$/.test(this.#token[1]) && this.#token[0] === "operator") {
      operators.push(this.#token[1]);
      this.#at++;
      operands.push(this.#operand());
    }
    const [first] = operands as [Node];
    if (operators.length === 0) return first;
    return (variables) => {
      let left = first(variables);
      return operators.every((operator, index) => {
        const right = (operands[index + 1] as Node)(variables);
        const holds = this.#compare(operator, left, right);
        left = right;
        return holds;
      });
    };
  }

  #operand(): Node {
    if (this.#take("-")) {
      const operand = this.#operand();
      return (variables) => -Number(operand(variables));
    }
    if (this.#take("(")) {
      const inner = this.#or();
      this.#expect(")");
      return inner;
    }
    const [kind, text, value] = this.#token;
    this.#at++;
    if (kind === "literal") return () => value;
    if (kind === "variable") {
      if (!/^[^\s"'\\]+$/.test(text)) throw this.#invalid(`the name \`${text}\``);
      return (variables) => scalar(variable(variables, text));
    }
    if (text === "len") {
      this.#expect("(");
      const name = this.#token[0] === "variable" ? this.#token[1] : undefined;
      const inner = this.#or();
      this.#expect(")");
      return (variables) => lengthOf(name === undefined ? inner(variables) : variable(variables, name));
    }
    if (kind === "name" && CONSTANTS.has(text)) {
      const constant = CONSTANTS.get(text);
      return () => constant;
    }
    throw this.#invalid(kind === "end" ? "a missing value" : `\`${text}\``);
  }

  #expect(text: string): void {
    if (!this.#take(text)) throw this.#invalid(`a missing \`${text}\``);
  }

  #compare(operator: string, left: unknown, right: unknown): boolean {
    if (operator === "==" || operator === "!=") return isEqual(left, right) === (operator === "==");
    if (left == null || right == null) return false;
    if ((typeof left === "string") !== (typeof right === "string"))
      throw new AgentError(
        "invalid_option",
        `the expression \`${this.#expression}\` compares a text with a number: compare values of one kind`,
      );
    const [a, b] = typeof left === "string" ? [left, right as string] : [Number(left), Number(right)];
    if (operator === "<") return a < b;
    if (operator === "<=") return a <= b;
    return operator === ">" ? a > b : a >= b;
  }

  #invalid(what: string): AgentError {
    return new AgentError(
      "invalid_option",
      `the expression \`${this.#expression}\` is invalid because of ${what}: ` +
        "use `${name}`, literals, comparisons, `len(…)`, `not`, `and`, `or`",
    );
  }
}

/** The value of a variable outside of `len(…)`: a list or an object is whether it has entries. */
function scalar(value: unknown): unknown {
  return typeof value === "object" && value !== null ? lengthOf(value) > 0 : (value ?? null);
}

/** The length of a text, a list or an object; 0 of anything else. */
function lengthOf(value: unknown): number {
  if (typeof value === "string") return Array.from(value).length;
  if (typeof value !== "object" || value === null) return 0;
  if (value instanceof Map || value instanceof Set) return value.size;
  return Array.isArray(value) ? value.length : Object.keys(value).length;
}

/** Whether a value counts as true in Python. */
export function isTrue(value: unknown): boolean {
  return typeof value === "object" && value !== null ? lengthOf(value) > 0 : Boolean(value);
}

/** Equality as in Python, where `True` is 1. */
function isEqual(left: unknown, right: unknown): boolean {
  const number = (value: unknown): unknown => (typeof value === "boolean" ? Number(value) : value);
  return number(left) === number(right);
}

function unquoted(text: string): string {
  return text.slice(1, -1).replace(/\\([^])/g, (match: string, escaped: string) => {
    if (/["'\\]/.test(escaped)) return escaped;
    return ESCAPES[escaped] ?? match;
  });
}

/** A `ContextExpression`, made of a text if need be. */
export function toContextExpression(expression: string | ContextExpression): ContextExpression {
  return typeof expression === "string" ? new ContextExpression(expression) : expression;
}
