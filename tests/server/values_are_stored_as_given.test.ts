/** A real MLflow server stores what memory shows: null, nanoseconds, statuses, token counts, formats of messages. */

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { beforeEach, describe, test } from "node:test";
import * as mlflow from "mlflow-ag2";
import { onMlflow } from "./on-mlflow.js";
import { lastTrace } from "./tracing.js";

describe("an MLflow server stores", () => {
  onMlflow();
  beforeEach(async () => void (await mlflow.setExperiment(`values ${randomUUID()}`)));

  /** The last trace in memory, and as the server has it: memory is given other traces to hold first. */
  async function both(): Promise<[memory: mlflow.Trace, stored: mlflow.Trace]> {
    const memory = await lastTrace();
    await mlflow.flush({ timeoutMs: 60_000 });
    const uri = mlflow.getTrackingUri();
    mlflow.setTrackingUri("memory:");
    for (let count = 0; count < 101; count += 1) mlflow.startSpan({ name: "filler", parent: null }).end();
    mlflow.setTrackingUri(uri);
    const stored = await mlflow.getTrace(memory.info.traceId);
    assert.ok(stored, "the server does not have the trace");
    return [memory, stored];
  }

  test("times to the nanosecond, the same as in memory", async () => {
    const start = 1_749_996_461_282_772_491n;
    const root = mlflow.startSpan({ name: "root", startTimeNs: start });
    const child = mlflow.startSpan({ name: "child", parent: root, startTimeNs: start + 7n });
    child.addEvent({ name: "asked", timestamp: start + 11n });
    child.end({ endTimeNs: start + 1_000_003n });
    root.end({ endTimeNs: start + 2_500_000_009n });
    const traces = await both();
    for (const { data } of traces) {
      assert.deepEqual(
        data.spans.map(({ startTimeNs, endTimeNs }) => [startTimeNs, endTimeNs]),
        [
          [start, start + 2_500_000_009n],
          [start + 7n, start + 1_000_003n],
        ],
      );
      assert.equal(data.spans[1]!.events[0]!.timeNs, start + 11n);
    }
    const [memory, stored] = traces.map(({ info }) => [info.requestTimeMs, info.executionDurationMs]);
    assert.deepEqual(memory, stored);
  });

  test("a start that is rounded once to milliseconds, the same as in memory", async () => {
    const startTimeNs = 1_796_102_121_375_054_989n;
    mlflow.startSpan({ name: "root", startTimeNs }).end({ endTimeNs: startTimeNs + 1n });
    for (const { info } of await both()) assert.equal(info.requestTimeMs, Number("1796102121375.054989"));
  });

  test("times that the clock measured, the same as in memory", async () => {
    mlflow.withSpan(() => mlflow.withSpan((span) => span.addEvent({ name: "asked" }), { name: "child" }), {
      name: "root",
    });
    const [memory, stored] = (await both()).map(({ data }) =>
      data.spans.map(({ startTimeNs, endTimeNs, events }) => [startTimeNs, endTimeNs, events[0]?.timeNs]),
    );
    assert.deepEqual(memory, stored);
  });

  test("null as inputs, outputs and attributes, and nothing for undefined", async () => {
    mlflow.withSpan(
      () => {
        mlflow.withSpan(() => undefined, { name: "nothing" });
        return null;
      },
      { name: "root", inputs: null, attributes: { mark: null } },
    );
    for (const { data } of await both()) {
      const [root, nothing] = data.spans;
      for (const key of ["mlflow.spanInputs", "mlflow.spanOutputs", "mark"]) {
        assert.ok(key in root!.attributes, key);
        assert.equal(root!.getAttribute(key), null, key);
      }
      assert.equal("mlflow.spanOutputs" in nothing!.attributes, false);
    }
  });

  test("the status of a failure in any form as an error of the trace", async () => {
    mlflow.startSpan({ name: "root" }).end({ status: { statusCode: "STATUS_CODE_ERROR", description: "too far" } });
    for (const { info, data } of await both()) {
      assert.equal(info.state, "ERROR");
      assert.deepEqual(data.spans[0]!.status, {
        code: "ERROR",
        description: "too far",
        statusCode: "STATUS_CODE_ERROR",
      });
    }
  });

  test("the log level of an exception event, and the level that was set", async () => {
    mlflow.withSpan(
      () => {
        const child = mlflow.startSpan({ name: "child" });
        child.setAttribute("mlflow.spanLogLevel", 50);
        child.addEvent({ name: "exception" });
        child.end();
        mlflow.getCurrentActiveSpan()?.addEvent({ name: "exception" });
      },
      { name: "root" },
    );
    for (const { data } of await both())
      assert.deepEqual(
        data.spans.map((span) => span.getAttribute("mlflow.spanLogLevel")),
        [40, 50],
      );
  });

  test("token counts with those of a cache, summed over the trace, the format of messages, and embeddings", async () => {
    mlflow.autolog();
    const usage = {
      input_tokens: 10,
      output_tokens: 5,
      cache_read_input_tokens: 15_000,
      cache_creation_input_tokens: 200,
      cache_creation: { ephemeral_1h_input_tokens: 150 },
    };
    const content = [{ type: "text", text: "Seven." }];
    const claude = mlflow.wrapModelClient({
      messages: { create: async (_: object) => ({ type: "message", role: "assistant", content, usage }) },
    });
    const openai = mlflow.wrapModelClient({
      embeddings: { create: async (_: object) => ({ data: [], usage: { prompt_tokens: 8, total_tokens: 8 } }) },
    });
    await mlflow.withSpan(
      async () => {
        await claude.messages.create({ model: "claude", messages: [{ role: "user", content: "hi" }] });
        await openai.embeddings.create({ model: "vectors", input: "hi" });
      },
      { name: "root" },
    );
    for (const { info, data } of await both()) {
      const [root, call, embedding] = data.spans;
      assert.deepEqual([root!.name, call!.spanType, embedding!.spanType], ["root", "LLM", "EMBEDDING"]);
      assert.deepEqual(
        [call!.getAttribute("mlflow.message.format"), embedding!.getAttribute("mlflow.message.format")],
        ["anthropic", undefined],
      );
      const cache = { cache_read_input_tokens: 15_000, cache_creation_input_tokens: 200 };
      const counts = { input_tokens: 15_210, output_tokens: 5, total_tokens: 15_215, ...cache };
      assert.deepEqual(call!.getAttribute("mlflow.chat.tokenUsage"), {
        ...counts,
        cache_creation_input_tokens_above_1hr: 150,
      });
      const { input_tokens, output_tokens, total_tokens, cache_read_input_tokens } = info.tokenUsage ?? {};
      assert.deepEqual(
        [input_tokens, output_tokens, total_tokens, cache_read_input_tokens],
        [15_218, 5, 15_223, 15_000],
      );
    }
  });
});
