import assert from "node:assert/strict";
import { before, test } from "node:test";
import { autolog, getTrace, setTrackingUri, startSpan, stats, type Span, type Trace } from "mlflow-ag2";
import type { Scope } from "mlflow-ag2/agents";
import { chatDetails, chatResult, chunk, ended, failed, lastTrace, message, started } from "./reporting.js";
import { outline } from "./tree.js";

before(() => {
  setTrackingUri("memory:");
  autolog();
});

const alice = { name: "alice" };
const bob = { name: "bob" };

function named(trace: Trace, name: string): Span {
  const found = trace.data.spans.find((span) => span.name === name);
  assert.ok(found, `no span is called ${name}`);
  return found;
}

function attributes(span: Span, ...keys: string[]): unknown[] {
  return keys.map((key) => span.getAttribute(key));
}

function modelCall(
  request: Record<string, unknown>,
  response: Record<string, unknown>,
  {
    parent,
    api,
    configIndex = 0,
    isCached = false,
  }: {
    parent?: Scope;
    api?: { type: string | undefined; baseUrl: string | undefined };
    configIndex?: number;
    isCached?: boolean;
  } = {},
): void {
  const call = started(
    "modelCall",
    { agent: bob, request: { messages: [], ...request }, configIndex, ...(api && { api }) },
    parent,
  );
  ended(call, { response: { model: "m", choices: [], ...response }, costUsd: 0.25, isCached });
}

test("a model call has its request as inputs and its response as outputs", async () => {
  const request = {
    model: "gpt-4o",
    temperature: 0.5,
    max_tokens: 100,
    top_p: 1,
    frequency_penalty: 0,
    presence_penalty: -1,
    seed: 7,
    n: 2,
    stop: ["x"],
  };
  const choices = [{ message: {}, finish_reason: "stop" }, { message: {}, finish_reason: "length" }, { message: {} }];
  modelCall(request, {
    id: "r-1",
    model: "gpt-4o-2024-08-06",
    choices,
    usage: { prompt_tokens: 3, completion_tokens: 4, prompt_tokens_details: { cached_tokens: 2 } },
  });
  const call = named(await lastTrace(), "chat_completion");
  const keys = [
    "model",
    "temperature",
    "max_tokens",
    "top_p",
    "frequency_penalty",
    "presence_penalty",
    "seed",
    "choice.count",
  ].map((key) => `gen_ai.request.${key}`);
  assert.deepEqual(attributes(call, ...keys), ["gpt-4o", 0.5, 100, 1, 0, -1, 7, 2]);
  assert.deepEqual(attributes(call, "gen_ai.response.model", "gen_ai.response.id", "gen_ai.response.finish_reasons"), [
    "gpt-4o-2024-08-06",
    "r-1",
    ["stop", "length"],
  ]);
  assert.deepEqual(
    attributes(
      call,
      "gen_ai.usage.input_tokens",
      "gen_ai.usage.output_tokens",
      "gen_ai.usage.cache_read.input_tokens",
      "gen_ai.usage.cost",
    ),
    [3, 4, 2, 0.25],
  );
  assert.deepEqual(attributes(call, "gen_ai.operation.name", "gen_ai.agent.name", "ag2.config_list.index"), [
    "chat",
    "bob",
    undefined,
  ]);
});

test("the provider is that of the API, the address or the model's name, and OpenAI by default", async () => {
  const cases: [model: string | undefined, type: string | undefined, baseUrl: string | undefined, expected: string][] =
    [
      ["gpt-4o", undefined, undefined, "openai"],
      ["gpt-4o", "openai", "https://api.openai.com/v1", "openai"],
      ["gpt-4o", "azure", "https://mine.openai.azure.com", "azure"],
      ["gpt-4o", undefined, "https://mine.openai.azure.com/openai", "azure"],
      ["claude", "anthropic", undefined, "anthropic"],
      ["gemini", "google", undefined, "gemini"],
      ["llama", undefined, "api.groq.com/openai/v1", "groq"],
      ["llama", undefined, "http://localhost:11434/v1", "ollama"],
      ["openai/gpt-4o", undefined, "https://openrouter.ai/api/v1", "openrouter"],
      ["mistral/mistral-large", undefined, "http://gateway.local/v1", "mistral"],
      ["meta-llama/Llama-3-8B", undefined, "http://127.0.0.1:8000/v1", "openai"],
      ["gpt-4o", undefined, "https://notgroq.com.example/v1", "openai"],
      [undefined, undefined, "not a URL at all", "openai"],
    ];
  for (const [model, type, baseUrl, expected] of cases) {
    modelCall({ model }, {}, { api: { type, baseUrl } });
    assert.equal(
      named(await lastTrace(), "chat_completion").getAttribute("mlflow.llm.provider"),
      expected,
      `${model} ${type} ${baseUrl}`,
    );
  }
});

