/** Models that Ollama runs, by the real package `ollama` and a server that speaks Ollama's chat API. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { type ModelClient, OpenAIWrapper } from "mlflow-ag2/agents";
import { OllamaClient } from "mlflow-ag2/agents/ollama";
import { Ollama } from "ollama/browser";
import { json, startModelServer, streamed } from "./model_server.js";
import {
  ask,
  askStream,
  countsOf,
  failuresOf,
  HELLO,
  PERSON,
  PICTURE,
  PIXEL,
  serve,
  STRICT_PERSON,
  twoCities,
  WEATHER,
} from "./model_package_fixtures.js";

const MODEL = "qwen3";
const CREATED = "2026-11-30T20:00:00.5Z";
const make = (baseUrl: string, options: object = {}): ModelClient =>
  new OllamaClient({ baseUrl, headers: { "x-key": "secret-key-1" }, ...options });

/** A response of the API, as in its reference. */
const response = (message: object, more: object = {}): object => ({
  model: MODEL,
  created_at: CREATED,
  message: { role: "assistant", content: "", ...message },
  done: true,
  done_reason: "stop",
  total_duration: 1,
  prompt_eval_count: 10,
  eval_count: 5,
  ...more,
});
const hello = json(200, response({ content: "Hello." }));
const lines = (...pieces: object[]): string[] => pieces.map((piece) => `${JSON.stringify(piece)}\n`);
const piece = (message: object): object => ({
  model: MODEL,
  created_at: CREATED,
  message: { role: "assistant", content: "", ...message },
  done: false,
});

test("a turn is a request of Ollama's API, with parameters as options", async () => {
  const parameters = { temperature: 0.5, max_tokens: 9, num_ctx: 4096, keep_alive: "1m", think: false };
  const {
    body,
    url,
    response: completion,
  } = await ask(make, MODEL, hello, {
    ...parameters,
    messages: [{ role: "system", content: "Be kind." }, ...HELLO],
  });
  assert.equal(url, "/api/chat");
  assert.deepEqual(body, {
    model: MODEL,
    messages: [{ role: "system", content: "Be kind." }, ...HELLO],
    stream: false,
    keep_alive: "1m",
    think: false,
    options: { num_predict: 9, temperature: 0.5, num_ctx: 4096 },
  });
  assert.deepEqual([completion.id, completion.model, completion["created"]], [CREATED, MODEL, 1796068800]);
  assert.equal(completion.choices[0]?.message.content, "Hello.");
  assert.equal(completion.choices[0]?.finish_reason, "stop");
  assert.deepEqual(countsOf(completion).slice(0, 3), [10, 5, 15]);
});

test("a client of the package is used itself", async () => {
  const { origin } = await serve(hello);
  const wrapper = new OpenAIWrapper({
    model: MODEL,
    client: new OllamaClient({ client: new Ollama({ host: origin }) }),
  });
  assert.equal((await wrapper.create({ messages: HELLO })).choices[0]?.message.content, "Hello.");
  assert.equal(wrapper.totalUsageSummary?.total_cost, 0);
});

test("a user is the last to speak, as in AG2", async () => {
  const [system, assistant] = [
    { role: "system", content: "Sum up." },
    { role: "assistant", content: "Hi.", name: "a" },
  ];
  const { body } = await ask(make, MODEL, hello, { messages: [...HELLO, system] });
  assert.deepEqual(body["messages"], [...HELLO, { role: "user", content: "Sum up." }]);
  const { body: second } = await ask(make, MODEL, hello, { messages: [...HELLO, assistant] });
  assert.deepEqual((second["messages"] as unknown[]).slice(1), [
    { role: "assistant", content: "Hi." },
    { role: "user", content: "Please continue." },
  ]);
});

test("images are sent as data, and downloaded if they are elsewhere", async () => {
  const { body } = await ask(make, MODEL, hello, { messages: PICTURE });
  assert.deepEqual(body["messages"], [{ role: "user", content: "What is this?", images: [PIXEL] }]);
  const image = await startModelServer((reply) => reply.head(200, { "content-type": "image/png" }).end("png"));
  const content = [{ type: "image_url", image_url: `${image.baseUrl}/a.png` }];
  const { body: second } = await ask(make, MODEL, hello, { messages: [{ role: "user", content }] });
  assert.deepEqual((second["messages"] as { images: unknown }[])[0]?.images, [btoa("png")]);
});

