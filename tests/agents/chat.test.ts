/** Chats of two agents: their start, their course, their end and their result. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  AssistantAgent,
  ConversableAgent,
  type ConversableAgentOptions,
  type MessageInput,
  UserProxyAgent,
} from "mlflow-ag2/agents";
import { setPrinter } from "mlflow-ag2/agents/console";
import { agentWithScript, toolCallStep, plainAgent, agentsWithTool } from "./agent_fixtures.js";

/** The first message that `helper` receives from a chat with these options. */
async function firstMessage(options: Parameters<ConversableAgent["initiateChat"]>[1]): Promise<unknown> {
  const helper = plainAgent("helper");
  await plainAgent("user").initiateChat(helper, options);
  const message = helper.lastMessage();
  return message?.content;
}

test("carryover follows the first message", async () => {
  assert.equal(await firstMessage({ message: "Go.", carryover: "Tea." }), "Go.\nContext: \nTea.");
  assert.equal(
    await firstMessage({ message: "Go.", carryover: ["Tea.", { content: "Milk." }] }),
    "Go.\nContext: \nTea.\nMilk.",
  );
  assert.equal(await firstMessage({ message: { content: "Go." }, carryover: "Tea." }), "Go.\nContext: \nTea.");
  const parts = [{ type: "text", text: "Go." }];
  assert.deepEqual(await firstMessage({ message: { content: parts }, carryover: "Tea." }), [
    { type: "text", text: "\nContext: \nTea." },
    ...parts,
  ]);
  await assert.rejects(firstMessage({ message: "Go.", carryover: 7 as never }), { code: "invalid_option" });
});

test("without a message a person is asked for one", async () => {
  const prompts: string[] = [];
  const helper = plainAgent("helper");
  const user = plainAgent("user", { getHumanInput: (prompt) => (prompts.push(prompt), "Hello?") });

  const result = await user.initiateChat(helper);

  assert.deepEqual(prompts, [">"]);
  assert.equal(helper.lastMessage(user)?.content, "Hello?");
  assert.deepEqual(result.humanInput, ["Hello?"]);
});

test("history is cleared at the start of a chat unless clearHistory is false", async () => {
  const { agent: helper } = agentWithScript("helper", ["One.", "Two.", "Three."]);
  const user = plainAgent("user");

  const first = await user.initiateChat(helper, { message: "1" });
  const second = await user.initiateChat(helper, { message: "2" });
  const third = await user.initiateChat(helper, { message: "3", clearHistory: false });

  assert.deepEqual(
    [first, second, third].map(({ chatHistory }) => chatHistory.map(({ content }) => content)),
    [
      ["1", "One."],
      ["2", "Two."],
      ["2", "Two.", "3", "Three."],
    ],
  );
});

test("a chat without turns has an empty history and summary", async () => {
  const result = await plainAgent("user").initiateChat(plainAgent("helper"), { message: "Hello?", maxTurns: 0 });

  assert.deepEqual([result.chatHistory, result.summary, result.humanInput], [[], "", []]);
});

test("every chat has its own id, which JSON can carry", async () => {
  const chat = async (): Promise<number> =>
    (await plainAgent("user").initiateChat(plainAgent("helper"), { message: "Hello?" })).chatId;
  const ids = [await chat(), await chat()];

  assert.notEqual(ids[0], ids[1]);
  assert.ok(ids.every(Number.isSafeInteger));
});

test("with maxTurns the chat also ends by the other side's termination condition", async () => {
  const { agent: helper, model } = agentWithScript("helper", ["Bye."], {
    isTerminationMsg: (m) => (m.content ?? "").includes("Bye"),
  });
  const user = plainAgent("user", { defaultAutoReply: "More." });

  const { chatHistory } = await user.initiateChat(helper, { message: "Hello?", maxTurns: 5 });

  model.assertFinished();
  assert.equal(chatHistory.length, 2);
});

