/** The latest results of the benchmark are complete: a date, targets marked as met, and a plot for each table. */

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { projectRoot } from "../support/project.js";
import { pageText } from "./blocks.js";

const results = pageText("bench/RESULTS.md");

/** The text below a heading. */
function section(heading: string): string {
  const found = results.split(/^## /m).find((part) => part.startsWith(`${heading}\n`));
  assert.ok(found, `no section "${heading}"`);
  return found;
}

test("the results have their date and versions, and are not those of a smoke run", () => {
  assert.match(results, /^Written by `cargo xtask bench` on \d{4}-\d\d-\d\d, which took [\d,]+ s\./m);
  assert.match(results, /^- Machine: .+; load .+$/m);
  const { version } = JSON.parse(readFileSync(join(projectRoot, "package.json"), "utf8")) as { version: string };
  assert.ok(results.includes(`- Packages: mlflow-ag2 ${version}, `));
  assert.ok(!results.includes("## What failed"));
});

test("each target is marked correctly as met or not", () => {
  const number = (cell: string): number => Number(/^≤? ?(-?[\d.,]+)/.exec(cell)![1]!.replaceAll(",", ""));
  const cells = (row: string): string[] =>
    row
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim());
  const [head, , ...rows] = section("Targets")
    .split("\n")
    .filter((line) => line.startsWith("| "));
  const columns = ["reached", "target", "met"].map((name) => cells(head!).indexOf(name));
  assert.ok(rows.length >= 20, `${rows.length} targets`);
  for (const row of rows) {
    const [reached, limit, met] = columns.map((at) => cells(row)[at]);
    // Figures are rounded to three digits: what lies on the limit may be either.
    if (number(reached!) !== number(limit!))
      assert.equal(met, number(reached!) < number(limit!) ? "yes" : "**no**", row);
  }
});

test("each table of costs has its plot", () => {
  for (const [mode, heading] of [
    ["drop", "Create, capture, end"],
    ["serialise", "The same, and serialisation"],
  ] as const) {
    const hosts = [...section(heading).matchAll(/^\| (\w+) \| 10 turns/gm)].map(([, host]) => host!.toLowerCase());
    assert.ok(hosts.includes("node"), heading);
    for (const host of hosts)
      assert.ok(existsSync(join(projectRoot, `bench/plots/${mode}-${host}.svg`)), `${mode} in ${host}`);
  }
});