test("each attempt of a configList is a span, with its place in the list and how it went", async () => {
  const chat = started("chat", chatDetails(alice, bob, "hi"));
  const first = started("modelCall", { agent: bob, request: { messages: [], model: "a" }, configIndex: 0 }, chat);
  failed(first, Object.assign(new Error("slow down"), { name: "RateLimitError" }));
  modelCall({ model: "b" }, {}, { parent: chat, configIndex: 1 });
  ended(chat, chatResult(""));
  const trace = await lastTrace();
  assert.deepEqual(outline(trace), [
    "CHAIN initiate_chat OK",
    "  LLM chat_completion ERROR",
    "  LLM chat_completion OK",
  ]);
  assert.deepEqual(
    trace.data.spans
      .slice(1)
      .map((span) => attributes(span, "gen_ai.request.model", "ag2.config_list.index", "error.type")),
    [
      ["a", undefined, "RateLimitError"],
      ["b", 1, undefined],
    ],
  );
});

test("a cached response is marked, and its tokens are not counted again", async () => {
  modelCall(
    { model: "a" },
    { usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 } },
    { isCached: true },
  );
  const trace = await lastTrace();
  const call = named(trace, "chat_completion");
  assert.deepEqual(attributes(call, "is_cached", "mlflow.chat.tokenUsage", "cost", "gen_ai.usage.input_tokens"), [
    1,
    undefined,
    undefined,
    undefined,
  ]);
  assert.deepEqual(attributes(call, "ag2.cache.saved_cost", "ag2.cache.saved_usage"), [
    0.25,
    { input_tokens: 10, output_tokens: 5, total_tokens: 15 },
  ]);
  assert.equal(trace.info.tokenUsage, null);
});

test("a stream records the time of its first chunk, once", async () => {
  const call = started("modelCall", {
    agent: bob,
    request: { messages: [], model: "m", stream: true },
    configIndex: 0,
  });
  chunk(call, { choices: [] });
  chunk(call, { choices: [{ delta: { role: "assistant", content: "" } }] });
  chunk(call, { choices: [{ delta: { content: "He" } }] });
  chunk(call, { choices: [{ delta: { content: "llo" } }] });
  ended(call, {
    response: { model: "m", choices: [{ message: { role: "assistant", content: "Hello" } }] },
    costUsd: 0,
    isCached: false,
  });
  const span = named(await lastTrace(), "chat_completion");
  assert.deepEqual(
    span.events.map(({ name }) => name),
    ["first_token"],
  );
  const seconds = span.getAttribute("gen_ai.response.time_to_first_chunk") as number;
  const measured = Number(span.events[0]!.timeNs - span.startTimeNs) / 1e9;
  assert.ok(
    Math.abs(seconds - measured) < 1e-6 && span.events[0]!.timeNs <= span.endTimeNs!,
    `${seconds} s recorded, ${measured} s measured`,
  );
});

