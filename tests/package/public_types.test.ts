/**
 * The types of every public entry are those that are recorded in tests/package/public_types, so that no public name,
 * parameter or property changes unseen. This renews the record; commit it with the change that it shows:
 *
 *     RENEW_PUBLIC_TYPES=1 cargo xtask test package public_types
 */

import assert from "node:assert/strict";
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { run } from "../support/child.js";
import { temporaryFolder } from "../support/folder.js";
import { userProject } from "../support/packed-package.js";
import { projectRoot } from "../support/project.js";
import { publicTypes } from "../support/public-types.js";

const RECORD = join(projectRoot, "tests", "package", "public_types");
const COMMAND = "RENEW_PUBLIC_TYPES=1 cargo xtask test package public_types";

describe("the types of the public entries", () => {
  const present = temporaryFolder("types");
  before(async () => {
    const installed = join(await userProject(temporaryFolder("empty")), "node_modules", "mlflow-ag2");
    for (const [subpath, text] of await publicTypes(installed)) {
      const name = subpath === "." ? "index" : subpath.slice("./".length).replaceAll("/", "-");
      writeFileSync(join(present, `${name}.txt`), text);
    }
    if (process.env["RENEW_PUBLIC_TYPES"]) {
      rmSync(RECORD, { recursive: true, force: true });
      mkdirSync(RECORD, { recursive: true });
    }
  });

  test("are those that are recorded", async () => {
    assert.ok(readdirSync(present).length > 10);
    if (process.env["RENEW_PUBLIC_TYPES"]) await run("cp", ["-r", `${present}/.`, RECORD], { cwd: projectRoot });
    const { code, stdout } = await run("diff", ["-ruN", RECORD, present], { cwd: projectRoot });
    assert.equal(code, 0, `the public types have changed; \`${COMMAND}\` records them:\n${stdout}`);
  });
});
