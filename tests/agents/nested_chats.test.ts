/** Replies that are made by nested chats. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { ConversableAgent } from "mlflow-ag2/agents";
import { GroupChat, GroupChatManager } from "mlflow-ag2/agents";
import { type NestedChatEntry, registerNestedChats } from "mlflow-ag2/agents/nested-chats";
import { agentWithScript, plainAgent } from "./agent_fixtures.js";
import { recordReports } from "./recording_observer.js";

/** An agent that replies with these texts in order, and then not at all. */
function saying(name: string, texts: readonly string[]): ConversableAgent {
  const left = [...texts];
  const agent = plainAgent(name);
  agent.registerReply(
    () => true,
    () => [true, left.shift()],
    { position: 1 },
  );
  return agent;
}

/** A user, and an assistant that replies to it by nested chats. */
function pair(chatQueue: readonly NestedChatEntry[]) {
  const user = plainAgent("user");
  const assistant = plainAgent("assistant");
  registerNestedChats(assistant, chatQueue, user);
  return { user, assistant, ask: (message = "Question.") => user.initiateChat(assistant, { message, maxTurns: 1 }) };
}

test("the reply is the summary of the last nested chat", async () => {
  const [one, two] = [saying("one", ["1"]), saying("two", ["2"])];
  const { ask, assistant } = pair([
    { recipient: one, message: "To one.", maxTurns: 1 },
    { recipient: two, message: "To two.", maxTurns: 1 },
  ]);

  const { chatHistory } = await ask();

  assert.deepEqual(
    chatHistory.map(({ content }) => content),
    ["Question.", "2"],
  );
  assert.equal(two.chatMessages.get(assistant)?.[0]?.content, "To two.\nContext: \n1");
});

test("a nested chat may have its own sender and its own rules for the end", async () => {
  const isTerminationMsg = ({ content }: { content?: unknown }): boolean => content === "FINAL";
  const inner = saying("inner", ["inner 1", "inner 2"]);
  const other = saying("other", ["other 1", "other 2", "FINAL"]);
  const sender = plainAgent("sender", { isTerminationMsg });
  sender.registerReply(
    () => true,
    (_, messages) => inner.generateReply({ messages, sender: other }).then((reply) => [true, reply] as const),
    { position: 1 },
  );
  const { ask } = pair([{ sender, recipient: other }]);

  assert.deepEqual(
    (await ask("Start.")).chatHistory.map(({ content }) => content),
    ["Start.", "FINAL"],
  );
});

test("without a message the first nested chat gets the outer chat's last one, others are skipped", async () => {
  const [one, two] = [saying("one", ["1"]), saying("two", ["2"])];
  const { ask, assistant } = pair([
    { recipient: one, maxTurns: 1 },
    { recipient: two, maxTurns: 1 },
  ]);

  assert.equal((await ask()).summary, "1");
  assert.equal(one.chatMessages.get(assistant)?.[0]?.content, "Question.");
  assert.equal(two.chatMessages.size, 0);
});

test("a message function gets the arguments of a reply function, and can skip its chat", async () => {
  const seen: unknown[] = [];
  const [one, two] = [saying("one", ["1"]), saying("two", ["2"])];
  const { ask, user, assistant } = pair([
    { recipient: one, message: () => null, maxTurns: 1 },
    {
      recipient: two,
      maxTurns: 1,
      message: async (recipient, messages, sender, config, context) => {
        seen.push(recipient, messages.at(-1)?.content, sender, config, context.scope?.kind);
        return { content: "As an object." };
      },
    },
  ]);

  assert.equal((await ask()).summary, "2");
  assert.deepEqual(seen, [assistant, "Question.", user, undefined, "reply"]);
  assert.equal(one.chatMessages.size, 0);
  assert.equal(two.chatMessages.get(assistant)?.[0]?.content, "As an object.");
});

