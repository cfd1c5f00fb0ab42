/** Agents of other libraries in bundles whose names are shortened: the same traces, from every bundler. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { runOrThrow } from "../support/child.js";
import { temporaryFolder } from "../support/folder.js";
import { bundledBy, programIn } from "../support/matrix/minifiers.js";
import { userProject } from "../support/packed-package.js";
import { projectRoot } from "../support/project.js";
import { resultIn } from "../support/result.js";
import { OUTLINES } from "../third_party/expected.js";
import type { MinifiedReport } from "../third_party/minified.js";

let project = "";
before(async () => void (project = await userProject(join(projectRoot, "target", "tests", "third_party"))));

describe("other libraries, minified by", () => {
  for (const [name, bundle] of Object.entries(bundledBy))
    test(name, async () => {
      const out = temporaryFolder("minified");
      await bundle({ project, entry: join(project, "minified.js"), out });
      const program = programIn(out);
      assert.doesNotMatch(readFileSync(program, "utf8"), /class (?:AssistantAgent|ConversableAgent|OpenAIProvider)\b/);
      const report = resultIn(await runOrThrow(process.execPath, [program], { cwd: out })) as MinifiedReport;
      assert.deepEqual(report, { outlines: OUTLINES, hookFailures: 0 });
    });
});
