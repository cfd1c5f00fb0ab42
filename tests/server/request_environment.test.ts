/** The environment variables by which MLflow's Python knows who it is to the server. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { type Finished, run } from "../support/child.js";
import { temporaryFolder } from "../support/folder.js";
import { projectRoot } from "../support/project.js";
import { type Answer, type RecordingServer, startRecordingServer } from "../support/recording-server.js";
import { resultIn } from "../support/result.js";

const PROGRAM = fileURLToPath(new URL("programs/request_from_environment.js", import.meta.url));

describe("the environment", () => {
  let server: RecordingServer;
  let answer: Answer | "never" | undefined;
  beforeEach(async () => {
    answer = undefined;
    server = await startRecordingServer(() => answer);
  });
  afterEach(() => server.stop());

  function runWith(environment: Record<string, string>, program = PROGRAM): Promise<Finished> {
    return run(process.execPath, [program], {
      cwd: projectRoot,
      environment: { MLFLOW_TRACKING_URI: server.uri, ...environment },
    });
  }

  const basic = `Basic ${Buffer.from("ann:geheim").toString("base64")}`;
  const CASES: Record<string, { environment: Record<string, string>; header: string; value: string | undefined }> = {
    "a token": { environment: { MLFLOW_TRACKING_TOKEN: "geheim" }, header: "authorization", value: "Bearer geheim" },
    "a name and a password": {
      environment: { MLFLOW_TRACKING_USERNAME: "ann", MLFLOW_TRACKING_PASSWORD: "geheim" },
      header: "authorization",
      value: basic,
    },
    "a name, a password and a token, of which Python takes the first two": {
      environment: { MLFLOW_TRACKING_TOKEN: "x", MLFLOW_TRACKING_USERNAME: "ann", MLFLOW_TRACKING_PASSWORD: "geheim" },
      header: "authorization",
      value: basic,
    },
    "a name alone": { environment: { MLFLOW_TRACKING_USERNAME: "ann" }, header: "authorization", value: undefined },
    "a workspace": { environment: { MLFLOW_WORKSPACE: "team-a" }, header: "x-mlflow-workspace", value: "team-a" },
  };
  for (const [what, { environment, header, value }] of Object.entries(CASES)) {
    test(`with ${what} is heeded`, async () => {
      const { stdout, stderr } = await runWith(environment);
      assert.deepEqual(resultIn(stdout), { delivered: 1, lastError: null });
      assert.deepEqual(
        server.exports().map(({ headers }) => headers[header]),
        [value],
      );
      assert.equal(stderr, "");
    });
  }

  test("is read in a bundle too, with only the program's imports", async () => {
    const bundle = join(temporaryFolder("bundle"), "program.mjs");
    await build({
      entryPoints: [PROGRAM],
      outfile: bundle,
      bundle: true,
      format: "esm",
      platform: "node",
      logLevel: "silent",
    });
    const { stdout } = await runWith({ MLFLOW_TRACKING_TOKEN: "geheim" }, bundle);
    assert.deepEqual(resultIn(stdout), { delivered: 1, lastError: null });
    assert.equal(server.exports()[0]!.headers["authorization"], "Bearer geheim");
  });

  test("with an invalid token causes a warning without its value, and the program continues", async () => {
    const { stdout, stderr, code } = await runWith({ MLFLOW_TRACKING_TOKEN: "gehei\nm" });
    assert.equal(code, 0);
    assert.deepEqual(resultIn(stdout), { delivered: 1, lastError: null });
    assert.match(stderr, /MLFLOW_TRACKING_TOKEN/);
    assert.ok(!stderr.includes("gehei"), stderr);
  });

  test("with a time limit is in seconds, as in Python", async () => {
    answer = "never";
    const { stdout } = await runWith({ MLFLOW_HTTP_REQUEST_TIMEOUT: "0.25" });
    assert.match(JSON.stringify(resultIn(stdout)), /within 250 ms/);
  });
});
