/** Programs that do one thing and end: nothing of the tracer may end them early, hold them open or lose their trace. */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { after, before, describe, test } from "node:test";
import { type Finished, run } from "../support/child.js";
import { freePort, type MlflowServer, mlflowServer } from "../support/mlflow-server.js";
import { projectRoot } from "../support/project.js";
import { resultIn } from "../support/result.js";

describe("a program that", () => {
  let server: MlflowServer;
  before(async () => void (server = await mlflowServer()));
  after(() => server.stop());

  async function runProgram(name: string, trackingUri: string): Promise<Finished> {
    const program = fileURLToPath(new URL(`programs/${name}.js`, import.meta.url));
    const finished = await run(process.execPath, [program, trackingUri, "whole programs"], {
      cwd: projectRoot,
    });
    assert.equal(finished.code, 0, `it ended with ${finished.code ?? "a signal"}: ${finished.stderr}`);
    return finished;
  }

  test("only awaits its experiment gets it", async () => {
    const { stdout } = await runProgram("await_experiment", server.uri);
    const { name, experimentId } = resultIn(stdout) as { name: string; experimentId: string };
    assert.equal(name, "whole programs");
    assert.match(experimentId, /^\d+$/);
  });

  test("only awaits its experiment gets an error with a code if there is no server", async () => {
    const { stdout } = await runProgram("await_experiment", `http://127.0.0.1:${await freePort()}`);
    const { code } = resultIn(stdout) as { code?: string };
    assert.equal(typeof code, "string", stdout);
  });

  test("never calls flush() leaves its trace in the server all the same", async () => {
    let { stdout, stderr } = await runProgram("forget_to_flush", server.uri);
    // A server that has just started may take longer than the three seconds for which a finished program is held.
    for (let times = 1; times < 20 && stderr.includes("[not_delivered]"); times += 1)
      ({ stdout, stderr } = await runProgram("forget_to_flush", server.uri));
    const answer = await fetch(`${server.uri}/api/3.0/mlflow/traces/${String(resultIn(stdout))}`);
    assert.equal(answer.status, 200, await answer.text());
  });

  test("never calls flush() and has no server ends by itself, with one warning about the server and one about what is left", async () => {
    const { stderr } = await runProgram("forget_to_flush", `http://127.0.0.1:${await freePort()}`);
    assert.deepEqual(
      [...stderr.matchAll(/^mlflow-ag2: .*\[(\w+)\]$/gm)].map(([, code]) => code),
      ["unreachable", "not_delivered"],
    );
  });
});
