/** Long chats: their spans are on the server while they run, and the finished trace has no sign of the parts. */

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import * as mlflow from "mlflow-ag2";
import { type MlflowServer, mlflowServer } from "../support/mlflow-server.js";
import { toolChat } from "./chats.js";
import { startRecordingServer } from "../support/recording-server.js";
import { resetTracing } from "./tracing.js";

interface Stored {
  trace_info: {
    trace_id: string;
    state: string;
    request_time: string;
    execution_duration: string;
    request_preview?: string;
    response_preview?: string;
    client_request_id?: string;
    tags: Record<string, string>;
    trace_metadata: Record<string, string>;
  };
  spans: {
    name: string;
    span_id: string;
    parent_span_id?: string;
    start_time_unix_nano: string;
    end_time_unix_nano: string;
  }[];
}

describe("long chats", () => {
  let server: MlflowServer;

  before(async () => {
    server = await mlflowServer();
    // The first spans that a fresh server is sent may take it longer than a flush waits.
    mlflow.setTrackingUri(server.uri);
    mlflow.startSpan({ name: "first", parent: null }).end();
    while ((await mlflow.flush()).pending > 0);
  });
  after(() => server.stop());
  beforeEach(async () => {
    await resetTracing();
    mlflow.setTrackingUri(server.uri);
    await mlflow.setExperiment(`long chats ${randomUUID()}`);
    mlflow.autolog();
  });
  afterEach(resetTracing);

  async function stored(traceId: string): Promise<Stored> {
    const answer = await fetch(`${server.uri}/api/3.0/mlflow/traces/get?allow_partial=true&trace_id=${traceId}`);
    assert.equal(answer.status, 200, await answer.clone().text());
    return ((await answer.json()) as { trace: Stored }).trace;
  }

  /** Runs a chat below a manual span, and `meanwhile` during its tool call; returns the trace on the server. */
  async function chat(meanwhile: (traceId: string) => Promise<unknown>): Promise<Stored> {
    let id = "";
    await mlflow.withSpan(
      async (span) => {
        id = span.traceId;
        mlflow.updateCurrentTrace({
          sessionId: "s-1",
          userId: "ada",
          tags: { release: "1.4" },
          metadata: { commit: "abc" },
          clientRequestId: "r-9",
        });
        await toolChat(async () => {
          await meanwhile(id);
          return "probed";
        });
        return "done";
      },
      { name: "job", inputs: { wanted: "all" } },
    );
    await mlflow.flush();
    return stored(id);
  }

  test("finished spans are on the server before the chat ends", async () => {
    let seen: Stored | undefined;
    await chat(async (traceId) => {
      await mlflow.flush();
      seen = await stored(traceId);
    });
    assert.equal(seen?.trace_info.state, "IN_PROGRESS");
    assert.deepEqual(
      seen.spans.map(({ name }) => name),
      ["assistant", "chat_completion"],
    );
    assert.equal(mlflow.stats().open, 0);
  });

  test("a trace that was sent in parts equals one that was sent at once", async () => {
    const whole = await chat(async () => undefined);
    const pieces = await chat(() => mlflow.flush());
    assert.deepEqual(comparable(pieces), comparable(whole));
    const { input_tokens: input } = JSON.parse(pieces.trace_info.trace_metadata["mlflow.trace.tokenUsage"] ?? "{}") as {
      input_tokens?: number;
    };
    assert.equal(input, 20, "two calls of ten tokens");
    const root = pieces.spans.find((span) => span.parent_span_id === undefined);
    const [startNs, endNs] = [BigInt(root!.start_time_unix_nano), BigInt(root!.end_time_unix_nano)];
    assert.equal(Date.parse(pieces.trace_info.request_time), Number(startNs / 1_000_000n));
    assert.equal(
      Math.round(Number.parseFloat(pieces.trace_info.execution_duration) * 1000),
      Number((endNs - startNs) / 1_000_000n),
    );
  });
  test("no flush is needed: what has finished is sent after the delay that init was given", async () => {
    const recording = await startRecordingServer();
    mlflow.init({ trackingUri: recording.uri, liveDelayMs: 1 });
    try {
      await toolChat(async () => {
        while (recording.exports().length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
        return "probed";
      });
      const { delivered, open } = mlflow.stats();
      assert.ok(delivered > 0 && open === 0);
    } finally {
      mlflow.init({ liveDelayMs: 5_000 });
      await recording.stop();
    }
  });

  test("a chat without an end is ended after the time that init was given, and counted", async () => {
    const { timedOut } = mlflow.stats();
    mlflow.init({ traceTimeoutMs: 50, liveDelayMs: 1 });
    try {
      const forgotten = mlflow.startSpan({ name: "forgotten", parent: null });
      mlflow.startSpan({ name: "child", parent: forgotten }).end();
      while (mlflow.stats().timedOut === timedOut) await new Promise((resolve) => setTimeout(resolve, 5));
      await mlflow.flush();
      const { trace_info: info, spans } = await stored(forgotten.traceId);
      assert.deepEqual([info.state, spans.length], ["OK", 2]);
      forgotten.end();
      assert.equal(mlflow.stats().eventErrors, 0);
    } finally {
      mlflow.init({ traceTimeoutMs: 3_600_000, liveDelayMs: 5_000 });
    }
  });

  test("a session that is set after spans were sent is on the trace", async () => {
    let id = "";
    await mlflow.withSpan(async (span) => {
      id = span.traceId;
      await toolChat(async () => mlflow.flush());
      await mlflow.flush();
      mlflow.updateCurrentTrace({ sessionId: "late" });
    });
    await mlflow.flush();
    assert.equal((await stored(id)).trace_info.trace_metadata["mlflow.trace.session"], "late");
  });
});

/** The parts that are the same for equal traces: without ids and times. */
function comparable({ trace_info: info, spans }: Stored): unknown {
  const { trace_id: id, request_time: _time, execution_duration: _duration, tags, ...rest } = info;
  const { "mlflow.artifactLocation": _location, ...ours } = tags;
  const names = new Map(spans.map((span) => [span.span_id, span.name]));
  const tree = spans.map((span) => `${span.name} in ${names.get(span.parent_span_id ?? "") ?? "nothing"}`).sort();
  return JSON.parse(JSON.stringify({ ...rest, tags: ours, tree }).replaceAll(id, "ID"));
}
