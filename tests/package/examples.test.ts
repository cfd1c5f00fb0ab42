/**
 * The examples in the doc comments of the package. Everything that a program can hold (a class, function or constant)
 * has at least one `@example`; a type or a member has one where its sentence is not enough. All of them are programs
 * that compile. An example with output (`console.log(…); // "text"`) is run, and must print exactly that.
 */

import assert from "node:assert/strict";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { transform } from "esbuild";
import { filesBelow } from "../architecture/source.js";
import { run } from "../support/child.js";
import { programOf, publicNames, type PublicName, typedEntries } from "../support/examples.js";
import { temporaryFolder } from "../support/folder.js";
import { userProject } from "../support/packed-package.js";
import { projectRoot } from "../support/project.js";

const STRICT = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  verbatimModuleSyntax: true,
  skipLibCheck: false,
  noEmit: true,
  target: "es2023",
  lib: ["es2023", "esnext.disposable", "dom", "dom.iterable"],
  types: ["node"],
  module: "node16",
  moduleResolution: "node16",
};

/** Importing it is all. */
const WITHOUT_NAMES = "mlflow-ag2/library-hooks";

describe("the doc comments", () => {
  let names: PublicName[];
  let project: string;
  before(async () => {
    names = await publicNames();
    project = await userProject(temporaryFolder("empty"));
  });

  test("are read of every entry of the package", () => {
    const { exports } = JSON.parse(readFileSync(join(projectRoot, "package.json"), "utf8")) as { exports: object };
    const read = new Set(names.map(({ entry }) => entry));
    assert.deepEqual(
      typedEntries()
        .map(({ entry }) => entry)
        .filter((entry) => !read.has(entry)),
      [WITHOUT_NAMES],
    );
    assert.equal(read.size, Object.keys(exports).length - 2, "all but ./package.json and the one without names");
  });

  test("have an example of every class, function and constant", () => {
    assert.deepEqual(
      names
        .filter(({ isValue, examples }) => isValue && examples.length === 0)
        .map(({ entry, name }) => `${entry}: ${name}`),
      [],
    );
  });

  test("have examples only where they are compiled", () => {
    const texts = filesBelow("src/js", ".ts").map((path) => ({
      path,
      text: readFileSync(join(projectRoot, path), "utf8"),
    }));
    const compiled = new Set(names.flatMap(({ examples, memberExamples }) => [...examples, ...memberExamples]));
    const written = texts.reduce((sum, { text }) => sum + (text.match(/^ *\* @example$/gm)?.length ?? 0), 0);
    assert.equal(compiled.size - ofGenerated(names), written);
    assert.deepEqual(
      texts.filter(({ text }) => /^ *\* ```/m.test(text)).map(({ path }) => path),
      [],
    );
  });

  test("have examples that are strict programs", async (test) => {
    for (const name of ["@types/node", "undici-types"])
      cpSync(join(projectRoot, "node_modules", name), join(project, "node_modules", name), { recursive: true });
    mkdirSync(join(project, "examples"));
    const files = names.flatMap((each, place) => {
      // Numbered, because there are names that differ only in case.
      const stem = `${each.entry.replaceAll("/", "-")}.${place}.${each.name}`;
      return [...each.examples, ...each.memberExamples].map((text, index) => ({
        path: `examples/${stem}.${index}.ts`,
        text: programOf(text, each.entry, names),
      }));
    });
    for (const { path, text } of files) writeFileSync(join(project, path), text);
    writeFileSync(
      join(project, "tsconfig.json"),
      JSON.stringify({ compilerOptions: STRICT, files: files.map(({ path }) => path) }),
    );
    const { stdout } = await run(
      process.execPath,
      [join(projectRoot, "node_modules", "typescript", "bin", "tsc"), "--pretty", "false"],
      { cwd: project },
    );
    assert.equal(stdout, "");
    test.diagnostic(`${files.length} programs`);
  });

  test("have examples that print the output in their comments", async () => {
    const printing = names.flatMap((each) =>
      each.examples.flatMap((text) => {
        const printed = [...text.matchAll(/console\.log\(.*\); \/\/ (".*")$/gm)].map(
          ([, line]) => JSON.parse(line!) as string,
        );
        return printed.length === 0 ? [] : [{ ...each, text, printed }];
      }),
    );
    assert.ok(printing.length >= 2);
    for (const { entry, name, text, printed } of printing) {
      const { code } = await transform(programOf(text, entry, names), { loader: "ts" });
      writeFileSync(join(project, "example.mjs"), code);
      const { stdout, stderr } = await run(process.execPath, ["example.mjs"], { cwd: project });
      assert.deepEqual([stdout, stderr], [printed.map((line) => `${line}\n`).join(""), ""], `${entry}: ${name}`);
    }
  });
});

/** Examples in doc comments that the build writes: those of the `.wasm` file. */
function ofGenerated(names: readonly PublicName[]): number {
  return names.filter(({ entry }) => entry.endsWith(".wasm")).flatMap(({ examples }) => examples).length;
}
