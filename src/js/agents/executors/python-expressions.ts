/** The expressions of Python (Python's reference, "Expressions"), parsed only to tell whether they are some. */

import type { PythonToken } from "./python-tokens.js";

/** Thrown for a text that is not Python. */
export class NotPython extends Error {}

/** The kind of an expression: one that can be assigned to, a list of such, or any other. */
export type Kind = "target" | "targets" | "other";

/** The operators of assignments that also calculate. */
export const AUGMENTED: readonly string[] = "+= -= *= /= //= %= @= &= |= ^= >>= <<= **=".split(" ");

/** The operators of two operands in the order of their precedence, weakest first. */
const BINARY = ["|", "^", "&", "<< >>", "+ -", "* / // % @"].map((operators) => operators.split(" "));
const COMPARISONS = "== != < > <= >= in is not".split(" ");
/** The deepest nesting of expressions and blocks, so that no text overflows the stack. */
const MAX_DEPTH = 400;

const kindOfList = (kinds: readonly Kind[]): Kind => (kinds.includes("other") ? "other" : "targets");

/** Parses expressions. Its methods stand before what they parse, and throw `NotPython` if that is not there. */
export class ExpressionParser {
  protected readonly tokens: readonly PythonToken[];
  protected at = 0;
  /** The kind of function or class around the current statement. */
  protected around: "def" | "async" | "class" | undefined;
  #depth = 0;

  constructor(tokens: readonly PythonToken[]) {
    this.tokens = tokens;
  }

  protected get next(): PythonToken {
    return this.tokens[this.at] ?? { kind: "end", text: "" };
  }

  /** Whether the next token is one of `texts`, which are keywords or operators. */
  protected is(...texts: readonly string[]): boolean {
    const { kind, text } = this.next;
    return (kind === "keyword" || kind === "operator") && texts.includes(text);
  }

  protected take(...texts: readonly string[]): boolean {
    if (!this.is(...texts)) return false;
    this.at += 1;
    return true;
  }

  protected expect(text: string): void {
    if (!this.take(text)) this.fail();
  }

  protected takeKind(kind: PythonToken["kind"]): boolean {
    if (this.next.kind !== kind) return false;
    this.at += 1;
    return true;
  }

  protected expectKind(kind: PythonToken["kind"]): void {
    if (!this.takeKind(kind)) this.fail();
  }

  protected require(isRight: boolean): void {
    if (!isRight) this.fail();
  }

  protected fail(): never {
    throw new NotPython();
  }

  /** Goes back and tries `other` if `first` fails. */
  protected either(first: () => void, other: () => void): void {
    const at = this.at;
    const depth = this.#depth;
    try {
      first();
    } catch (error) {
      if (!(error instanceof NotPython)) throw error;
      this.at = at;
      this.#depth = depth;
      other();
    }
  }

