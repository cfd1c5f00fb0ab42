/**
 * The table of frameworks and hosts in docs/frameworks.md is what the tests of the frameworks have seen
 * (tests/hosts/framework_*.test.ts, which compare tests/hosts/frameworks/*.json). This writes the table anew:
 *
 *     RENEW_FRAMEWORK_MATRIX=1 cargo xtask test docs framework_matrix
 */

import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { projectRoot } from "../support/project.js";

const PAGE = join(projectRoot, "docs", "frameworks.md");
const SEEN = join(projectRoot, "tests", "hosts", "frameworks");
const COLUMNS = ["two-turn chat", "tool", "stream", "error", "two at once"];
/** The first row of the table, which no other table has. */
const HEADER = ["Import", "Host", ...COLUMNS];

type Seen = Record<string, Record<string, string>>;

const frameworks = readdirSync(SEEN)
  .filter((name) => name.endsWith(".json"))
  .toSorted()
  .map((name) => ({
    name: name.replace(/\.json$/, ""),
    seen: JSON.parse(readFileSync(join(SEEN, name), "utf8")) as Seen,
  }));

const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |\n`;

function table(): string {
  const rows = frameworks.flatMap(({ name, seen }) =>
    Object.entries(seen).map(([host, cells]) =>
      row([`\`mlflow-ag2/${name}\``, host, ...COLUMNS.map((column) => cells[column] ?? "–")]),
    ),
  );
  return [row(HEADER), row(HEADER.map(() => "---")), ...rows].join("");
}

test("the table of frameworks and hosts is what tests have seen", () => {
  const [before, rest, ...more] = readFileSync(PAGE, "utf8").split(row(HEADER));
  assert.ok(rest !== undefined && more.length === 0, "docs/frameworks.md has the table once");
  const after = rest.replace(/^(?:\|.*\n)*/, "");
  const shown = row(HEADER) + rest.slice(0, rest.length - after.length);
  if (process.env["RENEW_FRAMEWORK_MATRIX"]) writeFileSync(PAGE, `${before}${table()}${after}`);
  else assert.equal(shown, table());
});

test("every adapter with listeners of a framework is in the table, in every host", () => {
  for (const { name, seen } of frameworks)
    for (const host of ["Node", "Deno", "Chromium", "workerd"]) assert.ok(seen[host], `${name} has no row for ${host}`);
  const adapters = readdirSync(join(projectRoot, "src/js/adapters"), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
  assert.deepEqual(
    frameworks.map(({ name }) => name),
    adapters.toSorted(),
  );
});
