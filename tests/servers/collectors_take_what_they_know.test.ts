/** Any OTLP collector: what it gets is read with OpenTelemetry's own definitions, and what it answers is understood. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import * as mlflow from "mlflow-ag2";
import { SHORT_CHAT_SPANS, shortChat } from "../server/chats.js";
import { flushUntilRetry, resetTracing, warningsDuring } from "../server/tracing.js";
import { runOrThrow } from "../support/child.js";
import { python, supportFolder } from "../support/project.js";
import { type Answer, type RecordingServer, startRecordingServer } from "../support/recording-server.js";

interface Decoded {
  spans: {
    name: string;
    traceId: string;
    spanId: string;
    parentId: string;
    status: number;
    attributes: Record<string, unknown>;
  }[];
  again: boolean;
}

const TAKEN: Answer = { status: 200, body: "", headers: { "content-type": "application/x-protobuf" } };

describe("an OTLP collector", () => {
  let collector: RecordingServer;
  let answers: Answer[];

  before(async () => void (collector = await startRecordingServer(() => answers.shift() ?? TAKEN)));
  after(() => collector.stop());
  beforeEach(async () => {
    await resetTracing();
    answers = [];
    collector.received.length = 0;
    mlflow.autolog();
    mlflow.init({ otlpEndpoint: `${collector.uri}/opentelemetry/v1/traces` });
  });
  afterEach(resetTracing);

  test("gets the spans unchanged, at the exact address, and is not probed", async () => {
    await shortChat();
    await mlflow.flush();
    assert.deepEqual(
      collector.received.map(({ method, path }) => `${method} ${path}`),
      ["POST /opentelemetry/v1/traces"],
    );
    const [{ headers, body }] = collector.received as [(typeof collector.received)[0]];
    assert.equal(headers["content-type"], "application/x-protobuf");
    assert.equal(headers["x-mlflow-experiment-id"], undefined);
    const decoded = await decode(body);
    assert.ok(decoded.again);
    const [root, turn, call] = decoded.spans;
    assert.deepEqual(
      decoded.spans.map(({ name }) => name),
      ["initiate_chat", "assistant", "chat_completion"],
    );
    assert.equal(`tr-${root?.traceId}`, mlflow.getLastActiveTraceId());
    assert.deepEqual([root?.parentId, turn?.parentId, call?.parentId], ["", root?.spanId, turn?.spanId]);
    assert.equal(call?.attributes["gen_ai.usage.input_tokens"], 10);
    assert.equal(call?.attributes["gen_ai.operation.name"], "chat");
  });

  test("that reports dropped spans: they are counted", async () => {
    const { delivered, dropped } = mlflow.stats();
    // ExportTraceServiceResponse { partial_success { rejected_spans: 2, error_message: "old" } }
    answers = [{ ...TAKEN, body: Uint8Array.of(10, 7, 8, 2, 18, 3, 111, 108, 100) }];
    const warnings = await warningsDuring(async () => {
      await shortChat();
      await mlflow.flush();
    });
    const now = mlflow.stats();
    assert.deepEqual(
      [now.delivered - delivered, now.dropped["refused"]! - (dropped["refused"] ?? 0)],
      [SHORT_CHAT_SPANS - 2, 2],
    );
    assert.match(warnings.join(), /old/);
  });

  test("may report the same in JSON", async () => {
    const { dropped } = mlflow.stats();
    const body = JSON.stringify({ partialSuccess: { rejectedSpans: "1", errorMessage: "too many" } });
    answers = [{ status: 200, body, headers: { "content-type": "application/json" } }];
    await warningsDuring(async () => {
      await shortChat();
      await mlflow.flush();
    });
    assert.equal(mlflow.stats().dropped["refused"]! - (dropped["refused"] ?? 0), 1);
  });

  test("behind a login page gets the spans later", async () => {
    answers = [{ status: 200, body: "<!doctype html><title>Log in</title>", headers: { "content-type": "text/html" } }];
    const warnings = await warningsDuring(async () => {
      await shortChat();
      await mlflow.flush();
    });
    assert.match(warnings.join(), /answered with a web page.*log in/);
    assert.equal(mlflow.stats().buffered, 0);
    assert.equal(collector.received.length, 2);
    assert.deepEqual(collector.received[0]?.body, collector.received[1]?.body);
  });

  test("may set Retry-After in seconds or as a date", async () => {
    for (const retryAfter of ["0", new Date(Date.now() + 1_000).toUTCString(), new Date(0).toUTCString(), "soon"]) {
      answers = [{ status: 429, body: "", headers: { "retry-after": retryAfter } }];
      await shortChat();
      await mlflow.flush();
      assert.equal(mlflow.stats().buffered, 0, retryAfter);
    }
    // A flush that is over long before asks again all the same.
    answers = [{ status: 503, body: "", headers: { "retry-after": new Date(Date.now() + 100_000).toUTCString() } }];
    await shortChat();
    const { pending } = await mlflow.flush();
    assert.equal(pending, 0);
  });

  test("at a wrong address: every span arrives later", async () => {
    const missing = { status: 404, body: "404 page not found", headers: { "content-type": "text/plain" } };
    answers = Array.from({ length: 1_000 }, () => missing);
    const warnings = await warningsDuring(async () => {
      await shortChat();
      await flushUntilRetry();
    });
    assert.match(warnings.join(), /the whole address of an OTLP endpoint/);
    assert.equal(mlflow.stats().buffered, SHORT_CHAT_SPANS);
    answers = [];
    // A trace stays with the endpoint that was set when it ended.
    mlflow.init({ otlpEndpoint: `${collector.uri}/v1/traces` });
    await mlflow.flush();
    assert.equal(mlflow.stats().buffered, 0);
    assert.ok(collector.received.length >= 2);
    assert.deepEqual([...new Set(collector.received.map(({ path }) => path))], ["/opentelemetry/v1/traces"]);
  });
});

describe("`init({ otlpEndpoint })`", () => {
  test("rejects an invalid address, without repeating secrets", () => {
    for (const wrong of ["localhost:4318", "memory:", "http://", "https://user:secret@host/v1/traces"]) {
      assert.throws(
        () => mlflow.init({ otlpEndpoint: wrong }),
        (error) =>
          mlflow.MlflowAg2Error.is(error) &&
          error.code === "invalid_otlp_endpoint" &&
          error.message.includes("OTLP endpoint") &&
          !error.message.includes("secret"),
        wrong,
      );
    }
    assert.throws(
      () => mlflow.init({ otlpEndpoint: "http://localhost:4318/v1/traces", trackingUri: "http://localhost:5000" }),
      { code: "invalid_argument" },
    );
  });
});

async function decode(body: Buffer): Promise<Decoded> {
  const input = body.toString("base64");
  return JSON.parse(
    await runOrThrow(python(), [join(supportFolder, "decode_otlp.py")], { cwd: supportFolder, input }),
  ) as Decoded;
}
