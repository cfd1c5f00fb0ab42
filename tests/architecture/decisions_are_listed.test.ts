/** The list of decisions names every record, with its title and status, and every record has all parts. */

import assert from "node:assert/strict";
import { basename } from "node:path";
import { test } from "node:test";
import { filesBelow, textOf } from "./source.js";

const records = filesBelow("docs/decisions", ".md").filter((path) => !path.endsWith("README.md"));

test("the list has every record, with its title and status", () => {
  const rows = records.map((path) => {
    const [, number, title] = /^# (\d{3})\. (.*)$/m.exec(textOf(path)) ?? [];
    const [, status] = /^Date: \d{4}-\d\d-\d\d\. Status: (current|superseded)\b/m.exec(textOf(path)) ?? [];
    assert.ok(basename(path).startsWith(`${number}-`), path);
    return `| [${number}](${basename(path)}) | ${title} | ${status} |`;
  });
  const listed = textOf("docs/decisions/README.md").match(/^\| \[\d{3}\].*$/gm);
  assert.ok(rows.length > 30);
  assert.deepEqual(listed, rows);
});

test("every record has a decision, a reason, a cost and what would change it", () => {
  const headings = ["Decision", "Reason", "Cost", "(?:What would change it|Why it changed)"];
  const parts = new RegExp(headings.map((heading) => `\\*\\*${heading}\\.\\*\\* \\S`).join("[^]*"));
  assert.deepEqual(
    records.filter((path) => !parts.test(textOf(path))),
    [],
  );
});