test("a speaker selection is a span with the candidates, its operations and the speaker", async () => {
  const chat = started("chat", chatDetails(alice, { name: "manager" }, "hi"));
  message(chat, { sender: alice, recipient: { name: "manager" }, message: "hi", valid: true });
  const manager = started("reply", { agent: { name: "manager" }, sender: alice, messages: [] }, chat);
  const choice = started(
    "speakerSelection",
    { groupChat: { agents: [alice, bob] }, lastSpeaker: alice, method: "auto" },
    manager,
  );
  const query = started("chat", chatDetails({ name: "checking_agent" }, { name: "selector" }, "who?"), choice);
  ended(query, chatResult("bob"));
  ended(choice, { speaker: bob, method: "auto" });
  message(manager, { sender: { name: "manager" }, recipient: bob, message: "hi", valid: true, broadcastOf: alice });
  const speaker = started("reply", { agent: bob, sender: { name: "manager" }, messages: [] }, manager);
  message(speaker, { sender: bob, recipient: { name: "manager" }, message: "hello", valid: true });
  ended(speaker, { reply: "hello" });
  ended(manager, { reply: undefined });
  ended(chat, chatResult("hello"));
  const trace = await lastTrace();
  assert.deepEqual(outline(trace), [
    "CHAIN initiate_chat OK",
    "  AGENT manager OK",
    "    CHAIN select_speaker OK",
    "      CHAIN initiate_chat OK",
    "    AGENT bob OK",
  ]);
  const span = named(trace, "select_speaker");
  assert.deepEqual(
    [span.inputs, span.outputs],
    [
      { method: "auto", last_speaker: "alice", candidates: ["alice", "bob"] },
      { speaker: "bob", method: "auto" },
    ],
  );
  const keys = ["candidates", "selected", "method"].map((key) => `ag2.speaker_selection.${key}`);
  assert.deepEqual(attributes(span, ...keys), [["alice", "bob"], "bob", "auto"]);
  assert.deepEqual(named(trace, "bob").inputs, { message: "hi", sender: "alice", valid: true });
});

test("a selection without a speaker has the status OK", async () => {
  const choice = started("speakerSelection", { groupChat: null, lastSpeaker: undefined, method: "function" });
  ended(choice, { speaker: undefined, method: "function" });
  const span = named(await lastTrace(), "select_speaker");
  assert.deepEqual(
    [span.outputs, span.status.code, span.getAttribute("ag2.speaker_selection.selected")],
    [{ speaker: null, method: "function" }, "OK", undefined],
  );
});

test("a request for human input is a span", async () => {
  const input = started("humanInput", { agent: alice, prompt: "Your turn: " });
  ended(input, { reply: "exit" });
  const span = named(await lastTrace(), "human_input");
  assert.deepEqual(
    [span.spanType, span.inputs, span.outputs, span.getAttribute("gen_ai.agent.name")],
    ["TASK", { prompt: "Your turn: " }, "exit", "alice"],
  );
});

test("code that was run is a span, which fails with another exit code than 0", async () => {
  for (const [exitCode, status, type] of [
    [0, "OK", undefined],
    [3, "ERROR", "CodeExecutionError"],
  ] as const) {
    const run = started("codeExecution", { agent: alice, blocks: [{ language: "sh", code: "ls" }] });
    ended(run, { exitCode, output: "a b" });
    const span = named(await lastTrace(), "execute_code");
    assert.deepEqual(
      [span.inputs, span.outputs],
      [{ code_blocks: [{ language: "sh", code: "ls" }] }, { exit_code: exitCode, output: "a b" }],
    );
    assert.deepEqual(
      [span.status.code, ...attributes(span, "ag2.code_execution.exit_code", "error.type")],
      [status, exitCode, type],
    );
  }
});

test("chats of a queue are children of one span with their arguments and results", async () => {
  for (const isParallel of [false, true]) {
    const chats = started("chats", { sender: alice, count: 2 });
    const first = started("chat", chatDetails(alice, bob, "one"), chats);
    if (!isParallel) ended(first, { ...chatResult("1"), chatId: 11 });
    const second = started("chat", chatDetails(alice, { name: "carol" }, "two"), chats);
    if (isParallel) ended(first, { ...chatResult("1"), chatId: 11 });
    ended(second, { ...chatResult("2"), chatId: 12 });
    ended(chats, {});
    const span = named(await lastTrace(), "initiate_chats");
    assert.deepEqual(span.inputs, {
      chat_queue: [
        { sender: "alice", recipient: "bob", message: "one" },
        { sender: "alice", recipient: "carol", message: "two" },
      ],
    });
    assert.deepEqual(span.outputs, [
      { recipient: "bob", chat_id: 11, summary: "1" },
      { recipient: "carol", chat_id: 12, summary: "2" },
    ]);
    const keys = ["count", "mode", "recipients", "ids"].map((key) => `ag2.chats.${key}`);
    assert.deepEqual(attributes(span, ...keys), [
      2,
      isParallel ? "parallel" : "sequential",
      ["bob", "carol"],
      [11, 12],
    ]);
  }
});

