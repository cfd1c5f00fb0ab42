/** Running chats while following what happens. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { ConversableAgent, GroupChat, GroupChatManager, Tool } from "mlflow-ag2/agents";
import { setPrinter } from "mlflow-ag2/agents/console";
import { run, type RunEvent, runIter, type RunResponse, sequentialRun } from "mlflow-ag2/agents/run";
import { agentSaying, calling, plainAgent, turn, withTool } from "./cast.js";
import { watching } from "./watching.js";

/** Agents whose messages count as events; what is silent is none, as in AG2. */
const HEARD = { silent: undefined };

function shouting() {
  return new Tool(({ text }: { text: string }) => text.toUpperCase(), { name: "shout", description: "Upper case", parameters: { type: "object", properties: { text: { type: "string" } } } });
}

async function eventsOf(response: AsyncIterable<RunEvent>): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  for await (const event of response) events.push(event);
  return events;
}

async function typesOf(response: AsyncIterable<RunEvent>): Promise<string[]> {
  return (await eventsOf(response)).map(({ type }) => type);
}

/** What is printed while `action` runs. */
async function printedBy(action: () => Promise<unknown>): Promise<string[]> {
  const printed: string[] = [];
  const undo = setPrinter((text) => printed.push(text));
  try {
    await action();
  } finally {
    undo();
  }
  return printed;
}

test("a run gives its events in order, and ends with its completion", async () => {
  const { agent: helper } = agentSaying("helper", ["Hello yourself."], HEARD);
  const user = plainAgent("user", HEARD);

  const events = await eventsOf(run(user, { recipient: helper, message: "Hello?", maxTurns: 1 }));

  assert.deepEqual(events.map((event) => ({ ...event, message: undefined, cost: undefined })), [
    { type: "text", sender: "user", recipient: "helper", content: "Hello?", message: undefined, cost: undefined },
    { type: "text", sender: "helper", recipient: "user", content: "Hello yourself.", message: undefined, cost: undefined },
    { type: "termination", terminationReason: "Maximum turns (1) reached", sender: "user", recipient: "helper", message: undefined, cost: undefined },
    {
      type: "runCompletion",
      history: [{ content: "Hello?", role: "assistant", name: "user" }, { content: "Hello yourself.", role: "user", name: "helper" }],
      summary: "Hello yourself.",
      lastSpeaker: "helper",
      message: undefined,
      cost: undefined,
    },
  ]);
});

test("tool calls, runs of tools and their answers are events", async () => {
  const { helper, user } = withTool(() => 42, [calling("tool"), "Done. STOP"], { silent: undefined, isTerminationMsg: ({ content }) => String(content).includes("STOP") });
  helper.silent = undefined;

  const events = await eventsOf(run(user, { recipient: helper, message: "Go." }));

  assert.deepEqual(events.map(({ type }) => type), ["text", "toolCall", "executeFunction", "executedFunction", "toolResponse", "text", "termination", "runCompletion"]);
  const [, call, execute, executed, response] = events;
  assert.ok(call?.type === "toolCall" && call.toolCalls[0]?.function.name === "tool");
  assert.ok(execute?.type === "executeFunction" && execute.funcName === "tool" && execute.callId === "call_1" && execute.recipient === "user");
  assert.ok(executed?.type === "executedFunction" && executed.isExecSuccess && executed.content === "42");
  assert.ok(response?.type === "toolResponse" && response.toolResponses[0]?.content === "42" && response.sender === "user");
});

test("the API's old style of calls has its own events", async () => {
  const { agent: helper } = agentSaying("helper", [{ function_call: { name: "six", arguments: {} } }, "Six. STOP"], HEARD);
  const user = plainAgent("user", { silent: undefined, functionMap: { six: () => 6 }, isTerminationMsg: ({ content }) => String(content).includes("STOP") });

  const events = await eventsOf(run(user, { recipient: helper, message: "Go." }));

  assert.deepEqual(events.map(({ type }) => type), ["text", "functionCall", "executeFunction", "executedFunction", "functionResponse", "text", "termination", "runCompletion"]);
});

test("the promises are kept whether anybody iterates or not", async () => {
  const { agent: helper } = agentSaying("helper", ["Hello yourself."]);

  const response = run(plainAgent("user"), { recipient: helper, message: "Hello?", maxTurns: 1 });

  assert.equal(await response.summary, "Hello yourself.");
  assert.equal((await response.messages).length, 2);
  assert.equal(await response.lastSpeaker, "helper");
  assert.equal((await response.cost).usage_including_cached_inference.total_cost > 0, true);
  assert.equal((await response.result).chatHistory, await response.messages);
  assert.deepEqual((await typesOf(response.events)).at(-1), "runCompletion");
});

