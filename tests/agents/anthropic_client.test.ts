/** Anthropic's models, by the real package `@anthropic-ai/sdk` and a server that speaks Anthropic's messages API. */

import assert from "node:assert/strict";
import { test } from "node:test";
import Anthropic from "@anthropic-ai/sdk";
import { OpenAIWrapper } from "mlflow-ag2/agents";
import { AnthropicClient } from "mlflow-ag2/agents/anthropic";
import { setPrinter } from "mlflow-ag2/agents/console";
import { plainAgent } from "./agent_fixtures.js";
import { json, streamed } from "./model_server.js";
import { recordReports } from "./recording_observer.js";
import { MODEL, PIXEL, message, text, HELLO, events, serve, client, ask, WEATHER } from "./anthropic_fixtures.js";

setPrinter(() => {});

test("a turn of an agent is a request of Anthropic's API", async () => {
  const { baseUrl, bodies, received } = await serve(HELLO);
  const llmConfig = { model: MODEL, service_tier: "auto", client: client(baseUrl) };
  const cathy = plainAgent("cathy", { systemMessage: "You are Cathy.", llmConfig });

  const { summary, cost } = await plainAgent("joe").initiateChat(cathy, { message: "Tell me a joke.", maxTurns: 1 });

  assert.equal(summary, "Hello.");
  assert.deepEqual(bodies()[0], {
    model: MODEL,
    max_tokens: 4096,
    system: "You are Cathy.",
    messages: [{ role: "user", content: "Tell me a joke." }],
    service_tier: "auto",
  });
  assert.equal(received[0]?.url, "/v1/messages");
  assert.equal(received[0]?.headers["authorization"], "Bearer secret-key-1");
  const { total_cost: total, [MODEL]: ofModel } = cost.usage_including_cached_inference;
  assert.equal(total, (10 * 5 + 5 * 25) / 1e6);
  assert.deepEqual(ofModel, { cost: total, prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 });
});

test("a response has the fields of OpenAI's", async () => {
  const { response } = await ask({});
  const { choices, created, ...rest } = response;
  assert.ok(Number(created) > 1_700_000_000);
  assert.deepEqual(choices, [
    {
      finish_reason: "stop",
      index: 0,
      logprobs: null,
      message: {
        content: "Hello.",
        refusal: null,
        role: "assistant",
        annotations: null,
        audio: null,
        function_call: null,
        tool_calls: null,
      },
    },
  ]);
  assert.deepEqual([rest.id, rest.model, rest["object"]], ["msg_1", MODEL, "chat.completion"]);
});

test("a client of the package is used itself, and its own settings hold", async () => {
  const { baseUrl, received } = await serve(HELLO);
  const sdk = new Anthropic({ apiKey: "its-own", baseURL: baseUrl, dangerouslyAllowBrowser: true });
  const wrapper = new OpenAIWrapper({ model: MODEL, client: new AnthropicClient({ client: sdk }) });
  const { choices } = await wrapper.create({ messages: [{ role: "user", content: "Hello?" }] });
  assert.equal(choices[0]?.message.content, "Hello.");
  assert.equal(received[0]?.headers["authorization"], "Bearer its-own");
});

test("user and assistant take turns as in AG2, and a user is the last", async () => {
  const { body } = await ask({
    messages: [
      { role: "system", content: "One." },
      { role: "assistant", content: "Hi.", name: "a" },
      { role: "user", content: "", name: "b" },
      { role: "user", content: "First.", name: "b" },
      { role: "user", content: "Second.", name: "c" },
      { role: "system", content: "Two." },
      { role: "assistant", content: "Last." },
    ],
  });
  assert.equal(body["system"], "One.\nTwo.");
  const please = "Please continue.";
  assert.deepEqual(body.messages, [
    { role: "user", content: please },
    { role: "assistant", content: "Hi." },
    { role: "user", content: "First." },
    { role: "assistant", content: please },
    { role: "user", content: "Second." },
    { role: "assistant", content: "Last." },
    { role: "user", content: please },
  ]);
});

