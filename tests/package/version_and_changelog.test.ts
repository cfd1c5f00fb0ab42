/** The version and the changelog agree with the package. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { projectRoot } from "../support/project.js";

const textOf = (path: string): string => readFileSync(join(projectRoot, path), "utf8");

test("the version of Cargo.toml is that of package.json and of the lock file", () => {
  const version = /^\[workspace\.package\]\nversion = "([^"]+)"$/m.exec(textOf("Cargo.toml"))?.[1];
  const { version: ofPackage } = JSON.parse(textOf("package.json")) as { version: string };
  const { version: ofLock } = JSON.parse(textOf("package-lock.json")) as { version: string };
  assert.deepEqual([ofPackage, ofLock], [version, version]);
});

test("the changelog begins with this version, and each version has a date or is unreleased, newest first", () => {
  const { version } = JSON.parse(textOf("package.json")) as { version: string };
  const headings = textOf("CHANGELOG.md").match(/^## .*$/gm) ?? [];
  assert.ok(
    headings.every((heading) => /^## \d+\.\d+\.\d+(-[a-z]+\.\d+)? \((unreleased|\d{4}-\d\d-\d\d)\)$/.test(heading)),
    headings.join("\n"),
  );
  assert.ok(headings[0]?.startsWith(`## ${version} (`), `the newest entry is ${headings[0]}`);
  assert.ok(headings.slice(1).every((heading) => !heading.includes("unreleased")));
  const numbers = headings.map((heading) => heading.split(" ")[1]!.split(/[.-]/).slice(0, 3).map(Number));
  const sorted = numbers.toSorted((a, b) => b[0]! - a[0]! || b[1]! - a[1]! || b[2]! - a[2]!);
  assert.deepEqual(numbers, sorted);
});

test("the changelog has lists for every version, without empty entries", () => {
  const entries = textOf("CHANGELOG.md")
    .split(/^## .*$/m)
    .slice(1);
  assert.ok(entries.length > 0 && entries.every((entry) => /^- \S/m.test(entry)));
});
