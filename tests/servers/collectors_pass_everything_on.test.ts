/** A collector that others wrote, between this package and MLflow: what MLflow shows is what was recorded. */

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import * as mlflow from "mlflow-ag2";
import { SHORT_CHAT_SPANS, shortChat, toolChat } from "../server/chats.js";
import { fromServer, outline, resetTracing } from "../server/tracing.js";
import { type MlflowServer, mlflowServer } from "../support/mlflow-server.js";
import { type RecordingServer, startRecordingServer } from "../support/recording-server.js";
import { type Collector, startCollector } from "../support/rotel.js";

/** How long a collector may take to pass on a trace, on a machine that is busy. */
const LIMIT_MS = 60_000;
const EXPERIMENT = "spans that pass a collector";

describe("a collector before MLflow", () => {
  let server: MlflowServer;
  let collector: Collector;

  before(async () => {
    server = await mlflowServer();
    await resetTracing();
    mlflow.init({ trackingUri: server.uri });
    const { experimentId } = await mlflow.setExperiment(EXPERIMENT);
    collector = await startCollector(server.uri, { "x-mlflow-experiment-id": experimentId });
  });
  after(async () => {
    await collector?.stop();
    await server?.stop();
  });
  beforeEach(async () => {
    await resetTracing();
    mlflow.autolog();
  });
  afterEach(resetTracing);

  /** The trace of a program as MLflow has it, when all its spans have arrived. */
  async function stored(program: () => Promise<unknown>, where: mlflow.InitOptions): Promise<mlflow.Trace> {
    mlflow.init(where);
    const { started, delivered } = mlflow.stats();
    await program();
    await mlflow.flush();
    const now = mlflow.stats();
    assert.equal(now.delivered - delivered, now.started - started);
    const traceId = mlflow.getLastActiveTraceId();
    assert.ok(traceId !== undefined);
    mlflow.init({ trackingUri: server.uri });
    await untilStored(traceId, now.started - started);
    return fromServer(traceId);
  }

  /** Waits until the server has all spans of a trace, and the trace itself is complete. */
  async function untilStored(traceId: string, spans: number): Promise<void> {
    const path = `/api/3.0/mlflow/traces/get?trace_id=${traceId}&allow_partial=true`;
    const endMs = Date.now() + LIMIT_MS;
    for (;;) {
      const response = await fetch(server.uri + path);
      const { trace } = (await response.json()) as { trace?: { spans?: unknown[] } };
      if (trace?.spans?.length === spans) return;
      assert.ok(Date.now() < endMs, `MLflow has ${trace?.spans?.length ?? 0} of ${spans} spans of ${traceId}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  /** What a trace says, without what is different each time. */
  function contents(trace: mlflow.Trace): unknown {
    const { info, data } = trace;
    const spans = data.spans.map(({ inputs, outputs, events }) => [inputs, outputs, events.map(({ name }) => name)]);
    const parts = { state: info.state, tokenUsage: info.tokenUsage, outline: outline(trace), spans };
    return JSON.parse(JSON.stringify(parts, (key, member: unknown) => (key === "chat_id" ? 0 : member)));
  }

  const programs: Readonly<Record<string, () => Promise<unknown>>> = {
    "a chat with a tool": () => toolChat(() => "42"),
    "a tool that throws": () =>
      toolChat(() => {
        throw new RangeError("out of range");
      }),
    "a long message, which is compressed": () => shortChat({ content: `${"Long. ".repeat(50_000)}TERMINATE` }),
    "texts of other scripts": () => shortChat({ content: "Grüße, 你好, 🙂 \u0001 TERMINATE" }),
  };
  for (const [name, program] of Object.entries(programs)) {
    test(`${name} is in MLflow as if it had been sent straight`, async () => {
      const straight = await stored(program, { trackingUri: server.uri, experimentName: EXPERIMENT });
      const passed = await stored(program, { otlpEndpoint: collector.endpoint });
      assert.deepEqual(contents(passed), contents(straight));
    });
  }
});

describe("a collector while the server behind it is away", () => {
  let isAway = true;
  let behind: RecordingServer;
  let collector: Collector;

  before(async () => {
    behind = await startRecordingServer(() => (isAway ? { status: 503, body: "" } : undefined));
    collector = await startCollector(behind.uri);
    await resetTracing();
  });
  after(async () => {
    await collector?.stop();
    await behind?.stop();
    await resetTracing();
  });

  /** Waits until the collector has sent so many requests. */
  async function untilSent(requests: number): Promise<void> {
    const endMs = Date.now() + LIMIT_MS;
    while (behind.exports().length < requests) {
      assert.ok(Date.now() < endMs, `the collector sent ${behind.exports().length} requests`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  test("has confirmed the spans, and sends them when the server is back", async () => {
    mlflow.autolog();
    mlflow.init({ otlpEndpoint: collector.endpoint });
    const { delivered } = mlflow.stats();
    await shortChat();
    await mlflow.flush();
    assert.equal(mlflow.stats().delivered - delivered, SHORT_CHAT_SPANS);
    await untilSent(1);
    isAway = false;
    const sent = behind.exports().length;
    await untilSent(sent + 1);
    assert.deepEqual(behind.exports().at(-1)?.body, behind.exports()[0]?.body);
  });
});
