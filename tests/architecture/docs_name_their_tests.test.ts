/** The tests that the documentation names exist, and its numbers are those of the code. */

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { filesBelow, root, textOf } from "./source.js";

/** Pages that name the tests of their promises. */
const PAGES = ["SECURITY.md", ...filesBelow("docs", ".md")];

/** A test file in backticks, and, after a colon, titles between asterisks: `tests/x.rs`: *one*, *another*. */
const CITED = /`(tests\/[\w./-]+\.(?:rs|test\.ts))`((?:(?:: |, )\*[^*|]+\*)*)/g;

/** The files that a page cites, and the titles of tests in them. */
function citations(text: string): { file: string; titles: string[] }[] {
  return [...text.matchAll(CITED)].map(([, file, titles]) => ({
    file: file!,
    titles: [...titles!.matchAll(/\*([^*]+)\*/g)].map(([, title]) => title!),
  }));
}

function isIn(file: string, title: string): boolean {
  return textOf(file).includes(file.endsWith(".rs") ? `fn ${title.replaceAll(" ", "_")}(` : title);
}

test("every test that a page names exists", () => {
  const wrong = PAGES.flatMap((page) =>
    citations(textOf(page)).flatMap(({ file, titles }) => {
      if (!existsSync(join(root, file))) return [`${page}: ${file}`];
      return titles.filter((title) => !isIn(file, title)).map((title) => `${page}: ${file}: ${title}`);
    }),
  );
  assert.deepEqual(wrong, []);
});

test("every promise of delivery names a test", () => {
  const promised = textOf("docs/delivery.md").split("## Promised")[1]!.split("\n## ")[0]!;
  const rows = promised.split("\n").filter((line) => line.startsWith("| **"));
  assert.ok(rows.length > 10);
  assert.deepEqual(
    rows.filter((row) => citations(row).length === 0),
    [],
  );
});

test("the limits of delivery are those that the options document", () => {
  const rows = [...textOf("docs/delivery.md").matchAll(/^\| `(\w+)` \| ([\d ]+) \|/gm)];
  assert.ok(rows.length > 8);
  const options = filesBelow("src/js/config/options", ".ts").map(textOf).join("\n");
  for (const [, name, number] of rows) {
    const comment = new RegExp(`/\\*\\*((?:(?!\\*/)[^])*)\\*/\\s*${name}\\?:`).exec(options)?.[1] ?? "";
    const digits = comment.replaceAll(/(?<=\d)[ ,](?=\d{3})/g, "");
    assert.match(digits, new RegExp(`\\b${number!.replaceAll(" ", "")}\\b`), `the default of \`${name}\``);
  }
});

test("every reason for which spans are dropped is explained", () => {
  const reasons = [
    ...textOf("src/export/stats.rs")
      .split("pub struct Dropped")[1]!
      .split("\n}")[0]!
      .matchAll(/pub (\w+): u64/g),
  ];
  const page = textOf("docs/delivery.md");
  const named = reasons.map(([, name]) => name!.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase()));
  assert.ok(named.length > 4);
  assert.deepEqual(
    named.filter((name) => !page.includes(`| \`${name}\` |`)),
    [],
  );
});
