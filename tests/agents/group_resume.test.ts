/** Resuming of group chats. */

import assert from "node:assert/strict";
import { mock, test } from "node:test";
import type { ChatMessage } from "mlflow-ag2/agents";
import { setPrinter } from "mlflow-ag2/agents/console";
import { messagesFromString, messagesToString, resumeGroupChat } from "mlflow-ag2/agents/resume";
import { plainAgent } from "./agent_fixtures.js";
import { managedGroup, introducingAgent, threeAgents } from "./group_fixtures.js";

setPrinter(() => {});

const message = (name: string | undefined, content: string, role = "user"): ChatMessage => ({
  content,
  role,
  ...(name !== undefined && { name }),
});

test("messages are unchanged after conversion to text and back", () => {
  const messages = [message(undefined, "You are an expert.", "system"), message("alice", 'Let\'s get "started".')];

  assert.deepEqual(messagesFromString(messagesToString(messages)), messages);
  assert.throws(() => messagesFromString("Let's get started."), { code: "invalid_option" });
});

test("every member's history has all but the last message, each from its own role", async () => {
  const [alice, bob, sam] = threeAgents();
  const { groupChat, manager } = managedGroup([alice, bob, sam]);
  const messages = [message("alice", "Hello."), message("sam", "Hi."), message("bob", "Well?")];

  const [lastAgent, lastMessage] = await resumeGroupChat(manager, { messages });

  assert.equal(lastAgent, bob);
  assert.deepEqual(lastMessage, message("bob", "Well?"));
  assert.deepEqual(groupChat.messages, messages.slice(0, -1));
  assert.deepEqual(alice.chatMessages.get(manager), [message("alice", "Hello.", "assistant"), message("sam", "Hi.")]);
  assert.deepEqual(sam.chatMessages.get(manager), [message("alice", "Hello."), message("sam", "Hi.", "assistant")]);
  assert.deepEqual(bob.chatMessages.get(manager), [message("alice", "Hello."), message("sam", "Hi.")]);
});

test("earlier messages are cleared, and the given ones are not changed", async () => {
  const agents = threeAgents();
  const { groupChat, manager } = managedGroup(agents, { maxRound: 2 });
  await agents[0].initiateChat(manager, { message: "Old." });
  const messages = [
    message(undefined, "First."),
    { ...message("bob", "Second. TERMINATE"), tool_responses: [{ role: "tool", content: null }] },
  ];
  const before = structuredClone(messages);

  await resumeGroupChat(manager, { messages, removeTerminationString: "TERMINATE" });

  assert.deepEqual(messages, before);
  assert.deepEqual(groupChat.messages, [message("chat_manager", "First.")]);
  assert.deepEqual(
    agents[2].chatMessages.get(manager)?.map(({ content }) => content),
    ["First."],
  );
});

test("a message without a name, with the manager's or with the admin's counts as the manager's", async () => {
  for (const name of [undefined, "chat_manager", "Admin"]) {
    const { manager } = managedGroup([introducingAgent("alice"), introducingAgent("bob")]);
    const [lastAgent] = await resumeGroupChat(manager, { messages: [message(name, "Go.")] });
    assert.equal(lastAgent, manager);
  }
});

test("an admin that is a member is that member, and one that is not may have spoken before", async () => {
  const admin = introducingAgent("Admin");
  const { manager } = managedGroup([admin, introducingAgent("bob")]);
  assert.equal((await resumeGroupChat(manager, { messages: [message("Admin", "Go.")] }))[0], admin);

  const { manager: other, groupChat } = managedGroup(threeAgents());
  await resumeGroupChat(other, { messages: [message("Admin", "Go."), message("bob", "Going.")] });
  assert.deepEqual(groupChat.messages, [message("Admin", "Go.")]);
  assert.deepEqual(groupChat.agents[1]?.lastMessage(other)?.name, "Admin");
});

test("a text, or a function, removes from the last message what would end the chat", async () => {
  const { manager } = managedGroup(threeAgents());
  const resume = async (
    content: ChatMessage["content"],
    remove: string | ((text: string) => string),
  ): Promise<unknown> =>
    (
      await resumeGroupChat(manager, {
        messages: [{ role: "user", name: "bob", content: content ?? null }],
        removeTerminationString: remove,
      })
    )[1].content;
  const either = (text: string): string =>
    text.includes("APPROVED") ? text.replace("APPROVED", "") : text.replace("TERMINATE", "");

  assert.equal(await resume("Yes. TERMINATE this. TERMINATE", "TERMINATE"), "Yes.  this. ");
  assert.equal(await resume("Three ideas. APPROVED", either), "Three ideas. ");
  assert.equal(await resume("It has been approved. TERMINATE", either), "It has been approved. ");
  assert.equal(await resume("Yes. TERMINATE", "THE-END"), "Yes. TERMINATE");
  assert.equal(
    await resume(
      [
        { type: "text", text: "Yes." },
        { type: "text", text: "TERMINATE" },
      ],
      "TERMINATE",
    ),
    "Yes.\n",
  );
});

test("a last message that would end the chat at once causes a warning", async () => {
  const warn = mock.method(console, "warn", () => {});
  const { manager } = managedGroup(
    threeAgents(),
    {},
    { isTerminationMsg: ({ content }) => (content ?? "").includes("TERMINATE") },
  );

  await resumeGroupChat(manager, { messages: [message("bob", "Done. TERMINATE")] });
  await resumeGroupChat(manager, {
    messages: [message("bob", "Done. TERMINATE")],
    removeTerminationString: "TERMINATE",
  });
  const calls = warn.mock.callCount();
  warn.mock.restore();

  assert.equal(calls, 1);
});

test("an empty list, messages of non-members and invalid messages are rejected", async () => {
  const { manager } = managedGroup(threeAgents());

  await assert.rejects(resumeGroupChat(manager, { messages: [] }), { code: "no_history" });
  await assert.rejects(resumeGroupChat(manager, { messages: "[]" }), { code: "no_history" });
  await assert.rejects(resumeGroupChat(manager, { messages: [message("eve", "Hello.")] }), {
    code: "invalid_name",
    message: /`eve`/,
  });
  for (const messages of [1, "", "Let's get started.", "{}", ["Hello."], [null], undefined]) {
    await assert.rejects(resumeGroupChat(manager, { messages: messages as never }), { code: "invalid_option" });
  }
});

test("a resumed chat does not introduce the members again (AG2's does, against its documentation)", async () => {
  const [alice, bob] = [introducingAgent("alice"), introducingAgent("bob")];
  const { groupChat, manager } = managedGroup([alice, bob], { sendIntroductions: true, maxRound: 2 });

  const [, last] = await resumeGroupChat(manager, { messages: [message("alice", "Hello."), message("bob", "Well?")] });
  await bob.initiateChat(manager, { message: last, clearHistory: false });

  assert.deepEqual(
    groupChat.messages.map(({ content }) => content),
    ["Hello.", "Well?", "This is alice."],
  );
  assert.deepEqual(
    alice.chatMessages.get(manager)?.map(({ content }) => content),
    ["Hello.", "Well?", "This is alice."],
  );
});

test("a notice is printed when the chat is ready, unless silent", async () => {
  const printed: string[] = [];
  const { manager } = managedGroup([plainAgent("alice"), plainAgent("bob")]);
  const undo = setPrinter((text) => printed.push(text));
  await resumeGroupChat(manager, { messages: [message("bob", "Well?")] });
  await resumeGroupChat(manager, { messages: [message("bob", "Well?")], silent: true });
  undo();

  assert.deepEqual(printed, ["Prepared group chat with 1 messages, the last speaker is bob"]);
});
