/** The cases of AG2's own tests of agents that no other file here has. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { ConversableAgent, type MessageInput, registerFunction, Tool } from "mlflow-ag2/agents";
import { setPrinter } from "mlflow-ag2/agents/console";
import { agentWithScript, plainAgent } from "./agent_fixtures.js";

/** The output while `action` runs. */
async function printedBy(action: () => Promise<unknown>): Promise<string> {
  const printed: string[] = [];
  const undo = setPrinter((text) => printed.push(text));
  try {
    await action();
  } finally {
    undo();
  }
  return printed.join("\n");
}

test("a new chat resets the count of automatic replies, another message does not", async () => {
  const agent = plainAgent("agent", { maxConsecutiveAutoReply: 1, defaultAutoReply: "" });
  const other = plainAgent("other", { maxConsecutiveAutoReply: 0, defaultAutoReply: "" });

  await other.initiateChat(agent, { message: "Hello." });
  await other.initiateChat(agent, { message: "Hello again." });
  assert.deepEqual([other.chatMessages.get(agent)?.length, other.lastMessage(agent)?.role], [2, "user"]);

  await other.send("Bye.", agent);
  assert.equal(other.lastMessage(agent)?.role, "assistant");

  await other.initiateChat(agent, { clearHistory: false, message: "Hi." });
  assert.ok((other.chatMessages.get(agent)?.length ?? 0) > 3);
});

test("the limit of automatic replies ends a chat before its limit of turns, on either side", async () => {
  const one = plainAgent("one", { maxConsecutiveAutoReply: 1, defaultAutoReply: "", silent: undefined });
  const two = plainAgent("two", { maxConsecutiveAutoReply: 100, defaultAutoReply: "", silent: undefined });

  const first = await printedBy(() => one.initiateChat(two, { message: "Hello.", maxTurns: 50 }));
  assert.deepEqual([one.chatMessages.get(two)?.length, two.chatMessages.get(one)?.length], [4, 4]);
  const second = await printedBy(() => two.initiateChat(one, { message: "Hello.", maxTurns: 50 }));
  assert.deepEqual([one.chatMessages.get(two)?.length, two.chatMessages.get(one)?.length], [3, 3]);
  for (const printed of [first, second])
    assert.match(printed, /TERMINATING RUN.*Maximum number of consecutive auto-replies reached/);
});

test("a first message that ends the conversation is its only one, with any number of turns", async () => {
  const other = plainAgent("other", {
    defaultAutoReply: "More.",
    isTerminationMsg: ({ content }) => content === "TERMINATE",
  });

  assert.deepEqual(
    (await plainAgent("user").initiateChat(other, { message: "TERMINATE", maxTurns: 2 })).chatHistory.map(
      ({ content }) => content,
    ),
    ["TERMINATE"],
  );
});

test("a chat can start with a tool call, from a message or a function, which the other side runs", async () => {
  const player = plainAgent("player", { functionMap: { draw: () => "7" } });
  const call = { content: "Let's play.", function_call: { name: "draw", arguments: "{}" } };

  for (const message of [call, () => call]) {
    assert.equal((await plainAgent("user").initiateChat(player, { message, maxTurns: 1 })).summary, "7");
  }
});

test("functions run for replies with and without a sender, but a trigger by name needs one", async () => {
  const agent = plainAgent("agent", { functionMap: { add: ({ n }: { n: number }) => n + 10 } });
  const messages = [{ role: "assistant", content: null, function_call: { name: "add", arguments: '{ "n": 5 }' } }];

  assert.deepEqual(await agent.generateReply({ messages }), { name: "add", role: "function", content: "15" });
  assert.deepEqual(await agent.generateReply({ messages, sender: plainAgent("other") }), {
    name: "add",
    role: "function",
    content: "15",
  });
  agent.registerReply(["friend", null], ConversableAgent.replyFunctions.generateOaiReply);
  await assert.rejects(agent.generateReply({ messages }), { code: "missing_sender" });
});

test("without a model, functions or a person, the reply is the default one", async () => {
  assert.equal(
    await plainAgent("agent", { defaultAutoReply: "Hm." }).generateReply({
      messages: [{ role: "user", content: "Hello." }],
    }),
    "Hm.",
  );
});

test("a template is printed with its values", async () => {
  const [sender, receiver] = [plainAgent("sender", { silent: undefined }), plainAgent("receiver")];
  const message: MessageInput = {
    content: (context) => `Hello ${String(context["name"])}.`,
    context: { name: "there" },
  };

  assert.match(await printedBy(() => sender.send(message, receiver)), /Hello there\./);
  assert.deepEqual(receiver.lastMessage(sender)?.context, { name: "there" });
});

