/** Tools and model clients wrapped by hand. */

import assert from "node:assert/strict";
import { afterEach, before, beforeEach, describe, test } from "node:test";
import { enable, setTrackingUri, stats, unwrapAgent, wrapAgent, wrapModelClient, wrapTool } from "mlflow-ag2";
import * as classic from "../third_party/classic.js";
import { newLog, ScriptedOpenAI } from "../third_party/script.js";
import { lastTrace, outline } from "../third_party/traces.js";

before(() => setTrackingUri("memory:"));
beforeEach(enable);
afterEach(() => assert.equal(stats().hookFailures, 0));

describe("wrapTool", () => {
  test("makes a function whose calls are tool calls, and which is otherwise the same", async () => {
    const schema = { type: "object" };
    const add = Object.assign(
      function add(a: number, b: number) {
        return a + b;
      },
      { schema },
    );
    const traced = wrapTool(add, { name: "sum", description: "adds" });
    assert.equal(traced(2, 3), 5);
    const [span] = (await lastTrace()).data.spans;
    assert.deepEqual([span!.spanType, span!.name, span!.inputs, span!.outputs], ["TOOL", "sum", [2, 3], "5"]);
    assert.deepEqual([traced.name, traced.length, traced.schema], ["add", 2, schema]);
    assert.equal(wrapTool(traced), traced);
    assert.equal(unwrapAgent(traced), add);
  });

  test("changes the function of a tool object in place, wherever it has its name", async () => {
    for (const tool of [
      { name: "find", execute: (args: object) => args },
      { function: { name: "find" }, implementation: (args: object) => args },
      { contract: { name: "find" }, executor: (args: object) => args },
    ]) {
      assert.equal(wrapTool(tool), tool);
      const [run] = Object.values(tool).filter((value) => typeof value === "function") as [(args: object) => object];
      assert.deepEqual(run({ what: "it" }), { what: "it" });
      const [span] = (await lastTrace()).data.spans;
      assert.deepEqual([span!.name, span!.inputs, span!.outputs], ["find", { what: "it" }, { what: "it" }]);
      unwrapAgent(tool);
    }
  });

  test("shows a tool that fails, and throws what the tool threw", async () => {
    const error = new RangeError("too far");
    const tool = wrapTool(async function reach(): Promise<never> {
      throw error;
    });
    await assert.rejects(tool(), (thrown) => thrown === error);
    assert.deepEqual(outline(await lastTrace()), ["TOOL reach ERROR"]);
  });

  test("calls a tool by name and its function one call", async () => {
    const add = wrapTool(({ a, b }: { a: number; b: number }) => a + b, { name: "add" });
    const agent = wrapAgent(new classic.ConversableAgent({ name: "worker", log: newLog() }));
    agent.registerFunction({ add: add as never });
    await agent.executeFunction({ name: "add", arguments: '{"a":1,"b":2}' });
    assert.deepEqual(outline(await lastTrace()), ["TOOL add"]);
  });

  test("rejects a value that is no tool", () => {
    assert.throws(() => wrapTool({ colour: "red" }), { code: "invalid_argument" });
    assert.throws(() => wrapTool(Object.freeze({ name: "frozen", execute: () => 1 })), {
      code: "invalid_argument",
      message: /wrap the function itself/,
    });
  });
});

describe("wrapModelClient", () => {
  test("accepts any object that calls a model, in any of the usual shapes", async () => {
    const messages = [{ role: "user", content: "hi" }];
    const clients: [string, () => Promise<unknown>][] = [];
    const add = (what: string, client: object, ask: () => Promise<unknown>): void => {
      assert.equal(wrapModelClient(client, { model: "m-9" }), client);
      clients.push([what, ask]);
    };
    const openai = new ScriptedOpenAI(["hello"], newLog());
    add("openai", openai, () => openai.chat.completions.create({ model: "m-9", messages }));
    const anthropic = {
      messages: {
        create: async (_: object) => ({
          content: [{ type: "text", text: "hello" }],
          usage: { input_tokens: 3, output_tokens: 4 },
        }),
      },
    };
    add("anthropic", anthropic, () => anthropic.messages.create({ model: "m-9", messages }));
    const custom = { create: async (_: object) => ({ choices: [{ message: { content: "hello" } }] }) };
    add("custom", custom, () => custom.create({ messages }));
    const simple = { complete: async (_: string) => "hello" };
    add("simple", simple, () => simple.complete("hi"));
    for (const [what, ask] of clients) {
      await ask();
      const [span] = (await lastTrace()).data.spans;
      assert.deepEqual(
        [span!.spanType, span!.name, span!.getAttribute("mlflow.llm.model")],
        ["LLM", "chat_completion", "m-9"],
        what,
      );
      assert.deepEqual((span!.inputs as { messages: unknown }).messages, messages, what);
      assert.match(JSON.stringify(span!.outputs), /hello/, what);
    }
  });

  test("finds the token counts under all their names", async () => {
    const usages: object[] = [
      { usage: { promptTokens: 3, completionTokens: 4 } },
      { usage: { inputTokens: 3, outputTokens: 4, totalTokens: 7 } },
      { usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 4, totalTokenCount: 7 } },
    ];
    for (const usage of usages) {
      await wrapModelClient({ create: async (_: object) => ({ text: "hello", ...usage }) }).create({ messages: [] });
      assert.deepEqual(
        (await lastTrace()).info.tokenUsage,
        { input_tokens: 3, output_tokens: 4, total_tokens: 7 },
        JSON.stringify(usage),
      );
    }
  });

  test("returns a proxy for a frozen client", async () => {
    const real = Object.freeze({
      chat: Object.freeze({ completions: Object.freeze({ create: async (_: object) => ({ choices: [] }) }) }),
    });
    const client = wrapModelClient(real);
    assert.notEqual(client, real);
    await client.chat.completions.create({ model: "m", messages: [] });
    assert.deepEqual(outline(await lastTrace()), ["LLM chat_completion"]);
    assert.equal(unwrapAgent(client), real);
  });

  test("counts a call once, where one client calls another", async () => {
    const inner = wrapModelClient(new ScriptedOpenAI(["hello"], newLog()));
    const outer = wrapModelClient({
      complete: async (messages: object[]) => inner.chat.completions.create({ model: "m", messages }),
    });
    await outer.complete([{ role: "user", content: "hi" }]);
    const trace = await lastTrace();
    assert.deepEqual(outline(trace), ["LLM chat_completion", "  LLM chat_completion"]);
    assert.deepEqual(trace.info.tokenUsage, { input_tokens: 10, output_tokens: 5, total_tokens: 15 });
  });

  test("rejects an object that calls no model", () => {
    assert.throws(() => wrapModelClient({ colour: "red" }), {
      code: "invalid_argument",
      message: /chat\.completions\.create/,
    });
  });
});
