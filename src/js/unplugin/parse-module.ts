/**
 * Parsing of ES modules with the library `acorn`. The build bundles that library into this file's JavaScript, so that
 * the package has no dependency. Therefore this is the only file that imports it, and it imports nothing else, which
 * would be bundled a second time.
 */

import { parse } from "acorn";

/** A node of a syntax tree of the ESTree specification, as far as it is used here. */
export interface SyntaxNode {
  /** The kind of node, such as "AwaitExpression". */
  readonly type: string;
  /** The index of its first character. */
  readonly start: number;
  /** The index after its last character. */
  readonly end: number;
  readonly [field: string]: unknown;
}

/** The syntax tree of an ES module, with nodes for parentheses. @throws SyntaxError for what is none */
export function parseModule(code: string): SyntaxNode {
  const tree: unknown = parse(code, {
    ecmaVersion: "latest",
    sourceType: "module",
    allowHashBang: true,
    preserveParens: true,
  });
  return tree as SyntaxNode;
}