  protected nested<Result>(work: () => Result): Result {
    this.#depth += 1;
    this.require(this.#depth < MAX_DEPTH);
    const result = work();
    this.#depth -= 1;
    return result;
  }

  protected yieldOrList(): Kind {
    if (!this.is("yield")) return this.expressionList();
    this.yield();
    return "other";
  }

  protected yield(): void {
    this.expect("yield");
    this.require(this.around === "def" || this.around === "async");
    if (this.take("from")) {
      this.require(this.around === "def");
      this.expression();
    } else if (!this.is(")", ";", "=") && this.next.kind !== "newline") this.expressionList();
  }

  /** Expressions with commas between them. One with a star must have a comma beside it. */
  protected expressionList(): Kind {
    const kinds: Kind[] = [];
    let isStarred = false;
    let isList = false;
    while (kinds.length === 0 || !this.isListEnd()) {
      if (this.take("*")) {
        isStarred = true;
        kinds.push(this.operand());
      } else kinds.push(this.expression());
      if (!this.take(",")) break;
      isList = true;
    }
    this.require(isList || !isStarred);
    return isList ? kindOfList(kinds) : (kinds[0] ?? "other");
  }

  private isListEnd(): boolean {
    return this.is(")", "]", "}", ":", "=", ";", "in", ...AUGMENTED) || this.next.kind === "newline";
  }

  protected targetList(): Kind {
    const kinds: Kind[] = [];
    do {
      if (this.is("in")) break;
      kinds.push(this.starTarget());
    } while (this.take(","));
    return kindOfList(kinds);
  }

  protected starTarget(): Kind {
    this.take("*");
    return this.operand();
  }

  protected namedExpression(): Kind {
    const kind = this.expression();
    if (!this.is(":=")) return kind;
    this.require(kind === "target" && this.tokens[this.at - 1]?.kind === "name");
    this.at += 1;
    this.expression();
    return "other";
  }

  protected expression(): Kind {
    return this.nested(() => {
      if (this.take("lambda")) {
        this.parameters(":", false);
        this.expect(":");
        const { around } = this;
        this.around = "def";
        this.expression();
        this.around = around;
        return "other";
      }
      const kind = this.disjunction();
      if (!this.take("if")) return kind;
      this.disjunction();
      this.expect("else");
      this.expression();
      return "other";
    });
  }

  protected disjunction(): Kind {
    let kind = this.inversion();
    while (this.take("or", "and")) {
      this.inversion();
      kind = "other";
    }
    return kind;
  }

  protected inversion(): Kind {
    let isNegated = false;
    while (this.take("not")) isNegated = true;
    let kind = this.operand();
    while (this.is(...COMPARISONS)) {
      if (this.take("is")) this.take("not");
      else if (this.take("not")) this.expect("in");
      else this.at += 1;
      this.operand();
      kind = "other";
    }
    return isNegated ? "other" : kind;
  }

  /** An expression of operators from `|` on. */
  protected operand(level = 0): Kind {
    const operators = BINARY[level];
    if (operators === undefined) return this.unary();
    let kind = this.operand(level + 1);
    while (this.take(...operators)) {
      this.operand(level + 1);
      kind = "other";
    }
    return kind;
  }

  protected unary(): Kind {
    return this.nested(() => {
      if (this.take("+", "-", "~")) {
        this.unary();
        return "other";
      }
      const isAwaited = this.take("await");
      this.require(!isAwaited || this.around === "async");
      const kind = this.primary();
      if (!this.take("**")) return isAwaited ? "other" : kind;
      this.unary();
      return "other";
    });
  }

  protected primary(): Kind {
    let kind = this.atom();
    for (;;) {
      if (this.take(".")) {
        this.expectKind("name");
        kind = "target";
      } else if (this.take("(")) {
        this.callArguments();
        kind = "other";
      } else if (this.take("[")) {
        this.subscript();
        kind = "target";
      } else return kind;
    }
  }

  protected atom(): Kind {
    const { kind, text } = this.next;
    if (kind === "string" || kind === "bytes") {
      while (this.takeKind(kind));
      this.require(this.next.kind !== "string" && this.next.kind !== "bytes");
      return "other";
    }
    this.at += 1;
    if (kind === "name") return "target";
    if (kind === "number" || (kind === "keyword" && /^(None|True|False)$/.test(text)) || text === "...") return "other";
    if (text === "(" && kind === "operator") return this.is("yield") ? this.yieldInBrackets() : this.members(")");
    if (text === "[" && kind === "operator") return this.members("]");
    if (text === "{" && kind === "operator") return this.dictionary();
    return this.fail();
  }

  protected yieldInBrackets(): Kind {
    this.yield();
    this.expect(")");
    return "other";
  }

  /** The rest of a tuple, a list, an expression in brackets, or a comprehension. */
  protected members(end: string): Kind {
    if (this.take(end)) return "targets";
    const kinds: Kind[] = [];
    let isStarred = false;
    do {
      if (this.is(end)) break;
      if (this.take("*")) {
        isStarred = true;
        kinds.push(this.operand());
      } else kinds.push(this.namedExpression());
      if (kinds.length === 1 && !isStarred && this.is("for", "async")) {
        this.comprehension();
        this.expect(end);
        return "other";
      }
    } while (this.take(","));
    const isTuple = this.tokens[this.at - 1]?.text === "," || kinds.length > 1;
    this.expect(end);
    if (end === "]" || isTuple) return kindOfList(kinds);
    this.require(!isStarred);
    return kinds[0] ?? "other";
  }

  protected dictionary(): Kind {
    let isDictionary: boolean | undefined;
    while (!this.take("}")) {
      const isPairs = this.take("**");
      if (isPairs) this.operand();
      else if (this.take("*")) this.operand();
      else this.namedExpression();
      const isPair = isPairs || this.is(":");
      if (!isPairs && this.take(":")) this.expression();
      this.require(isDictionary === undefined || isDictionary === isPair);
      if (isDictionary === undefined && !isPairs && this.is("for", "async")) {
        this.comprehension();
        this.expect("}");
        return "other";
      }
      isDictionary = isPair;
      if (!this.is("}")) this.expect(",");
    }
    return "other";
  }

  protected comprehension(): void {
    do {
      const isAsync = this.take("async");
      this.require(!isAsync || this.around === "async");
      this.expect("for");
      this.require(this.targetList() !== "other");
      this.expect("in");
      this.disjunction();
      while (this.take("if")) {
        if (this.is("lambda")) this.expression();
        else {
          this.disjunction();
          if (this.take(":=")) this.expression();
        }
      }
    } while (this.is("for", "async"));
  }

  /** The rest of a call, or of the bases of a class. */
  protected callArguments(): void {
    let isKeywordBefore = false;
    let isUnpackedBefore = false;
    let count = 0;
    while (!this.take(")")) {
      count += 1;
      if (this.take("**")) {
        this.expression();
        isKeywordBefore = isUnpackedBefore = true;
      } else if (this.take("*")) {
        this.require(!isUnpackedBefore);
        this.expression();
      } else {
        const kind = this.namedExpression();
        if (this.is("=")) {
          this.require(kind === "target" && this.tokens[this.at - 1]?.kind === "name");
          this.at += 1;
          this.expression();
          isKeywordBefore = true;
        } else if (this.is("for", "async")) {
          this.comprehension();
          this.require(count === 1 && (this.is(")") || (this.is(",") && this.tokens[this.at + 1]?.text === ")")));
        } else this.require(!isKeywordBefore);
      }
      if (!this.is(")")) this.expect(",");
    }
  }

  protected subscript(): void {
    this.require(!this.is("]"));
    do {
      if (this.is("]")) break;
      if (this.take("*")) this.operand();
      else if (!this.is(":")) this.namedExpression();
      for (let colons = 0; colons < 2 && this.take(":"); colons++) if (!this.is(":", ",", "]")) this.expression();
    } while (this.take(","));
    this.expect("]");
  }

  /** The parameters of a function or lambda, up to `end`. */
  protected parameters(end: string, hasTypes: boolean): void {
    let isDefaultBefore = false;
    let isStarBefore = false;
    let isSlashBefore = false;
    let count = 0;
    while (!this.is(end)) {
      if (this.take("/")) {
        this.require(count > 0 && !isSlashBefore && !isStarBefore);
        isSlashBefore = true;
      } else if (this.take("**")) {
        this.expectKind("name");
        if (hasTypes && this.take(":")) this.expression();
        this.take(",");
        return this.require(this.is(end));
      } else if (this.take("*")) {
        this.require(!isStarBefore);
        isStarBefore = true;
        if (this.takeKind("name")) {
          if (hasTypes && this.take(":")) {
            this.take("*");
            this.expression();
          }
        } else this.require(this.is(",") && this.tokens[this.at + 1]?.kind === "name");
      } else {
        this.expectKind("name");
        if (hasTypes && this.take(":")) this.expression();
        if (this.take("=")) {
          this.expression();
          isDefaultBefore = true;
        } else this.require(!isDefaultBefore || isStarBefore);
      }
      count += 1;
      if (!this.is(end)) this.expect(",");
    }
  }
}