test("carryover follows texts and precedes the parts of multimodal messages, and must be text", async () => {
  const agent = plainAgent("agent");
  const parts = [
    { type: "text", text: "Hello." },
    { type: "image_url", image_url: { url: "https://example.com/image.png" } },
  ];

  assert.equal(await agent.generateInitMessage("Hello.", { carryover: "Before." }), "Hello.\nContext: \nBefore.");
  assert.equal(
    await agent.generateInitMessage("Hello.", { carryover: [{ content: "One." }, "Two."] }),
    "Hello.\nContext: \nOne.\nTwo.",
  );
  assert.deepEqual(await agent.generateInitMessage({ content: parts }, { carryover: "Before." }), {
    content: [{ type: "text", text: "\nContext: \nBefore." }, ...parts],
  });
  assert.deepEqual(await agent.generateInitMessage({ content: parts }), { content: parts });
  await assert.rejects(agent.generateInitMessage("Hello.", { carryover: 3 as never }), { code: "invalid_option" });
  await assert.rejects(agent.generateInitMessage({ content: parts }, { carryover: 3 as never }), {
    code: "invalid_option",
  });
});

test("a summary that is an object counts as its content", async () => {
  const other = plainAgent("other", { defaultAutoReply: "Yes." });

  assert.equal(
    (
      await plainAgent("user").initiateChat(other, {
        message: "Hello.",
        maxTurns: 1,
        summaryMethod: () => ({ content: "In short." }),
      })
    ).summary,
    "In short.",
  );
});

test("a replaced function or tool causes a warning, of agents and of models", (context) => {
  const warn = context.mock.method(console, "warn", () => {});
  const { agent } = agentWithScript("agent", []);
  for (let time = 0; time < 2; time++) {
    agent.registerFunction({ sample: () => {} });
    agent.updateFunctionSignature({ name: "foo" });
    agent.updateToolSignature({ type: "function", function: { name: "yo" } });
  }

  const warned = warn.mock.calls.map(({ arguments: [text] }) => String(text));
  assert.deepEqual(
    warned.map((text) => /`(\w+)`/.exec(text)?.[1]),
    ["sample", "foo", "yo"],
  );
  for (const text of warned) assert.match(text, /is being overridden/);
});

test("a hook before sending gets whether the message is silent", async () => {
  const seen: boolean[] = [];
  const agent = plainAgent("agent", { silent: undefined });
  agent.registerHook("processMessageBeforeSend", ({ message, silent }) => {
    seen.push(silent);
    return message;
  });

  await printedBy(async () => {
    await agent.send("Hello.", plainAgent("other"));
    await agent.send("Hello.", plainAgent("other"), { silent: true });
  });
  assert.deepEqual(seen, [false, true]);
});

test("async and sync tools work together, with either way of registering them", async () => {
  const ran: string[] = [];
  const { agent: coder } = agentWithScript("coder", [
    { tool_calls: [{ id: "1", name: "timer", arguments: { seconds: "1" } }] },
    { tool_calls: [{ id: "2", name: "stopwatch", arguments: { seconds: "2" } }] },
    "Done.",
  ]);
  const user = plainAgent("user", { isTerminationMsg: ({ content }) => content === "Done." });
  const parameters = { type: "object", properties: { seconds: { type: "string" } }, required: ["seconds"] };
  const timer = coder.registerForLlm({ name: "timer", description: "Sets a timer", parameters })(
    async ({ seconds }: { seconds: string }) => void ran.push(`timer ${seconds}`),
  );
  user.registerForExecution()(timer);
  const stopwatch = ({ seconds }: { seconds: string }): void => void ran.push(`stopwatch ${seconds}`);
  registerFunction(stopwatch, { caller: coder, executor: user, description: "Stops the time", parameters });

  await user.initiateChat(coder, { message: "A timer for 1, then a stopwatch for 2 seconds." });

  assert.deepEqual(ran, ["timer 1", "stopwatch 2"]);
});

test("a removed tool can be registered again", () => {
  const { agent } = agentWithScript("agent", []);
  const tool = new Tool(() => 1, { name: "one", description: "One" });
  const known = (): unknown[] =>
    ((agent.llmConfig as { tools?: readonly { function: { name: string } }[] }).tools ?? []).map(
      (each) => each.function.name,
    );

  agent.registerForLlm()(tool);
  agent.updateToolSignature("one", { isRemove: true });
  assert.deepEqual(known(), []);
  agent.registerForLlm()(tool);
  assert.deepEqual(known(), ["one"]);
});