test("a person is asked by an event, and the run goes on with the reply", async () => {
  const { agent: helper } = agentSaying("helper", ["One?", "Two?", "Three?"], HEARD);
  const user = plainAgent("user", { humanInputMode: "ALWAYS", defaultAutoReply: "(auto)", silent: undefined });
  const replies = ["Yes.", "", "exit"];

  const seen: string[] = [];
  for await (const event of run(user, { recipient: helper, message: "Ask me." })) {
    seen.push(event.type === "text" ? `text ${String(event.content)}` : event.type);
    if (event.type === "inputRequest") {
      assert.match(event.prompt, /Replying as user\. Provide feedback to helper\./);
      assert.equal(event.agent, "user");
      event.respond(replies.shift() ?? "exit");
    }
  }

  assert.deepEqual(seen, [
    "text Ask me.", "text One?", "inputRequest", "text Yes.", "text Two?", "inputRequest", "terminationAndHumanReplyNoInput", "usingAutoReply",
    "text (auto)", "text Three?", "inputRequest", "termination", "runCompletion",
  ]);
});

test("what a getHumanInput of one's own asks is no event", async () => {
  const { agent: helper } = agentSaying("helper", ["One?"]);
  const user = plainAgent("user", { humanInputMode: "ALWAYS", getHumanInput: () => "exit" });

  assert.equal((await typesOf(run(user, { recipient: helper, message: "Ask me." }))).includes("inputRequest"), false);
});

test("a run that fails gives its error as an event, throws it, and rejects its promises", async () => {
  const error = new Error("broken");
  const broken = plainAgent("broken");
  broken.registerReply(() => true, () => {
    throw error;
  });
  const seen: RunEvent[] = [];

  const response = run(plainAgent("user"), { recipient: broken, message: "Go.", maxTurns: 1 });
  const loop = (async () => {
    for await (const event of response) seen.push(event);
  })();

  await assert.rejects(loop, (thrown) => thrown === error);
  assert.deepEqual(seen.at(-1), { type: "error", error });
  for (const promise of [response.result, response.summary, response.messages, response.cost, response.lastSpeaker]) {
    await assert.rejects(promise, (thrown) => thrown === error);
  }
});

test("a run that fails and that nobody looks at does not end the program", async () => {
  run(plainAgent("user"), { recipient: plainAgent("other"), message: "Go.", maxTurns: 1.5 });

  // In every host, a rejection that nobody handles fails the case in which it is noticed (tests/support/behaviour/sample.ts).
  for (let turns = 0; turns < 3; turns++) await turn();
});

test("a single agent gets a user at its side who runs its tools", async () => {
  const { agent, model } = agentSaying("single", [calling("shout", { text: "hi" }), "HI. TERMINATE"]);
  agent.registerForLlm()(shouting());

  const response = run(agent, { message: "Shout hi." });

  assert.deepEqual((await response.messages).map(({ name, role, content }) => [name, role, content]), [
    ["user", "assistant", "Shout hi."], [undefined, "assistant", null], ["user", "tool", "HI"], ["single", "user", "HI. TERMINATE"],
  ]);
  assert.equal(await response.lastSpeaker, "single");
  assert.equal(await response.summary, "HI. ");
  model.assertFinished();
});

test("tools given to a run are the agent's for that run only", async () => {
  const { agent, model } = agentSaying("single", [calling("shout", { text: "hi" }), "HI. TERMINATE", "No tools. TERMINATE"]);

  await run(agent, { message: "Shout hi.", tools: shouting() }).result;
  await run(agent, { message: "And now?" }).result;

  assert.deepEqual(model.requests.map(({ tools }) => tools?.length ?? 0), [1, 1, 0]);
});

test("a tool that was taken from the agent can be given to a run", async () => {
  const { agent, model } = agentSaying("single", [calling("shout", { text: "hi" }), "HI. TERMINATE"]);
  agent.registerForLlm()(shouting());
  agent.updateToolSignature("shout", { isRemove: true });

  assert.equal(await run(agent, { message: "Shout hi.", tools: shouting() }).summary, "HI. ");
  assert.equal(model.requests[0]?.tools?.length, 1);
});

test("a later run can go on with the conversation of the one before", async () => {
  const { agent, model } = agentSaying("single", ["Ada, I see. TERMINATE", "Ada. TERMINATE"]);

  await run(agent, { message: "I am Ada." }).result;
  await run(agent, { message: "Who am I?", clearHistory: false }).result;

  assert.deepEqual(model.requests[1]?.messages.map(({ content }) => content).slice(1), ["I am Ada.", "Ada, I see. TERMINATE", "Who am I?"]);
});

