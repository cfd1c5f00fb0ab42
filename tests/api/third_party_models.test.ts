/** Model clients of any make, the models that they give, and what tools are called with beside their arguments. */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { autolog, setTrackingUri, type Span, stats, wrapModelClient, wrapTool } from "mlflow-ag2";
import { lastTrace } from "../third_party/traces.js";

const HELLO = [{ role: "user", content: "hello" }];
const USAGE = { inputTokens: 3, outputTokens: 2, totalTokens: 5 };

before(() => {
  setTrackingUri("memory:");
  autolog();
});
after(() => {
  autolog({ disable: true });
  assert.equal(stats().hookFailures, 0);
});

/** The last trace, which has one span: its type, its answer and its tokens. */
async function lastCall(): Promise<{ type: string; answer: boolean; tokens: number | undefined }> {
  const { info, data } = await lastTrace();
  assert.equal(data.spans.length, 1);
  const [{ spanType, outputs }] = data.spans as unknown as [Span];
  return { type: spanType, answer: JSON.stringify(outputs).includes("hi"), tokens: info.tokenUsage?.total_tokens };
}

const CALL = { type: "LLM", answer: true, tokens: 5 };

describe("a model that is asked by", () => {
  test("doGenerate and doStream is traced, and its stream is read through the object that holds it", async () => {
    const parts = [
      { type: "text-delta", id: "0", delta: "h" },
      { type: "text-delta", id: "0", delta: "i" },
      { type: "finish", finishReason: "stop", usage: USAGE },
    ];
    const stream = new ReadableStream({
      start(controller) {
        for (const part of parts) controller.enqueue(part);
        controller.close();
      },
    });
    const model = wrapModelClient({
      modelId: "m",
      doGenerate: async (_: object) => ({ content: [{ type: "text", text: "hi" }], usage: USAGE }),
      doStream: async (_: object) => ({ stream, response: { headers: {} } }),
    });
    const prompt = [{ role: "user", content: [{ type: "text", text: "hello" }] }];
    await model.doGenerate({ prompt });
    assert.deepEqual(await lastCall(), CALL);
    const streamed = await model.doStream({ prompt });
    assert.equal(streamed.stream, stream);
    const read: unknown[] = [];
    for await (const part of streamed.stream) read.push(part);
    assert.deepEqual(read, parts);
    assert.deepEqual(await lastCall(), CALL);
  });

  test("getResponse and getStreamedResponse is traced", async () => {
    const response = { output: [{ type: "message", content: [{ type: "output_text", text: "hi" }] }], usage: USAGE };
    const model = wrapModelClient({
      getResponse: async (_: object) => response,
      async *getStreamedResponse(_: object): AsyncGenerator<object> {
        yield { type: "output_text_delta", delta: "hi" };
        yield { type: "response_done", response };
      },
    });
    await model.getResponse({ input: "hello" });
    assert.deepEqual(await lastCall(), CALL);
    for await (const _ of model.getStreamedResponse({ input: "hello" }));
    assert.deepEqual(await lastCall(), CALL);
  });

  test("getChatCompletions has its deployment as the model and its messages as the request", async () => {
    const model = wrapModelClient({
      getChatCompletions: async (_: string, messages: readonly object[], __?: object) => ({
        choices: [{ index: 0, message: { role: "assistant", content: `hi ${messages.length}` } }],
        usage: { promptTokens: 3, completionTokens: 2, totalTokens: 5 },
      }),
    });
    await model.getChatCompletions("m-1", HELLO, { temperature: 0 });
    assert.deepEqual(await lastCall(), CALL);
    const { inputs } = (await lastTrace()).data.spans[0]!;
    assert.deepEqual(inputs, { model: "m-1", messages: HELLO, temperature: 0 });
  });

  test("invoke and stream is traced, as is a model that it gives when tools are bound to it", async () => {
    interface Model {
      invoke(messages: readonly object[]): Promise<object>;
      stream(messages: readonly object[]): AsyncGenerator<object>;
      bindTools(tools: readonly object[]): Model;
    }
    const usage = { usage_metadata: { input_tokens: 3, output_tokens: 2, total_tokens: 5 } };
    const newModel = (): Model => ({
      invoke: async () => ({ role: "assistant", content: "hi", ...usage }),
      async *stream() {
        yield { content: "hi" };
        yield { content: "", ...usage };
      },
      bindTools: newModel,
    });
    const bound = wrapModelClient(newModel())
      .bindTools([{ name: "add" }])
      .bindTools([]);
    await bound.invoke(HELLO);
    assert.deepEqual(await lastCall(), CALL);
    for await (const _ of bound.stream(HELLO));
    assert.deepEqual(await lastCall(), CALL);
  });
});

describe("a tool", () => {
  class RunContext {
    readonly history = HELLO;
  }

  const inputs = async (): Promise<unknown[]> => {
    const [span] = (await lastTrace()).data.spans;
    return [span!.inputs, span!.getAttribute("gen_ai.tool.call.id")];
  };

  test("that is called with options has its arguments as inputs, and the call's id", async () => {
    let passed: unknown[] = [];
    const tool = wrapTool({
      name: "add",
      async execute({ a, b }: { a: number; b: number }, ...rest: unknown[]) {
        passed = rest;
        return a + b;
      },
    });
    const { signal } = new AbortController();
    const calls: unknown[][] = [
      [{ toolCallId: "call-1", messages: HELLO, abortSignal: signal }],
      [new RunContext(), { toolCall: { callId: "call-1" } }],
    ];
    for (const rest of calls) {
      assert.equal(await tool.execute({ a: 2, b: 3 }, ...rest), 5);
      assert.deepEqual(passed, rest);
      assert.deepEqual(await inputs(), [{ a: 2, b: 3 }, "call-1"]);
    }
    await tool.execute({ a: 2, b: 3 }, new RunContext(), signal);
    assert.deepEqual(await inputs(), [{ a: 2, b: 3 }, undefined]);
  });

  test("that takes several arguments has all of them as inputs", async () => {
    const join = wrapTool((one: unknown, other: unknown) => [one, other].length, { name: "join" });
    join({ a: 1 }, { b: 2 });
    assert.deepEqual(await inputs(), [[{ a: 1 }, { b: 2 }], undefined]);
    join(1, new Date(0));
    assert.deepEqual((await inputs())[0], [1, "1970-01-01T00:00:00.000Z"]);
  });

  test("that is called by its name in the second argument has that name", async () => {
    class ToolExecutor {
      async executeTool(_: object, use: { name: string; toolUseId: string; input: object }): Promise<string> {
        return use.name;
      }
    }
    autolog({ library: { ToolExecutor } });
    await new ToolExecutor().executeTool(
      { retries: 1 },
      { name: "clock", toolUseId: "call-1", input: { zone: "UTC" } },
    );
    assert.equal((await lastTrace()).data.spans[0]!.name, "clock");
    assert.deepEqual(await inputs(), [{ zone: "UTC" }, "call-1"]);
  });
});