test("a failed queue of chats has the ones that had started", async () => {
  const chats = started("chats", { sender: undefined, count: 2 });
  const first = started("chat", chatDetails(alice, bob, "one"), chats);
  failed(first, new Error("no"));
  failed(chats, new Error("no"));
  const trace = await lastTrace();
  assert.deepEqual(outline(trace), ["CHAIN initiate_chats ERROR", "  CHAIN initiate_chat ERROR"]);
  assert.deepEqual([named(trace, "initiate_chats").outputs], [[{ recipient: "bob" }]]);
});

test("a chat is a session with the one that continues it, and not by itself", async () => {
  const [one, other] = [{ name: "one" }, { name: "other" }];
  const sessions: unknown[] = [];
  const traceIds: string[] = [];
  for (const [sender, recipient, clearHistory, chatId] of [
    [one, other, true, 1],
    [one, other, false, 2],
    [other, one, false, 3],
    [one, other, true, 4],
    [one, alice, false, 5],
  ] as const) {
    const chat = started("chat", { ...chatDetails(sender, recipient, "hi"), clearHistory, maxTurns: 3 });
    ended(chat, { ...chatResult(""), chatId, chatHistory: [{ content: "hi" }] });
    const { info, data } = await lastTrace();
    traceIds.push(info.traceId);
    sessions.push(info.traceMetadata["mlflow.trace.session"]);
    assert.deepEqual(
      attributes(
        data.spans[0]!,
        "gen_ai.conversation.id",
        "gen_ai.conversation.turns",
        "gen_ai.conversation.max_turns",
        "gen_ai.agent.name",
      ),
      [sessions.at(-1), 1, 3, sender.name],
    );
  }
  assert.deepEqual(sessions, [undefined, "1", "1", undefined, undefined]);
  const first = await getTrace(traceIds[0]);
  assert.equal(first!.info.traceMetadata["mlflow.trace.session"], "1", "it has joined the session of the second");
});

test("chats of one trace are no session, and chats within a chat do not make one", async () => {
  const [one, other] = [{ name: "one" }, { name: "other" }];
  const details = { ...chatDetails(one, other, "hi"), clearHistory: false };
  const root = startSpan({ name: "both" });
  for (let turn = 0; turn < 2; turn += 1) ended(started("chat", details, root.scope), chatResult(""));
  root.end();
  assert.equal((await lastTrace()).info.traceMetadata["mlflow.trace.session"], undefined);
  for (let turn = 0; turn < 2; turn += 1) {
    const outer = started("chat", chatDetails(alice, bob, "hi"));
    ended(started("chat", { ...chatDetails(one, bob, "hi"), clearHistory: false }, outer), chatResult(""));
    ended(outer, chatResult(""));
    assert.equal((await lastTrace()).info.traceMetadata["mlflow.trace.session"], undefined);
  }
});

test("a reply outside of any chat has its messages as inputs", async () => {
  const messages = [{ role: "user", content: "hi" }];
  const reply = started("reply", { agent: bob, sender: undefined, messages });
  ended(reply, { reply: "hello" });
  const span = named(await lastTrace(), "bob");
  assert.deepEqual([span.inputs, span.outputs], [{ messages }, { message: "hello", sender: "bob", valid: true }]);
});

test("an agent that is an option of a chat is recorded by its name", async () => {
  const agent = { name: "carol", generateReply: () => undefined, secret: "s" };
  const chat = started("chat", { ...chatDetails(alice, bob, "hi"), extra: { sender: agent, note: { name: "kept" } } });
  ended(chat, chatResult(""));
  assert.deepEqual((named(await lastTrace(), "initiate_chat").inputs as { kwargs: unknown }).kwargs, {
    sender: "carol",
    note: { name: "kept" },
  });
});

test("nothing went wrong on the way", () => {
  const { open, eventErrors, hookFailures } = stats();
  assert.deepEqual({ open, eventErrors, hookFailures }, { open: 0, eventErrors: 0, hookFailures: 0 });
});