test("with userInput a person speaks for the user, also in a later run", async () => {
  const { agent } = agentSaying("single", ["One. TERMINATE", "What else?", "Bye."]);
  await run(agent, { message: "Alone." }).result;

  const asked: string[] = [];
  for await (const event of run(agent, { message: "Together.", userInput: true })) {
    if (event.type !== "inputRequest") continue;
    asked.push(event.prompt);
    event.respond(asked.length === 1 ? "More." : "exit");
  }

  assert.equal(asked.length, 2);
});

test("the first message can go to the person", async () => {
  const { agent } = agentSaying("single", []);

  const { chatHistory } = await run(agent, { message: "May I help?", msgTo: "user", maxTurns: 1, executorOptions: { defaultAutoReply: "No.", name: "visitor" } }).result;

  assert.deepEqual(chatHistory.map(({ name, content }) => [name, content]), [["single", "May I help?"], ["visitor", "No."]]);
});

test("options for single agents are refused beside a recipient", async () => {
  await assert.rejects(run(plainAgent("user"), { recipient: plainAgent("other"), message: "Go.", userInput: true }).result, { code: "invalid_option", message: /`userInput`/ });
});

test("nothing of a run is printed, unless it is processed", async () => {
  const make = (): RunResponse => run(plainAgent("user", HEARD), { recipient: agentSaying("helper", ["Hello yourself."], HEARD).agent, message: "Hello?", maxTurns: 1 });

  assert.deepEqual(await printedBy(async () => eventsOf(make())), []);
  const printed = await printedBy(async () => make().process());
  assert.deepEqual(printed.map((text) => text.split("\n")[0] || text.trim()), ["user (to helper):", "helper (to user):", ">>>>>>>> TERMINATING RUN: Maximum turns (1) reached"]);
});

test("a silent chat has no messages among its events, as in AG2", async () => {
  const { agent: helper } = agentSaying("helper", ["Hello yourself."], HEARD);

  assert.deepEqual(await typesOf(run(plainAgent("user", HEARD), { recipient: helper, message: "Hello?", maxTurns: 1, silent: true })), ["termination", "runCompletion"]);
});

test("two runs at the same time do not hear of each other, and a chat beside them hears of neither", async () => {
  const make = (name: string): RunResponse => run(plainAgent(`user ${name}`, HEARD), { recipient: agentSaying(`helper_${name}`, [name], HEARD).agent, message: name, maxTurns: 1 });
  let both: RunEvent[][] = [];

  const printed = await printedBy(async () => {
    const beside = plainAgent("beside", HEARD).initiateChat(plainAgent("other", { silent: undefined, defaultAutoReply: "Yes." }), { message: "Beside.", maxTurns: 1 });
    [both] = await Promise.all([Promise.all([make("a"), make("b")].map(eventsOf)), beside]);
  });

  for (const [index, name] of ["a", "b"].entries()) {
    assert.deepEqual(both[index]?.flatMap((event) => (event.type === "text" ? [event.content] : [])), [name, name]);
  }
  assert.equal(printed.length, 3);
});

test("chats within a run's tools and nested chats are part of the run", async () => {
  const inner = plainAgent("inner", { defaultAutoReply: "Deep.", silent: undefined });
  const clerk = plainAgent("clerk", HEARD);
  const { helper, user } = withTool(async (_: unknown, context) => (await clerk.initiateChat(inner, { message: "How deep?", maxTurns: 1, context })).summary, [calling("tool"), "Done. STOP"], {
    isTerminationMsg: ({ content }) => String(content).includes("STOP"),
    silent: undefined,
  });

  const events = await eventsOf(run(user, { recipient: helper, message: "Go." }));

  const texts = events.flatMap((event) => (event.type === "text" ? [`${event.sender}: ${String(event.content)}`] : []));
  assert.deepEqual(texts, ["user: Go.", "clerk: How deep?", "inner: Deep."]);
});

test("step by step, the agents begin with the first step and wait after each event", async () => {
  const { agent: helper, model } = agentSaying("helper", ["One.", "Two."], HEARD);
  const user = plainAgent("user", { defaultAutoReply: "More.", silent: undefined });
  const response = runIter(user, { recipient: helper, message: "Go.", maxTurns: 2 });
  await turn();
  assert.equal(user.chatMessages.size, 0);

  const requests: number[] = [];
  const types: string[] = [];
  for await (const { type } of response) {
    await turn();
    types.push(type);
    requests.push(model.requests.length);
  }

  assert.deepEqual(types, ["text", "text", "text", "text", "termination", "runCompletion"]);
  assert.deepEqual(requests, [0, 1, 1, 2, 2, 2]);
});

