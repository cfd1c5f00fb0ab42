/** Queues of chats that run concurrently and wait for their prerequisites; the scope of a queue. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { type ConversableAgent, initiateChats } from "mlflow-ag2/agents";
import { plainAgent } from "./agent_fixtures.js";
import { recordReports } from "./recording_observer.js";
import { answering, firstQuestion } from "./chats_fixtures.js";

test("chats with ids run concurrently, and wait for their prerequisites", async () => {
  const user = plainAgent("user");
  const log: string[] = [];
  let release = (): void => {};
  const isReleased = new Promise<void>((resolve) => (release = resolve));
  const working = (name: string, wait?: Promise<void>): ConversableAgent => {
    const agent = plainAgent(name);
    agent.registerReply(
      () => true,
      async () => {
        log.push(`${name} begins`);
        await wait;
        log.push(`${name} ends`);
        return [true, name];
      },
    );
    return agent;
  };
  const slow = working("slow", isReleased);
  const quick = working("quick");
  quick.registerHook("processMessageBeforeSend", ({ message }) => {
    release();
    return message;
  });
  const last = working("last");

  const results = await user.initiateChats([
    { chatId: 30, prerequisites: [10, 20], recipient: last, message: "Sum up.", maxTurns: 1 },
    { chatId: 10, recipient: slow, message: "Slowly.", maxTurns: 1 },
    { chatId: 20, recipient: quick, message: "Quickly.", maxTurns: 1 },
  ]);

  assert.deepEqual(log, ["slow begins", "quick begins", "quick ends", "slow ends", "last begins", "last ends"]);
  assert.equal(firstQuestion(last, user), "Sum up.\nContext: \nslow\nquick");
  assert.deepEqual(
    [...results].map(([id, { chatId, summary }]) => [id, chatId, summary]),
    [
      [30, 30, "last"],
      [10, 10, "slow"],
      [20, 20, "quick"],
    ],
  );
  assert.equal(user.getChatResults(20)?.summary, "quick");
});

test("only summaries of prerequisites are carried over, and can be excluded by id", async () => {
  const user = plainAgent("user");
  const [one, two, three] = [answering("one"), answering("two"), answering("three")];

  await user.initiateChats([
    { chatId: 1, recipient: one, message: "First.", maxTurns: 1 },
    {
      chatId: 2,
      recipient: two,
      message: "Second.",
      maxTurns: 1,
      prerequisites: [1],
      finishedChatIndexesToExcludeFromCarryover: [1],
    },
    { chatId: 3, recipient: three, message: "Third.", maxTurns: 1, prerequisites: [2] },
  ]);

  assert.equal(firstQuestion(two, user), "Second.");
  assert.equal(firstQuestion(three, user), "Third.\nContext: \ntwo");
});

test("a chat that fails aborts the others, and the caller gets its error", async () => {
  const user = plainAgent("user");
  const error = new Error("broken");
  const broken = plainAgent("broken");
  broken.registerReply(
    () => true,
    () => {
      throw error;
    },
  );
  const forever = plainAgent("forever");
  let signal: AbortSignal | undefined;
  forever.registerReply(
    () => true,
    (_, __, ___, ____, context) => {
      signal = context.signal;
      return new Promise((_resolve, reject) => signal?.addEventListener("abort", () => reject(signal?.reason)));
    },
  );
  const after = answering("after");

  const chats = user.initiateChats([
    { chatId: 1, recipient: forever, message: "Go.", maxTurns: 1 },
    { chatId: 2, recipient: broken, message: "Go.", maxTurns: 1 },
    { chatId: 3, prerequisites: [2], recipient: after, message: "Go.", maxTurns: 1 },
  ]);

  await assert.rejects(chats, (thrown) => thrown === error);
  assert.equal(signal?.reason, error);
  assert.equal(after.chatMessages.size, 0);
});

test("a signal ends the running chats and keeps the others from starting", async () => {
  const user = plainAgent("user");
  const stop = new AbortController();
  const one = plainAgent("one");
  one.registerReply(
    () => true,
    () => {
      stop.abort(new Error("enough"));
      return [true, "one"];
    },
  );
  const two = answering("two");

  const chats = user.initiateChats(
    [
      { recipient: one, message: "Go.", maxTurns: 1 },
      { recipient: two, message: "Go.", maxTurns: 1 },
    ],
    { signal: stop.signal },
  );

  await assert.rejects(chats, { message: "enough" });
  assert.equal(two.chatMessages.size, 0);
});

test("the chats of one queue have one parent", async () => {
  const user = plainAgent("user");

  const recorded = await recordReports(() =>
    user.initiateChats([
      { recipient: answering("one"), message: "First.", maxTurns: 1 },
      { recipient: answering("two"), message: "Second.", maxTurns: 1 },
    ]),
  );

  const chatLines = recorded.lines.filter(
    (line) => / chats?( |$)/.test(line) && !line.includes("reply") && !line.startsWith("message"),
  );
  assert.deepEqual(chatLines, [
    "start chats in nothing",
    "start chat in chats",
    "end chat",
    "start chat in chats",
    "end chat",
    "end chats",
  ]);
  assert.deepEqual(recorded.starts("chats"), [{ sender: user, count: 2 }]);
  assert.deepEqual(recorded.ends("chats"), [{}]);
});

test("the parent scope fails with its chat, and its own parent is that of the call", async () => {
  const [outer, user, broken] = [plainAgent("outer"), plainAgent("user"), plainAgent("broken")];
  broken.registerReply(
    () => true,
    () => {
      throw new Error("broken");
    },
  );
  user.registerReply(
    () => true,
    async (_, __, ___, ____, context) => {
      await initiateChats([{ sender: user, recipient: broken, message: "Go.", maxTurns: 1 }], { context });
      return [true];
    },
  );

  const recorded = await recordReports(() => outer.initiateChat(user, { message: "Go.", maxTurns: 1 }));

  assert.ok(recorded.lines.includes("start chats in reply of user"));
  assert.ok(recorded.failures.some(([scope]) => scope === "chats"));
  assert.deepEqual(recorded.starts("chats"), [{ sender: undefined, count: 1 }]);
});
