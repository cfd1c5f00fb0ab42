/** Runs: chats that emit events. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { ConversableAgent } from "mlflow-ag2/agents";
import { GroupChat, GroupChatManager, Tool } from "mlflow-ag2/agents";
import { setPrinter } from "mlflow-ag2/agents/console";
import { run, type RunEvent, runIter, type RunResponse, sequentialRun } from "mlflow-ag2/agents/run";
import { agentWithScript, toolCallStep, plainAgent, nextTask, agentsWithTool } from "./agent_fixtures.js";
import { recordReports } from "./recording_observer.js";

/** Agents whose messages are events; as in AG2, those of silent agents are not. */
const NOT_SILENT = { silent: undefined };

function shouting() {
  return new Tool(({ text }: { text: string }) => text.toUpperCase(), {
    name: "shout",
    description: "Upper case",
    parameters: { type: "object", properties: { text: { type: "string" } } },
  });
}

async function eventsOf(response: AsyncIterable<RunEvent>): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  for await (const event of response) events.push(event);
  return events;
}

async function typesOf(response: AsyncIterable<RunEvent>): Promise<string[]> {
  return (await eventsOf(response)).map(({ type }) => type);
}

/** The output while `action` runs. */
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

test("a run emits its events in order, and ends with its completion", async () => {
  const { agent: helper } = agentWithScript("helper", ["Hello yourself."], NOT_SILENT);
  const user = plainAgent("user", NOT_SILENT);

  const events = await eventsOf(run(user, { recipient: helper, message: "Hello?", maxTurns: 1 }));

  assert.deepEqual(
    events.map((event) => ({ ...event, message: undefined, cost: undefined })),
    [
      { type: "text", sender: "user", recipient: "helper", content: "Hello?", message: undefined, cost: undefined },
      {
        type: "text",
        sender: "helper",
        recipient: "user",
        content: "Hello yourself.",
        message: undefined,
        cost: undefined,
      },
      {
        type: "termination",
        terminationReason: "Maximum turns (1) reached",
        sender: "user",
        recipient: "helper",
        message: undefined,
        cost: undefined,
      },
      {
        type: "runCompletion",
        history: [
          { content: "Hello?", role: "assistant", name: "user" },
          { content: "Hello yourself.", role: "user", name: "helper" },
        ],
        summary: "Hello yourself.",
        lastSpeaker: "helper",
        message: undefined,
        cost: undefined,
      },
    ],
  );
});

test("tool calls, executions of tools and their responses are events", async () => {
  const { helper, user } = agentsWithTool(() => 42, [toolCallStep("tool"), "Done. STOP"], {
    silent: undefined,
    isTerminationMsg: ({ content }) => String(content).includes("STOP"),
  });
  helper.silent = undefined;

  const events = await eventsOf(run(user, { recipient: helper, message: "Go." }));

  assert.deepEqual(
    events.map(({ type }) => type),
    ["text", "toolCall", "executeFunction", "executedFunction", "toolResponse", "text", "termination", "runCompletion"],
  );
  const [, call, execute, executed, response] = events;
  assert.ok(call?.type === "toolCall" && call.toolCalls[0]?.function.name === "tool");
  assert.ok(
    execute?.type === "executeFunction" &&
      execute.funcName === "tool" &&
      execute.callId === "call_1" &&
      execute.recipient === "user",
  );
  assert.ok(executed?.type === "executedFunction" && executed.isExecSuccess && executed.content === "42");
  assert.ok(
    response?.type === "toolResponse" && response.toolResponses[0]?.content === "42" && response.sender === "user",
  );
});

test("the API's old style of calls has its own events", async () => {
  const { agent: helper } = agentWithScript(
    "helper",
    [{ function_call: { name: "six", arguments: {} } }, "Six. STOP"],
    NOT_SILENT,
  );
  const user = plainAgent("user", {
    silent: undefined,
    functionMap: { six: () => 6 },
    isTerminationMsg: ({ content }) => String(content).includes("STOP"),
  });

  const events = await eventsOf(run(user, { recipient: helper, message: "Go." }));

  assert.deepEqual(
    events.map(({ type }) => type),
    [
      "text",
      "functionCall",
      "executeFunction",
      "executedFunction",
      "functionResponse",
      "text",
      "termination",
      "runCompletion",
    ],
  );
});

test("the promises resolve with and without iteration", async () => {
  const { agent: helper } = agentWithScript("helper", ["Hello yourself."]);

  const response = run(plainAgent("user"), { recipient: helper, message: "Hello?", maxTurns: 1 });

  assert.equal(await response.summary, "Hello yourself.");
  assert.equal((await response.messages).length, 2);
  assert.equal(await response.lastSpeaker, "helper");
  assert.equal((await response.cost).usage_including_cached_inference.total_cost > 0, true);
  assert.equal((await response.result).chatHistory, await response.messages);
  assert.deepEqual((await typesOf(response.events)).at(-1), "runCompletion");
});