test("tools are called in parallel, and their results are sent back", async () => {
  const uses = ["Paris", "Tokyo"].map((city) => ({ function: { name: "weather", arguments: { city } } }));
  const { sent } = await twoCities(
    make,
    MODEL,
    json(200, response({ tool_calls: uses })),
    json(200, response({ content: "Sunny in both." })),
  );
  assert.deepEqual(sent[0]?.body["tools"], [WEATHER]);
  assert.deepEqual((sent[1]!.body["messages"] as unknown[]).slice(-3), [
    { role: "assistant", content: "", tool_calls: uses },
    { role: "tool", content: "Paris: sunny", tool_name: "weather" },
    { role: "tool", content: "Tokyo: sunny", tool_name: "weather" },
  ]);
});

test("tools are hidden as `hide_tools` says", async () => {
  const called = [
    ...HELLO,
    { role: "assistant", tool_calls: [{ id: "a", function: { name: "weather", arguments: "{}" } }] },
    { role: "tool", tool_call_id: "a", content: "sunny" },
  ];
  for (const [hide, messages, isHidden] of [
    ["never", called, false],
    ["if_any_run", HELLO, false],
    ["if_any_run", called, true],
    ["if_all_run", called, true],
  ] as const) {
    const { body } = await ask(make, MODEL, hello, { messages, tools: [WEATHER], hide_tools: hide });
    assert.equal(body["tools"] === undefined, isHidden);
    assert.equal("hide_tools" in body || "options" in body, false);
  }
});

test("text, reasoning and tool calls stream", async () => {
  const call = { function: { name: "weather", arguments: { city: "Rome" } } };
  const { deltas, response: completion } = await askStream(
    make,
    MODEL,
    streamed(
      lines(
        piece({ thinking: "Hm." }),
        piece({ content: "Hel" }),
        piece({ content: "lo." }),
        piece({ tool_calls: [call] }),
        response({}),
      ),
    ),
    { tools: [WEATHER] },
  );
  assert.deepEqual(deltas, [{ reasoning_content: "Hm." }, { content: "Hel" }, { content: "lo." }]);
  const [choice] = completion.choices;
  assert.equal(choice?.message.content, "Hello.");
  assert.equal(choice?.message["reasoning_content"], "Hm.");
  assert.equal(choice?.finish_reason, "tool_calls");
  assert.equal(choice?.message.tool_calls?.[0]?.function.arguments, '{"city":"Rome"}');
  assert.deepEqual(countsOf(completion).slice(0, 3), [10, 5, 15]);
});

test("a structured output has Ollama's format, and the reason to stop OpenAI's word", async () => {
  const data = json(200, response({ content: '{"name":"Ada"}' }, { done_reason: "length" }));
  const { body, response: completion, wrapper } = await ask(make, MODEL, data, { responseFormat: PERSON });
  assert.deepEqual(body["format"], STRICT_PERSON);
  assert.deepEqual(wrapper.parsedContent(completion)?.value, { name: "Ada" });
  assert.equal(completion.choices[0]?.finish_reason, "length");
});

test("an error within a stream is an APIError", async () => {
  await assert.rejects(askStream(make, MODEL, streamed(lines(piece({ content: "Hel" }), { error: "out of memory" }))), {
    name: "APIError",
    message: "the model server answered with an error: out of memory",
  });
});

test("AG2's settings that have another place here are refused", async () => {
  for (const [setting, message] of [
    [{ client_host: "http://localhost" }, /`baseUrl` of `OllamaClient`/],
    [{ native_tool_calls: false }, /leave `native_tool_calls` out/],
  ] as const)
    await assert.rejects(ask(make, MODEL, hello, setting), { name: "AgentError", message });
});

const FAILURES = failuresOf({
  name: "OllamaClient",
  model: MODEL,
  make: (origin, options) => make(origin, { apiKey: "secret-key-1", ...options }),
  hello,
  refusal: (error) => ({ error }),
  begun: (isOpen) => streamed(lines(piece({ content: "Hel" })), { isOpen }),
  create: (options) => new OllamaClient(options),
  apiType: "ollama",
});
for (const [name, run] of Object.entries(FAILURES)) test(name, run);
