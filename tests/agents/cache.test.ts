/** Caches for model responses. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Cache, type ModelResponse, OpenAIWrapper } from "mlflow-ag2/agents";
import { ScriptedModel } from "mlflow-ag2/agents/testing";
import { agentWithScript, plainAgent, agentsWithTool } from "./agent_fixtures.js";
import { goldenSpans, llmConfig, rounded, scriptedModel } from "./golden.js";
import { recordReports } from "./recording_observer.js";

const MESSAGES = [{ role: "user", content: "Hello?" }];

/** A model that numbers its responses, so that cached and new ones differ. */
function countingFetch(): ScriptedModel {
  return new ScriptedModel(
    Array.from({ length: 20 }, (_, index) => ({ content: `Answer ${index + 1}.`, optional: true })),
  );
}

const textOf = (response: ModelResponse): unknown => response.choices[0]?.message.content;

test("cached_completion: the second model call is cached and has the outputs that Python records", async () => {
  const helper = plainAgent("helper", {
    systemMessage: "You help.",
    llmConfig: llmConfig(scriptedModel("cached_completion")),
  });
  const cache = new Map<string, string>();

  const recorded = await recordReports(async () => {
    for (let count = 0; count < 2; count++)
      await plainAgent("user").initiateChat(helper, { message: "Hello?", maxTurns: 1, cache });
  });

  const calls = recorded.ends("modelCall");
  assert.deepEqual(
    calls.map(({ isCached }) => isCached),
    [false, true],
  );
  const golden = goldenSpans("cached_completion", "LLM");
  assert.deepEqual(
    rounded(recorded.starts("modelCall").map(({ request }) => request)),
    golden.map(({ inputs }) => inputs),
  );
  assert.deepEqual(
    rounded(calls.map(({ response }) => response)),
    golden.map(({ outputs }) => outputs),
  );
});

test("a cached response counts as total usage, not as actual usage, at its original cost", async () => {
  const client = new ScriptedModel([{ content: "Hello.", usage: [1000, 500] }]);
  const wrapper = new OpenAIWrapper({ client, model: "unlisted", price: [1, 2], cache: new Map<string, string>() });

  const [first, second] = [await wrapper.create({ messages: MESSAGES }), await wrapper.create({ messages: MESSAGES })];

  assert.deepEqual(second, first);
  assert.deepEqual(wrapper.actualUsageSummary, {
    total_cost: 2,
    unlisted: { cost: 2, prompt_tokens: 1000, completion_tokens: 500, total_tokens: 1500 },
  });
  assert.deepEqual(wrapper.totalUsageSummary, {
    total_cost: 4,
    unlisted: { cost: 4, prompt_tokens: 2000, completion_tokens: 1000, total_tokens: 3000 },
  });
});

test("with only cached answers there is no actual usage", async () => {
  const cache = new Map<string, string>();
  const ask = async (wrapper: OpenAIWrapper): Promise<OpenAIWrapper> => (
    await wrapper.create({ messages: MESSAGES }), wrapper
  );
  await ask(new OpenAIWrapper({ client: countingFetch(), model: "gpt-4o-mini", cache }));

  const wrapper = await ask(new OpenAIWrapper({ client: countingFetch(), model: "gpt-4o-mini", cache }));

  assert.equal(wrapper.actualUsageSummary, undefined);
  assert.ok((wrapper.totalUsageSummary?.total_cost ?? 0) > 0);
});

test("configurations with the same cacheSeed share their responses, others do not", async () => {
  const client = countingFetch();
  const ask = async (cacheSeed: number | string | null | undefined, content = "Hello?"): Promise<unknown> =>
    textOf(
      await new OpenAIWrapper({ client, model: "gpt-4o-mini", cacheSeed }).create({
        messages: [{ role: "user", content }],
      }),
    );

  assert.equal(await ask("seed a"), "Answer 1.");
  assert.equal(await ask("seed a"), "Answer 1.");
  assert.equal(await ask("seed b"), "Answer 2.");
  assert.equal(await ask("seed a", "Goodbye?"), "Answer 3.");
  assert.equal(await ask(null), "Answer 4.");
  assert.equal(await ask(undefined), "Answer 5.", "there is no cache by default");
  assert.equal(await ask(undefined), "Answer 6.");
});

test("a single request can have a cache, but the configuration's own takes precedence", async () => {
  const client = countingFetch();
  const plain = new OpenAIWrapper({ client, model: "gpt-4o-mini" });
  assert.equal(textOf(await plain.create({ messages: MESSAGES }, { cacheSeed: "seed c" })), "Answer 1.");
  assert.equal(textOf(await plain.create({ messages: MESSAGES }, { cacheSeed: "seed c" })), "Answer 1.");
  assert.equal(textOf(await plain.create({ messages: MESSAGES }, { cache: new Map<string, string>() })), "Answer 2.");
  assert.equal(textOf(await plain.create({ messages: MESSAGES })), "Answer 3.");

  const own = new Map<string, string>();
  await new OpenAIWrapper({ client, model: "gpt-4o-mini", cache: own }).create(
    { messages: MESSAGES },
    { cacheSeed: "seed c" },
  );
  assert.equal(own.size, 1);
});

