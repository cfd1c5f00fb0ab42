/** The histories of agents, and the form of their messages. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { type ChatMessage, contentText, type MessageInput } from "mlflow-ag2/agents";
import { agentWithScript, plainAgent } from "./agent_fixtures.js";

/** A message in the histories of sender and recipient. */
async function remembered(
  message: MessageInput,
): Promise<[sent: ChatMessage | undefined, received: ChatMessage | undefined]> {
  const [sender, recipient] = [plainAgent("sender"), plainAgent("recipient")];
  await sender.send(message, recipient, { requestReply: false });
  return [sender.lastMessage(recipient), recipient.lastMessage(sender)];
}

test("a message has the role assistant in the sender's history, and user in the recipient's", async () => {
  assert.deepEqual(await remembered("Hello."), [
    { content: "Hello.", role: "assistant", name: "sender" },
    { content: "Hello.", role: "user", name: "sender" },
  ]);
});

test("a message with calls has the role assistant on both sides and no name", async () => {
  const tool_calls = [{ id: "1", type: "function", function: { name: "f", arguments: "{}" } }];
  const kept = { tool_calls, content: null, role: "assistant" };
  assert.deepEqual(await remembered({ tool_calls, content: null, refusal: null, role: "assistant" }), [kept, kept]);
});

test("tool and function messages keep their role, others get the speaker's side", async () => {
  assert.deepEqual((await remembered({ role: "function", name: "f", content: "1" }))[1], {
    content: "1",
    name: "f",
    role: "function",
  });
  assert.deepEqual((await remembered({ role: "system", content: "1" }))[1], {
    content: "1",
    role: "user",
    name: "sender",
  });
  assert.deepEqual((await remembered({ content: "1", override_role: "system" }))[1], {
    content: "1",
    role: "system",
    name: "sender",
  });
});

test("the contents of tool responses become text", async () => {
  const tool_responses = [
    { role: "tool", tool_call_id: "1", content: 42 as never },
    { role: "tool", tool_call_id: "2", content: null },
  ];
  const [, received] = await remembered({ role: "tool", tool_responses, content: "42" });

  assert.deepEqual(
    received?.tool_responses?.map(({ content }) => content),
    ["42", ""],
  );
});

test("the text of a multimodal content is that of its parts", () => {
  const content = [
    { type: "text", text: "See:" },
    { type: "image_url", image_url: "data:" },
    { type: "tool_call", name: "f" },
    { type: "input_audio" },
  ];
  assert.equal(contentText(content), "See:\n<image>\n<function: f>\n<input_audio>");
  assert.equal(contentText(null), "");
});

test("lastMessage needs the other agent if there are several conversations", async () => {
  const [agent, one, two] = [plainAgent("user"), plainAgent("one"), plainAgent("two")];
  assert.equal(agent.lastMessage(), undefined);
  await agent.send("1", one, { requestReply: false });
  assert.equal(agent.lastMessage()?.content, "1");
  await agent.send("2", two, { requestReply: false });

  assert.throws(() => agent.lastMessage(), { code: "missing_sender" });
  assert.equal(agent.lastMessage(one)?.content, "1");
  assert.throws(() => agent.lastMessage(plainAgent("stranger")), { code: "no_history", message: /`stranger`/ });
});

test("clearHistory clears one conversation, all, or all but the newest messages", async () => {
  const agent = plainAgent("agent");
  const [one, two] = [plainAgent("one"), plainAgent("two")];
  for (const other of [one, two])
    for (const text of ["1", "2", "3"]) await agent.send(text, other, { requestReply: false });

  agent.clearHistory(one);
  assert.deepEqual([agent.chatMessages.get(one)?.length, agent.chatMessages.get(two)?.length], [0, 3]);
  agent.clearHistory(undefined, 2);
  assert.deepEqual(
    agent.chatMessages.get(two)?.map(({ content }) => content),
    ["2", "3"],
  );
  agent.clearHistory();
  assert.equal(agent.chatMessages.size, 0);
});

test("a preserved tool response preserves the message with its call", async () => {
  const agent = plainAgent("agent");
  const other = plainAgent("other");
  await agent.send("1", other, { requestReply: false });
  await agent.send({ tool_calls: [{ id: "1", function: { name: "f", arguments: "{}" } }] }, other, {
    requestReply: false,
  });
  await agent.send(
    { role: "tool", tool_responses: [{ role: "tool", tool_call_id: "1", content: "42" }], content: "42" },
    other,
    { requestReply: false },
  );

  agent.clearHistory(undefined, 1);

  assert.deepEqual(
    agent.chatMessages.get(other)?.map(({ role }) => role),
    ["assistant", "tool"],
  );
});

test("an agent can start with earlier conversations", async () => {
  const other = plainAgent("other");
  const { agent, model } = agentWithScript("helper", ["Yes."], {
    chatMessages: [[other, [{ role: "user", content: "Remember me?" }]]],
  });

  await agent.generateReply({ sender: other });

  assert.equal(model.requests[0]?.messages.at(-1)?.content, "Remember me?");
});

test("reset clears conversations and counts, and restores configs", async () => {
  const agent = plainAgent("agent");
  const counted: number[] = [];
  agent.registerReply(
    () => true,
    (_, __, ___, config) => {
      const state = config as { count: number };
      counted.push(++state.count);
      return [true, "Yes."];
    },
    { config: { count: 0 } },
  );
  const user = plainAgent("user");
  await user.initiateChat(agent, { message: "1" });
  await user.initiateChat(agent, { message: "2" });

  agent.reset();
  assert.equal(agent.chatMessages.size, 0);
  await user.initiateChat(agent, { message: "3" });

  assert.deepEqual(counted, [1, 2, 1]);
});

test("stopReplyAtReceive stops replies to one sender until the next chat", async () => {
  const user = plainAgent("user");
  const { agent: helper, model } = agentWithScript("helper", ["One.", "Two."]);
  await user.initiateChat(helper, { message: "1" });

  helper.stopReplyAtReceive(user);
  await user.send("2", helper);
  assert.equal(model.requests.length, 1);
  await user.initiateChat(helper, { message: "3" });

  model.assertFinished();
});
