/**
 * Whether a text is Python: a parser of its grammar (Python's reference, "Full Grammar specification") that keeps
 * nothing. AG2 asks Python's own compiler, which is not at hand in a page.
 *
 * It accepts a little more than Python: it does not look into f-strings, nor for names that are declared twice.
 */

import { AUGMENTED, ExpressionParser, NotPython } from "./python-expressions.js";
import { pythonTokens } from "./python-tokens.js";

const COMPOUND = "if while for try with def class".split(" ");

/** Whether `code` is a Python program without errors of syntax. */
export function isPython(code: string): boolean {
  const tokens = pythonTokens(code);
  if (tokens === undefined) return false;
  try {
    new StatementParser(tokens).program();
    return true;
  } catch (error) {
    if (error instanceof NotPython) return false;
    throw error;
  }
}

class StatementParser extends ExpressionParser {
  #isLoop = false;

  program(): void {
    while (this.next.kind !== "end") this.statement();
  }

  private statement(): void {
    const { kind, text } = this.next;
    if (this.is("@")) return this.decorated();
    if (this.is("async")) {
      const after = this.tokens[this.at + 1]?.text ?? "";
      this.at += 1;
      this.require(after === "def" || (["for", "with"].includes(after) && this.around === "async"));
      return this.compound(after, true);
    }
    if (kind === "keyword" && COMPOUND.includes(text)) return this.compound(text, false);
    if (kind === "name" && text === "match")
      return this.either(
        () => this.match(),
        () => this.simpleStatements(),
      );
    this.simpleStatements();
  }

  private decorated(): void {
    while (this.take("@")) {
      this.namedExpression();
      this.expectKind("newline");
    }
    const isAsync = this.take("async");
    this.require(this.is("def") || (!isAsync && this.is("class")));
    this.compound(this.next.text, isAsync);
  }

  private compound(keyword: string, isAsync: boolean): void {
    this.at += 1;
    if (keyword === "if") {
      this.namedExpression();
      this.block();
      while (this.take("elif")) {
        this.namedExpression();
        this.block();
      }
      this.elseBlock();
    } else if (keyword === "while") {
      this.namedExpression();
      this.block({ isLoop: true });
      this.elseBlock();
    } else if (keyword === "for") {
      this.require(this.targetList() !== "other");
      this.expect("in");
      this.expressionList();
      this.block({ isLoop: true });
      this.elseBlock();
    } else if (keyword === "try") this.try();
    else if (keyword === "with") this.with();
    else if (keyword === "def") {
      this.expectKind("name");
      this.expect("(");
      this.parameters(")", true);
      this.expect(")");
      if (this.take("->")) this.expressionList();
      this.block({ function: isAsync ? "async" : "def", isLoop: false });
    } else {
      this.expectKind("name");
      if (this.take("(")) this.callArguments();
      this.block({ function: "class", isLoop: false });
    }
  }

  private elseBlock(): void {
    if (this.take("else")) this.block();
  }

  private try(): void {
    this.block();
    let handlers = 0;
    let isBareBefore = false;
    while (this.take("except")) {
      this.require(!isBareBefore);
      handlers += 1;
      const isGroup = this.take("*");
      if (this.is(":") && !isGroup) isBareBefore = true;
      else {
        this.expression();
        if (this.take("as")) this.expectKind("name");
      }
      this.block();
    }
    if (handlers > 0) this.elseBlock();
    if (this.take("finally")) this.block();
    else this.require(handlers > 0);
  }

  private with(): void {
    const item = (): void => {
      this.expression();
      if (this.take("as")) this.require(["target", "targets"].includes(this.starTarget()));
    };
    const items = (end: string): void => {
      do {
        if (this.is(end)) break;
        item();
      } while (this.take(","));
    };
    this.either(
      () => {
        this.expect("(");
        this.require(!this.is(")"));
        items(")");
        this.expect(")");
        this.require(this.is(":"));
      },
      () => {
        item();
        while (this.take(",")) item();
      },
    );
    this.block();
  }

