/** Rewrites a module so that the scope is carried across each `await` and `for await` in it. */

import { parseModule, type SyntaxNode } from "./parse-module.js";

/** The functions of `mlflow-ag2/carry-scope`, under names that no module has. */
const CARRY = "__mlflowAg2Carry";
const CARRY_EACH = "__mlflowAg2CarryEach";
const IMPORT = `\nimport { carry as ${CARRY}, carryEach as ${CARRY_EACH} } from "mlflow-ag2/carry-scope";\n`;

/**
 * The module with its awaits rewritten, line by line as before; `undefined` if it has none. A module that is no
 * JavaScript stays as it is, and a warning names it by `path`.
 */
export function carryAcrossAwait(code: string, path: string): string | undefined {
  if (!code.includes("await")) return undefined;
  const insertions: { at: number; text: string }[] = [];
  const wrap = (name: string, { start, end }: SyntaxNode): void => {
    insertions.push({ at: start, text: `${name}(` }, { at: end, text: ")" });
  };
  for (const node of nodesOf(code, path)) {
    if (node.type === "AwaitExpression") wrap(CARRY, node["argument"] as SyntaxNode);
    if (node.type === "ForOfStatement" && node["await"] === true) wrap(CARRY_EACH, node["right"] as SyntaxNode);
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

/** All nodes of a module, in no order; none of what is no JavaScript. */
function nodesOf(code: string, path: string): SyntaxNode[] {
  const nodes: SyntaxNode[] = [];
  try {
    nodes.push(parseModule(code));
  } catch (error) {
    // Without it the scope would be lost in silence, and a build has no other place for it.
    // oxlint-disable-next-line no-console
    console.warn(
      `mlflow-ag2/unplugin: \`${path}\` stays as it is, since it is no JavaScript (${String(error)}): ` +
        "put the plug-in behind those that turn TypeScript and JSX into JavaScript",
    );
  }
  // The list grows while it is read, so that no depth of a tree overflows the stack.
  for (const node of nodes) for (const field of Object.values(node)) nodes.push(...[field].flat().filter(isNode));
  return nodes;
}

function isNode(value: unknown): value is SyntaxNode {
  return typeof value === "object" && value !== null && typeof (value as Partial<SyntaxNode>).type === "string";
}
