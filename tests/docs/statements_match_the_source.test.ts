/** README.md and docs/*.md agree with the source: commands, codes, variables, sizes, links. */

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import * as mlflow from "mlflow-ag2";
import { projectRoot } from "../support/project.js";
import { filesBelow, textOf } from "../architecture/source.js";
import { blocks, pages, pageText } from "./blocks.js";

const readme = pageText("README.md");
const troubles = pageText("docs/troubleshooting.md");
const migration = pageText("docs/migration.md");

/** The first cells of the tables below a heading, without their backquotes. */
function rowsBelow(page: string, heading: string): string[] {
  const section = page.split(/^## /m).find((part) => part.startsWith(`${heading}\n`));
  assert.ok(section, `no section "${heading}"`);
  return [...section.matchAll(/^\| `(\w+)`/gm)].map(([, cell]) => cell!);
}

/** The first groups of all matches in the source, each once. */
function matches(pattern: RegExp, paths: readonly string[]): string[] {
  return [...new Set(paths.flatMap((path) => [...textOf(path).matchAll(pattern)].map(([, word]) => word!)))].sort();
}

const api = filesBelow("src/js", ".ts").filter((path) => !path.startsWith("src/js/agents/"));
const core = filesBelow("src", ".rs");

test("the README is short", () => {
  assert.ok(readme.split("\n").length <= 170, `${readme.split("\n").length} lines`);
});

test("every error code has its row, and every row its code", () => {
  const [, union = ""] = /export type ErrorCode =(.*?);/s.exec(textOf("src/js/util/errors.ts")) ?? [];
  const codes = [...union.matchAll(/"(\w+)"/g)].map(([, code]) => code!).sort();
  assert.ok(codes.length > 10);
  assert.deepEqual(rowsBelow(troubles, "Errors").sort(), codes);
});

test("every warning has its row, and every row its warning", () => {
  const ofResponses = matches(/^(?:pub )?const [A-Z_]+: &str = "([a-z]+(?:_[a-z]+)*)";/gm, [
    "src/mlflow/response.rs",
    ...filesBelow("src/export", ".rs"),
  ]);
  const ofCore = matches(/\b(?:notify|error|fail)\(\s*"(\w+)"/g, core);
  const ofApi = matches(/\b(?:warnOnce|take|applyVariables)\(\s*"(\w+)"/g, api);
  const [, union = ""] = /export type ErrorCode =(.*?);/s.exec(textOf("src/js/util/errors.ts")) ?? [];
  const alsoErrors = [...union.matchAll(/"(\w+)"/g)].map(([, code]) => code!);
  const expected = [...new Set([...ofResponses, ...ofCore, ...ofApi])]
    .filter((code) => !alsoErrors.includes(code))
    .sort();
  assert.ok(expected.length > 10);
  assert.deepEqual(rowsBelow(troubles, "Warnings").sort(), expected);
});

test("every reason for lost spans has its row, and every row its reason", () => {
  mlflow.startSpan({ name: "starts the core, which counts" }).end();
  const reasons = Object.keys(mlflow.stats().dropped);
  assert.ok(reasons.length > 5);
  assert.deepEqual(rowsBelow(troubles, "Lost spans").sort(), reasons.sort());
});

test("every count of stats() is explained", () => {
  const counts = Object.keys(mlflow.stats()).filter((name) => name !== "dropped");
  assert.deepEqual(rowsBelow(troubles, "Counts").sort(), counts.sort());
});

test("every environment variable that is read has its row, and every row its variable", () => {
  const read = matches(/(?<=\b(?:environment|environmentVariable|take|applyVariables)\([^()]*)"([A-Z]\w+)"/g, api);
  assert.deepEqual(rowsBelow(migration, "Environment variables").sort(), read);
});

test("every command of xtask that is shown is one that `cargo xtask help` explains", () => {
  const [, help = ""] = /const HELP: &str = "\\\n(.*?)";/s.exec(textOf("xtask/src/main.rs")) ?? [];
  const lines = blocks.filter(({ language }) => language === "sh").flatMap(({ text }) => text.split("\n"));
  const shown = lines.flatMap((line) => /^cargo xtask (\w+)([^#]*)/.exec(line)?.slice(1, 3) ?? []);
  assert.ok(shown.length >= 4);
  for (let index = 0; index < shown.length; index += 2) {
    const [command, options] = [shown[index]!, shown[index + 1]!];
    const explained = new RegExp(`^cargo xtask ${command}.*?(?=^\\w|$(?![\\s\\S]))`, "ms").exec(help)?.[0];
    assert.ok(explained, `\`cargo xtask ${command}\` is not explained`);
    for (const [option] of options.matchAll(/--[\w-]+/g))
      assert.ok(explained.includes(option), `${command} has no ${option}`);
  }
});

test("links lead to files and headings that are there", () => {
  const anchors = (page: string): string[] =>
    [...pageText(page).matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
      heading!
        .toLowerCase()
        .replace(/[^\w\- ]/g, "")
        .replaceAll(" ", "-"),
    );
  const broken = pages.flatMap((page) =>
    [...pageText(page).matchAll(/\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]*))?\)/g)].flatMap(
      ([link, path, anchor]) => {
        const target = path === "" ? page : join(dirname(page), path!);
        const isThere =
          existsSync(join(projectRoot, target)) &&
          (anchor === undefined || !target.endsWith(".md") || anchors(target).includes(anchor));
        return isThere ? [] : [`${page}: ${link}`];
      },
    ),
  );
  assert.deepEqual(broken, []);
});

test("every page of docs is linked from the README", () => {
  assert.deepEqual(
    pages.slice(1).filter((page) => !readme.includes(`](${page})`)),
    [],
  );
});

test("the sizes in the README are those of the package, to 5 kB", async () => {
  const stated: Record<string, number> = Object.fromEntries(
    [...readme.matchAll(/^\| (`mlflow-ag2.*?) \|.*\| (\d+) kB \|$/gm)].map(([, what, size]) => [what!, Number(size)]),
  );
  const measured = {
    "`mlflow-ag2`": await bundledBytes('export * from "mlflow-ag2";'),
    "`mlflow-ag2`, `autolog()` alone": await bundledBytes('import { autolog } from "mlflow-ag2"; autolog();'),
    "`mlflow-ag2/lazy`, `autolog()` alone": await bundledBytes(
      'import { autolog } from "mlflow-ag2/lazy"; autolog();',
      ["../../wasm/inline.js"],
    ),
    "`mlflow-ag2/agents`": await bundledBytes('export * from "mlflow-ag2/agents";'),
    "`mlflow-ag2/view`": await bundledBytes('export * from "mlflow-ag2/view";'),
    "`mlflow-ag2/mlflow_ag2.wasm`": gzipSync(readFileSync(join(projectRoot, "pkg", "wasm", "mlflow_ag2_bg.wasm")), {
      level: 9,
    }).length,
  };
  assert.deepEqual(Object.keys(stated).sort(), Object.keys(measured).sort());
  for (const [what, bytes] of Object.entries(measured)) {
    const size = stated[what]! * 1000;
    assert.ok(bytes <= size && bytes > size - 5000, `${what} has ${bytes} bytes, the README has ${size}`);
  }
});

/** The download size of a program: bundled, minified, gzipped. */
async function bundledBytes(contents: string, external: string[] = []): Promise<number> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: projectRoot },
    external,
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    write: false,
    logLevel: "silent",
  });
  return gzipSync(outputFiles[0]!.contents, { level: 9 }).length;
}