test("an agent without reply ends the chat; an empty default reply does not", async () => {
  const quiet = plainAgent("quiet");
  const polite = plainAgent("polite", { defaultAutoReply: "", maxConsecutiveAutoReply: 1 });

  assert.equal((await plainAgent("user").initiateChat(quiet, { message: "Hello?" })).chatHistory.length, 1);
  assert.equal((await plainAgent("user").initiateChat(polite, { message: "Hello?" })).chatHistory.length, 2);
});

test("maxConsecutiveAutoReply can be set for one other agent", async () => {
  const user = plainAgent("user", { defaultAutoReply: "More." });
  const [one, two] = ["one", "two"].map(
    (name) => agentWithScript(name, [{ repeat: "forever", content: "Yes." }]).agent,
  ) as [ConversableAgent, ConversableAgent];
  user.updateMaxConsecutiveAutoReply(3);
  user.updateMaxConsecutiveAutoReply(1, two);

  assert.equal((await user.initiateChat(one, { message: "Go." })).chatHistory.length, 2 + 2 * 3);
  assert.equal((await user.initiateChat(two, { message: "Go." })).chatHistory.length, 2 + 2 * 1);
  assert.deepEqual(
    [user.maxConsecutiveAutoReply(), user.maxConsecutiveAutoReply(one), user.maxConsecutiveAutoReply(two)],
    [3, 3, 1],
  );
});

/** The question to the person, and the length of the chat. */
async function terminating(options: Partial<ConversableAgentOptions>, lines: string[], answers: string[]) {
  const prompts: string[] = [];
  const user = plainAgent("user", {
    humanInputMode: "TERMINATE",
    defaultAutoReply: "More.",
    getHumanInput: (prompt) => (prompts.push(prompt), lines.shift() ?? "exit"),
    ...options,
  });
  const { agent: helper } = agentWithScript("helper", answers);
  const { chatHistory, humanInput } = await user.initiateChat(helper, { message: "Go." });
  return { prompts, contents: chatHistory.map(({ content }) => content), humanInput };
}

test("in mode TERMINATE a person is asked when the conversation would end, and may continue it", async () => {
  const { prompts, contents, humanInput } = await terminating({}, ["No, go on.", ""], ["TERMINATE", "TERMINATE"]);

  assert.deepEqual(contents, ["Go.", "TERMINATE", "No, go on.", "TERMINATE"]);
  assert.deepEqual(humanInput, ["No, go on.", ""]);
  assert.equal(prompts[0], "Please give feedback to helper. Press enter or type 'exit' to stop the conversation: ");
});

test("in mode TERMINATE a person is asked when the limit of automatic replies is reached", async () => {
  const { prompts, contents } = await terminating(
    { maxConsecutiveAutoReply: 1 },
    ["", "Now I speak.", "exit"],
    ["One.", "Two.", "Three.", "Four.", "Five."],
  );

  assert.equal(
    prompts[0],
    "Please give feedback to helper. Press enter to skip and use auto-reply, or type 'exit' to stop the conversation: ",
  );
  assert.deepEqual(contents, [
    "Go.",
    "One.",
    "More.",
    "Two.",
    "More.",
    "Three.",
    "Now I speak.",
    "Four.",
    "More.",
    "Five.",
  ]);
});

test("getHumanInput can be overridden as a method", async () => {
  class Asker extends ConversableAgent {
    override async getHumanInput(): Promise<string> {
      return "exit";
    }
  }
  const asker = new Asker({ name: "asker", humanInputMode: "ALWAYS", silent: true });

  const { humanInput } = await asker.initiateChat(agentWithScript("helper", ["Yes?"]).agent, { message: "Hello?" });

  assert.deepEqual(humanInput, ["exit"]);
});