test("images are sent as data or by their address", async () => {
  const { body } = await ask({
    messages: [
      {
        role: "user",
        content: [
          { type: "text", text: "What is this?" },
          { type: "image_url", image_url: { url: `data:image/png;base64,${PIXEL}` } },
          { type: "image_url", image_url: "https://example.org/cat.png" },
        ],
      },
    ],
  });
  assert.deepEqual(body.messages[0]?.content, [
    { type: "text", text: "What is this?" },
    { type: "image", source: { type: "base64", media_type: "image/png", data: PIXEL } },
    { type: "image", source: { type: "url", url: "https://example.org/cat.png" } },
  ]);
  await assert.rejects(ask({ messages: [{ role: "user", content: [{ type: "input_audio" }] }] }), {
    name: "AgentError",
    code: "not_supported",
    message: /`input_audio`/,
  });
});

test("tools are called in parallel, and their results are sent back together", async () => {
  const uses = ["Paris", "Tokyo"].map((city, index) => ({
    type: "tool_use",
    id: `toolu_${index}`,
    name: "weather",
    input: { city },
  }));
  const { baseUrl, bodies } = await serve(
    json(200, message([text("I look."), ...uses], { stop_reason: "tool_use" })),
    json(200, message([text("Sunny in both.")])),
  );
  const guide = plainAgent("guide", { llmConfig: { model: MODEL, client: client(baseUrl) } });
  const user = plainAgent("user");
  const weather = ({ city }: { city: string }): string => `${city}: sunny`;
  guide.registerForLlm({ name: "weather", description: "The weather", parameters: WEATHER.function.parameters })(
    weather,
  );
  user.registerForExecution({ name: "weather" })(weather);

  const { summary, chatHistory } = await user.initiateChat(guide, { message: "Paris and Tokyo?", maxTurns: 2 });

  assert.equal(summary, "Sunny in both.");
  assert.deepEqual(chatHistory[1]?.tool_calls, [
    { id: "toolu_0", type: "function", function: { name: "weather", arguments: '{"city":"Paris"}' } },
    { id: "toolu_1", type: "function", function: { name: "weather", arguments: '{"city":"Tokyo"}' } },
  ]);
  const [first, second] = bodies();
  assert.deepEqual(first?.["tools"], [
    { name: "weather", description: "The weather", input_schema: WEATHER.function.parameters },
  ]);
  assert.deepEqual(second?.messages.slice(1), [
    { role: "assistant", content: [text("I look."), ...uses] },
    {
      role: "user",
      content: [
        { type: "tool_result", tool_use_id: "toolu_0", content: "Paris: sunny" },
        { type: "tool_result", tool_use_id: "toolu_1", content: "Tokyo: sunny" },
      ],
    },
  ]);
});

test("calls and results become text where no tools are offered, and calls without a result are left out", async () => {
  const messages = [
    { role: "user", content: "Hi." },
    { role: "assistant", content: null, tool_calls: [{ id: "a", function: { name: "weather", arguments: "{}" } }] },
    { role: "tool", tool_call_id: "a", content: "sunny" },
    { role: "assistant", content: null, tool_calls: [{ id: "b", function: { name: "weather", arguments: "" } }] },
  ];
  const without = (await ask({ messages })).body.messages.map(({ content }) => content);
  const call = "Some internal function(s) that could be used: [weather]";
  assert.deepEqual(without, ["Hi.", call, "Running the function returned: sunny", call, "Please continue."]);

  const { body } = await ask({ messages, tools: [WEATHER] });
  assert.deepEqual(body.messages.slice(1), [
    { role: "assistant", content: [{ type: "tool_use", id: "a", name: "weather", input: {} }] },
    { role: "user", content: [{ type: "tool_result", tool_use_id: "a", content: "sunny" }] },
    { role: "assistant", content: "Please continue." },
    { role: "user", content: "Please continue." },
  ]);
});

