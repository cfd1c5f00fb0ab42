/** The observer API: the reports of a chat, their order and their scopes. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { ConversableAgent, observe } from "mlflow-ag2/agents";
import { ScriptedModel } from "mlflow-ag2/agents/testing";
import { agentWithScript, toolCallStep, plainAgent, agentsWithTool } from "./agent_fixtures.js";
import { goldenSpans, llmConfig, rounded, scriptedModel } from "./golden.js";
import { recordReports } from "./recording_observer.js";

test("a chat with a tool call is reported step by step, each step under its parent", async () => {
  const { helper, user } = agentsWithTool(() => 42, [toolCallStep("tool"), "It is 42."]);

  const { lines } = await recordReports(() => user.initiateChat(helper, { message: "Which?" }));

  assert.deepEqual(lines, [
    "start chat in nothing",
    "message user > helper by chat",
    "start reply of helper in chat",
    "start modelCall of helper in reply of helper",
    "end modelCall of helper",
    "message helper > user by reply of helper",
    "end reply of helper",
    "start reply of user in chat",
    "start toolCall tool in reply of user",
    "end toolCall tool",
    "message user > helper by reply of user",
    "end reply of user",
    "start reply of helper in chat",
    "start modelCall of helper in reply of helper",
    "end modelCall of helper",
    "message helper > user by reply of helper",
    "end reply of helper",
    "start reply of user in chat",
    "end reply of user",
    "end chat",
  ]);
});

test("with maxTurns the initiator's later replies are part of the chat too", async () => {
  const { agent: helper } = agentWithScript("helper", ["One.", "Two."]);
  const user = plainAgent("user", { defaultAutoReply: "More." });

  const { lines } = await recordReports(() => user.initiateChat(helper, { message: "Begin.", maxTurns: 2 }));

  assert.deepEqual(
    lines.filter((line) => !line.includes("modelCall")),
    [
      "start chat in nothing",
      "message user > helper by chat",
      "start reply of helper in chat",
      "message helper > user by reply of helper",
      "end reply of helper",
      "start reply of user in chat",
      "message user > helper by reply of user",
      "end reply of user",
      "start reply of helper in chat",
      "message helper > user by reply of helper",
      "end reply of helper",
      "end chat",
    ],
  );
});

test("start and end of the chat report its options and its result", async () => {
  const { agent: helper } = agentWithScript("helper", ["One."]);
  const user = plainAgent("user");
  const chat = user.initiateChat.bind(user, helper, {
    message: "Begin.",
    maxTurns: 1,
    carryover: "Tea.",
    topic: "tea",
  });

  let result;
  const recorded = await recordReports(async () => (result = await chat()));

  assert.deepEqual(recorded.starts("chat"), [
    {
      sender: user,
      recipient: helper,
      message: "Begin.",
      clearHistory: true,
      silent: false,
      maxTurns: 1,
      summaryMethod: "last_msg",
      summaryArgs: {},
      cache: undefined,
      extra: { carryover: "Tea.", topic: "tea" },
    },
  ]);
  assert.equal(recorded.ends("chat")[0], result);
});

test("requests, responses and messages are byte for byte what Python records", async () => {
  const model = scriptedModel("calculator");
  const assistant = new ConversableAgent({
    name: "Assistant",
    systemMessage:
      "You are a helpful AI assistant. You can help with simple calculations. " +
      "Return 'TERMINATE' when the task is done.",
    llmConfig: llmConfig(model),
    silent: true,
  });
  const user = plainAgent("Tool Agent", { isTerminationMsg: (m) => (m.content ?? "").includes("TERMINATE") });
  const operation = {
    "+": (a: number, b: number) => a + b,
    "-": (a: number, b: number) => a - b,
    "*": (a: number, b: number) => a * b,
    "/": (a: number, b: number) => Math.trunc(a / b),
  };
  const calculator = ({ a, b, operator }: { a: number; b: number; operator: keyof typeof operation }): number =>
    operation[operator](a, b);
  const parameters = {
    type: "object",
    properties: {
      a: { type: "integer", description: "a" },
      b: { type: "integer", description: "b" },
      operator: { enum: ["+", "-", "*", "/"], type: "string", description: "operator" },
    },
    required: ["a", "b", "operator"],
  };
  assistant.registerForLlm({ name: "calculator", description: "A simple calculator", parameters })(calculator);
  user.registerForExecution({ name: "calculator" })(calculator);

  // Converted to text at once, because the history is used further.
  const requests: string[] = [];
  const responses: string[] = [];
  const messages: string[] = [];
  const text = (data: unknown): string => JSON.stringify(rounded(data));
  const stop = observe({
    start: (_, details) => void ("request" in details && requests.push(text(details.request))),
    end: (_, details) => void ("response" in details && responses.push(text(details.response))),
    message: (_, { message, sender, valid }) => void messages.push(text({ message, sender: sender.name, valid })),
  });
  await user.initiateChat(assistant, { message: "What is (44231 + 13312 / (230 - 20)) * 4?" });
  stop();

  const calls = goldenSpans("calculator", "LLM");
  const turns = goldenSpans("calculator", "AGENT");
  // OpenAI rejects the white space in the name, which Python sends.
  assert.deepEqual(
    requests,
    calls.map(({ inputs }) => JSON.stringify(inputs).replaceAll('"Tool Agent"', '"Tool_Agent"')),
  );
  assert.deepEqual(
    responses,
    calls.map(({ outputs }) => JSON.stringify(outputs)),
  );
  assert.deepEqual(
    messages.slice(1),
    turns.map(({ outputs }) => JSON.stringify(outputs)),
  );
});

test("a parameter of the configuration precedes the model's name, as in Python", async () => {
  const model = scriptedModel("two_agent_joke");
  const config = (name: string, extra = {}) => llmConfig(model, name, extra);
  const cathy = plainAgent("cathy", {
    systemMessage: "Your name is Cathy and you are half of a comedy duo.",
    llmConfig: config("gpt-4o-mini"),
  });
  const joe = plainAgent("joe", {
    systemMessage: "Your name is Joe and you are the other half of a comedy duo.",
    llmConfig: config("gpt-4o", { temperature: 0.7 }),
  });

  const recorded = await recordReports(() =>
    joe.initiateChat(cathy, { message: "Cathy, tell me a joke.", maxTurns: 2 }),
  );

  const keys = recorded.starts("modelCall").map(({ request }) => Object.keys(request));
  assert.deepEqual(
    keys,
    goldenSpans("two_agent_joke", "LLM").map(({ inputs }) => Object.keys(inputs as object)),
  );
});

test("a tool call reports its description, id, arguments with defaults, result and text", async () => {
  const { agent: helper } = agentWithScript("helper", [toolCallStep("weather", { city: "Ulm" }, "call_7"), "Fine."]);
  const user = plainAgent("user");
  const weather = ({ city, unit }: { city: string; unit: string }): object => ({ city, unit });
  const parameters = {
    type: "object",
    properties: { city: { type: "string" }, unit: { type: "string", default: "C" } },
    required: ["city"],
  };
  user.registerForExecution()(helper.registerForLlm({ description: "The weather", parameters })(weather));

  const recorded = await recordReports(() => user.initiateChat(helper, { message: "Weather?" }));

  assert.deepEqual(recorded.starts("toolCall"), [
    {
      agent: user,
      name: "weather",
      callId: "call_7",
      description: "The weather",
      arguments: { city: "Ulm", unit: "C" },
    },
  ]);
  assert.deepEqual(recorded.ends("toolCall"), [
    { result: { city: "Ulm", unit: "C" }, content: '{"city":"Ulm","unit":"C"}' },
  ]);
});

test("each attempt of a fallback is a separate model call", async () => {
  const model = new ScriptedModel([{ match: { model: "first" }, status: 503 }, { content: "Hello." }]);
  const configList = [
    { model: "first", client: model },
    { model: "gpt-4o", client: model },
  ];
  const helper = plainAgent("helper", { llmConfig: { configList } });

  const recorded = await recordReports(() => plainAgent("user").initiateChat(helper, { message: "Hello?" }));

  assert.deepEqual(
    recorded.starts("modelCall").map(({ configIndex, request }) => [configIndex, request.model]),
    [
      [0, "first"],
      [1, "gpt-4o"],
    ],
  );
  assert.equal(recorded.failures.length, 1);
  const [end] = recorded.ends("modelCall");
  assert.equal(end?.costUsd, end?.response.cost);
  assert.ok((end?.costUsd ?? 0) > 0);
  assert.equal(end?.isCached, false);
});

test("a chat that a tool starts with its context is part of that tool call", async () => {
  const { agent: expert } = agentWithScript("expert", ["Paris."]);
  const inner = plainAgent("inner");
  const ask = async (_: object, context: object): Promise<string> =>
    (await inner.initiateChat(expert, { message: "Capital?", context })).summary;
  const { helper, user } = agentsWithTool(ask, [toolCallStep("tool"), "It is Paris."]);

  const { lines } = await recordReports(() => user.initiateChat(helper, { message: "Which?" }));

  const begin = lines.indexOf("start chat in toolCall tool");
  assert.deepEqual(lines.slice(begin, begin + 3), [
    "start chat in toolCall tool",
    "message inner > expert by chat",
    "start reply of expert in chat",
  ]);
});

test("another message that is sent while a reply is made is not taken for the reply", async () => {
  const diary = plainAgent("diary");
  const writer = plainAgent("writer");
  writer.registerReply([ConversableAgent], async (_, __, ___, ____, context) => {
    await writer.send("Dear diary.", diary, { requestReply: false, context });
    return [true, "Done."];
  });

  const { lines } = await recordReports(() =>
    plainAgent("user").initiateChat(writer, { message: "Write.", maxTurns: 1 }),
  );

  assert.deepEqual(lines, [
    "start chat in nothing",
    "message user > writer by chat",
    "start reply of writer in chat",
    "message writer > diary by chat",
    "message writer > user by reply of writer",
    "end reply of writer",
    "end chat",
  ]);
});

test("a reply without a chat has its own scope", async () => {
  const { agent: helper } = agentWithScript("helper", ["Hello."]);

  const recorded = await recordReports(() => helper.generateReply({ messages: [{ role: "user", content: "Hello?" }] }));

  assert.deepEqual(recorded.lines, [
    "start reply of helper in nothing",
    "start modelCall of helper in reply of helper",
    "end modelCall of helper",
    "end reply of helper",
  ]);
  assert.deepEqual(recorded.ends("reply"), [{ reply: "Hello." }]);
});

test("a person's input is part of the reply that it makes", async () => {
  const asker = plainAgent("asker", { humanInputMode: "ALWAYS", getHumanInput: () => "exit" });

  const recorded = await recordReports(() => plainAgent("user").initiateChat(asker, { message: "Hello?" }));

  assert.ok(recorded.lines.includes("start humanInput of asker in reply of asker"));
  assert.deepEqual(recorded.ends("humanInput"), [{ reply: "exit" }]);
  assert.match(recorded.starts("humanInput")[0]?.prompt ?? "", /^Replying as asker\. Provide feedback to user\./);
});

test("two concurrent chats are independent", async () => {
  const chat = async (name: string): Promise<void> => {
    const { agent } = agentWithScript(`helper-${name}`, [{ content: "Yes.", delay_ms: 1 }]);
    await plainAgent(`user-${name}`).initiateChat(agent, { message: name });
  };

  const { reports } = await recordReports(() => Promise.all([chat("a"), chat("b")]));

  for (const report of reports) {
    if (report.event !== "start" || report.scope.kind !== "reply") continue;
    const chatStart = reports.find((other) => other.event === "start" && other.scope === report.scope.parent);
    assert.ok(chatStart?.event === "start" && "message" in chatStart.details && "agent" in report.details);
    assert.ok(report.details.agent?.name.endsWith(String(chatStart.details.message)));
  }
});

test("an observer is called for new agents until it stops observing", async () => {
  const recorded = await recordReports(async () => void plainAgent("first"));
  plainAgent("second");

  assert.deepEqual(recorded.created, ["first"]);
});
