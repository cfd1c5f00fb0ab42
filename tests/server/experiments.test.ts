/** Experiments on a real MLflow server. */

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, test } from "node:test";
import * as mlflow from "mlflow-ag2";
import { SHORT_CHAT_SPANS, shortChat } from "./chats.js";
import { onMlflow } from "./on-mlflow.js";
import { warningsDuring } from "./tracing.js";

describe("experiments", () => {
  const server = onMlflow();

  /** In which experiment the server keeps the trace that ended last, and under which name. */
  async function storedTrace(): Promise<{
    experimentId: string | undefined;
    name: string | undefined;
    state: string | undefined;
  }> {
    const answer = await fetch(`${server.uri}/api/3.0/mlflow/traces/${mlflow.getLastActiveTraceId()}`);
    const { trace } = (await answer.json()) as {
      trace?: {
        trace_info?: {
          state: string;
          tags: Record<string, string>;
          trace_location: { mlflow_experiment: { experiment_id: string } };
        };
      };
    };
    const info = trace?.trace_info;
    return {
      experimentId: info?.trace_location.mlflow_experiment.experiment_id,
      name: info?.tags["mlflow.traceName"],
      state: info?.state,
    };
  }

  /** A request of MLflow's own API about experiments. */
  async function ask(path: string, body?: object): Promise<unknown> {
    const response = await fetch(`${server.uri}/api/2.0/mlflow/experiments/${path}`, {
      ...(body !== undefined && {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      }),
    });
    assert.equal(response.status, 200, path);
    return response.json();
  }

  test("a missing experiment is made, and traces that did not wait for it are in it", async () => {
    mlflow.autolog();
    const promise = mlflow.setExperiment(`new ${randomUUID()}`);
    await shortChat();
    const { delivered, pending } = await mlflow.flush();
    assert.deepEqual({ delivered, pending }, { delivered: SHORT_CHAT_SPANS, pending: 0 });
    const { experimentId } = await promise;
    assert.deepEqual(await storedTrace(), { experimentId, name: "initiate_chat", state: "OK" });
  });

  test("an experiment that exists is used again", async () => {
    const name = `äöü / ? & ${randomUUID()}`;
    const first = await mlflow.setExperiment(name);
    await mlflow.setExperiment(`another ${randomUUID()}`);
    const again = await mlflow.setExperiment({ experimentName: name });
    assert.deepEqual(again, first);
    assert.equal(again.name, name);
  });

  for (const odd of [
    "it's",
    'say "hi"',
    `it's "both"`,
    "100 %",
    "back\\slash\\",
    "a `tick`",
    "x' OR name != '",
    "; -- /* */",
    "語 😀",
  ]) {
    test(`an experiment named \`${odd}\` is made once and used again`, async () => {
      const name = `${randomUUID()} ${odd}`;
      const first = await mlflow.setExperiment(name);
      await mlflow.setExperiment(`another ${randomUUID()}`);
      assert.deepEqual(await mlflow.setExperiment(name), first);
      const { experiment } = (await ask(`get?experiment_id=${first.experimentId}`)) as { experiment: { name: string } };
      assert.equal(experiment.name, name);
    });
  }

  test("a missing experiment is found out by a search, which is no error", async () => {
    const statuses: string[] = [];
    const spy: typeof fetch = async (address, init) => {
      const response = await fetch(address, init);
      statuses.push(`${new URL(String(address)).pathname.replace(/^.*experiments/, "")} ${response.status}`);
      return response;
    };
    mlflow.init({ fetch: spy });
    await mlflow.setExperiment(`new ${randomUUID()}`);
    assert.deepEqual(statuses, ["/search 200", "/create 200"]);
  });

  test("an experiment that another program makes at the same time is used", async () => {
    const name = `made twice ${randomUUID()}`;
    const paths: string[] = [];
    const race: typeof fetch = async (address, init) => {
      const response = await fetch(address, init);
      const path = new URL(String(address)).pathname.replace(/^.*experiments/, "");
      paths.push(path);
      if (path === "/search") await ask("create", { name });
      return response;
    };
    mlflow.init({ fetch: race });
    const { experimentId } = await mlflow.setExperiment(name);
    assert.deepEqual(paths, ["/search", "/create", "/get-by-name"]);
    const { experiment } = (await ask(`get?experiment_id=${experimentId}`)) as { experiment: { name: string } };
    assert.equal(experiment.name, name);
  });

  test("a deleted experiment is named as such", async () => {
    const name = `deleted ${randomUUID()}`;
    const { experimentId } = await mlflow.setExperiment(name);
    await ask("delete", { experiment_id: experimentId });
    await warningsDuring(async () => {
      await mlflow.setExperiment(`another ${randomUUID()}`);
      await assert.rejects(mlflow.setExperiment(name), { code: "experiment_deleted" });
    });
  });

  test("an experiment can be given by its id", async () => {
    const { experimentId, name } = await mlflow.setExperiment(`by id ${randomUUID()}`);
    assert.deepEqual(await mlflow.setExperiment({ experimentId }), { experimentId, name });
    mlflow.autolog();
    await shortChat();
    await mlflow.flush();
    assert.equal((await storedTrace()).experimentId, experimentId);
  });

  for (const [experimentId, code] of [
    ["999999999", "experiment_not_found"],
    ["not-a-number", "experiment_refused"],
  ] as const) {
    test(`the unknown experiment id \`${experimentId}\`: setExperiment rejects, one warning, same chat`, async () => {
      const untraced = await shortChat();
      const { started } = mlflow.stats();
      mlflow.autolog();
      const warnings = await warningsDuring(async () => {
        const promise = mlflow.setExperiment({ experimentId });
        const traced = await shortChat();
        assert.deepEqual(traced.chatHistory, untraced.chatHistory);
        await mlflow.flush({ timeoutMs: 500 });
        await assert.rejects(promise, (error) => {
          assert.ok(mlflow.MlflowAg2Error.is(error));
          assert.equal(error.code, code);
          assert.ok(error.message.includes(`\`${experimentId}\``), error.message);
          return true;
        });
      });
      assert.equal(warnings.length, 1, warnings.join("\n"));
      const after = mlflow.stats();
      assert.ok(after.lastError);
      assert.equal(after.started - started, SHORT_CHAT_SPANS, "the trace was not kept");
      assert.equal(await mlflow.getTrace(mlflow.getLastActiveTraceId()).then((trace) => trace?.info.state), "OK");
    });
  }

  test("an unawaited setExperiment that fails does not end the program", async () => {
    const seen: unknown[] = [];
    const listener = (reason: unknown): void => void seen.push(reason);
    process.on("unhandledRejection", listener);
    try {
      await warningsDuring(async () => {
        void mlflow.setExperiment({ experimentId: "999999999" });
        mlflow.autolog();
        await shortChat();
        await mlflow.flush({ timeoutMs: 500 });
        await new Promise((resolve) => setImmediate(resolve));
      });
    } finally {
      process.off("unhandledRejection", listener);
    }
    assert.deepEqual(seen, []);
  });

  test("switching the experiment sends the next traces there", async () => {
    mlflow.autolog();
    const first = await mlflow.setExperiment(`first ${randomUUID()}`);
    await shortChat();
    await mlflow.flush();
    assert.equal((await storedTrace()).experimentId, first.experimentId);
    const second = await mlflow.setExperiment(`second ${randomUUID()}`);
    await shortChat();
    await mlflow.flush();
    assert.equal((await storedTrace()).experimentId, second.experimentId);
  });
});
