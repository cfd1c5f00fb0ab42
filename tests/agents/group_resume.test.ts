/** Going on with an earlier group chat. */

import assert from "node:assert/strict";
import { mock, test } from "node:test";
import type { ChatMessage } from "mlflow-ag2/agents";
import { setPrinter } from "mlflow-ag2/agents/console";
import { messagesFromString, messagesToString, resumeGroupChat } from "mlflow-ag2/agents/resume";
import { plainAgent } from "./cast.js";
import { managed, talker, trio } from "./group_cast.js";

setPrinter(() => {});

const said = (name: string | undefined, content: string, role = "user"): ChatMessage => ({ content, role, ...(name !== undefined && { name }) });

test("messages survive the way to text and back", () => {
  const messages = [said(undefined, "You are an expert.", "system"), said("alice", 'Let\'s get "started".')];

  assert.deepEqual(messagesFromString(messagesToString(messages)), messages);
  assert.throws(() => messagesFromString("Let's get started."), { code: "invalid_option" });
});

test("every member remembers all but the last message, each in its own role", async () => {
  const [alice, bob, sam] = trio();
  const { groupChat, manager } = managed([alice, bob, sam]);
  const messages = [said("alice", "Hello."), said("sam", "Hi."), said("bob", "Well?")];

  const [lastAgent, lastMessage] = await resumeGroupChat(manager, { messages });

  assert.equal(lastAgent, bob);
  assert.deepEqual(lastMessage, said("bob", "Well?"));
  assert.deepEqual(groupChat.messages, messages.slice(0, -1));
  assert.deepEqual(alice.chatMessages.get(manager), [said("alice", "Hello.", "assistant"), said("sam", "Hi.")]);
  assert.deepEqual(sam.chatMessages.get(manager), [said("alice", "Hello."), said("sam", "Hi.", "assistant")]);
  assert.deepEqual(bob.chatMessages.get(manager), [said("alice", "Hello."), said("sam", "Hi.")]);
});

test("what was there before is forgotten, and the given messages stay as they are", async () => {
  const agents = trio();
  const { groupChat, manager } = managed(agents, { maxRound: 2 });
  await agents[0].initiateChat(manager, { message: "Old." });
  const messages = [said(undefined, "First."), { ...said("bob", "Second. TERMINATE"), tool_responses: [{ role: "tool", content: null }] }];
  const before = structuredClone(messages);

  await resumeGroupChat(manager, { messages, removeTerminationString: "TERMINATE" });

  assert.deepEqual(messages, before);
  assert.deepEqual(groupChat.messages, [said("chat_manager", "First.")]);
  assert.deepEqual(agents[2].chatMessages.get(manager)?.map(({ content }) => content), ["First."]);
});

test("a message without a name, with the manager's or with the admin's is the manager's", async () => {
  for (const name of [undefined, "chat_manager", "Admin"]) {
    const { manager } = managed([talker("alice"), talker("bob")]);
    const [lastAgent] = await resumeGroupChat(manager, { messages: [said(name, "Go.")] });
    assert.equal(lastAgent, manager);
  }
});

test("an admin that is a member is who it is, and one that is not may have spoken before", async () => {
  const admin = talker("Admin");
  const { manager } = managed([admin, talker("bob")]);
  assert.equal((await resumeGroupChat(manager, { messages: [said("Admin", "Go.")] }))[0], admin);

  const { manager: other, groupChat } = managed(trio());
  await resumeGroupChat(other, { messages: [said("Admin", "Go."), said("bob", "Going.")] });
  assert.deepEqual(groupChat.messages, [said("Admin", "Go.")]);
  assert.deepEqual(groupChat.agents[1]?.lastMessage(other)?.name, "Admin");
});

test("a text, or a function, takes out of the last message what would end the chat", async () => {
  const { manager } = managed(trio());
  const resume = async (content: ChatMessage["content"], remove: string | ((text: string) => string)): Promise<unknown> =>
    (await resumeGroupChat(manager, { messages: [{ role: "user", name: "bob", content: content ?? null }], removeTerminationString: remove }))[1].content;
  const either = (text: string): string => (text.includes("APPROVED") ? text.replace("APPROVED", "") : text.replace("TERMINATE", ""));

  assert.equal(await resume("Yes. TERMINATE this. TERMINATE", "TERMINATE"), "Yes.  this. ");
  assert.equal(await resume("Three ideas. APPROVED", either), "Three ideas. ");
  assert.equal(await resume("It has been approved. TERMINATE", either), "It has been approved. ");
  assert.equal(await resume("Yes. TERMINATE", "THE-END"), "Yes. TERMINATE");
  assert.equal(await resume([{ type: "text", text: "Yes." }, { type: "text", text: "TERMINATE" }], "TERMINATE"), "Yes.\n");
});

test("a last message that would end the chat at once is warned of", async () => {
  const warn = mock.method(console, "warn", () => {});
  const { manager } = managed(trio(), {}, { isTerminationMsg: ({ content }) => (content ?? "").includes("TERMINATE") });

  await resumeGroupChat(manager, { messages: [said("bob", "Done. TERMINATE")] });
  await resumeGroupChat(manager, { messages: [said("bob", "Done. TERMINATE")], removeTerminationString: "TERMINATE" });
  const calls = warn.mock.callCount();
  warn.mock.restore();

  assert.equal(calls, 1);
});

test("no messages, messages of strangers and what are no messages are refused", async () => {
  const { manager } = managed(trio());

  await assert.rejects(resumeGroupChat(manager, { messages: [] }), { code: "no_history" });
  await assert.rejects(resumeGroupChat(manager, { messages: "[]" }), { code: "no_history" });
  await assert.rejects(resumeGroupChat(manager, { messages: [said("eve", "Hello.")] }), { code: "invalid_name", message: /`eve`/ });
  for (const messages of [1, "", "Let's get started.", "{}", ["Hello."], [null], undefined]) {
    await assert.rejects(resumeGroupChat(manager, { messages: messages as never }), { code: "invalid_option" });
  }
});

test("a resumed chat does not introduce the members again (AG2's does, against its own word)", async () => {
  const [alice, bob] = [talker("alice"), talker("bob")];
  const { groupChat, manager } = managed([alice, bob], { sendIntroductions: true, maxRound: 2 });

  const [, message] = await resumeGroupChat(manager, { messages: [said("alice", "Hello."), said("bob", "Well?")] });
  await bob.initiateChat(manager, { message, clearHistory: false });

  assert.deepEqual(groupChat.messages.map(({ content }) => content), ["Hello.", "Well?", "This is alice."]);
  assert.deepEqual(alice.chatMessages.get(manager)?.map(({ content }) => content), ["Hello.", "Well?", "This is alice."]);
});

test("a notice tells that the chat is ready, unless silent", async () => {
  const printed: string[] = [];
  const { manager } = managed([plainAgent("alice"), plainAgent("bob")]);
  const undo = setPrinter((text) => printed.push(text));
  await resumeGroupChat(manager, { messages: [said("bob", "Well?")] });
  await resumeGroupChat(manager, { messages: [said("bob", "Well?")], silent: true });
  undo();

  assert.deepEqual(printed, ["Prepared group chat with 1 messages, the last speaker is bob"]);
});