  /** `:` and the statements of a block. */
  private block(inner: { function?: "def" | "async" | "class"; isLoop?: boolean } = {}): void {
    this.expect(":");
    const outer = [this.around, this.#isLoop] as const;
    this.around = inner.function ?? this.around;
    this.#isLoop = inner.isLoop ?? this.#isLoop;
    this.nested(() => {
      if (!this.takeKind("newline")) return this.simpleStatements();
      this.expectKind("indent");
      while (!this.takeKind("dedent")) this.statement();
    });
    [this.around, this.#isLoop] = outer;
  }

  private match(): void {
    this.at += 1;
    this.expressionList();
    this.expect(":");
    this.expectKind("newline");
    this.expectKind("indent");
    while (!this.takeKind("dedent")) {
      this.require(this.next.kind === "name" && this.next.text === "case");
      this.at += 1;
      // Patterns are written like expressions, with `as` and `*name` between them.
      do {
        if (this.is(":", "if")) break;
        this.take("*");
        this.pattern();
      } while (this.take(","));
      if (this.take("if")) this.namedExpression();
      this.block();
    }
  }

  private pattern(): void {
    this.nested(() => {
      do {
        if (this.take("(", "[", "{")) {
          while (!this.take(")", "]", "}")) {
            if (!this.take("*", "**")) {
              this.pattern();
              if (this.take(":", "=")) this.pattern();
            } else this.expectKind("name");
            if (!this.is(")", "]", "}")) this.expect(",");
          }
        } else {
          this.take("-");
          this.atom();
          while (this.take(".")) this.expectKind("name");
          if (this.take("(")) {
            while (!this.take(")")) {
              this.pattern();
              if (this.take("=")) this.pattern();
              if (!this.is(")")) this.expect(",");
            }
          }
          if (this.take("+", "-")) this.expectKind("number");
        }
      } while (this.take("|"));
      if (this.take("as")) this.expectKind("name");
    });
  }

  private simpleStatements(): void {
    do {
      if (this.next.kind === "newline") break;
      this.simpleStatement();
    } while (this.take(";"));
    this.expectKind("newline");
  }

  private simpleStatement(): void {
    const isInFunction = this.around === "def" || this.around === "async";
    const isAtEnd = (): boolean => this.is(";") || this.next.kind === "newline";
    if (this.take("pass")) return;
    if (this.take("break", "continue")) return this.require(this.#isLoop);
    if (this.take("return")) {
      this.require(isInFunction);
      if (!isAtEnd()) this.expressionList();
    } else if (this.take("del")) {
      this.require(["target", "targets"].includes(this.expressionList()));
    } else if (this.take("assert")) {
      this.expression();
      if (this.take(",")) this.expression();
    } else if (this.take("raise")) {
      if (isAtEnd()) return;
      this.expression();
      if (this.take("from")) this.expression();
    } else if (this.is("global", "nonlocal")) {
      this.require(this.take("global") || (this.around !== undefined && this.take("nonlocal")));
      do this.expectKind("name");
      while (this.take(","));
    } else if (this.take("import")) {
      do {
        this.dottedName();
        if (this.take("as")) this.expectKind("name");
      } while (this.take(","));
    } else if (this.take("from")) this.fromImport();
    else this.expressionStatement();
  }

  private dottedName(): void {
    do this.expectKind("name");
    while (this.take("."));
  }

  private fromImport(): void {
    let isRelative = false;
    while (this.take(".", "...")) isRelative = true;
    if (!isRelative || this.next.kind === "name") this.dottedName();
    this.expect("import");
    if (this.take("*")) return this.require(this.around === undefined);
    const isInBrackets = this.take("(");
    do {
      if (isInBrackets && this.is(")")) break;
      this.expectKind("name");
      if (this.take("as")) this.expectKind("name");
    } while (this.take(","));
    if (isInBrackets) this.expect(")");
  }

  private expressionStatement(): void {
    let kind = this.yieldOrList();
    if (this.is(...AUGMENTED)) {
      this.require(kind === "target");
      this.at += 1;
      this.yieldOrList();
    } else if (this.take(":")) {
      this.require(kind === "target");
      this.expression();
      if (this.take("=")) this.yieldOrList();
    } else {
      while (this.take("=")) {
        this.require(kind === "target" || kind === "targets");
        kind = this.yieldOrList();
      }
    }
  }
}
