/** Reply functions and hooks. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { AssistantAgent, type ChatMessage, ConversableAgent, type ReplyFunction } from "mlflow-ag2/agents";
import { agentWithScript, toolCallStep, plainAgent, agentsWithTool } from "./agent_fixtures.js";

const saying =
  (text: string): ReplyFunction =>
  () => [true, text];
const asking = (text: string): ChatMessage[] => [{ role: "user", content: text }];

test("the function registered last is called first, unless it has a position", async () => {
  const agent = plainAgent("agent");
  const sender = plainAgent("sender");
  agent.registerReply(sender, saying("first"));
  agent.registerReply(sender, saying("second"), { position: 1 });
  assert.equal(await agent.generateReply({ messages: asking("?"), sender }), "first");
  agent.registerReply(sender, saying("third"));
  assert.equal(await agent.generateReply({ messages: asking("?"), sender }), "third");
});

test("after a reply that is not final, the next function is called", async () => {
  const agent = plainAgent("agent");
  agent.registerReply(null, saying("second"));
  agent.registerReply(null, () => [false, "ignored"]);

  assert.equal(await agent.generateReply({ messages: asking("?") }), "second");
});

test("triggers match by agent, name, class, function, absence of a sender, or any of a list", async () => {
  const bob = plainAgent("bob");
  const expert = new AssistantAgent({ name: "expert" });
  const answers = async (
    trigger: Parameters<ConversableAgent["registerReply"]>[0],
    sender: ConversableAgent | undefined,
  ): Promise<boolean> => {
    const agent = plainAgent("agent");
    agent.registerReply(trigger, saying("yes"));
    return (await agent.generateReply({ messages: asking("?"), sender })) === "yes";
  };

  assert.deepEqual([await answers(bob, bob), await answers(bob, expert)], [true, false]);
  assert.deepEqual([await answers("bob", bob), await answers("bob", expert)], [true, false]);
  assert.deepEqual([await answers(AssistantAgent, bob), await answers(AssistantAgent, expert)], [false, true]);
  assert.deepEqual(
    [await answers((sender) => sender === bob, bob), await answers((sender) => sender === bob, expert)],
    [true, false],
  );
  assert.deepEqual([await answers(null, undefined), await answers(null, bob)], [true, false]);
  assert.deepEqual([await answers(["bob", AssistantAgent], expert), await answers([null], bob)], [true, false]);
  await assert.rejects(answers("bob", undefined), { code: "missing_sender" });
  await assert.rejects(answers(7 as never, bob), { code: "invalid_trigger" });
});

test("reply functions can be replaced, removed and excluded", async () => {
  const agent = plainAgent("agent", { defaultAutoReply: "default" });
  const [old, young] = [saying("old"), saying("young")];
  agent.registerReply(() => true, old);
  assert.equal(await agent.generateReply({ messages: asking("?"), exclude: [old] }), "default");
  agent.replaceReplyFunc(old, young);
  assert.equal(await agent.generateReply({ messages: asking("?") }), "young");
  agent.registerReply(
    () => true,
    () => [false],
    { removeOtherReplyFuncs: true },
  );
  assert.equal(await agent.generateReply({ messages: asking("TERMINATE") }), "default");
});

test("the default functions are tried in AG2's order and can be excluded", async () => {
  const names = [
    "checkTerminationAndHumanReply",
    "generateFunctionCallReply",
    "generateToolCallsReply",
    "generateOaiReply",
  ];
  assert.deepEqual(Object.keys(ConversableAgent.replyFunctions), names);
  const agent = plainAgent("agent", { defaultAutoReply: "default" });
  const { checkTerminationAndHumanReply } = ConversableAgent.replyFunctions;

  assert.equal(await agent.generateReply({ messages: asking("TERMINATE") }), undefined);
  assert.equal(
    await agent.generateReply({ messages: asking("TERMINATE"), exclude: [checkTerminationAndHumanReply] }),
    "default",
  );
});

test("after the limit of automatic replies has ended a conversation, the count is reset", async () => {
  const agent = plainAgent("agent", { defaultAutoReply: "default", maxConsecutiveAutoReply: 1 });
  const replies: unknown[] = [];
  for (let count = 0; count < 4; count++) replies.push(await agent.generateReply({ messages: asking("?") }));

  assert.deepEqual(replies, ["default", undefined, "default", undefined]);
});

test("a reply needs messages or a sender", async () => {
  await assert.rejects(plainAgent("agent").generateReply({}), { code: "missing_sender" });
});

test("hooks change messages before they are sent and before replies to them, but not the history", async () => {
  const { agent: helper, model } = agentWithScript("helper", ["Yes."]);
  const user = plainAgent("user");
  user.registerHook(
    "processMessageBeforeSend",
    ({ sender, message, recipient, silent }) => `[${sender.name} > ${recipient.name}, ${silent}] ${String(message)}`,
  );
  helper.registerHook("processLastReceivedMessage", async (content) => `${String(content)} (last)`);
  helper.registerHook("processAllMessagesBeforeReply", (messages) => [...messages, { role: "user", content: "(all)" }]);

  await user.initiateChat(helper, { message: "Hello?" });

  assert.deepEqual(
    model.requests[0]?.messages.slice(1).map(({ content }) => content),
    ["[user > helper, true] Hello? (last)", "(all)"],
  );
  assert.equal(helper.chatMessages.get(user)?.[0]?.content, "[user > helper, true] Hello?");
});

test("the last message is not changed if it is a call, has a context, or says exit", async () => {
  const agent = plainAgent("agent", { defaultAutoReply: "default" });
  let calls = 0;
  agent.registerHook("processLastReceivedMessage", (content) => (calls++, content));

  for (const last of [
    { content: "x", function_call: { name: "f", arguments: "{}" } },
    { content: "x", context: {} },
    { content: "exit" },
    { content: null },
  ]) {
    await agent.generateReply({ messages: [last] });
  }
  assert.equal(calls, 0);
});

test("an agent's state can be updated before it replies", async () => {
  const { agent, model } = agentWithScript("helper", ["Yes."], { systemMessage: "unset" });
  agent.registerHook("updateAgentState", (_, messages) => agent.updateSystemMessage(`You saw ${messages.length}.`));

  await agent.generateReply({ messages: asking("Hello?") });

  assert.equal(agent.systemMessage, "You saw 1.");
  assert.deepEqual(model.requests[0]?.messages[0], { content: "You saw 1.", role: "system" });
});

test("safeguards change the inputs and outputs of models", async () => {
  const { agent, model } = agentWithScript("helper", ["A secret."]);
  agent.registerHook("safeguardLlmInputs", (messages) =>
    messages.map((message) => ({ ...message, content: String(message.content).replace("4711", "****") })),
  );
  agent.registerHook("safeguardLlmOutputs", (reply) => String(reply).replace("secret", "s*****"));

  assert.equal(await agent.generateReply({ messages: asking("My code is 4711.") }), "A s*****.");
  assert.equal(model.requests[0]?.messages[1]?.content, "My code is ****.");
});

test("a safeguard can block a model call, but must not return nothing otherwise", async () => {
  const { agent, model } = agentWithScript("helper", ["Yes."]);
  agent.registerHook("safeguardLlmInputs", () => null);
  assert.deepEqual(await agent.generateReply({ messages: asking("?") }), {
    content: "LLM call blocked by safeguard",
    role: "assistant",
  });
  assert.equal(model.requests.length, 0);

  const { agent: other } = agentWithScript("other", ["Yes."]);
  other.registerHook("safeguardLlmOutputs", () => null);
  await assert.rejects(other.generateReply({ messages: asking("?") }), {
    code: "invalid_hook",
    message: /`safeguardLlmOutputs`/,
  });
});

test("safeguards change the inputs and outputs of tools, and the input of persons", async () => {
  const { helper, user, model } = agentsWithTool(
    ({ x }: { x: number }) => x,
    [toolCallStep("tool", { x: 1 }), "Done."],
  );
  user.registerHook("safeguardToolInputs", (call) => ({ ...call, arguments: '{"x": 2}' }));
  user.registerHook("safeguardToolOutputs", (result) => ({ ...result, content: `${result.content}!` }));
  await user.initiateChat(helper, { message: "Go." });
  assert.equal(model.requests[1]?.messages.at(-1)?.content, "2!");

  const typist = plainAgent("typist", { humanInputMode: "ALWAYS", getHumanInput: () => "darn" });
  typist.registerHook("safeguardHumanInputs", (text) => text.replace("darn", "d***"));
  assert.deepEqual(await typist.generateReply({ messages: asking("?") }), { role: "user", content: "d***" });
});

test("hooks are called in order, once each, and only for hookable methods", async () => {
  const { agent } = agentWithScript("helper", ["Yes."]);
  const exclaim = (reply: string | ChatMessage): string => `${String(reply)}!`;
  agent.registerHook("safeguardLlmOutputs", exclaim);
  agent.registerHook("safeguardLlmOutputs", (reply) => `${String(reply)}?`);

  assert.equal(await agent.generateReply({ messages: asking("?") }), "Yes.!?");
  assert.throws(() => agent.registerHook("safeguardLlmOutputs", exclaim), { code: "invalid_hook" });
  assert.throws(() => agent.registerHook("send" as never, exclaim as never), {
    code: "invalid_hook",
    message: /use one of processLastReceivedMessage,/,
  });
});
