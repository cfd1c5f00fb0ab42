/** The comparison itself can fail: it lets listed improvements through and nothing else. */

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { temporaryFolder } from "../support/folder.js";
import { compareWithGolden, type Comparison } from "../support/golden.js";
import { goldenFolder } from "../support/project.js";

interface GoldenSpan {
  name: string;
  type: string;
  outputs: unknown;
  attributes: Record<string, unknown>;
  volatile_attributes: string[];
  children: GoldenSpan[];
}

interface GoldenTrace {
  request_preview: string;
  response_preview: string;
  spans: GoldenSpan[];
}

const folder = temporaryFolder("altered");

/** The comparison on the golden calculator trace after `alter` has changed it. */
async function comparisonOf(alter: (trace: GoldenTrace, root: GoldenSpan) => void): Promise<Comparison> {
  const altered = JSON.parse(readFileSync(join(goldenFolder, "calculator.json"), "utf8")) as { traces: [GoldenTrace] };
  const [trace] = altered.traces;
  const [root] = trace.spans;
  assert.ok(root);
  alter(trace, root);
  const path = join(folder, "altered.json");
  writeFileSync(path, JSON.stringify(altered));
  const { calculator } = await compareWithGolden([{ name: "calculator", traces: path }]);
  assert.ok(calculator);
  return calculator;
}

function firstLlmSpan(root: GoldenSpan): GoldenSpan {
  const span = root.children[0]?.children[0];
  assert.ok(span);
  return span;
}

test("a golden trace equals itself and needs no improvement", async () => {
  assert.deepEqual(await comparisonOf(() => undefined), { differences: [], used: [] });
});

test("a listed improvement is let through by name", async () => {
  const comparison = await comparisonOf((_trace, root) => {
    root.type = "CHAIN";
    firstLlmSpan(root).volatile_attributes = [];
  });
  assert.deepEqual(comparison, {
    differences: [],
    used: ["no-guessed-start-times", "no-python-object-ids", "root-is-a-chain"],
  });
});

test("a compact preview is let through, another text is not", async () => {
  const compact = (text: string): string => text.replaceAll('": ', '":').replaceAll(', "', ',"');
  assert.deepEqual((await comparisonOf((trace) => (trace.request_preview = compact(trace.request_preview)))).used, [
    "compact-preview",
  ]);
  const { differences } = await comparisonOf(
    (trace) => (trace.request_preview = compact(trace.request_preview).replace("What is", "What was")),
  );
  assert.equal(differences.length, 1);
});

test("a preview that ends too early is reported", async () => {
  const { differences } = await comparisonOf(
    (trace) => (trace.response_preview = `${trace.response_preview.slice(0, 400)}...`),
  );
  assert.equal(differences.length, 1);
});

for (const [what, alter] of Object.entries<(root: GoldenSpan) => void>({
  "a wrong token count": (root) =>
    (firstLlmSpan(root).attributes["mlflow.chat.tokenUsage"] = {
      input_tokens: 111,
      output_tokens: 61,
      total_tokens: 171,
    }),
  "an unlisted attribute": (root) => (firstLlmSpan(root).attributes["surprise"] = 1),
  "a missing attribute": (root) => delete firstLlmSpan(root).attributes["source"],
  "another output": (root) => (firstLlmSpan(root).outputs = null),
  "another span type": (root) => (firstLlmSpan(root).type = "CHAT_MODEL"),
  "a missing span": (root) => root.children.pop(),
  "an extra span": (root) => firstLlmSpan(root).children.push({ ...firstLlmSpan(root), name: "extra", children: [] }),
})) {
  test(`${what} is reported`, async () => {
    const { differences } = await comparisonOf((_trace, root) => alter(root));
    assert.equal(differences.length, 1, differences.join("\n"));
  });
}

test("a swapped order of spans is reported", async () => {
  const { differences } = await comparisonOf((_trace, root) => root.children.reverse());
  assert.notEqual(differences.length, 0);
});
