/** Bodies are gzipped from a size on, for servers that can read that. */

import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import * as mlflow from "mlflow-ag2";
import { spansIn } from "../hosts/programs/otlp.js";
import { type Answer, type Received, type RecordingServer, startRecordingServer } from "../support/recording-server.js";
import { SHORT_CHAT_SPANS, shortChat } from "./chats.js";
import { resetTracing } from "./tracing.js";

describe("the body of a request", () => {
  let server: RecordingServer;
  let answer: (request: Received) => Answer | undefined = () => undefined;

  beforeEach(async () => {
    await resetTracing();
    answer = () => undefined;
    server = await startRecordingServer((request) => answer(request));
    mlflow.autolog({ silent: true });
    mlflow.setTrackingUri(server.uri);
  });
  afterEach(async () => {
    await resetTracing();
    await server.stop();
  });

  const isGzipped = ({ headers }: Received): boolean => headers["content-encoding"] === "gzip";

  async function chatAndFlush(): Promise<Received[]> {
    const before = server.exports().length;
    await shortChat();
    await mlflow.flush({ timeoutMs: 120_000 });
    return server.exports().slice(before);
  }

  test("is gzipped when it is large, and contains the same spans", async () => {
    const [request, ...more] = await chatAndFlush();
    assert.ok(request && more.length === 0);
    assert.ok(isGzipped(request));
    assert.ok(
      request.wireBytes < request.body.byteLength / 2,
      `${request.wireBytes} of ${request.body.byteLength} bytes`,
    );
    assert.equal(spansIn(request.body).length, SHORT_CHAT_SPANS);
  });

  test("is sent as it is when it is smaller than the limit, or compression is off", async () => {
    for (const compression of [1 << 20, false] as const) {
      mlflow.init({ compression });
      assert.deepEqual((await chatAndFlush()).map(isGzipped), [false]);
    }
  });

  test("is never gzipped for the rest of MLflow's API, which could not read it", async () => {
    mlflow.withSpan(() => mlflow.updateCurrentTrace({ requestPreview: "long ".repeat(1000) }), { name: "previewed" });
    await mlflow.flush();
    const others = server.received.filter(({ method, path }) => method === "POST" && path !== "/v1/traces");
    assert.deepEqual(others.map(isGzipped), [false]);
  });

  for (const status of [400, 415]) {
    test(`is sent plain at once, and for an hour, when the server answers ${status} to the gzipped one`, async (t) => {
      answer = (request) =>
        isGzipped(request) ? { status, body: "Invalid OpenTelemetry protobuf format" } : undefined;
      const { delivered } = mlflow.stats();
      assert.deepEqual((await chatAndFlush()).map(isGzipped), [true, false]);
      assert.deepEqual((await chatAndFlush()).map(isGzipped), [false]);
      assert.equal(mlflow.stats().delivered - delivered, 2 * SHORT_CHAT_SPANS);
      const now = performance.now.bind(performance);
      t.mock.method(performance, "now", () => now() + 3_600_000);
      assert.deepEqual((await chatAndFlush()).map(isGzipped), [true, false]);
    });
  }

  test("is gzipped again when the server failed at the plain one too, otherwise", async () => {
    const answers = [400, 503];
    answer = ({ path }) => {
      const status = path === "/v1/traces" ? answers.shift() : undefined;
      return status === undefined ? undefined : { status, body: "a moment of trouble" };
    };
    assert.deepEqual((await chatAndFlush()).map(isGzipped), [true, false, true]);
  });

  test("is gzipped again after a refusal that was about the spans themselves", async () => {
    answer = () => ({ status: 400, body: "the span is wrong" });
    await chatAndFlush();
    answer = () => undefined;
    assert.deepEqual((await chatAndFlush()).map(isGzipped), [true]);
  });
});