test("any difference in the request is another cache key", async () => {
  const client = countingFetch();
  const cache = new Map<string, string>();
  const ask = async (parameters: object): Promise<unknown> =>
    textOf(
      await new OpenAIWrapper({ client, cache, model: "gpt-4o-mini", ...parameters }).create({ messages: MESSAGES }),
    );

  assert.equal(await ask({}), "Answer 1.");
  assert.equal(await ask({ temperature: 0.5 }), "Answer 2.");
  assert.equal(await ask({ model: "gpt-4o" }), "Answer 3.");
  assert.equal(
    await ask({ apiKey: "another", baseUrl: "http://elsewhere", timeoutMs: 5 }),
    "Answer 1.",
    "who is asked, and how, is no part of the question",
  );
});

test("a cache may be asynchronous, and any storage of texts", async () => {
  const kept: Record<string, string> = {};
  const cache: Cache = { get: async (key) => kept[key] ?? null, set: async (key, value) => void (kept[key] = value) };
  const wrapper = new OpenAIWrapper({ client: countingFetch(), model: "gpt-4o-mini", cache });

  assert.equal(textOf(await wrapper.create({ messages: MESSAGES })), "Answer 1.");
  assert.equal(textOf(await wrapper.create({ messages: MESSAGES })), "Answer 1.");
});

test("changing a response does not change the cached one", async () => {
  const wrapper = new OpenAIWrapper({
    client: countingFetch(),
    model: "gpt-4o-mini",
    cache: new Map<string, string>(),
  });
  for (let count = 0; count < 2; count++) {
    const { choices } = await wrapper.create({ messages: MESSAGES });
    assert.ok(choices[0]);
    assert.equal(choices[0].message.content, "Answer 1.");
    choices[0].message.content = "Changed.";
  }
});

test("filterFunc filters cached responses too", async () => {
  const client = countingFetch();
  const cache = new Map<string, string>();
  const filterFunc = ({ response }: { response: ModelResponse }): boolean => textOf(response) !== "Answer 1.";
  await new OpenAIWrapper({ client, cache, model: "a", price: 1 }).create({ messages: MESSAGES });

  const wrapper = new OpenAIWrapper({
    client,
    cache,
    price: 1,
    configList: [{ model: "a", filterFunc }, { model: "b" }],
  });

  assert.equal(textOf(await wrapper.create({ messages: MESSAGES })), "Answer 2.");
});

test("a failed call is not cached", async () => {
  const cache = new Map<string, string>();
  const wrapper = new OpenAIWrapper({
    client: new ScriptedModel([{ status: 500 }, { content: "Hello." }]),
    model: "gpt-4o-mini",
    cache,
  });

  await assert.rejects(wrapper.create({ messages: MESSAGES }));

  assert.equal(cache.size, 0);
  assert.equal(textOf(await wrapper.create({ messages: MESSAGES })), "Hello.");
});

test("two concurrent chats of one agent have their own caches", async () => {
  const { agent, model } = agentWithScript("helper", [{ repeat: "forever", content: "Yes.", delay_ms: 5 }]);
  const caches = [new Map<string, string>(), undefined, new Map<string, string>()];
  const chat = (cache: Map<string, string> | undefined, index: number): Promise<unknown> =>
    plainAgent(`user${index}`).initiateChat(agent, { message: `Chat ${index}.`, maxTurns: 1, cache });

  for (let round = 0; round < 2; round++) await Promise.all(caches.map(chat));

  assert.deepEqual(
    caches.map((cache) => cache?.size),
    [1, undefined, 1],
  );
  assert.deepEqual(model.requests.map(({ messages }) => String(messages.at(-1)?.content)).sort(), [
    "Chat 0.",
    "Chat 1.",
    "Chat 1.",
    "Chat 2.",
  ]);
});

test("the summary of a model is cached with the chat's responses", async () => {
  const { agent, model } = agentWithScript("helper", ["Tea.", "They spoke of tea."]);
  const cache = new Map<string, string>();
  const chat = (): Promise<{ summary: string }> =>
    plainAgent("user").initiateChat(agent, {
      message: "What?",
      maxTurns: 1,
      cache,
      summaryMethod: "reflection_with_llm",
    });

  assert.equal((await chat()).summary, "They spoke of tea.");
  assert.equal((await chat()).summary, "They spoke of tea.");
  model.assertFinished();
});

test("a chat that a tool starts has no cache unless it is given one", async () => {
  const { agent: inner, model } = agentWithScript("inner", [{ repeat: "forever", content: "Inner." }]);
  const { helper, user } = agentsWithTool(
    async (_: unknown, context) =>
      (await plainAgent("asker").initiateChat(inner, { message: "Inside.", maxTurns: 1, context })).summary,
    [{ tool_calls: [{ id: "call_1", name: "tool", arguments: {} }] }, "Done."],
  );
  const cache = new Map<string, string>();

  for (let count = 0; count < 2; count++) await user.initiateChat(helper, { message: "Go.", maxTurns: 2, cache });

  assert.equal(cache.size, 2);
  assert.equal(model.requests.length, 2);
});

test("observers get that a chat has a cache, without its entries", async () => {
  const { agent } = agentWithScript("helper", ["Yes."]);

  const recorded = await recordReports(() =>
    plainAgent("user").initiateChat(agent, { message: "Go.", maxTurns: 1, cache: new Map([["secret", "answer"]]) }),
  );

  assert.deepEqual(
    recorded.starts("chat").map(({ cache }) => cache),
    ["[object Map]"],
  );
});