test("if no nested chat has a message, the conversation ends", async () => {
  const { ask } = pair([{ recipient: saying("one", ["1"]), message: () => "", maxTurns: 1 }]);

  assert.deepEqual(
    (await ask()).chatHistory.map(({ content }) => content),
    ["Question."],
  );
});

test("nested chats reply only to the senders of their trigger", async () => {
  const one = saying("one", ["1"]);
  const assistant = saying("assistant", ["By myself."]);
  registerNestedChats(assistant, [{ recipient: one, maxTurns: 1 }], "friend");

  assert.equal(
    (await plainAgent("stranger").initiateChat(assistant, { message: "Hello.", maxTurns: 1 })).summary,
    "By myself.",
  );
  assert.equal((await plainAgent("friend").initiateChat(assistant, { message: "Hello.", maxTurns: 1 })).summary, "1");
});

test("they follow the end of the conversation and precede tools and model", async () => {
  const { agent: assistant, model } = agentWithScript("assistant", [], {
    isTerminationMsg: ({ content }) => content === "Stop.",
  });
  registerNestedChats(assistant, [{ recipient: saying("one", ["1"]), maxTurns: 1 }], () => true);
  const user = plainAgent("user");

  assert.equal((await user.initiateChat(assistant, { message: "Go.", maxTurns: 1 })).summary, "1");
  assert.deepEqual((await user.initiateChat(assistant, { message: "Stop.", maxTurns: 1 })).chatHistory.length, 1);
  assert.deepEqual(model.requests, []);
});

test("nested chats with ids run by prerequisites, and the last of the queue replies", async () => {
  const [one, two] = [saying("one", ["1"]), saying("two", ["2"])];
  const { ask, assistant } = pair([
    { chatId: 2, prerequisites: [1], recipient: two, message: "To two.", maxTurns: 1 },
    { chatId: 1, recipient: one, message: "To one.", maxTurns: 1 },
  ]);

  assert.equal((await ask()).summary, "1");
  assert.equal(two.chatMessages.get(assistant)?.[0]?.content, "To two.\nContext: \n1");
});

test("a custom function can make the reply of the queue", async () => {
  const assistant = plainAgent("assistant");
  const queue: NestedChatEntry[] = [{ recipient: saying("one", ["1"]) }];
  const seen: unknown[] = [];
  registerNestedChats(assistant, queue, () => true, {
    replyFuncFromNestedChats: (chatQueue, recipient, _, __, config) => {
      seen.push(chatQueue, recipient, config);
      return [true, "My own."];
    },
    config: "configured",
  });

  assert.equal((await plainAgent("user").initiateChat(assistant, { message: "Go.", maxTurns: 1 })).summary, "My own.");
  assert.deepEqual(seen, [queue, assistant, "configured"]);
});

test("a member of a group chat can reply by nested chats", async () => {
  const first = saying("first", ["First."]);
  const second = plainAgent("second");
  const user = plainAgent("user", { isTerminationMsg: ({ content }) => content === "FINAL" });
  const groupChat = new GroupChat({ agents: [first, second, user], speakerSelectionMethod: "round_robin" });
  const manager = new GroupChatManager({ groupChat, silent: true });
  registerNestedChats(second, [{ recipient: saying("inner", ["FINAL"]), maxTurns: 1 }], manager);

  const { chatHistory } = await user.initiateChat(manager, { message: "Start." });

  assert.deepEqual(
    chatHistory.map(({ content }) => content),
    ["Start.", "First.", "FINAL"],
  );
});

