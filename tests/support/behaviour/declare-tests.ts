/**
 * Tests of the agents' behaviour in hosts other than Node: the test files of tests/agents run there unchanged, and
 * every case that they declare in Node must succeed. Files that a host cannot run are rows of
 * tests/agents/hosts.json with the reason.
 */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { runOrThrow } from "../child.js";
import { filesEndingIn } from "../files.js";
import { projectRoot } from "../project.js";
import { resultIn } from "../result.js";
import type { CaseReport, FileResult, HostRunner } from "./host-runner.js";

/** A file that only some hosts run. */
interface Row {
  file: string;
  hosts: string[];
  reason: string;
}

const folder = fileURLToPath(new URL("../../agents", import.meta.url));
const files = filesEndingIn(folder, ".test.js");
const rows = (JSON.parse(readFileSync(join(projectRoot, "tests", "agents", "hosts.json"), "utf8")) as { files: Row[] })
  .files;
/** The name of a test file in the sources. */
const nameOf = (file: string): string => basename(file).replace(/\.js$/, ".ts");

/** Cases that must fail, and one that must not, run beside the others in every host. */
const SAMPLE = fileURLToPath(new URL("sample.js", import.meta.url));

/** Declares the tests of one host. */
export async function declareBehaviourTests(host: string, run: HostRunner): Promise<void> {
  const here = files.filter((file) => rows.every((row) => row.file !== nameOf(file) || row.hosts.includes(host)));
  const names = resultIn(
    await runOrThrow(process.execPath, [fileURLToPath(new URL("names.js", import.meta.url)), ...here], {
      cwd: projectRoot,
    }),
  ) as Record<string, string[]>;
  let results: Map<string, FileResult>;
  const reportsOf = (file: string): CaseReport[] => results.get(file)?.reports ?? [];

  describe(`behaviour in ${host}`, () => {
    before(async () => void (results = await run([...here, SAMPLE])));

    for (const file of here) {
      describe(nameOf(file), () => {
        for (const [index, name] of (names[file] ?? []).entries()) {
          test(name, () => {
            const report = reportsOf(file)[index];
            assert.equal(report?.name, name, `this case did not run in ${host}: ${results.get(file)?.remarks}`);
            if (report?.failure !== undefined) assert.fail(`in ${host}: ${report.failure}`);
          });
        }
      });
    }

    test("the cases are those of Node", () => {
      const counts = (of: (file: string) => number): Record<string, number> =>
        Object.fromEntries(here.map((file) => [nameOf(file), of(file)]));
      assert.deepEqual(
        counts((file) => reportsOf(file).length),
        counts((file) => names[file]?.length ?? 0),
      );
      assert.deepEqual(
        here.filter((file) => names[file]?.length === 0),
        [],
      );
    });

    test("a case that fails there fails here, with its name and the reason", () => {
      const failures = reportsOf(SAMPLE).map(({ name, failure }) => [
        name,
        failure?.includes(`the reason why ${name}`) ?? "right",
      ]);
      assert.deepEqual(failures, [
        ["it is right", "right"],
        ["it is not equal", true],
        ["its rejection is unhandled", true],
        ["it throws later", true],
      ]);
    });

    test("every listed file exists, and has a reason", () => {
      assert.deepEqual(
        rows.filter(({ file, reason }) => reason === "" || !files.some((each) => nameOf(each) === file)),
        [],
      );
    });
  });
}
