/** Traces that several programs write, each with an experiment of its own, on a real MLflow server. */

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import * as mlflow from "mlflow-ag2";
import { type MlflowServer, mlflowServer } from "../support/mlflow-server.js";
import { resetTracing, warningsDuring } from "./tracing.js";

/** Before 3.18 MLflow adds such spans itself to the experiment that has their trace. */
const REFUSING = [3, 18];

describe("a trace of two programs with different experiments", () => {
  let server: MlflowServer;
  let isRefusing: boolean;
  let page: mlflow.Experiment;
  let backEnd: mlflow.Experiment;

  before(async () => {
    server = await mlflowServer();
    const version = (await (await fetch(`${server.uri}/version`)).text()).split(".").map(Number);
    isRefusing = version[0]! > REFUSING[0]! || (version[0] === REFUSING[0] && version[1]! >= REFUSING[1]!);
  });
  after(() => server.stop());
  beforeEach(async () => {
    await resetTracing();
    mlflow.init({ trackingUri: server.uri, batchDelayMs: 60_000 });
    const id = randomUUID();
    backEnd = await mlflow.setExperiment(`back end ${id}`);
    page = await mlflow.setExperiment(`page ${id}`);
  });
  afterEach(async () => {
    mlflow.init({ batchDelayMs: 1_000 });
    await resetTracing();
  });

  /** The experiment that the server has the trace in, and the names of its spans. */
  async function stored(traceId: string): Promise<{ experimentId: string; names: string[] }> {
    const answer = await fetch(`${server.uri}/api/3.0/mlflow/traces/get?trace_id=${traceId}`);
    assert.equal(answer.status, 200, await answer.clone().text());
    const { trace } = (await answer.json()) as {
      trace: {
        trace_info: { trace_location: { mlflow_experiment: { experiment_id: string } } };
        spans: { name: string }[];
      };
    };
    const experimentId = trace.trace_info.trace_location.mlflow_experiment.experiment_id;
    return { experimentId, names: trace.spans.map(({ name }) => name).toSorted() };
  }

  /** Sends the back end's part of a trace as another program would. */
  async function backEndContinues(traceparent: string, name: string): Promise<void> {
    const [, trace, parent] = traceparent.split("-");
    const span = {
      traceId: trace,
      spanId: randomUUID().replaceAll("-", "").slice(0, 16),
      parentSpanId: parent,
      name,
      startTimeUnixNano: `${Date.now()}000000`,
      endTimeUnixNano: `${Date.now() + 1}000000`,
    };
    const answer = await fetch(`${server.uri}/v1/traces`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-mlflow-experiment-id": backEnd.experimentId },
      body: JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] }),
    });
    assert.equal(answer.status, 200, await answer.text());
  }

  test("the first part decides: all spans are in its experiment, and one warning names both", async () => {
    const traceIds: string[] = [];
    const before = mlflow.stats();
    const warnings = await warningsDuring(async () => {
      for (let count = 0; count < 5; count += 1) {
        await mlflow.withSpan(
          async (span) => {
            mlflow.withSpan(() => undefined, { name: "of the page" });
            await backEndContinues(mlflow.getTracingContextHeadersForHttpRequest()["traceparent"]!, "of the back end");
            traceIds.push(span.traceId);
          },
          { name: "root" },
        );
      }
      mlflow.withSpan((span) => void traceIds.push(span.traceId), { name: "alone" });
      await mlflow.flush({ timeoutMs: 60_000 });
    });
    const { delivered, buffered, dropped } = mlflow.stats();
    assert.deepEqual([delivered - before.delivered, buffered, dropped["refused"]], [11, 0, before.dropped["refused"]]);
    for (const traceId of traceIds.slice(0, 5)) {
      assert.deepEqual(await stored(traceId), {
        experimentId: backEnd.experimentId,
        names: ["of the back end", "of the page", "root"],
      });
    }
    assert.deepEqual(await stored(traceIds[5]!), { experimentId: page.experimentId, names: ["alone"] });
    assert.equal(warnings.length, isRefusing ? 1 : 0, warnings.join("\n"));
    for (const { name } of isRefusing ? [page, backEnd] : []) assert.ok(warnings[0]?.includes(`\`${name}\``));
  });

  test("properties of the trace arrive with its root", async () => {
    let traceId = "";
    await warningsDuring(async () => {
      await mlflow.withSpan(
        async (span) => {
          ({ traceId } = span);
          mlflow.updateCurrentTrace({ metadata: { order: "7" }, clientRequestId: "request-7" });
          await backEndContinues(mlflow.getTracingContextHeadersForHttpRequest()["traceparent"]!, "of the back end");
        },
        { name: "root" },
      );
      await mlflow.flush({ timeoutMs: 60_000 });
    });
    const answer = await fetch(`${server.uri}/api/3.0/mlflow/traces/${traceId}`);
    const { trace_info: info } = (
      (await answer.json()) as {
        trace: { trace_info: { client_request_id: string; trace_metadata: Record<string, string>; state: string } };
      }
    ).trace;
    assert.deepEqual([info.client_request_id, info.trace_metadata["order"], info.state], ["request-7", "7", "OK"]);
    // Before 3.18 the info of a trace, which has its properties, moves it to the experiment of the info.
    assert.equal((await stored(traceId)).experimentId, (isRefusing ? backEnd : page).experimentId);
  });
});
