/**
 * Programs that are written for MLflow's TypeScript SDK, `@mlflow/core`, as its documentation describes it: only the
 * name of the package they import has changed.
 */

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { beforeEach, describe, test } from "node:test";
import * as mlflow from "mlflow-ag2";
import { onMlflow } from "./on-mlflow.js";
import { fromServer, outline, warningsDuring } from "./tracing.js";

const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const NS_PER_MS = 1e6;
const ms = ([seconds, nanoseconds]: readonly [number, number]): number => seconds * 1000 + nanoseconds / NS_PER_MS;

describe("a program of MLflow's TypeScript SDK", () => {
  const server = onMlflow();
  beforeEach(async () => {
    const { experimentId } = await mlflow.setExperiment(`of the SDK ${randomUUID()}`);
    mlflow.init({ trackingUri: server.uri, experimentId });
  });

  /** As a program of the SDK reads a trace: flush, then ask for the last one. */
  async function lastStored(): Promise<{ info: mlflow.TraceInfo; spans: readonly mlflow.Span[] }> {
    await mlflow.flushTraces();
    const { info, data } = await fromServer(mlflow.getLastActiveTraceId()!);
    return { info, spans: data.spans };
  }

  describe("startSpan", () => {
    test("gives a span whose ids, times and data are those that are stored", async () => {
      const span = mlflow.startSpan({ name: "by hand" });
      span.setInputs({ prompt: "Hello" });
      span.setOutputs({ response: "Hi" });
      span.setAttributes({ model: "small" });
      span.setStatus("OK");
      span.end();
      const [startTime, endTime] = [span.startTime, span.endTime!];
      const { info, spans } = await lastStored();
      const [stored] = spans;
      assert.deepEqual([info.traceId, info.state], [span.traceId, mlflow.TraceState.OK]);
      assert.equal(info.requestTime, ms(startTime));
      assert.ok(Math.abs(info.executionDuration! - (ms(endTime) - ms(startTime))) < 0.001);
      assert.deepEqual([stored!.startTime, stored!.endTime], [startTime, endTime]);
      assert.deepEqual([stored!.traceId, stored!.name, stored!.parentId], [span.traceId, "by hand", null]);
      assert.equal(stored!.spanType, mlflow.SpanType.UNKNOWN);
      assert.deepEqual([stored!.inputs, stored!.outputs], [{ prompt: "Hello" }, { response: "Hi" }]);
      assert.equal(stored!.attributes["model"], "small");
      assert.equal(stored!.status.statusCode, mlflow.SpanStatusCode.OK);
    });

    test("takes type, inputs, attributes and start, and `end` the rest", async () => {
      const span = mlflow.startSpan({
        name: "by options",
        spanType: mlflow.SpanType.LLM,
        inputs: { prompt: "Hello" },
        attributes: { model: "small" },
        startTimeNs: 1e9,
      });
      span.end({
        outputs: { response: "Hi" },
        attributes: { model: "large" },
        status: mlflow.SpanStatusCode.ERROR,
        endTimeNs: 3e9,
      });
      const { info, spans } = await lastStored();
      assert.equal(info.state, mlflow.TraceState.ERROR);
      assert.deepEqual([info.requestTime, info.executionDuration], [1000, 2000]);
      assert.deepEqual(
        [spans[0]!.startTime, spans[0]!.endTime],
        [
          [1, 0],
          [3, 0],
        ],
      );
      assert.deepEqual([spans[0]!.spanType, spans[0]!.attributes["model"]], ["LLM", "large"]);
      assert.equal(spans[0]!.status.statusCode, mlflow.SpanStatusCode.ERROR);
    });

    test("records an exception, and the status that describes it", async () => {
      const span = mlflow.startSpan({ name: "failing", spanType: mlflow.SpanType.LLM });
      span.recordException(new Error("no answer"));
      span.end({ status: { statusCode: mlflow.SpanStatusCode.ERROR, description: "no answer" } });
      const { info, spans } = await lastStored();
      assert.equal(info.state, "ERROR");
      assert.equal(spans[0]!.status.description, "no answer");
      assert.equal(spans[0]!.events[0]!.attributes["exception.message"], "no answer");
    });

    test("nests spans by `parent` alone", async () => {
      const parent = mlflow.startSpan({ name: "parent" });
      mlflow.startSpan({ name: "first", parent }).end();
      const second = mlflow.startSpan({ name: "second", parent });
      mlflow.startSpan({ name: "inner", parent: second }).end();
      second.end();
      const other = mlflow.startSpan({ name: "independent" });
      other.end();
      parent.end();
      await mlflow.flushTraces();
      assert.deepEqual(outline(await fromServer(other.traceId)), ["UNKNOWN independent OK"]);
      assert.deepEqual(outline(await fromServer(parent.traceId)), [
        "UNKNOWN parent OK",
        "  UNKNOWN first OK",
        "  UNKNOWN second OK",
        "    UNKNOWN inner OK",
      ]);
    });

    test("links spans of other traces, and sets a log level", async () => {
      const before = mlflow.startSpan({ name: "before" });
      before.end();
      const span = mlflow.startSpan({ name: "after" });
      span.addLink({ traceId: before.traceId, spanId: before.spanId, attributes: { "link.type": "follows_from" } });
      span.setLogLevel(mlflow.SpanLogLevel.WARNING);
      span.end();
      const [stored] = (await lastStored()).spans;
      assert.deepEqual(stored!.links, [
        { traceId: before.traceId, spanId: before.spanId, attributes: { "link.type": "follows_from" } },
      ]);
      assert.equal(stored!.getAttribute(mlflow.SpanAttributeKey.LOG_LEVEL), 30);
      assert.equal(stored!.logLevel, 30);
    });
  });

  describe("withSpan", () => {
    test("returns the callback's result, which becomes the outputs", async () => {
      const sum = mlflow.withSpan((span) => {
        span.setInputs({ a: 5, b: 3 });
        return 5 + 3;
      });
      assert.equal(sum, 8);
      const { spans } = await lastStored();
      assert.deepEqual([spans[0]!.name, spans[0]!.inputs, spans[0]!.outputs], ["span", { a: 5, b: 3 }, 8]);
    });

    test("keeps outputs that the callback has set, and records `null`", async () => {
      mlflow.withSpan((span) => {
        span.setOutputs({ result: 8 });
        assert.deepEqual(span.outputs, { result: 8 });
        return 8;
      });
      assert.deepEqual((await lastStored()).spans[0]!.outputs, { result: 8 });
      assert.equal(
        mlflow.withSpan(() => null),
        null,
      );
      assert.equal((await lastStored()).spans[0]!.outputs, null);
    });

    test("takes options, and waits for a promise", async () => {
      const user = await mlflow.withSpan(
        async (span) => {
          await tick();
          span.setAttributes({ took: "1 ms" });
          return { id: "u-1" };
        },
        {
          name: "fetch user",
          spanType: mlflow.SpanType.RETRIEVER,
          inputs: { id: "u-1" },
          attributes: { version: 1 },
        },
      );
      assert.deepEqual(user, { id: "u-1" });
      const [stored] = (await lastStored()).spans;
      assert.deepEqual(
        [stored!.name, stored!.spanType, stored!.inputs, stored!.outputs],
        ["fetch user", "RETRIEVER", { id: "u-1" }, { id: "u-1" }],
      );
      assert.deepEqual([stored!.attributes["version"], stored!.attributes["took"]], [1, "1 ms"]);
    });

    test("passes errors on, thrown at once or later, and records them", async () => {
      const failures: (() => unknown)[] = [
        () =>
          mlflow.withSpan(() => {
            throw new Error("at once");
          }),
        () =>
          mlflow.withSpan(async () => {
            await tick();
            throw new Error("later");
          }),
      ];
      for (const [at, message] of ["at once", "later"].entries()) {
        await assert.rejects(async () => failures[at]!(), { message });
        const { info, spans } = await lastStored();
        assert.equal(info.state, mlflow.TraceState.ERROR);
        assert.deepEqual(
          [spans[0]!.status.statusCode, spans[0]!.status.description],
          [mlflow.SpanStatusCode.ERROR, message],
        );
      }
    });

    test("keeps concurrent traces apart, each with its own children", async () => {
      const ids: Record<string, string> = {};
      const work = (name: string, depth: number): Promise<string> =>
        mlflow.withSpan(
          async (span) => {
            ids[name] ??= span.traceId;
            await tick();
            if (depth > 0) await Promise.all([work(`${name}.1`, depth - 1), work(`${name}.2`, depth - 1)]);
            return name;
          },
          { name },
        );
      assert.deepEqual(await Promise.all([work("a", 2), work("b", 1), work("c", 0)]), ["a", "b", "c"]);
      await mlflow.flushTraces();
      const names = async (root: string): Promise<string[]> => outline(await fromServer(ids[root]!)).sort();
      assert.deepEqual(await names("c"), ["UNKNOWN c OK"]);
      assert.deepEqual(await names("b"), ["  UNKNOWN b.1 OK", "  UNKNOWN b.2 OK", "UNKNOWN b OK"]);
      assert.equal((await names("a")).length, 7);
    });
  });

  describe("trace", () => {
    test("traces functions, sync and async, with their arguments by name", async () => {
      const double = (x: number): number => x * 2;
      assert.equal(mlflow.trace(double)(5), 10);
      let [stored] = (await lastStored()).spans;
      assert.deepEqual([stored!.name, stored!.inputs, stored!.outputs], ["double", { x: 5 }, 10]);
      const add = mlflow.trace(
        async (a: number, b: number) => {
          await tick();
          return a + b;
        },
        { name: "sum", spanType: mlflow.SpanType.CHAIN, attributes: { key: "value" } },
      );
      assert.equal(await add(10, 20), 30);
      [stored] = (await lastStored()).spans;
      assert.deepEqual([stored!.name, stored!.spanType, stored!.attributes["key"]], ["sum", "CHAIN", "value"]);
      assert.deepEqual([stored!.inputs, stored!.outputs], [{ a: 10, b: 20 }, 30]);
    });

    test("names the span of an unnamed function `span`, and passes its errors on", async () => {
      const fail = mlflow.trace(() => {
        throw new Error("no");
      });
      assert.throws(fail, { message: "no" });
      const [stored] = (await lastStored()).spans;
      assert.deepEqual([stored!.name, stored!.inputs, stored!.outputs], ["span", {}, undefined]);
      assert.equal(stored!.status.statusCode, mlflow.SpanStatusCode.ERROR);
    });

    test("decorates methods, which keep their `this`", async () => {
      class Service {
        readonly factor = 42;
        @mlflow.trace({ spanType: mlflow.SpanType.TOOL })
        multiply(x: number): number {
          return this.factor * x;
        }
        @mlflow.trace({ name: "later" })
        static async add(a: number, b: number): Promise<number> {
          await tick();
          return a + b;
        }
      }
      assert.equal(new Service().multiply(5), 210);
      const [own] = (await lastStored()).spans;
      assert.deepEqual([own!.name, own!.spanType, own!.inputs, own!.outputs], ["multiply", "TOOL", { x: 5 }, 210]);
      assert.equal(await Service.add(10, 20), 30);
      const [ofClass] = (await lastStored()).spans;
      assert.deepEqual([ofClass!.name, ofClass!.inputs, ofClass!.outputs], ["later", { a: 10, b: 20 }, 30]);
    });
  });

  describe("getCurrentActiveSpan", () => {
    test("is `null` without an active span, and the span of `withSpan` and `trace` in them", () => {
      assert.equal(mlflow.getCurrentActiveSpan(), null);
      mlflow.withSpan((span) => {
        const active = mlflow.getCurrentActiveSpan();
        assert.deepEqual([active?.spanId, active?.traceId], [span.spanId, span.traceId]);
      });
      mlflow.trace(() => assert.equal(mlflow.getCurrentActiveSpan()?.name, "span"))();
      mlflow.startSpan({ name: "not active" }).end();
      assert.equal(mlflow.getCurrentActiveSpan(), null);
    });
  });

  describe("updateCurrentTrace", () => {
    test("warns where no trace is active", async () => {
      const warnings = await warningsDuring(async () => mlflow.updateCurrentTrace({ tags: { test: "value" } }));
      assert.match(warnings.join("\n"), /updateCurrentTrace was called where no trace is known/);
    });

    test("sets tags, metadata, the request's id and both previews", async () => {
      const update: mlflow.UpdateCurrentTraceOptions = {
        tags: { fruit: "apple" },
        metadata: { [mlflow.TraceMetadataKey.TRACE_SESSION]: "session-1", "mlflow.source.name": "test.ts" },
        clientRequestId: "request-1",
        requestPreview: "asked",
        responsePreview: "answered",
      };
      mlflow.trace(function answer(question: string) {
        mlflow.updateCurrentTrace(update);
        return `answer to ${question}`;
      })("?");
      const { info } = await lastStored();
      assert.equal(info.tags["fruit"], "apple");
      assert.equal(info.traceMetadata["mlflow.trace.session"], "session-1");
      assert.equal(info.traceMetadata["mlflow.source.name"], "test.ts");
      assert.deepEqual(
        [info.clientRequestId, info.requestPreview, info.responsePreview],
        ["request-1", "asked", "answered"],
      );
    });
  });

  test("token counts by MLflow's keys are summed over the trace, and are `null` where there are none", async () => {
    mlflow.withSpan((span) =>
      span.setAttribute(mlflow.SpanAttributeKey.TOKEN_USAGE, {
        [mlflow.TokenUsageKey.INPUT_TOKENS]: 12,
        [mlflow.TokenUsageKey.OUTPUT_TOKENS]: 3,
        [mlflow.TokenUsageKey.TOTAL_TOKENS]: 15,
      }),
    );
    assert.deepEqual((await lastStored()).info.tokenUsage, { input_tokens: 12, output_tokens: 3, total_tokens: 15 });
    mlflow.withSpan(() => 1);
    assert.equal((await lastStored()).info.tokenUsage, null);
  });

  test("traces in `tracingContext` have its tags and metadata, and none is recorded where it is disabled", async () => {
    const options: mlflow.TracingContextOptions = {
      metadata: { "mlflow.trace.session": "session-1" },
      tags: { a: "outer" },
    };
    const answer = mlflow.tracingContext(options, () =>
      mlflow.tracingContext({ tags: { a: "inner" } }, () => {
        mlflow.tracingContext({ enabled: false }, () =>
          assert.equal(mlflow.startSpan({ name: "unseen" }).traceId, "no-op-span-trace-id"),
        );
        return mlflow.withSpan(() => 42);
      }),
    );
    assert.equal(answer, 42);
    const { info } = await lastStored();
    assert.deepEqual([info.tags["a"], info.traceMetadata["mlflow.trace.session"]], ["inner", "session-1"]);
  });

  test("a trace is continued by both names of the function for it", async () => {
    const sender = mlflow.startSpan({ name: "sender" });
    const headers = mlflow.getTracingContextHeadersForHttpRequest(sender);
    const receiver = await mlflow.withTracingContextFromHeadersAsync(headers, async () => {
      await tick();
      return mlflow.withSpan((span) => span, { name: "receiver" });
    });
    sender.end();
    assert.deepEqual([receiver.traceId, receiver.parentId], [sender.traceId, sender.spanId]);
  });
});
