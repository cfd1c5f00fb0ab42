/** OpenAI's Responses API, by the real package `openai` and a server that speaks it. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { type ModelClient, OpenAIWrapper } from "mlflow-ag2/agents";
import { OpenAIResponsesClient } from "mlflow-ag2/agents/openai-responses";
import OpenAI from "openai";
import { json, streamed } from "./model_server.js";
import {
  ask,
  askStream,
  countsOf,
  failuresOf,
  HELLO,
  KEY,
  PARAMETERS,
  PERSON,
  PICTURE,
  PIXEL,
  serve,
  STRICT_PERSON,
  twoCities,
  WEATHER,
} from "./model_package_fixtures.js";

const MODEL = "gpt-4o-mini";
const make = (origin: string, options: object = {}): ModelClient =>
  new OpenAIResponsesClient({ apiKey: KEY, baseUrl: `${origin}/v1`, ...options });

/** A response of the API, as in its reference. */
const response = (output: object[], more: object = {}): object => ({
  id: "resp_1",
  object: "response",
  created_at: 1_796_068_800,
  status: "completed",
  error: null,
  incomplete_details: null,
  model: MODEL,
  output,
  usage: {
    input_tokens: 10,
    input_tokens_details: { cached_tokens: 4 },
    output_tokens: 5,
    output_tokens_details: { reasoning_tokens: 3 },
    total_tokens: 15,
  },
  ...more,
});
const message = (text: string): object => ({
  type: "message",
  id: "msg_1",
  status: "completed",
  role: "assistant",
  content: [{ type: "output_text", text, annotations: [] }],
});
const hello = json(200, response([message("Hello.")]));
const REASONING = { type: "reasoning", id: "rs_1", summary: [{ type: "summary_text", text: "Hm." }] };
const call = (city: string): object => ({
  type: "function_call",
  id: `fc_${city}`,
  call_id: `call_${city}`,
  name: "weather",
  arguments: JSON.stringify({ city }),
  status: "completed",
});
const event = (data: { type: string } & Record<string, unknown>): string =>
  `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;

test("a turn is a request of the Responses API", async () => {
  const {
    body,
    url,
    response: completion,
  } = await ask(make, MODEL, hello, {
    temperature: 0.5,
    max_tokens: 9,
    reasoning_effort: "low",
    verbosity: "high",
    built_in_tools: ["web_search"],
    messages: [{ role: "system", content: "Be kind." }, ...HELLO, { role: "assistant", content: "Hi.", name: "a" }],
  });
  assert.equal(url, "/v1/responses");
  assert.deepEqual(body, {
    model: MODEL,
    input: [
      { role: "system", content: [{ type: "input_text", text: "Be kind." }] },
      { role: "user", content: [{ type: "input_text", text: "Hello?" }] },
      { role: "assistant", content: [{ type: "output_text", text: "Hi." }] },
    ],
    tools: [{ type: "web_search" }],
    max_output_tokens: 9,
    text: { verbosity: "high" },
    reasoning: { effort: "low" },
    temperature: 0.5,
  });
  assert.deepEqual([completion.id, completion.model, completion["created"]], ["resp_1", MODEL, 1_796_068_800]);
  assert.equal(completion.choices[0]?.message.content, "Hello.");
  assert.deepEqual(countsOf(completion), [10, 5, 15, 4, 3]);
});

test("a client of the package is used itself, and costs are those of chat completions", async () => {
  const { origin, sent } = await serve(hello);
  const sdk = new OpenAI({ apiKey: "its-own", baseURL: `${origin}/v1`, dangerouslyAllowBrowser: true });
  const wrapper = new OpenAIWrapper({ model: MODEL, client: new OpenAIResponsesClient({ client: sdk }) });
  const { cost } = await wrapper.create({ messages: HELLO });
  assert.equal(sent()[0]?.headers["authorization"], "Bearer its-own");
  assert.equal(cost, (0.00015 * 10 + 0.0006 * 5) / 1000);
});

test("images are sent, and one that the model makes is part of the content", async () => {
  const made = { type: "image_generation_call", id: "ig_1", status: "completed", result: PIXEL, output_format: "webp" };
  const answer = json(200, response([made, message("Here.")]));
  const { body, response: completion } = await ask(make, MODEL, answer, { messages: PICTURE });
  assert.deepEqual((body["input"] as { content: unknown }[])[0]?.content, [
    { type: "input_text", text: "What is this?" },
    { type: "input_image", image_url: `data:image/png;base64,${PIXEL}`, detail: "low" },
  ]);
  assert.deepEqual(completion.choices[0]?.message.content, [
    { type: "text", text: "Here." },
    { type: "image_url", image_url: { url: `data:image/webp;base64,${PIXEL}` } },
  ]);
});

test("tools are called in parallel, and their results and the reasoning are sent back", async () => {
  const { sent, calls } = await twoCities(
    make,
    MODEL,
    json(200, response([REASONING, call("Paris"), call("Tokyo")])),
    json(200, response([message("Sunny in both.")])),
  );
  assert.deepEqual(
    calls.map(({ id }) => id),
    ["call_Paris", "call_Tokyo"],
  );
  assert.deepEqual(sent[0]?.body["tools"], [
    { type: "function", strict: false, name: "weather", description: "The weather", parameters: PARAMETERS },
  ]);
  const item = (city: string): object => ({
    type: "function_call",
    call_id: `call_${city}`,
    name: "weather",
    arguments: JSON.stringify({ city }),
  });
  const output = (city: string): object => ({
    type: "function_call_output",
    call_id: `call_${city}`,
    output: `${city}: sunny`,
  });
  assert.deepEqual((sent[1]!.body["input"] as unknown[]).slice(-5), [
    REASONING,
    item("Paris"),
    item("Tokyo"),
    output("Paris"),
    output("Tokyo"),
  ]);
  const stateless = await ask(make, MODEL, hello, {
    store: false,
    tools: [WEATHER],
    tool_choice: { type: "function", function: { name: "weather" } },
    messages: [
      ...HELLO,
      { role: "assistant", tool_calls: [{ id: "call_Paris", function: { name: "weather", arguments: "{}" } }] },
      { role: "tool", tool_call_id: "call_Paris", content: "sunny" },
    ],
  });
  assert.deepEqual(
    (stateless.body["input"] as { type?: string }[]).map(({ type }) => type),
    [undefined, "function_call", "function_call_output"],
  );
  assert.deepEqual(stateless.body["tool_choice"], { type: "function", name: "weather" });
});

test("text and reasoning stream", async () => {
  const { deltas, response: completion } = await askStream(
    make,
    MODEL,
    streamed([
      event({ type: "response.created", response: response([], { status: "in_progress" }) }),
      event({ type: "response.reasoning_summary_text.delta", item_id: "rs_1", output_index: 0, delta: "Hm." }),
      event({ type: "response.output_text.delta", item_id: "msg_1", output_index: 1, content_index: 0, delta: "Hel" }),
      event({ type: "response.output_text.delta", item_id: "msg_1", output_index: 1, content_index: 0, delta: "lo." }),
      event({ type: "response.completed", response: response([REASONING, message("Hello.")]) }),
    ]),
  );
  assert.deepEqual(deltas, [{ reasoning_content: "Hm." }, { content: "Hel" }, { content: "lo." }]);
  assert.equal(completion.choices[0]?.message.content, "Hello.");
  assert.equal(completion.choices[0]?.message["reasoning_content"], "Hm.");
  assert.deepEqual(countsOf(completion), [10, 5, 15, 4, 3]);
});

test("a structured output has the format of the API, and a refusal is reported", async () => {
  const answer = json(200, response([message('{"name":"Ada"}')]));
  const { body, response: completion, wrapper } = await ask(make, MODEL, answer, { responseFormat: PERSON });
  assert.deepEqual(body["text"], {
    format: { type: "json_schema", name: "response_format", schema: STRICT_PERSON, strict: true },
  });
  assert.deepEqual(wrapper.parsedContent(completion)?.value, { name: "Ada" });
  const refusing = { ...message(""), content: [{ type: "refusal", refusal: "No." }] };
  const refused = await ask(make, MODEL, json(200, response([refusing])), { responseFormat: PERSON });
  assert.equal(refused.wrapper.parsedContent(refused.response)?.error?.code, "refusal");
});

test("each reason to stop has the word of chat completions, and a failed response is an APIError", async () => {
  for (const [reason, word] of [
    ["max_output_tokens", "length"],
    ["content_filter", "content_filter"],
  ]) {
    const answer = json(200, response([message("Hel")], { status: "incomplete", incomplete_details: { reason } }));
    assert.equal((await ask(make, MODEL, answer)).response.choices[0]?.finish_reason, word);
  }
  const failed = response([], { status: "failed", error: { code: "server_error", message: "It broke." } });
  await assert.rejects(ask(make, MODEL, json(200, failed)), { code: "server_error", message: /It broke\./ });
  await assert.rejects(askStream(make, MODEL, streamed([event({ type: "response.failed", response: failed })])), {
    code: "server_error",
  });
});

test("tools that would change this machine are refused", async () => {
  await assert.rejects(ask(make, MODEL, hello, { built_in_tools: ["shell"] }), {
    name: "AgentError",
    message: /`shell` in `built_in_tools`/,
  });
});

const FAILURES = failuresOf({
  name: "OpenAIResponsesClient",
  model: MODEL,
  make,
  hello,
  refusal: (message) => ({ error: { message, type: "rate_limit", code: "rate_limit_exceeded" } }),
  begun: (isOpen) =>
    streamed(
      [
        event({ type: "response.created", response: response([], { status: "in_progress" }) }),
        event({ type: "response.output_text.delta", item_id: "m", output_index: 0, content_index: 0, delta: "Hel" }),
      ],
      { isOpen },
    ),
  create: (options) => new OpenAIResponsesClient(options),
  apiType: "responses",
});
for (const [name, run] of Object.entries(FAILURES)) test(name, run);