test("an overridden generateReply is used in chats", async () => {
  class Parrot extends ConversableAgent {
    override async generateReply(options: Parameters<ConversableAgent["generateReply"]>[0]): Promise<string> {
      return `${String(options.messages?.at(-1)?.content)}!`;
    }
  }
  const parrot = new Parrot({ name: "parrot", silent: true });

  const { summary } = await plainAgent("user").initiateChat(parrot, { message: "Hello", maxTurns: 1 });

  assert.equal(summary, "Hello!");
});

test("a summary is the last message, a model's, a function's, or none", async () => {
  const chat = async (summaryMethod: never, steps: string[], summaryArgs = {}) => {
    const { agent: helper, model } = agentWithScript("helper", steps);
    const { summary } = await plainAgent("user").initiateChat(helper, { message: "Tell.", summaryMethod, summaryArgs });
    model.assertFinished();
    return { summary, last: model.requests.at(-1)?.messages.at(-1) };
  };

  assert.equal((await chat("last_msg" as never, ["Tea. TERMINATE"])).summary, "Tea. ");
  assert.equal((await chat(null as never, ["Tea."])).summary, "");
  assert.equal((await chat((() => ({ content: "A drink." })) as never, ["Tea."])).summary, "A drink.");
  assert.deepEqual(await chat("reflection_with_llm" as never, ["Tea.", "It was about tea."]), {
    summary: "It was about tea.",
    last: {
      role: "system",
      content: "Summarize the takeaway from the conversation. Do not add any introductory phrases.",
    },
  });
  assert.deepEqual(
    (await chat("reflection_with_llm" as never, ["Tea.", "T."], { summaryPrompt: "Short!", summaryRole: "user" })).last,
    { role: "user", content: "Short!" },
  );
});

test("a chat whose summary fails has a result", async (context) => {
  const warn = context.mock.method(console, "warn", () => {});
  const { agent: helper } = agentWithScript("helper", ["Tea.", { status: 500 }]);

  const { summary, chatHistory } = await plainAgent("user").initiateChat(helper, {
    message: "Tell.",
    summaryMethod: "reflection_with_llm",
  });

  assert.deepEqual([summary, chatHistory.length], ["", 2]);
  assert.match(String(warn.mock.calls[0]?.arguments[0]), /no summary, because the model failed/);
});

test("inconsistent options are rejected before any message", async () => {
  const [user, helper] = [plainAgent("user"), plainAgent("helper")];

  await assert.rejects(user.initiateChat(helper, { message: "Go.", summaryMethod: "reflection_with_llm" }), {
    code: "missing_llm_config",
  });
  await assert.rejects(user.initiateChat(helper, { message: "Go.", summaryMethod: "shortest" as never }), {
    code: "invalid_option",
  });
  await assert.rejects(user.initiateChat(helper, { message: "Go.", maxTurns: 1.5 }), { code: "invalid_option" });
  assert.equal(helper.chatMessages.size, 0);
});

test("a signal ends a chat with its reason while a model, a tool or a person is awaited", async () => {
  const never = (): Promise<never> => new Promise(() => {});
  const abortedBy = async (run: (signal: AbortSignal, abort: () => void) => Promise<unknown>): Promise<void> => {
    const controller = new AbortController();
    const reason = new Error("enough");
    await assert.rejects(
      run(controller.signal, () => controller.abort(reason)),
      (error) => error === reason,
    );
  };

  await abortedBy((signal, abort) => {
    const client = { create: () => (abort(), never()) };
    return plainAgent("user").initiateChat(plainAgent("helper", { llmConfig: { model: "m", client } }), {
      message: "Go.",
      signal,
    });
  });
  await abortedBy((signal, abort) => {
    const { helper, user } = agentsWithTool(() => (abort(), never()), [toolCallStep("tool")]);
    return user.initiateChat(helper, { message: "Go.", signal });
  });
  await abortedBy((signal, abort) => {
    const asked = plainAgent("asked", { humanInputMode: "ALWAYS", getHumanInput: () => (abort(), never()) });
    return plainAgent("user").initiateChat(asked, { message: "Go.", signal });
  });
});

