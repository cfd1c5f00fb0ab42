/** The answers of CONTRIBUTING.md to "where does … live?": the file or folder exists and contains the quoted text. */

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { filesBelow, root, textOf } from "./source.js";

const table = textOf("CONTRIBUTING.md").split("\n| Where does … live? |")[1]?.split("\n\n")[0] ?? "";
const rows = [...table.matchAll(/^\| ([^|]+) \| `(src\/[^`]+)` \| `([^`]+)` \|$/gm)];

test("every answer has a place and a text", () => {
  assert.ok(rows.length >= 10, `${rows.length} answers`);
  assert.equal(table.trimEnd().split("\n").length - 2, rows.length);
});

for (const [, question, path, text] of rows) {
  test(`${question}: ${path} has \`${text}\``, () => {
    assert.ok(existsSync(join(root, path!)), `${path} is missing`);
    const files = path!.endsWith("/") ? [...filesBelow(path!, ".rs"), ...filesBelow(path!, ".ts")] : [path!];
    assert.ok(files.some((file) => textOf(file).includes(text!)));
  });
}
