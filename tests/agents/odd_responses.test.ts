/** Responses without a message, and names that OpenAI's API rejects. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { ConversableAgent, GroupChat, GroupChatManager, type ModelUsageTotal, OpenAIWrapper } from "mlflow-ag2/agents";
import { ScriptedModel } from "mlflow-ag2/agents/testing";
import { plainAgent } from "./agent_fixtures.js";
import { data, DONE, json, startModelServer, streamed, strict } from "./model_server.js";
import { recordReports } from "./recording_observer.js";

const message = { role: "assistant", content: "Hello." };
const completion = (choices: unknown): Record<string, unknown> => ({
  id: "c1",
  object: "chat.completion",
  created: 1,
  model: "gpt-4o-mini",
  choices,
  usage: { prompt_tokens: 7, completion_tokens: 0, total_tokens: 7 },
});
const HELLO = json(200, completion([{ index: 0, message, finish_reason: "stop" }]));

const WITHOUT_MESSAGE: Readonly<Record<string, unknown>> = {
  "no choices": completion([]),
  "choices that are null": completion(null),
  "a choice without a message": completion([{ index: 0, finish_reason: "stop" }]),
  "a message that is null": completion([{ index: 0, message: null, finish_reason: "stop" }]),
  "an error and status 200": { error: { message: "Provider returned error", code: 502 } },
};

for (const [what, body] of Object.entries(WITHOUT_MESSAGE))
  test(`after a response with ${what}, the next entry of \`configList\` is asked`, async () => {
    const first = await startModelServer(json(200, body));
    const second = await startModelServer(HELLO);
    const entryOf = ({ baseUrl }: { baseUrl: string }) => ({
      model: "gpt-4o-mini",
      apiKey: "key",
      baseUrl,
      maxRetries: 0,
    });
    const bot = plainAgent("bot", { llmConfig: { configList: [entryOf(first), entryOf(second)] } });

    const recorded = await recordReports(async () => {
      assert.equal(await bot.generateReply({ messages: [{ content: "Hi." }] }), "Hello.");
    });

    assert.deepEqual([first.received.length, second.received.length], [1, 1]);
    assert.deepEqual(
      recorded.failures.map(([scope]) => scope),
      ["modelCall of bot"],
    );
  });

test("the last entry's response without a message is an error that names the server", async () => {
  const { baseUrl } = await startModelServer(json(200, completion([])));
  const models = new OpenAIWrapper({ model: "gpt-4o-mini", apiKey: "key", baseUrl, maxRetries: 0 });

  await assert.rejects(models.create({ messages: [{ role: "user", content: "Hi." }] }), {
    code: "invalid_response",
    message: /holds no message: check that `baseUrl`/,
  });
  const used = models.totalUsageSummary?.["gpt-4o-mini"] as ModelUsageTotal | undefined;
  assert.equal(used?.prompt_tokens, 7, "its tokens were used");
});

test("a stream without choices goes on to the next entry too", async () => {
  const first = await startModelServer(streamed([data(completion([])), DONE]));
  const second = new ScriptedModel([{ content: "Hello." }]);
  const entry = { model: "gpt-4o-mini", apiKey: "key", baseUrl: first.baseUrl, maxRetries: 0, stream: true };
  const bot = plainAgent("bot", { llmConfig: { configList: [entry, { model: "gpt-4o-mini", client: second }] } });

  assert.equal(await bot.generateReply({ messages: [{ content: "Hi." }] }), "Hello.");
});

test("a response without a message is not cached", async () => {
  const cache = new Map<string, string>();
  const client = { create: async () => completion([]) as never };
  const models = new OpenAIWrapper({ model: "gpt-4o-mini", client, cache });

  await assert.rejects(models.create({ messages: [{ role: "user", content: "Hi." }] }), { code: "invalid_response" });
  assert.equal(cache.size, 0);
});

test("names with white space are sent as OpenAI's API accepts them, and stay in histories", async () => {
  const { baseUrl, received } = await startModelServer(strict(HELLO));
  const llmConfig = { configList: [{ model: "gpt-4o-mini", apiKey: "key", baseUrl, maxRetries: 0 }] };
  for (const [name, sent] of [
    ["Tool Agent", "Tool_Agent"],
    ["a\tb\u00a0c", "a_b_c"],
    ["<x|y\\z/>", "_x_y_z__"],
    ["Zoë-1", "Zoë-1"],
    ["n".repeat(70), "n".repeat(64)],
  ] as const) {
    const bot = plainAgent("bot", { llmConfig });
    const { chatHistory } = await plainAgent(name).initiateChat(bot, { message: "Hi.", maxTurns: 1 });

    const { messages } = JSON.parse(received.at(-1)?.body ?? "") as { messages: { name?: string }[] };
    assert.equal(messages.at(-1)?.name, sent);
    assert.deepEqual(
      chatHistory.map(({ content, name: speaker }) => [speaker, content]),
      [
        [name, "Hi."],
        ["bot", "Hello."],
      ],
    );
  }
});

test("a group chat with such names works with a server as strict as OpenAI's", async () => {
  const { baseUrl } = await startModelServer(strict(HELLO));
  const llmConfig = { configList: [{ model: "gpt-4o-mini", apiKey: "key", baseUrl, maxRetries: 0 }] };
  const user = plainAgent("Tool Agent");
  const agents = [
    user,
    new ConversableAgent({ name: "bot", llmConfig, humanInputMode: "NEVER", silent: true }),
    plainAgent("Quality Control", { defaultAutoReply: "Checked." }),
  ];
  const groupChat = new GroupChat({ agents, messages: [], maxRound: 3, speakerSelectionMethod: "round_robin" });
  const manager = new GroupChatManager({ groupChat, silent: true });

  const { chatHistory } = await user.initiateChat(manager, { message: "Hi." });

  assert.deepEqual(
    chatHistory.map(({ content }) => content),
    ["Hi.", "Hello.", "Checked."],
  );
});

test("the strict server rejects such names of other clients", async () => {
  const { baseUrl } = await startModelServer(strict(HELLO));
  const response = await fetch(`${baseUrl}/chat/completions`, {
    method: "POST",
    body: JSON.stringify({ model: "gpt-4o-mini", messages: [{ role: "user", content: "Hi.", name: "Tool Agent" }] }),
  });

  assert.equal(response.status, 400);
});
