/** The language of code in fences without one, held to what Python's compiler accepts. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { MarkdownCodeExtractor } from "mlflow-ag2/agents/executors";
import { extraResults } from "./extra_golden.js";

const languagesIn = (code: string): string[] =>
  new MarkdownCodeExtractor().extractCodeBlocks(`\`\`\`\n${code}\n\`\`\``).map(({ language }) => language);

for (const [code, python] of Object.entries(extraResults("infer_language")))
  test(`code without a language has the one that AG2 finds: ${JSON.stringify(code)}`, () => {
    assert.deepEqual(languagesIn(code), python);
  });

test("the language that a fence names is not questioned", () => {
  const [block] = new MarkdownCodeExtractor().extractCodeBlocks("```js\nprint('hi')\n```");
  assert.equal(block?.language, "js");
});

test("code that is nested deeper than a parser can go is not Python, and no error", () => {
  for (const deep of [
    "(".repeat(10_000),
    `${"(".repeat(5_000)}${")".repeat(5_000)}`,
    "-".repeat(100_000),
    "not ".repeat(50_000),
    "lambda: ".repeat(20_000),
  ])
    assert.deepEqual(languagesIn(deep), [""]);
  assert.deepEqual(languagesIn(`x = ${"(".repeat(50)}1${")".repeat(50)}`), ["python"]);
});

test("long code takes time in proportion to its length", () => {
  const code = "def f(a, b=[1, 2], *c):\n    return {x: (y, 'z') for x, y in a if x}\n".repeat(4_000);
  assert.deepEqual(languagesIn(code), ["python"]);
  assert.deepEqual(languagesIn(`${code}\n?`), [""]);
});