test("step by step, only the wanted types stop the agents", async () => {
  const { agent: helper } = agentSaying("helper", ["One.", "Two."], HEARD);
  const user = plainAgent("user", { defaultAutoReply: "More.", silent: undefined });

  assert.deepEqual(await typesOf(runIter(user, { recipient: helper, message: "Go.", maxTurns: 2, yieldOn: ["termination"] })), ["termination", "runCompletion"]);
});

test("leaving a run that goes step by step ends its chat", async () => {
  const { agent: helper, model } = agentSaying("helper", ["One.", "Two."], HEARD);
  const response = runIter(plainAgent("user", { defaultAutoReply: "More.", silent: undefined }), { recipient: helper, message: "Go.", maxTurns: 2 });

  for await (const { type } of response) if (type === "text") break;

  await assert.rejects(response.result, { name: "AbortError" });
  assert.equal(model.requests.length, 0);
});

test("leaving an ordinary run's loop leaves the run alone", async () => {
  const { agent: helper } = agentSaying("helper", ["One."], HEARD);
  const response = run(plainAgent("user", HEARD), { recipient: helper, message: "Go.", maxTurns: 1 });

  for await (const event of response) if (event.type === "text") break;

  assert.equal(await response.summary, "One.");
  assert.deepEqual(await typesOf(response), ["text", "termination", "runCompletion"]);
});

test("two loops over one run share its events, and both end with it", async () => {
  const { agent: helper } = agentSaying("helper", ["One."], HEARD);
  const response = run(plainAgent("user", HEARD), { recipient: helper, message: "Go.", maxTurns: 1 });

  const [one, two] = await Promise.all([typesOf(response), typesOf(response)]);

  assert.deepEqual([...one, ...two].sort(), ["runCompletion", "termination", "text", "text"]);
});

test("a signal ends a run", async () => {
  const stop = new AbortController();
  const patient = plainAgent("patient");
  patient.registerReply(() => true, () => new Promise(() => {}));
  const response = run(plainAgent("user"), { recipient: patient, message: "Go.", maxTurns: 1, signal: stop.signal });
  patient.registerHook("processAllMessagesBeforeReply", () => {
    stop.abort(new Error("enough"));
    stop.signal.throwIfAborted();
    return [];
  });

  await assert.rejects(response.result, { message: "enough" });
});

test("several runs go one after the other, with carryover, each with events of its own", async () => {
  const user = plainAgent("user", HEARD);
  const [one, two] = ["one", "two"].map((name) => agentSaying(name, [`This is ${name}.`], HEARD).agent) as [ConversableAgent, ConversableAgent];
  let responses: RunResponse[] = [];

  const watched = await watching(async () => {
    responses = sequentialRun(user, [{ recipient: one, message: "First.", maxTurns: 1 }, { recipient: two, message: "Second.", maxTurns: 1 }]);
    await Promise.all(responses.map(({ result }) => result));
  });

  const types = await Promise.all(responses.map(typesOf));
  assert.deepEqual(types, [1, 2].map(() => ["postCarryoverProcessing", "text", "text", "termination", "runCompletion"]));
  assert.equal((await responses[1]?.messages)?.[0]?.content, "Second.\nContext: \nThis is one.");
  assert.deepEqual(watched.starts("chats"), [{ sender: user, count: 2 }]);
  assert.equal(watched.lines.filter((line) => line === "start chat in chats").length, 2);
});

test("of several runs, those behind one that fails fail with it", async () => {
  const broken = plainAgent("broken");
  broken.registerReply(() => true, () => {
    throw new Error("broken");
  });
  const after = plainAgent("after");

  const [first, second] = sequentialRun(plainAgent("user"), [{ recipient: broken, message: "Go.", maxTurns: 1 }, { recipient: after, message: "Go.", maxTurns: 1 }]);

  await assert.rejects(first?.result ?? Promise.resolve(), { message: "broken" });
  await assert.rejects(second?.result ?? Promise.resolve(), { message: "broken" });
  assert.equal(after.chatMessages.size, 0);
});

test("who spoke last in a group chat is the manager's to say", async () => {
  const [user, one, two] = [plainAgent("user"), plainAgent("one", { defaultAutoReply: "1" }), plainAgent("two", { defaultAutoReply: "2" })];
  const groupChat = new GroupChat({ agents: [user, one, two], maxRound: 3, speakerSelectionMethod: "round_robin" });

  user.silent = undefined;

  const response = run(user, { recipient: new GroupChatManager({ groupChat }), message: "Go." });

  assert.equal(await response.lastSpeaker, "two");
  assert.ok((await typesOf(response)).includes("groupChatRunChat"));
});
