/** Queues of chats in sequence. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { type ChatQueueEntry, initiateChats } from "mlflow-ag2/agents";
import { setPrinter } from "mlflow-ag2/agents/console";
import { agentWithScript, plainAgent } from "./agent_fixtures.js";
import { answering, firstQuestion } from "./chats_fixtures.js";

test("chats run in sequence, and each gets the summaries of earlier ones", async () => {
  const user = plainAgent("user");
  const [one, two, three] = [answering("one"), answering("two"), answering("three")];

  const results = await user.initiateChats([
    { recipient: one, message: "First.", maxTurns: 1 },
    { recipient: two, message: "Second.", maxTurns: 1 },
    { recipient: three, message: "Third.", maxTurns: 1 },
  ]);

  assert.deepEqual(
    results.map(({ summary }) => summary),
    ["one", "two", "three"],
  );
  assert.equal(firstQuestion(one, user), "First.");
  assert.equal(firstQuestion(two, user), "Second.\nContext: \none");
  assert.equal(firstQuestion(three, user), "Third.\nContext: \none\ntwo");
});

test("a chat's own carryover, a text or a list, comes before the summaries", async () => {
  const user = plainAgent("user");
  const [one, two, three] = [answering("one"), answering("two"), answering("three")];

  await user.initiateChats([
    { recipient: one, message: "First.", maxTurns: 1 },
    { recipient: two, message: "Second.", maxTurns: 1, carryover: "Be brief." },
    { recipient: three, message: "Third.", maxTurns: 1, carryover: ["Be kind.", { content: "Be quick." }] },
  ]);

  assert.equal(firstQuestion(two, user), "Second.\nContext: \nBe brief.\none");
  assert.equal(firstQuestion(three, user), "Third.\nContext: \nBe kind.\nBe quick.\none\ntwo");
});

test("summaries can be excluded from a chat", async () => {
  const user = plainAgent("user");
  const [one, two, three] = [answering("one"), answering("two"), answering("three")];

  await user.initiateChats([
    { recipient: one, message: "First.", maxTurns: 1 },
    { recipient: two, message: "Second.", maxTurns: 1, finishedChatIndexesToExcludeFromCarryover: [0] },
    { recipient: three, message: "Third.", maxTurns: 1, finishedChatIndexesToExcludeFromCarryover: [0] },
  ]);

  assert.equal(firstQuestion(two, user), "Second.");
  assert.equal(firstQuestion(three, user), "Third.\nContext: \ntwo");
});

test("the agent keeps the results, accessible by index, also from the end", async () => {
  const user = plainAgent("user");

  const results = await user.initiateChats([
    { recipient: answering("one"), message: "First.", maxTurns: 1 },
    { recipient: answering("two"), message: "Second.", maxTurns: 1 },
  ]);

  assert.equal(user.getChatResults(), results);
  assert.equal(user.getChatResults(0), results[0]);
  assert.equal(user.getChatResults(-1), results[1]);
  assert.equal(user.getChatResults(7), undefined);
  assert.deepEqual(plainAgent("other").getChatResults(), []);
});

test("a queue can be reused, because its entries are not changed", async () => {
  const user = plainAgent("user");
  const queue: ChatQueueEntry[] = [
    { recipient: answering("one"), message: "First.", maxTurns: 1, carryover: ["Hint."] },
    { recipient: answering("two"), message: "Second.", maxTurns: 1 },
  ];
  const before = queue.map((entry) => ({ ...entry }));

  const histories = [await user.initiateChats(queue), await user.initiateChats(queue)].map((results) =>
    [...results.values()].map(({ chatHistory }) => chatHistory),
  );

  assert.deepEqual(queue, before);
  assert.deepEqual(histories[0], histories[1]);
});

test("the function needs a sender in every entry, which may differ", async () => {
  const [ann, bob] = [plainAgent("ann"), plainAgent("bob")];
  const helper = answering("helper");

  const results = await initiateChats([
    { sender: ann, recipient: helper, message: "From Ann.", maxTurns: 1 },
    { sender: bob, recipient: answering("other"), message: "From Bob.", maxTurns: 1 },
  ]);

  assert.deepEqual(
    results.map(({ chatHistory }) => chatHistory[0]?.name),
    ["ann", "bob"],
  );
  await assert.rejects(initiateChats([{ recipient: helper, message: "No sender." }]), { code: "missing_sender" });
});

test("an agent's queue may have entries of other senders", async () => {
  const [user, bob] = [plainAgent("user"), plainAgent("bob")];

  const [own, others] = await user.initiateChats([
    { recipient: answering("one"), message: "Mine.", maxTurns: 1 },
    { sender: bob, recipient: answering("two"), message: "His.", maxTurns: 1 },
  ]);

  assert.deepEqual([own?.chatHistory[0]?.name, others?.chatHistory[0]?.name], ["user", "bob"]);
});

test("a queue that cannot run is rejected before any message", async () => {
  const user = plainAgent("user");
  const helper = answering("helper");
  const chat = (more: Partial<ChatQueueEntry>): ChatQueueEntry => ({
    recipient: helper,
    message: "Go.",
    maxTurns: 1,
    ...more,
  });
  const refused = (queue: ChatQueueEntry[], message: RegExp, code = "invalid_option"): Promise<void> =>
    assert.rejects(user.initiateChats(queue), { code, message });

  await refused([chat({ chatId: 1 }), chat({})], /needs a `chatId`/);
  await refused([chat({ prerequisites: [1] })], /needs a `chatId`/);
  await refused([chat({ chatId: 1 }), chat({ chatId: 1 })], /two chats of the queue have the `chatId` `1`/);
  await refused([chat({ chatId: 1, prerequisites: [9] })], /waits for chat `9`, which is not in the queue/);
  await refused(
    [chat({ chatId: 1, prerequisites: [2] }), chat({ chatId: 2, prerequisites: [1] }), chat({ chatId: 3 })],
    /the chats `1`, `2` wait for each other/,
  );
  await refused([chat({ recipient: undefined })], /no `recipient`/);
  await refused([chat({}), chat({ summaryMethod: "reflection_with_llm" })], /needs a model/, "missing_llm_config");
  await refused([chat({}), chat({ summaryMethod: "shortest" as never })], /must be "last_msg"/);
  assert.equal(helper.chatMessages.size, 0);
});

test("a recipient that appears twice, and a missing message, cause warnings", async (context) => {
  const warn = context.mock.method(console, "warn", () => {});
  const user = plainAgent("user", { getHumanInput: () => "Typed." });
  const helper = answering("helper");

  await user.initiateChats([
    { recipient: helper, message: "Go.", maxTurns: 1 },
    { recipient: helper, maxTurns: 1 },
  ]);

  assert.match(String(warn.mock.calls[0]?.arguments[0]), /more than once.*`clearHistory: false`/);
  assert.match(String(warn.mock.calls[1]?.arguments[0]), /no `message`/);
  assert.equal(firstQuestion(helper, user), "Typed.\nContext: \nhelper");
});

test("in a sequence, a chat that fails is the last one", async () => {
  const user = plainAgent("user");
  const broken = plainAgent("broken");
  broken.registerReply(
    () => true,
    () => {
      throw new Error("broken");
    },
  );
  const after = answering("after");

  await assert.rejects(
    user.initiateChats([
      { recipient: broken, message: "Go.", maxTurns: 1 },
      { recipient: after, message: "Go.", maxTurns: 1 },
    ]),
    { message: "broken" },
  );
  assert.equal(after.chatMessages.size, 0);
});

test("a message function of a later chat gets its carryover and the other options of its entry", async () => {
  const user = plainAgent("user");
  const two = answering("two");

  await user.initiateChats([
    { recipient: answering("one"), message: "First.", maxTurns: 1 },
    {
      recipient: two,
      message: (_, __, extra) => `${JSON.stringify(extra["carryover"])} in ${String(extra["workDir"])}`,
      maxTurns: 1,
      workDir: "here",
    },
  ]);

  assert.equal(firstQuestion(two, user), '["one"] in here');
});

test("a summary by a model counts for the next chat too", async () => {
  const user = plainAgent("user");
  const { agent: one, model } = agentWithScript("one", ["A long answer.", "In short."]);
  const two = answering("two");

  await user.initiateChats([
    { recipient: one, message: "First.", maxTurns: 1, summaryMethod: "reflection_with_llm" },
    { recipient: two, message: "Second.", maxTurns: 1 },
  ]);

  model.assertFinished();
  assert.equal(firstQuestion(two, user), "Second.\nContext: \nIn short.");
});

test("the start of each chat is printed, with message and carryover if verbose, unless it is silent", async () => {
  const user = plainAgent("user", { silent: undefined });
  const printed: string[] = [];
  const undo = setPrinter((text) => printed.push(text));
  try {
    await user.initiateChats([
      { recipient: answering("one"), message: "First.", maxTurns: 1, verbose: true, carryover: "Hint." },
      { recipient: answering("two"), message: () => "Second.", maxTurns: 1 },
      { recipient: answering("three"), message: "Third.", maxTurns: 1, silent: true },
    ]);
  } finally {
    undo();
  }
  const stars = "*".repeat(80);
  const starts = printed.filter((text) => text.includes("Starting a new chat"));
  assert.deepEqual(starts, [
    `\n${stars}\nStarting a new chat....\nEvent:\nFirst.\nCarryover:\nHint.\n\n${stars}`,
    `\n${stars}\nStarting a new chat....\n\n${stars}`,
  ]);
});