test("OpenAI's parameters have Anthropic's names, and Anthropic's own are sent unchanged", async () => {
  const parameters = { max_tokens: 9, stop: "END", user: "u", top_k: 3, tools: [WEATHER] };
  const { body } = await ask({ ...parameters, tool_choice: "required", parallel_tool_calls: false });
  assert.deepEqual(
    [body["max_tokens"], body["stop_sequences"], body["metadata"], body["top_k"], body["tool_choice"]],
    [9, ["END"], { user_id: "u" }, 3, { type: "any", disable_parallel_tool_use: true }],
  );
  const choices: [unknown, unknown][] = [
    ["auto", { type: "auto" }],
    ["none", { type: "none" }],
    [
      { type: "function", function: { name: "weather" } },
      { type: "tool", name: "weather" },
    ],
    [
      { type: "tool", name: "weather" },
      { type: "tool", name: "weather" },
    ],
  ];
  for (const [given, sent] of choices)
    assert.deepEqual((await ask({ tools: [WEATHER], tool_choice: given })).body["tool_choice"], sent);
});

test("a message streams, chunk by chunk", async () => {
  const { baseUrl, bodies } = await serve(
    streamed(events([{ start: text(""), deltas: ["Hel", "lo."].map((text) => ({ type: "text_delta", text })) }])),
  );
  const wrapper = new OpenAIWrapper({ model: MODEL, stream: true, client: client(baseUrl) });
  const recorded = await recordReports(() => wrapper.create({ messages: [{ role: "user", content: "Hello?" }] }));
  assert.equal(bodies()[0]?.["stream"], true);
  assert.deepEqual(
    recorded.chunks.map(({ chunk }) => (chunk as { choices: { delta: unknown }[] }).choices[0]?.delta),
    [{ content: "Hel" }, { content: "lo." }],
  );
  const response = recorded.ends("modelCall")[0]?.response;
  assert.equal(response?.choices[0]?.message.content, "Hello.");
  assert.equal(response?.choices[0]?.finish_reason, "stop");
  assert.deepEqual(
    [response?.usage?.prompt_tokens, response?.usage?.completion_tokens, response?.usage?.total_tokens],
    [10, 5, 15],
  );
});

test("reasoning and tool calls stream, and signed reasoning goes back with the calls", async () => {
  const thinking = { type: "thinking", thinking: "Let me look.", signature: "sig" };
  const blocks = [
    {
      start: { type: "thinking", thinking: "", signature: "" },
      deltas: [
        { type: "thinking_delta", thinking: "Let me " },
        { type: "thinking_delta", thinking: "look." },
        { type: "signature_delta", signature: "sig" },
      ],
    },
    {
      start: { type: "tool_use", id: "toolu_s", name: "weather", input: {} },
      deltas: ['{"ci', 'ty":"Rome"}'].map((partial_json) => ({ type: "input_json_delta", partial_json })),
    },
    { start: { type: "tool_use", id: "toolu_t", name: "weather", input: {} }, deltas: [] },
  ];
  const { baseUrl, bodies } = await serve(streamed(events(blocks, { stop_reason: "tool_use" })), HELLO);
  const config = { model: MODEL, stream: true, tools: [WEATHER], thinking: { type: "enabled", budget_tokens: 1024 } };
  const wrapper = new OpenAIWrapper({ ...config, client: client(baseUrl) });
  const { choices } = await wrapper.create({ messages: [{ role: "user", content: "Rome?" }] });
  const reply = choices[0]!.message;
  assert.equal(choices[0]?.finish_reason, "tool_calls");
  assert.equal(reply["reasoning_content"], "Let me look.");
  assert.deepEqual(
    reply.tool_calls?.map(({ function: { arguments: args } }) => args),
    ['{"city":"Rome"}', "{}"],
  );

  const results = ["toolu_s", "toolu_t"].map((id) => ({ role: "tool", tool_call_id: id, content: "ok" }));
  // The next call is another client's, as in a group whose agents have one each.
  const other = new OpenAIWrapper({ ...config, stream: false, client: client(baseUrl) });
  await other.create({ messages: [{ role: "user", content: "Rome?" }, reply, ...results] });
  assert.deepEqual((bodies()[1]!.messages[1]!.content as unknown[])[0], thinking);
  assert.deepEqual(bodies()[0]?.["thinking"], config.thinking);
});