test("the context of the outer chat, without its two newest messages, can be added to the first message", async () => {
  const carried = async (carryoverConfig: NestedChatEntry["carryoverConfig"], message?: string): Promise<unknown> => {
    const { agent: one } = agentWithScript("one", ["A summary.", "1"]);
    const assistant = plainAgent("assistant");
    const user = plainAgent("user");
    registerNestedChats(assistant, [{ recipient: one, message, maxTurns: 1, carryoverConfig }], user);
    const messages = ["Old.", "Older no more.", "Transition.", "Newest."].map((content) => ({ role: "user", content }));
    await assistant.generateReply({ messages, sender: user });
    assert.equal(one.chatMessages.has(user), false);
    return one.chatMessages.get(assistant)?.[0]?.content;
  };

  assert.equal(await carried({ summaryMethod: "all" }, "Begin."), "Begin.\nContext:\nOld.\nOlder no more.");
  assert.equal(await carried({ summaryMethod: "last_msg" }), "Context:\nOlder no more.");
  assert.equal(await carried({ summaryMethod: "reflection_with_llm" }, "Begin."), "Begin.\nContext:\nA summary.");
  const own = (
    agent: ConversableAgent,
    messages: readonly unknown[],
    args: Readonly<Record<string, unknown>>,
  ): string => `${agent.name} ${messages.length} ${String(args["style"])}`;
  assert.equal(
    await carried({ summaryMethod: own, summaryArgs: { style: "short" } }, "Begin."),
    "Begin.\nContext:\nassistant 2 short",
  );
  await assert.rejects(carried({ summaryMethod: "some" as never }), { code: "invalid_option" });
});

test("nested chats are part of the reply that they make", async () => {
  const { ask } = pair([
    { recipient: saying("one", ["1"]), message: "To one.", maxTurns: 1 },
    { recipient: saying("two", ["2"]), message: "To two.", maxTurns: 1 },
  ]);

  const recorded = await recordReports(ask);

  assert.deepEqual(recorded.lines, [
    "start chat in nothing",
    "message user > assistant by chat",
    "start reply of assistant in chat",
    "start chat in reply of assistant",
    "message assistant > one by chat",
    "start reply of one in chat",
    "message one > assistant by reply of one",
    "end reply of one",
    "end chat",
    "start chat in reply of assistant",
    "message assistant > two by chat",
    "start reply of two in chat",
    "message two > assistant by reply of two",
    "end reply of two",
    "end chat",
    "message assistant > user by reply of assistant",
    "end reply of assistant",
    "end chat",
  ]);
});

test("an error in a nested chat fails the outer chat, and the outer chat's signal ends a nested one", async () => {
  const broken = plainAgent("broken");
  broken.registerReply(
    () => true,
    () => {
      throw new Error("broken");
    },
  );
  await assert.rejects(pair([{ recipient: broken, maxTurns: 1 }]).ask(), { message: "broken" });

  const stop = new AbortController();
  const patient = plainAgent("patient");
  patient.registerReply(
    () => true,
    (_, __, ___, ____, { signal }) => {
      stop.abort(new Error("enough"));
      signal?.throwIfAborted();
      return [true, "too late"];
    },
  );
  const { user, assistant } = pair([{ recipient: patient, maxTurns: 1 }]);
  await assert.rejects(user.initiateChat(assistant, { message: "Go.", maxTurns: 1, signal: stop.signal }), {
    message: "enough",
  });
});

test("an inconsistent queue is rejected", async () => {
  const assistant = plainAgent("assistant");
  const one = plainAgent("one");
  const refused = (queue: readonly NestedChatEntry[], options: object, message: RegExp): void =>
    assert.throws(() => registerNestedChats(assistant, queue, () => true, options), {
      code: "invalid_option",
      message,
    });

  refused([{ recipient: one }], { replyFuncFromNestedChats: "other" }, /"summary_from_nested_chats" or a function/);
  refused([{} as never], {}, /no `recipient`/);
  refused([{ recipient: one, chatId: 1 }, { recipient: one }], {}, /either every nested chat has a `chatId`, or none/);
  assert.throws(() => registerNestedChats(assistant, [{ recipient: one }], 1 as never), { code: "invalid_trigger" });

  registerNestedChats(
    assistant,
    [{ recipient: one, message: "Go.", summaryMethod: "reflection_with_llm" }],
    () => true,
  );
  await assert.rejects(assistant.generateReply({ messages: [{ role: "user", content: "Hi." }] }), {
    code: "missing_llm_config",
  });
});