test("tools and functions of the chat get its signal", async () => {
  const { signal } = new AbortController();
  const seen: unknown[] = [];
  const { helper, user } = agentsWithTool(
    (_: object, context) => void seen.push(context.signal),
    [toolCallStep("tool"), "Done."],
    {
      isTerminationMsg: (_, context) => (seen.push(context.signal), false),
    },
  );

  await user.initiateChat(helper, { message: (_, __, ___, context) => (seen.push(context.signal), "Go."), signal });

  assert.ok(seen.length >= 4 && seen.every((each) => each === signal));
});

test("messages are printed as AG2 does, unless the chat or the speaker is silent", async () => {
  const printed: string[] = [];
  const undo = setPrinter((text) => printed.push(text));
  const chat = async (silent: boolean, userSilent?: boolean): Promise<string[]> => {
    printed.length = 0;
    const { helper, user } = agentsWithTool(() => 42, [toolCallStep("tool"), "It is 42."], { silent: userSilent });
    helper.silent = undefined;
    await user.initiateChat(helper, { message: "Which?", silent });
    return [...printed];
  };
  const line = "-".repeat(80);
  const [question, call, executing, executed, answer, response] = await chat(false);
  assert.equal(question, `user (to helper):\n\nWhich?\n\n${line}`);
  assert.equal(
    call,
    "helper (to user):\n\n***** Suggested tool call (call_1): tool *****\n" +
      `Arguments: \n{}\n${"*".repeat(46)}\n\n${line}`,
  );
  assert.equal(executing, "\n>>>>>>>> EXECUTING FUNCTION tool...\nCall ID: call_1\nInput arguments: {}");
  assert.equal(executed, `${executing?.replace("EXECUTING", "EXECUTED")}\nOutput:\n42`);
  assert.equal(
    answer,
    `user (to helper):\n\n***** Response from calling tool (call_1) *****\n42\n${"*".repeat(47)}\n\n${line}`,
  );
  assert.equal(response, `helper (to user):\n\nIt is 42.\n\n${line}`);

  assert.deepEqual(await chat(true), []);
  assert.deepEqual(
    (await chat(false, true)).map((text) => text.split("\n")[0]),
    ["helper (to user):", "helper (to user):"],
  );
  undo();
});

test("agents have AG2's defaults", () => {
  const assistant = new AssistantAgent({ name: "assistant" });
  const user = new UserProxyAgent({ name: "user" });
  const plain = new ConversableAgent({ name: "plain" });

  assert.match(
    String(assistant.systemMessage),
    /^You are a helpful AI assistant\.\nSolve tasks using your coding and language skills\./,
  );
  assert.deepEqual(
    [assistant.humanInputMode, user.humanInputMode, plain.humanInputMode],
    ["NEVER", "ALWAYS", "TERMINATE"],
  );
  assert.equal(assistant.description, AssistantAgent.DEFAULT_DESCRIPTION);
  assert.equal(new AssistantAgent({ name: "a", systemMessage: "You sing." }).description, "You sing.");
  assert.match(user.description, /^An attentive HUMAN user/);
  assert.deepEqual(
    [plain.systemMessage, plain.description, plain.maxConsecutiveAutoReply()],
    ["You are a helpful AI Assistant.", "You are a helpful AI Assistant.", 100],
  );
});

test("a name with white space is rejected for an agent with a model only", () => {
  assert.throws(() => agentWithScript("my agent", []), { code: "invalid_name" });
  assert.doesNotThrow(() => plainAgent("my agent"));
});

test("an invalid message cannot be sent", async () => {
  const [user, helper] = [plainAgent("user"), plainAgent("helper")];

  for (const message of [{}, { content: null }, { tool_calls: [] }] as MessageInput[]) {
    await assert.rejects(user.send(message, helper), { code: "invalid_message" });
  }
  assert.equal(helper.chatMessages.size, 0);
});
