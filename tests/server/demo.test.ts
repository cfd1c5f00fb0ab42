/** The demo that `cargo xtask demo` runs. */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { after, before, describe, test } from "node:test";
import { run, runOrThrow } from "../support/child.js";
import { freePort, type MlflowServer, mlflowServer } from "../support/mlflow-server.js";
import { projectRoot } from "../support/project.js";

const DEMO = fileURLToPath(new URL("../../www/demo.js", import.meta.url));

/** The lines of the printed tree, without latencies. */
function treeIn(printed: string): string[] {
  const lines = printed.split("\n").filter((line) => / ms(  |$)/.test(line));
  return lines.map((line) => line.replace(/ +[\d.]+ ms/, ""));
}

describe("the demo", () => {
  let server: MlflowServer;
  before(async () => void (server = await mlflowServer()));
  after(() => server.stop());

  test("needs no server and prints the span tree with types, latencies and tokens", async () => {
    const printed = await runOrThrow(process.execPath, [DEMO], { cwd: projectRoot });
    const tree = treeIn(printed);
    assert.equal(tree.length, 24, printed);
    assert.deepEqual(tree.slice(0, 6), [
      "CHAIN initiate_chat",
      "├─ AGENT Assistant",
      "│  └─ LLM   chat_completion gpt-4o-mini  110 input + 61 output = 171 tokens  $0.000053",
      "├─ AGENT Tool Agent",
      "│  ├─ TOOL  calculator",
      "│  └─ TOOL  calculator",
    ]);
    assert.deepEqual(tree.slice(-2), [
      "└─ AGENT Assistant",
      "   └─ LLM   chat_completion gpt-4o-mini  364 input + 38 output = 402 tokens  $0.000077",
    ]);
    assert.match(printed, /1569 input \+ 229 output = 1798 tokens/);
  });

  test("another scene is run by its name, and an unknown name is refused with those that there are", async () => {
    const printed = await runOrThrow(process.execPath, [DEMO, "triage"], { cwd: projectRoot });
    for (const span of ["GUARDRAIL card number", "TASK handoff_to_billing", "TOOL find_customer"])
      assert.match(printed, new RegExp(span.replace(" ", " +")));
    const { code, stderr } = await run(process.execPath, [DEMO, "nothing"], { cwd: projectRoot });
    assert.equal(code, 2);
    assert.match(stderr, /no scene `nothing`: use one of calculator, .*triage/);
  });

  test("with a tracking URI it prints where the trace can be seen, and the trace is there", async () => {
    const printed = await runOrThrow(process.execPath, [DEMO], {
      cwd: projectRoot,
      environment: { MLFLOW_TRACKING_URI: server.uri },
    });
    const [, experimentId, traceId] =
      /#\/experiments\/(\d+)\/traces\?selectedEvaluationId=(tr-[0-9a-f]{32})/.exec(printed) ?? [];
    assert.ok(traceId, printed);
    const answer = (await (await fetch(`${server.uri}/api/3.0/mlflow/traces/${traceId}`)).json()) as {
      trace?: { trace_info: { state: string; trace_location: { mlflow_experiment: { experiment_id: string } } } };
    };
    const info = answer.trace?.trace_info;
    assert.deepEqual([info?.state, info?.trace_location.mlflow_experiment.experiment_id], ["OK", experimentId]);
    const experiment = (await (
      await fetch(`${server.uri}/api/2.0/mlflow/experiments/get?experiment_id=${experimentId}`)
    ).json()) as { experiment: { name: string } };
    assert.equal(experiment.experiment.name, "AG2");
  });

  test("without a server it prints the tree, then fails with the reason", async () => {
    const uri = `http://127.0.0.1:${await freePort()}`;
    const { code, stdout, stderr } = await run(process.execPath, [DEMO], {
      cwd: projectRoot,
      environment: { MLFLOW_TRACKING_URI: uri },
      timeoutMs: 180_000,
    });
    assert.equal(treeIn(stdout).length, 24);
    assert.equal(code, 1);
    assert.ok(stderr.includes(uri), stderr);
  });
});
