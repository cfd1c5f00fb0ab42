/** Mistral's models, by the real package `@mistralai/mistralai` and a server that speaks Mistral's chat API. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { type ModelClient, OpenAIWrapper } from "mlflow-ag2/agents";
import { MistralAIClient, type MistralShapedClient } from "mlflow-ag2/agents/mistral";
import { data, DONE, json, streamed } from "./model_server.js";
import {
  ask,
  askStream,
  countsOf,
  failuresOf,
  HELLO,
  KEY,
  PERSON,
  PICTURE,
  PIXEL,
  serve,
  STRICT_PERSON,
  twoCities,
  WEATHER,
} from "./model_package_fixtures.js";

// By a name that the compiler does not look up: the types of the package do not fit the newest of the DOM.
// oxlint-disable-next-line typescript/no-unnecessary-type-assertion
const { Mistral } = (await import("@mistralai/mistralai" as string)) as {
  Mistral: new (options: object) => MistralShapedClient;
};

const MODEL = "mistral-small-latest";
const USAGE = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 };
const make = (baseUrl: string, options: object = {}): ModelClient =>
  new MistralAIClient({ apiKey: KEY, baseUrl, ...options });

/** A response of the API, as in its reference. */
const response = (message: object, finish_reason = "stop"): object => ({
  id: "cmpl-1",
  object: "chat.completion",
  created: 1_796_068_800,
  model: MODEL,
  choices: [{ index: 0, message: { role: "assistant", content: "", ...message }, finish_reason }],
  usage: { ...USAGE, prompt_tokens_details: { cached_tokens: 4 } },
});
const hello = json(200, response({ content: "Hello." }));
const piece = (delta: object, finish_reason: string | null = null, more: object = {}): string =>
  data({
    id: "cmpl-1",
    object: "chat.completion.chunk",
    created: 1,
    model: MODEL,
    choices: [{ index: 0, delta, finish_reason }],
    ...more,
  });
const call = (id: string, city: string): object => ({
  id,
  type: "function",
  function: { name: "weather", arguments: JSON.stringify({ city }) },
});

test("a turn is a request of Mistral's API", async () => {
  const {
    body,
    url,
    response: completion,
  } = await ask(make, MODEL, hello, {
    temperature: 0.5,
    max_tokens: 9,
    seed: 7,
    safe_prompt: true,
    messages: [{ role: "system", content: "Be kind." }, ...HELLO],
  });
  assert.equal(url, "/v1/chat/completions");
  const { model, messages, temperature, max_tokens, random_seed, safe_prompt } = body;
  assert.deepEqual([model, temperature, max_tokens, random_seed, safe_prompt], [MODEL, 0.5, 9, 7, true]);
  assert.deepEqual(messages, [{ role: "system", content: "Be kind." }, ...HELLO]);
  assert.deepEqual([completion.id, completion.model, completion["created"]], ["cmpl-1", MODEL, 1_796_068_800]);
  assert.equal(completion.choices[0]?.message.content, "Hello.");
  assert.deepEqual(countsOf(completion).slice(0, 4), [10, 5, 15, 4]);
});

test("a client of the package is used itself, and costs are AG2's", async () => {
  const { origin, sent } = await serve(hello);
  const client = new MistralAIClient({ client: new Mistral({ apiKey: "its-own", serverURL: origin }) });
  const { cost, choices } = await new OpenAIWrapper({ model: MODEL, client }).create({ messages: HELLO });
  assert.equal(choices[0]?.message.content, "Hello.");
  assert.equal(sent()[0]?.headers["authorization"], "Bearer its-own");
  assert.equal(cost, (0.001 * 10 + 0.003 * 5) / 1000);
});

test("the roles are in an order that Mistral accepts, as in AG2", async () => {
  const { body } = await ask(make, MODEL, hello, {
    messages: [
      { role: "system", content: "One." },
      ...HELLO,
      { role: "assistant", content: "Hi." },
      { role: "system", content: "Two." },
      { role: "assistant", content: "Yes." },
    ],
  });
  assert.deepEqual(
    (body["messages"] as { role: string; content: string }[]).map(({ role, content }) => [role, content]),
    [
      ["system", "One."],
      ["user", "Hello?"],
      ["assistant", "Hi."],
      ["user", "Two."],
      ["assistant", "Yes."],
      ["user", "Please continue."],
    ],
  );
});

test("images are sent", async () => {
  const { body } = await ask(make, MODEL, hello, { messages: PICTURE });
  assert.deepEqual((body["messages"] as { content: unknown }[])[0]?.content, [
    { type: "text", text: "What is this?" },
    { type: "image_url", image_url: { url: `data:image/png;base64,${PIXEL}`, detail: "low" } },
  ]);
});

