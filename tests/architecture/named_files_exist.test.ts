/** Comments and pages that send a reader to a file name one that exists. */

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { filesBelow, root, textOf } from "./source.js";

/** A path below a folder of the repository; `pkg` and JavaScript are made, so that they are absent before a build. */
const NAMED = /(?<![\w/.-])(?:src|tests|www|docs|xtask|bench)\/[\w./-]+\.(?:rs|ts|md|py|toml|html|css)\b/g;
/** This file itself, and the one whose pattern has a path of nothing. */
const PATTERNS = ["tests/architecture/named_files_exist.test.ts", "tests/architecture/docs_name_their_tests.test.ts"];
/** Files of other projects, which comments cite as the source of a rule. */
const ELSEWHERE = /(?:MLflow|AG2|OpenTelemetry)[^\n]{0,60}$/;

const ENDINGS = [".rs", ".ts", ".mjs", ".py", ".md", ".toml"];
const FOLDERS = ["src", "tests", "xtask", "bench", "docs", "www"];
const PAGES = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "Cargo.toml", "wasm-pack.toml"];
const files = [...FOLDERS.flatMap((folder) => ENDINGS.flatMap((ending) => filesBelow(folder, ending))), ...PAGES];

test("every file that a comment or a page names exists", () => {
  let named = 0;
  const absent = files
    .filter((file) => !PATTERNS.includes(file))
    .flatMap((file) => {
      const text = textOf(file);
      const paths = [...text.matchAll(NAMED)].filter(({ index }) => !ELSEWHERE.test(text.slice(0, index)));
      named += paths.length;
      return paths.filter(([path]) => !existsSync(join(root, path))).map(([path]) => `${file}: ${path}`);
    });
  assert.ok(named > 100, `${named} paths were found`);
  assert.deepEqual(absent, []);
});
