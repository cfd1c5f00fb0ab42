/** Deno gives a program its environment only with permission, and prompts for it at the terminal. */

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { runOrThrow } from "../support/child.js";
import { temporaryFolder } from "../support/folder.js";
import { deno } from "../support/project.js";
import { userProject } from "../support/packed-package.js";

const PROGRAM = `
  import { autolog, getTrackingUri, isEnabled } from "mlflow-ag2";
  const { permissions } = Deno;
  let prompts = 0;
  permissions.request = permissions.requestSync = () => { prompts += 1; return { state: "denied" }; };
  autolog();
  console.log(JSON.stringify([getTrackingUri(), isEnabled(), prompts]));
`;

describe("the environment in Deno", () => {
  let project = "";
  before(async () => {
    project = await userProject(temporaryFolder("deno-environment"));
    writeFileSync(join(project, "main.mjs"), PROGRAM);
  });

  async function runWith(permissions: string[], environment: Record<string, string>): Promise<unknown> {
    const parameters = [
      "run",
      "--no-prompt",
      "--no-remote",
      "--no-lock",
      "--node-modules-dir=manual",
      ...permissions,
      "main.mjs",
    ];
    return JSON.parse(
      await runOrThrow(deno(), parameters, {
        cwd: project,
        environment: { DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1", ...environment },
      }),
    );
  }

  test("without permission the defaults apply, and there is no prompt", async () => {
    assert.deepEqual(await runWith([], { MLFLOW_TRACKING_URI: "http://localhost:1" }), ["memory:", true, 0]);
  });

  test("with permission the variables are read", async () => {
    const environment = { MLFLOW_TRACKING_URI: "http://localhost:1", MLFLOW_AG2_DISABLED: "true" };
    assert.deepEqual(await runWith(["--allow-env"], environment), ["http://localhost:1", false, 0]);
  });

  test("permission for one variable is enough to read that one", async () => {
    const environment = { MLFLOW_TRACKING_URI: "http://localhost:1", MLFLOW_AG2_DISABLED: "true" };
    assert.deepEqual(await runWith(["--allow-env=MLFLOW_TRACKING_URI"], environment), ["http://localhost:1", true, 0]);
  });
});