test("tools are called in parallel, and their results are sent back with their ids", async () => {
  const { sent, calls } = await twoCities(
    make,
    MODEL,
    json(200, response({ tool_calls: [call("aaaaaaaa1", "Paris"), call("aaaaaaaa2", "Tokyo")] }, "tool_calls")),
    json(200, response({ content: "Sunny in both." })),
  );
  assert.deepEqual(
    calls.map(({ id }) => id),
    ["aaaaaaaa1", "aaaaaaaa2"],
  );
  assert.deepEqual((sent[0]!.body["tools"] as { function: { name: string } }[])[0]?.function.name, "weather");
  const [assistant, ...results] = (sent[1]!.body["messages"] as Record<string, unknown>[]).slice(-3);
  assert.deepEqual(
    (assistant!["tool_calls"] as { id: string }[]).map(({ id }) => id),
    ["aaaaaaaa1", "aaaaaaaa2"],
  );
  assert.deepEqual(
    results.map(({ role, name, content, tool_call_id: id }) => [role, name, content, id]),
    [
      ["tool", "weather", "Paris: sunny", "aaaaaaaa1"],
      ["tool", "weather", "Tokyo: sunny", "aaaaaaaa2"],
    ],
  );
});

test("the ids of another vendor's calls become such as Mistral accepts", async () => {
  const { body } = await ask(make, MODEL, hello, {
    tools: [WEATHER],
    tool_choice: "required",
    messages: [
      ...HELLO,
      { role: "assistant", tool_calls: [{ id: "call_very_long", function: { name: "weather", arguments: "{}" } }] },
      { role: "tool", tool_call_id: "call_very_long", content: "sunny" },
    ],
  });
  const [, assistant, result] = body["messages"] as [
    unknown,
    { tool_calls: { id: string }[] },
    { tool_call_id: string },
  ];
  assert.match(result.tool_call_id, /^[a-zA-Z0-9]{9}$/);
  assert.equal(assistant.tool_calls[0]?.id, result.tool_call_id);
  assert.equal(body["tool_choice"], "required");
});

test("text, reasoning and tool calls stream", async () => {
  const thinking = { type: "thinking", thinking: [{ type: "text", text: "Hm." }] };
  const { deltas, response: completion } = await askStream(
    make,
    MODEL,
    streamed([
      piece({ role: "assistant", content: "" }),
      piece({ content: [thinking] }),
      piece({ content: "Hel" }),
      piece({ content: [{ type: "text", text: "lo." }] }),
      piece({ tool_calls: [call("aaaaaaaa1", "Rome"), call("aaaaaaaa2", "Oslo")] }),
      piece({ content: "" }, "tool_calls", { usage: USAGE }),
      DONE,
    ]),
    { tools: [WEATHER] },
  );
  assert.deepEqual(deltas, [{ reasoning_content: "Hm." }, { content: "Hel" }, { content: "lo." }]);
  const [choice] = completion.choices;
  assert.equal(choice?.message.content, "Hello.");
  assert.equal(choice?.message["reasoning_content"], "Hm.");
  assert.equal(choice?.finish_reason, "tool_calls");
  assert.deepEqual(
    choice?.message.tool_calls?.map(({ function: { arguments: text } }) => text),
    ['{"city":"Rome"}', '{"city":"Oslo"}'],
  );
  assert.deepEqual(countsOf(completion).slice(0, 3), [10, 5, 15]);
});

test("a structured output has Mistral's format, and the reason to stop OpenAI's word", async () => {
  const answer = json(200, response({ content: '{"name":"Ada"}' }, "length"));
  const { body, response: completion, wrapper } = await ask(make, MODEL, answer, { responseFormat: PERSON });
  const { type, json_schema: format } = body["response_format"] as { type: string; json_schema: { schema: unknown } };
  assert.deepEqual([type, format.schema], ["json_schema", STRICT_PERSON]);
  assert.deepEqual(wrapper.parsedContent(completion)?.value, { name: "Ada" });
  assert.equal(completion.choices[0]?.finish_reason, "length");
});

const FAILURES = failuresOf({
  name: "MistralAIClient",
  model: MODEL,
  make,
  hello,
  refusal: (message) => ({ object: "error", message, type: "rate_limited", code: "1300" }),
  begun: (isOpen) => streamed([piece({ role: "assistant", content: "Hel" })], { isOpen }),
  create: (options) => new MistralAIClient(options),
  apiType: "mistral",
});
for (const [name, run] of Object.entries(FAILURES)) test(name, run);