test("a person is asked by an event, and the run continues with the reply", async () => {
  const { agent: helper } = agentWithScript("helper", ["One?", "Two?", "Three?"], NOT_SILENT);
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
    "text Ask me.",
    "text One?",
    "inputRequest",
    "text Yes.",
    "text Two?",
    "inputRequest",
    "terminationAndHumanReplyNoInput",
    "usingAutoReply",
    "text (auto)",
    "text Three?",
    "inputRequest",
    "termination",
    "runCompletion",
  ]);
});

test("the question of a custom getHumanInput is no event", async () => {
  const { agent: helper } = agentWithScript("helper", ["One?"]);
  const user = plainAgent("user", { humanInputMode: "ALWAYS", getHumanInput: () => "exit" });

  assert.equal((await typesOf(run(user, { recipient: helper, message: "Ask me." }))).includes("inputRequest"), false);
});

test("a failed run emits its error as an event, throws it, and rejects its promises", async () => {
  const error = new Error("broken");
  const broken = plainAgent("broken");
  broken.registerReply(
    () => true,
    () => {
      throw error;
    },
  );
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

test("a failed run without listeners does not end the program", async () => {
  run(plainAgent("user"), { recipient: plainAgent("other"), message: "Go.", maxTurns: 1.5 });

  // In every host, an unhandled rejection fails the current case (tests/support/behaviour/sample.ts).
  for (let turns = 0; turns < 3; turns++) await nextTask();
});

test("a single agent gets an executor named user that runs its tools", async () => {
  const { agent, model } = agentWithScript("single", [toolCallStep("shout", { text: "hi" }), "HI. TERMINATE"]);
  agent.registerForLlm()(shouting());

  const response = run(agent, { message: "Shout hi." });

  assert.deepEqual(
    (await response.messages).map(({ name, role, content }) => [name, role, content]),
    [
      ["user", "assistant", "Shout hi."],
      [undefined, "assistant", null],
      ["user", "tool", "HI"],
      ["single", "user", "HI. TERMINATE"],
    ],
  );
  assert.equal(await response.lastSpeaker, "single");
  assert.equal(await response.summary, "HI. ");
  model.assertFinished();
});

test("tools given to a run are the agent's for that run only", async () => {
  const { agent, model } = agentWithScript("single", [
    toolCallStep("shout", { text: "hi" }),
    "HI. TERMINATE",
    "No tools. TERMINATE",
  ]);

  await run(agent, { message: "Shout hi.", tools: shouting() }).result;
  await run(agent, { message: "And now?" }).result;

  assert.deepEqual(
    model.requests.map(({ tools }) => tools?.length ?? 0),
    [1, 1, 0],
  );
});

test("a tool that was removed from the agent can be given to a run", async () => {
  const { agent, model } = agentWithScript("single", [toolCallStep("shout", { text: "hi" }), "HI. TERMINATE"]);
  agent.registerForLlm()(shouting());
  agent.updateToolSignature("shout", { isRemove: true });

  assert.equal(await run(agent, { message: "Shout hi.", tools: shouting() }).summary, "HI. ");
  assert.equal(model.requests[0]?.tools?.length, 1);
});

test("a later run can continue the conversation of the previous one", async () => {
  const { agent, model } = agentWithScript("single", ["Ada, I see. TERMINATE", "Ada. TERMINATE"]);

  await run(agent, { message: "I am Ada." }).result;
  await run(agent, { message: "Who am I?", clearHistory: false }).result;

  assert.deepEqual(model.requests[1]?.messages.map(({ content }) => content).slice(1), [
    "I am Ada.",
    "Ada, I see. TERMINATE",
    "Who am I?",
  ]);
});

test("with userInput a person replies for the user, also in a later run", async () => {
  const { agent } = agentWithScript("single", ["One. TERMINATE", "What else?", "Bye."]);
  await run(agent, { message: "Alone." }).result;

  const asked: string[] = [];
  for await (const event of run(agent, { message: "Together.", userInput: true })) {
    if (event.type !== "inputRequest") continue;
    asked.push(event.prompt);
    event.respond(asked.length === 1 ? "More." : "exit");
  }

  assert.equal(asked.length, 2);
});

test("the first message can be sent to the person", async () => {
  const { agent } = agentWithScript("single", []);

  const { chatHistory } = await run(agent, {
    message: "May I help?",
    msgTo: "user",
    maxTurns: 1,
    executorOptions: { defaultAutoReply: "No.", name: "visitor" },
  }).result;

  assert.deepEqual(
    chatHistory.map(({ name, content }) => [name, content]),
    [
      ["single", "May I help?"],
      ["visitor", "No."],
    ],
  );
});

test("options for single agents are rejected beside a recipient", async () => {
  await assert.rejects(
    run(plainAgent("user"), { recipient: plainAgent("other"), message: "Go.", userInput: true }).result,
    { code: "invalid_option", message: /`userInput`/ },
  );
});

test("events of a run are not printed, unless it is processed", async () => {
  const make = (): RunResponse =>
    run(plainAgent("user", NOT_SILENT), {
      recipient: agentWithScript("helper", ["Hello yourself."], NOT_SILENT).agent,
      message: "Hello?",
      maxTurns: 1,
    });

  assert.deepEqual(await printedBy(async () => eventsOf(make())), []);
  const printed = await printedBy(async () => make().process());
  assert.deepEqual(
    printed.map((text) => text.split("\n")[0] || text.trim()),
    ["user (to helper):", "helper (to user):", ">>>>>>>> TERMINATING RUN: Maximum turns (1) reached"],
  );
});

test("a silent chat has no messages among its events, as in AG2", async () => {
  const { agent: helper } = agentWithScript("helper", ["Hello yourself."], NOT_SILENT);

  assert.deepEqual(
    await typesOf(
      run(plainAgent("user", NOT_SILENT), { recipient: helper, message: "Hello?", maxTurns: 1, silent: true }),
    ),
    ["termination", "runCompletion"],
  );
});

test("two concurrent runs do not get each other's events, and a chat beside them gets none", async () => {
  const make = (name: string): RunResponse =>
    run(plainAgent(`user ${name}`, NOT_SILENT), {
      recipient: agentWithScript(`helper_${name}`, [name], NOT_SILENT).agent,
      message: name,
      maxTurns: 1,
    });
  let both: RunEvent[][] = [];

  const printed = await printedBy(async () => {
    const beside = plainAgent("beside", NOT_SILENT).initiateChat(
      plainAgent("other", { silent: undefined, defaultAutoReply: "Yes." }),
      { message: "Beside.", maxTurns: 1 },
    );
    [both] = await Promise.all([Promise.all([make("a"), make("b")].map(eventsOf)), beside]);
  });

  for (const [index, name] of ["a", "b"].entries()) {
    assert.deepEqual(
      both[index]?.flatMap((event) => (event.type === "text" ? [event.content] : [])),
      [name, name],
    );
  }
  assert.equal(printed.length, 3);
});

test("chats within a run's tools and nested chats are part of the run", async () => {
  const inner = plainAgent("inner", { defaultAutoReply: "Deep.", silent: undefined });
  const clerk = plainAgent("clerk", NOT_SILENT);
  const { helper, user } = agentsWithTool(
    async (_: unknown, context) =>
      (await clerk.initiateChat(inner, { message: "How deep?", maxTurns: 1, context })).summary,
    [toolCallStep("tool"), "Done. STOP"],
    {
      isTerminationMsg: ({ content }) => String(content).includes("STOP"),
      silent: undefined,
    },
  );

  const events = await eventsOf(run(user, { recipient: helper, message: "Go." }));

  const texts = events.flatMap((event) => (event.type === "text" ? [`${event.sender}: ${String(event.content)}`] : []));
  assert.deepEqual(texts, ["user: Go.", "clerk: How deep?", "inner: Deep."]);
});

test("step by step, the agents start with the first step and pause after each event", async () => {
  const { agent: helper, model } = agentWithScript("helper", ["One.", "Two."], NOT_SILENT);
  const user = plainAgent("user", { defaultAutoReply: "More.", silent: undefined });
  const response = runIter(user, { recipient: helper, message: "Go.", maxTurns: 2 });
  await nextTask();
  assert.equal(user.chatMessages.size, 0);

  const requests: number[] = [];
  const types: string[] = [];
  for await (const { type } of response) {
    await nextTask();
    types.push(type);
    requests.push(model.requests.length);
  }

  assert.deepEqual(types, ["text", "text", "text", "text", "termination", "runCompletion"]);
  assert.deepEqual(requests, [0, 1, 1, 2, 2, 2]);
});

test("step by step, only the requested types of events pause the agents", async () => {
  const { agent: helper } = agentWithScript("helper", ["One.", "Two."], NOT_SILENT);
  const user = plainAgent("user", { defaultAutoReply: "More.", silent: undefined });

  assert.deepEqual(
    await typesOf(runIter(user, { recipient: helper, message: "Go.", maxTurns: 2, yieldOn: ["termination"] })),
    ["termination", "runCompletion"],
  );
});

test("the end of a loop over a run step by step ends its chat", async () => {
  const { agent: helper, model } = agentWithScript("helper", ["One.", "Two."], NOT_SILENT);
  const response = runIter(plainAgent("user", { defaultAutoReply: "More.", silent: undefined }), {
    recipient: helper,
    message: "Go.",
    maxTurns: 2,
  });

  for await (const { type } of response) if (type === "text") break;

  await assert.rejects(response.result, { name: "AbortError" });
  assert.equal(model.requests.length, 0);
});

test("the end of a loop over an ordinary run does not affect the run", async () => {
  const { agent: helper } = agentWithScript("helper", ["One."], NOT_SILENT);
  const response = run(plainAgent("user", NOT_SILENT), { recipient: helper, message: "Go.", maxTurns: 1 });

  for await (const event of response) if (event.type === "text") break;

  assert.equal(await response.summary, "One.");
  assert.deepEqual(await typesOf(response), ["text", "termination", "runCompletion"]);
});

test("two loops over one run share its events, and both end with it", async () => {
  const { agent: helper } = agentWithScript("helper", ["One."], NOT_SILENT);
  const response = run(plainAgent("user", NOT_SILENT), { recipient: helper, message: "Go.", maxTurns: 1 });

  const [one, two] = await Promise.all([typesOf(response), typesOf(response)]);

  assert.deepEqual([...one, ...two].sort(), ["runCompletion", "termination", "text", "text"]);
});

test("a signal ends a run", async () => {
  const stop = new AbortController();
  const patient = plainAgent("patient");
  patient.registerReply(
    () => true,
    () => new Promise(() => {}),
  );
  const response = run(plainAgent("user"), { recipient: patient, message: "Go.", maxTurns: 1, signal: stop.signal });
  patient.registerHook("processAllMessagesBeforeReply", () => {
    stop.abort(new Error("enough"));
    stop.signal.throwIfAborted();
    return [];
  });

  await assert.rejects(response.result, { message: "enough" });
});

test("several runs follow in sequence, with carryover, each with its own events", async () => {
  const user = plainAgent("user", NOT_SILENT);
  const [one, two] = ["one", "two"].map((name) => agentWithScript(name, [`This is ${name}.`], NOT_SILENT).agent) as [
    ConversableAgent,
    ConversableAgent,
  ];
  let responses: RunResponse[] = [];

  const recorded = await recordReports(async () => {
    responses = sequentialRun(user, [
      { recipient: one, message: "First.", maxTurns: 1 },
      { recipient: two, message: "Second.", maxTurns: 1 },
    ]);
    await Promise.all(responses.map(({ result }) => result));
  });

  const types = await Promise.all(responses.map(typesOf));
  assert.deepEqual(
    types,
    [1, 2].map(() => ["postCarryoverProcessing", "text", "text", "termination", "runCompletion"]),
  );
  assert.equal((await responses[1]?.messages)?.[0]?.content, "Second.\nContext: \nThis is one.");
  assert.deepEqual(recorded.starts("chats"), [{ sender: user, count: 2 }]);
  assert.equal(recorded.lines.filter((line) => line === "start chat in chats").length, 2);
});

test("of several runs, those after one that fails fail with it", async () => {
  const broken = plainAgent("broken");
  broken.registerReply(
    () => true,
    () => {
      throw new Error("broken");
    },
  );
  const after = plainAgent("after");

  const [first, second] = sequentialRun(plainAgent("user"), [
    { recipient: broken, message: "Go.", maxTurns: 1 },
    { recipient: after, message: "Go.", maxTurns: 1 },
  ]);

  await assert.rejects(first?.result ?? Promise.resolve(), { message: "broken" });
  await assert.rejects(second?.result ?? Promise.resolve(), { message: "broken" });
  assert.equal(after.chatMessages.size, 0);
});

test("the last speaker of a group chat is the manager's", async () => {
  const [user, one, two] = [
    plainAgent("user"),
    plainAgent("one", { defaultAutoReply: "1" }),
    plainAgent("two", { defaultAutoReply: "2" }),
  ];
  const groupChat = new GroupChat({ agents: [user, one, two], maxRound: 3, speakerSelectionMethod: "round_robin" });

  user.silent = undefined;

  const response = run(user, { recipient: new GroupChatManager({ groupChat }), message: "Go." });

  assert.equal(await response.lastSpeaker, "two");
  assert.ok((await typesOf(response)).includes("groupChatRunChat"));
});
