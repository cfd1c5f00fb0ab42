/** Model clients that are objects: those of the npm package `openai`, compatible ones, and custom ones. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { APIError, type ModelClient, type ModelResponse, OpenAIWrapper } from "mlflow-ag2/agents";
import { setPrinter } from "mlflow-ag2/agents/console";
import OpenAI, { AzureOpenAI } from "openai";
import { plainAgent } from "./agent_fixtures.js";
import { goldenRequests } from "./golden.js";
import { countingFetch, data, DONE, event, json, startModelServer, streamed } from "./model_server.js";
import { recordReports } from "./recording_observer.js";

setPrinter(() => {});

/** The server belongs to the test, so a page may have its key. */
const KEY = { apiKey: "k", dangerouslyAllowBrowser: true };
const MESSAGES = [{ role: "user", content: "Hello?" }];
const COMPLETION = {
  id: "c1",
  object: "chat.completion",
  created: 1,
  model: "gpt-4o-mini",
  choices: [{ index: 0, message: { role: "assistant", content: "Hello." }, finish_reason: "stop" }],
  usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
};
const HELLO = json(200, COMPLETION);

const textOf = (response: ModelResponse): unknown => response.choices[0]?.message.content;

test("a client of the package `openai` sends what ours would send", async () => {
  const { baseUrl, received } = await startModelServer(HELLO);
  const client = new OpenAI({ ...KEY, baseURL: baseUrl, maxRetries: 0 });
  const system = "Your name is Cathy and you are half of a comedy duo.";
  const cathy = plainAgent("cathy", {
    systemMessage: system,
    llmConfig: { configList: [{ model: "gpt-4o-mini", client }] },
  });

  const { summary, cost } = await plainAgent("joe").initiateChat(cathy, {
    message: "Cathy, tell me a joke.",
    maxTurns: 1,
  });

  assert.equal(summary, "Hello.");
  assert.equal(cost.usage_including_cached_inference.total_cost, 0.00000165);
  assert.deepEqual(JSON.parse(received[0]?.body ?? ""), goldenRequests("two_agent_joke")[0]);
  assert.equal(received[0]?.headers.authorization, "Bearer k");
});

test("its responses have the same fields as those of OpenAIClient", async () => {
  const { baseUrl } = await startModelServer(HELLO);
  const ours = await new OpenAIWrapper({ model: "gpt-4o-mini", baseUrl }).create({ messages: MESSAGES });

  const theirs = await new OpenAIWrapper({
    model: "gpt-4o-mini",
    client: new OpenAI({ ...KEY, baseURL: baseUrl }),
  }).create({ messages: MESSAGES });

  assert.equal(JSON.stringify(theirs), JSON.stringify(ours));
});

test("it streams, chunk by chunk", async () => {
  const usage = { prompt_tokens: 5, completion_tokens: 3, total_tokens: 8 };
  const { baseUrl, received } = await startModelServer(
    streamed([
      event({ role: "assistant", content: "" }),
      event({ content: "Hel" }),
      event({ content: "lo." }),
      event({}, "stop"),
      data({ id: "c1", choices: [], usage }),
      DONE,
    ]),
  );
  const wrapper = new OpenAIWrapper({
    model: "gpt-4o-mini",
    stream: true,
    client: new OpenAI({ ...KEY, baseURL: baseUrl }),
  });

  const recorded = await recordReports(() => wrapper.create({ messages: MESSAGES }));

  assert.deepEqual(JSON.parse(received[0]?.body ?? ""), {
    messages: MESSAGES,
    model: "gpt-4o-mini",
    stream: true,
    stream_options: { include_usage: true },
  });
  assert.equal(recorded.chunks.length, 5);
  const response = recorded.ends("modelCall")[0]?.response;
  assert.equal(response?.choices[0]?.message.content, "Hello.");
  assert.equal(response?.usage?.total_tokens, 8);
});

test("its errors become APIErrors with the original as the cause, and the next model is tried", async () => {
  const refusing = await startModelServer(
    json(429, { error: { message: "Slow down.", type: "rate_limit", code: "rate_limit_exceeded" } }),
  );
  const client = new OpenAI({ ...KEY, baseURL: refusing.baseUrl, maxRetries: 0 });
  const good = await startModelServer(HELLO);

  await assert.rejects(new OpenAIWrapper({ model: "gpt-4o-mini", client }).create({ messages: MESSAGES }), (error) => {
    assert.ok(error instanceof APIError && error.cause instanceof OpenAI.RateLimitError);
    assert.deepEqual(
      [error.name, error.status, error.code, error.type],
      ["RateLimitError", 429, "rate_limit_exceeded", "rate_limit"],
    );
    return true;
  });
  const wrapper = new OpenAIWrapper({ model: "gpt-4o-mini", configList: [{ client }, { baseUrl: good.baseUrl }] });
  assert.equal(textOf(await wrapper.create({ messages: MESSAGES })), "Hello.");
});