test("reasoning is part of the text, as in AG2", async () => {
  const { response } = await ask(
    {},
    json(200, message([{ type: "thinking", thinking: "Hm.", signature: "s" }, text("4")])),
  );
  assert.equal(response.choices[0]?.message.content, "[Thinking]\nHm.\n\n4");
  assert.equal(response.choices[0]?.message["reasoning_content"], "Hm.");
});

test("tokens of the cache count, and cost what they cost", async () => {
  const usage = {
    input_tokens: 10,
    cache_read_input_tokens: 100,
    cache_creation_input_tokens: 30,
    cache_creation: { ephemeral_5m_input_tokens: 20, ephemeral_1h_input_tokens: 10 },
    output_tokens: 5,
  };
  const { baseUrl } = await serve(json(200, message([text("Hello.")], { usage, model: "claude-sonnet-4-5-20250929" })));
  const wrapper = new OpenAIWrapper({ model: MODEL, client: client(baseUrl) });
  const response = await wrapper.create({ messages: [{ role: "user", content: "Hello?" }] });
  assert.deepEqual(
    [response.usage?.prompt_tokens, response.usage?.completion_tokens, response.usage?.total_tokens],
    [140, 5, 145],
  );
  const { cached_tokens: read, cache_write_tokens: written } = response.usage!["prompt_tokens_details"] as {
    cached_tokens: number;
    cache_write_tokens: number;
  };
  assert.deepEqual([read, written], [100, 30]);
  assert.ok(Math.abs(response.cost! - ((10 + 10 + 20 * 1.25 + 10 * 2 + 25) * 3) / 1e6) < 1e-12);
});

test("each reason to stop has OpenAI's word", async () => {
  const reasons: [string, string][] = [
    ["end_turn", "stop"],
    ["stop_sequence", "stop"],
    ["max_tokens", "length"],
    ["model_context_window_exceeded", "length"],
    ["refusal", "content_filter"],
  ];
  for (const [stop_reason, expected] of reasons) {
    const { response } = await ask({}, json(200, message([text("I will not.")], { stop_reason })));
    assert.equal(response.choices[0]?.finish_reason, expected);
    assert.equal(response.choices[0]?.message["refusal"], expected === "content_filter" ? "I will not." : null);
  }
});

const PERSON = {
  type: "object",
  properties: { name: { type: "string", maxLength: 9 }, minimum: { type: "integer", minimum: 0 } },
  required: ["name"],
};

test("a structured output is Anthropic's own, or asked for by the prompt of a model that has none", async () => {
  const data = '{"name":"Ada","minimum":3}';
  const { baseUrl, bodies } = await serve(
    json(200, message([{ type: "thinking", thinking: "Hm.", signature: "s" }, text(data)])),
    json(200, message([text(`Here:\n<json_response>\n${data}\n</json_response>`)])),
  );
  for (const model of [MODEL, "claude-3-haiku-20240307"]) {
    const wrapper = new OpenAIWrapper({ model, responseFormat: PERSON, client: client(baseUrl) });
    const response = await wrapper.create({ messages: [{ role: "user", content: "Who?" }] });
    assert.deepEqual(wrapper.parsedContent(response)?.value, { name: "Ada", minimum: 3 });
  }
  const [native, prompted] = bodies();
  assert.deepEqual(native?.["output_config"], {
    format: {
      type: "json_schema",
      schema: {
        type: "object",
        properties: { name: { type: "string" }, minimum: { type: "integer" } },
        required: ["name", "minimum"],
        additionalProperties: false,
      },
    },
  });
  assert.equal(native?.["system"], undefined);
  assert.match(String(prompted?.["system"]), /<json_response>\n\{\n {2}"name": "example name",\n {2}"minimum": 42\n\}/);
  assert.equal(prompted?.["output_config"], undefined);
});
