/** Streamed completions. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  APIConnectionError,
  APIError,
  APITimeoutError,
  ConversableAgent,
  type ModelResponse,
  OpenAIClient,
  OpenAIWrapper,
} from "mlflow-ag2/agents";
import { setPrinter } from "mlflow-ag2/agents/console";
import { ScriptedModel } from "mlflow-ag2/agents/testing";
import { plainAgent, nextTask } from "./agent_fixtures.js";
import { goldenSpans, llmConfig, rounded, scriptedModel } from "./golden.js";
import { data, DONE, event, json, startModelServer, streamed } from "./model_server.js";
import { recordReports } from "./recording_observer.js";

setPrinter(() => {});

const MESSAGES = [{ role: "user", content: "Hello?" }];
const REQUEST = { messages: MESSAGES, model: "gpt-4o-mini", stream: true };
const USAGE = { prompt_tokens: 5, completion_tokens: 3, total_tokens: 8, prompt_tokens_details: { cached_tokens: 4 } };
const HELLO = [
  event({ role: "assistant", content: "" }),
  event({ content: "Hel" }),
  event({ content: "lo." }),
  event({}, "stop"),
  DONE,
];

const answerOf = (baseUrl: string, options = {}): Promise<ModelResponse> =>
  new OpenAIClient({ baseUrl, maxRetries: 0, ...options }).create(REQUEST);
const textOf = (response: ModelResponse): unknown => response.choices[0]?.message.content;

for (const scenario of ["streaming", "streaming_no_usage"]) {
  test(`${scenario}: model calls have the inputs and outputs that Python records`, async () => {
    const model = scriptedModel(scenario);
    const system = scenario === "streaming" ? "You add." : undefined;
    const assistant = plainAgent("assistant", {
      systemMessage: system,
      llmConfig: llmConfig(model, undefined, { stream: true }),
    });
    const user = plainAgent("user");
    const integer = (description: string) => ({ type: "integer", description });
    const add = ({ a, b }: { a: number; b: number }): number => a + b;
    if (system) {
      const parameters = { type: "object", properties: { a: integer("a"), b: integer("b") }, required: ["a", "b"] };
      assistant.registerForLlm({ description: "The sum", parameters })(add);
      user.registerForExecution()(add);
    }

    const recorded = await recordReports(() =>
      user.initiateChat(assistant, {
        message: system ? "Add 2 and 3." : "Count to three.",
        ...(!system && { maxTurns: 1 }),
      }),
    );

    const golden = goldenSpans(scenario, "LLM");
    assert.equal(golden.length, system ? 2 : 1);
    assert.deepEqual(
      rounded(recorded.starts("modelCall").map(({ request }) => request)),
      golden.map(({ inputs }) => inputs),
    );
    assert.deepEqual(
      rounded(recorded.ends("modelCall").map(({ response }) => response)),
      golden.map(({ outputs }) => outputs),
    );
    assert.equal(
      JSON.stringify(rounded(recorded.ends("modelCall")[0]?.response)),
      JSON.stringify(golden[0]?.outputs),
      "the order of the fields too",
    );
  });
}

test("a stream requests its usage, and custom parameters stay", async () => {
  const { baseUrl, received } = await startModelServer(streamed(HELLO));

  await new OpenAIWrapper({
    baseUrl,
    model: "gpt-4o-mini",
    stream: true,
    stream_options: { include_obfuscation: false },
  }).create({ messages: MESSAGES });

  assert.deepEqual(JSON.parse(received[0]?.body ?? ""), {
    ...REQUEST,
    stream_options: { include_usage: true, include_obfuscation: false },
  });
});

test("characters, lines and line ends that the network splits are joined", async () => {
  const bytes = new TextEncoder().encode(
    [event({ content: "Grüße 🌍👩‍👩‍👧 " }), event({ content: "你好\r\n\u2028" }, "stop"), DONE]
      .join("")
      .replaceAll("\n\n", "\r\n\r\n"),
  );
  const single = Array.from(bytes, (_, index) => bytes.subarray(index, index + 1));
  const { baseUrl } = await startModelServer(streamed(single));

  assert.equal(textOf(await answerOf(baseUrl)), "Grüße 🌍👩‍👩‍👧 你好\r\n\u2028");
});

test("comments and events of other kinds are ignored", async () => {
  const { baseUrl } = await startModelServer(
    streamed([": keep-alive\n\n", "retry: 10\n", "event: ping\ndata: {}\n\n", ...HELLO]),
  );

  assert.equal(textOf(await answerOf(baseUrl)), "Hello.");
});

test("every chunk is reported below the open model call, before the call ends", async () => {
  const { baseUrl } = await startModelServer(streamed(HELLO));
  const agent = plainAgent("helper", { llmConfig: { baseUrl, model: "gpt-4o-mini", stream: true } });

  const recorded = await recordReports(() => agent.generateReply({ messages: MESSAGES }));

  assert.equal(recorded.chunks.length, 4);
  assert.ok(recorded.chunks.every(({ scope }) => recorded.name(scope) === "modelCall of helper"));
  assert.deepEqual(
    recorded.chunks.map(({ chunk }) => (chunk as ModelResponse).choices[0]?.["delta"]),
    [{ role: "assistant", content: "" }, { content: "Hel" }, { content: "lo." }, {}],
  );
});

test("the text is printed as it arrives, unless the agent is silent", async () => {
  const { baseUrl } = await startModelServer(streamed(HELLO));
  const printed: string[] = [];
  const undo = setPrinter((text) => void printed.push(text));
  try {
    for (const silent of [true, false]) {
      const agent = plainAgent("helper", { silent, llmConfig: { baseUrl, model: "gpt-4o-mini", stream: true } });
      await agent.generateReply({ messages: MESSAGES });
    }
  } finally {
    undo();
  }
  assert.deepEqual(printed, ["Hel", "lo."]);
});

test("parallel tool calls are assembled by their index, in any order of their chunks", async () => {
  const call = (index: number, rest: object): string => event({ tool_calls: [{ index, ...rest }] });
  const { baseUrl } = await startModelServer(
    streamed([
      event({ role: "assistant", content: null }),
      call(1, { id: "call_b", type: "function", function: { name: "second", arguments: "" } }),
      call(0, { id: "call_a", type: "function", function: { name: "first", arguments: '{"x"' } }),
      // Some servers repeat the fields of the first chunk.
      call(1, { id: "call_b", type: "function", function: { arguments: "{}" } }),
      call(0, { function: { arguments: ": 1}" } }),
      event({}, "tool_calls"),
      DONE,
    ]),
  );

  const { message, finish_reason } = (await answerOf(baseUrl)).choices[0] ?? assert.fail();

  assert.equal(finish_reason, "tool_calls");
  assert.deepEqual(message.tool_calls, [
    { id: "call_a", function: { arguments: '{"x": 1}', name: "first" }, type: "function", index: 0 },
    { id: "call_b", function: { arguments: "{}", name: "second" }, type: "function", index: 1 },
  ]);
  assert.equal(message.content, "");
});

test("a function call in the API's old style is assembled", async () => {
  const pieces = [
    { name: "get_current_weather", arguments: null },
    { arguments: '{"' },
    { arguments: "location" },
    { arguments: '":"San Francisco"}' },
  ];
  const { baseUrl } = await startModelServer(
    streamed([...pieces.map((function_call) => event({ function_call })), event({}, "function_call"), DONE]),
  );

  assert.deepEqual((await answerOf(baseUrl)).choices[0]?.message.function_call, {
    arguments: '{"location":"San Francisco"}',
    name: "get_current_weather",
  });
});

test("several choices and a refusal are assembled separately", async () => {
  const { baseUrl } = await startModelServer(
    streamed([
      event({ content: "B" }, null, 1),
      event({ refusal: "I will " }),
      event({ refusal: "not." }, "stop"),
      event({ content: "ee." }, "stop", 1),
      DONE,
    ]),
  );

  const { choices } = await answerOf(baseUrl);

  assert.deepEqual(
    choices.map(({ index, message: { content, refusal } }) => [index, content, refusal]),
    [
      [0, "", "I will not."],
      [1, "Bee.", null],
    ],
  );
});

test("usage has its details, in a separate chunk or in the last one", async () => {
  for (const pieces of [
    [...HELLO.slice(0, -1), data({ id: "c1", choices: [], usage: USAGE }), DONE],
    [
      data({
        id: "c1",
        model: "m",
        choices: [{ index: 0, delta: { content: "Hi." }, finish_reason: "stop" }],
        usage: USAGE,
      }),
      DONE,
    ],
  ]) {
    const { baseUrl } = await startModelServer(streamed(pieces));
    assert.deepEqual((await answerOf(baseUrl)).usage, {
      completion_tokens: 3,
      prompt_tokens: 5,
      total_tokens: 8,
      completion_tokens_details: null,
      prompt_tokens_details: { audio_tokens: null, cache_write_tokens: null, cached_tokens: 4 },
    });
  }
});

test("a first chunk without id and model, as Azure sends it, does not name the completion", async () => {
  const { baseUrl } = await startModelServer(
    streamed([data({ id: "", model: "", choices: [], prompt_filter_results: [] }), ...HELLO]),
  );

  const { id, model, created } = await answerOf(baseUrl);

  assert.deepEqual([id, model, created], ["c1", "gpt-4o-mini", 1]);
});

test("a stream whose connection breaks fails and is not retried, and the next model is tried", async () => {
  const broken = await startModelServer((reply, call) => {
    streamed([event({ content: "Hel" })], { isOpen: true })(reply, call);
    setTimeout(() => reply.destroy(), 20);
  });
  const good = await startModelServer(streamed(HELLO));

  await assert.rejects(answerOf(broken.baseUrl, { maxRetries: 2 }), (error) => {
    assert.ok(error instanceof APIConnectionError);
    assert.equal(error.code, "connection_error");
    assert.match(error.message, /broke its answer off/);
    return true;
  });
  assert.equal(broken.received.length, 1);

  const wrapper = new OpenAIWrapper({
    model: "gpt-4o-mini",
    stream: true,
    configList: [{ baseUrl: broken.baseUrl }, { baseUrl: good.baseUrl }],
  });
  assert.equal(textOf(await wrapper.create({ messages: MESSAGES })), "Hello.");
});

test("a stream may end without [DONE], but not before the completion has ended", async () => {
  const withoutMark = await startModelServer(streamed(HELLO.slice(0, -1)));
  assert.equal(textOf(await answerOf(withoutMark.baseUrl)), "Hello.");

  const unfinished = await startModelServer(streamed(HELLO.slice(0, -2)));
  await assert.rejects(answerOf(unfinished.baseUrl), APIConnectionError);
});

test("an error that the server sends into the stream has its message and its code", async () => {
  const error = { message: "The server is overloaded.", type: "server_error", code: "overloaded" };
  const { baseUrl, received } = await startModelServer(streamed([event({ content: "Hel" }), data({ error })]));

  await assert.rejects(answerOf(baseUrl, { maxRetries: 2 }), {
    name: "APIError",
    code: "overloaded",
    type: "server_error",
    message: /The server is overloaded\./,
  });
  assert.equal(received.length, 1);
});

test("a failure before the stream begins is retried", async () => {
  const { baseUrl, received } = await startModelServer(json(500, {}, { "retry-after-ms": "1" }), streamed(HELLO));

  assert.equal(textOf(await answerOf(baseUrl, { maxRetries: 1 })), "Hello.");
  assert.equal(received.length, 2);
});

test("the timeout restarts with each chunk", async () => {
  const slow = await startModelServer(streamed(HELLO, { gapMs: 250 }));
  assert.equal(textOf(await answerOf(slow.baseUrl, { timeoutMs: 1000 })), "Hello.", "five times 250 ms");

  const silent = await startModelServer(streamed(HELLO.slice(0, 2), { isOpen: true }));
  await assert.rejects(answerOf(silent.baseUrl, { timeoutMs: 500, maxRetries: 2 }), APITimeoutError);
  assert.equal(silent.received.length, 1);
});

test("a signal ends a stream with its reason and closes the connection", async () => {
  const reason = new Error("enough");
  const controller = new AbortController();
  let closed: Promise<void> | undefined;
  const { baseUrl } = await startModelServer((reply, call) => {
    closed = reply.closed;
    streamed(HELLO.slice(0, 2), { isOpen: true })(reply, call);
  });

  const answer = new OpenAIClient({ baseUrl }).create(REQUEST, {
    signal: controller.signal,
    onChunk: () => controller.abort(reason),
  });

  await assert.rejects(answer, (error) => error === reason);
  await closed;
});

test("a server that cannot stream may send the whole completion", async () => {
  const { baseUrl } = await startModelServer(
    json(200, {
      id: "c1",
      model: "m",
      choices: [{ index: 0, message: { role: "assistant", content: "Hello." }, finish_reason: "stop" }],
    }),
  );

  assert.equal(textOf(await answerOf(baseUrl)), "Hello.");
});

test("a response that is no stream of completions is an API error that names the setting to check", async () => {
  const page = await startModelServer((reply) =>
    reply.head(200, { "content-type": "text/html" }).end("<html>gateway page</html>"),
  );
  const rubbish = await startModelServer(streamed(["data: {\n\n"]));
  for (const { baseUrl } of [page, rubbish]) {
    await assert.rejects(answerOf(baseUrl), (error) => {
      assert.ok(error instanceof APIError);
      assert.equal(error.code, "invalid_response");
      assert.match(error.message, /`baseUrl`/);
      return true;
    });
  }
});

test("a slow receiver of chunks delays the stream", async () => {
  const { baseUrl } = await startModelServer(streamed(HELLO));
  const order: string[] = [];

  await new OpenAIClient({ baseUrl }).create(REQUEST, {
    onChunk: async () => {
      order.push("begin");
      await nextTask();
      order.push("end");
    },
  });

  assert.deepEqual(order, ["begin", "end", "begin", "end", "begin", "end", "begin", "end"]);
});

test("a scripted model streams like a server", async () => {
  const model = new ScriptedModel([
    { content: "One, two, three.", chunks: ["One, ", "two, ", "three."] },
    { content: "Four, five.", drop_after_chunks: 2 },
  ]);
  const wrapper = new OpenAIWrapper({ client: model, model: "gpt-4o-mini", stream: true });

  const recorded = await recordReports(() => wrapper.create({ messages: MESSAGES }));

  assert.deepEqual(
    recorded.chunks.slice(1, 4).map(({ chunk }) => (chunk as ModelResponse).choices[0]?.["delta"]),
    [{ content: "One, " }, { content: "two, " }, { content: "three." }],
  );
  assert.deepEqual(recorded.ends("modelCall")[0]?.response.usage?.total_tokens, 15);
  await assert.rejects(wrapper.create({ messages: MESSAGES }), APIConnectionError);
});

test("a chat with a streaming model ends like any other", async () => {
  const { baseUrl } = await startModelServer(streamed(HELLO));
  const helper = plainAgent("helper", { llmConfig: { baseUrl, model: "gpt-4o-mini", stream: true } });

  const { summary, chatHistory } = await new ConversableAgent({ name: "user", silent: true }).initiateChat(helper, {
    message: "Hello?",
    maxTurns: 1,
  });

  assert.equal(summary, "Hello.");
  assert.deepEqual(chatHistory.at(-1), { content: "Hello.", role: "user", name: "helper" });
});