test("after a server that it cannot reach the next model is tried", async () => {
  const broken = await startModelServer((reply) => reply.destroy());
  const good = await startModelServer(HELLO);
  const client = new OpenAI({ ...KEY, baseURL: broken.baseUrl, maxRetries: 0 });

  await assert.rejects(new OpenAIWrapper({ model: "gpt-4o-mini", client }).create({ messages: MESSAGES }), {
    name: "APIConnectionError",
    status: undefined,
  });
  const wrapper = new OpenAIWrapper({ model: "gpt-4o-mini", configList: [{ client }, { baseUrl: good.baseUrl }] });
  assert.equal(textOf(await wrapper.create({ messages: MESSAGES })), "Hello.");
});

test("timeout and retries of the configuration apply to it too", async () => {
  const { baseUrl } = await startModelServer(() => {});
  const counter = countingFetch();
  const client = new OpenAI({ ...KEY, baseURL: baseUrl, fetch: counter.fetch });

  await assert.rejects(
    new OpenAIWrapper({ model: "gpt-4o-mini", client, timeoutMs: 40, maxRetries: 0 }).create({ messages: MESSAGES }),
    APIError,
  );
  assert.equal(counter.tries, 1);
});

test("a signal ends its call with the signal's own reason", async () => {
  const reason = new Error("enough");
  const controller = new AbortController();
  const { baseUrl } = await startModelServer(() => controller.abort(reason));
  const wrapper = new OpenAIWrapper({ model: "gpt-4o-mini", client: new OpenAI({ ...KEY, baseURL: baseUrl }) });

  await assert.rejects(
    wrapper.create({ messages: MESSAGES }, { context: { signal: controller.signal } }),
    (error) => error === reason,
  );
});

test("its client for Azure works the same way", async () => {
  const { baseUrl, received } = await startModelServer(HELLO);
  const client = new AzureOpenAI({
    ...KEY,
    endpoint: new URL(baseUrl).origin,
    apiVersion: "2024-10-21",
    deployment: "mini",
  });

  assert.equal(
    textOf(await new OpenAIWrapper({ model: "gpt-4o-mini", client }).create({ messages: MESSAGES })),
    "Hello.",
  );
  assert.equal(received[0]?.url, "/openai/deployments/mini/chat/completions?api-version=2024-10-21");
});

test("programming errors in a client are thrown unchanged, and no other model is tried", async () => {
  const mistake = new TypeError("undefined is not a function");
  const client = { chat: { completions: { create: () => Promise.reject(mistake) } } };
  const good = await startModelServer(HELLO);

  await assert.rejects(
    new OpenAIWrapper({ model: "m", configList: [{ client }, { baseUrl: good.baseUrl }] }).create({
      messages: MESSAGES,
    }),
    (error) => error === mistake,
  );
  assert.equal(good.received.length, 0);
});

test("an invalid response of a client object is reported", async () => {
  const client = { chat: { completions: { create: async () => ({ text: "Hello." }) } } };

  await assert.rejects(new OpenAIWrapper({ model: "m", client }).create({ messages: MESSAGES }), {
    code: "invalid_response",
    message: /`client` whose `chat\.completions\.create`/,
  });
});

test("a custom client makes completions, and determines their text, cost and usage", async () => {
  const seen: unknown[] = [];
  const client: ModelClient = {
    create: async (request) => {
      seen.push(request);
      return { model: "local", choices: [{ message: { content: "ignored" } }], device: "cpu" };
    },
    messageRetrieval: (response) => [`from ${String(response["device"])}`],
    cost: () => 20,
    getUsage: () => ({ prompt_tokens: 1, completion_tokens: 2, total_tokens: 3, cost: 20, model: "local" }),
  };
  const agent = plainAgent("helper", {
    systemMessage: "You help.",
    llmConfig: { configList: [{ model: "local", client, device: "cpu", params: { max_length: 1000 } }] },
  });

  assert.equal(await agent.generateReply({ messages: MESSAGES }), "from cpu");
  assert.deepEqual(seen, [
    {
      messages: [{ role: "system", content: "You help." }, ...MESSAGES],
      model: "local",
      stream: false,
      device: "cpu",
      params: { max_length: 1000 },
    },
  ]);
  assert.deepEqual(agent.getActualUsage(), {
    total_cost: 20,
    local: { cost: 20, prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 },
  });
});

test("a custom client may stream", async () => {
  const client: ModelClient = {
    create: async (_, { onChunk }) => {
      for (const content of ["Hel", "lo."]) await onChunk?.({ choices: [{ index: 0, delta: { content } }] });
      return { model: "local", choices: [{ message: { content: "Hello." } }] };
    },
  };
  const printed: string[] = [];
  const undo = setPrinter((text) => void printed.push(text));
  try {
    await new OpenAIWrapper({ client, model: "local", price: 0 }).create({ messages: MESSAGES });
  } finally {
    undo();
  }
  assert.deepEqual(printed, ["Hel", "lo."]);
});
