/** Runs: chats that emit events. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { GroupChat, GroupChatManager } from "mlflow-ag2/agents";
import { run, type RunEvent, type RunResponse } from "mlflow-ag2/agents/run";
import { agentWithScript, toolCallStep, plainAgent, nextTask, agentsWithTool } from "./agent_fixtures.js";
import { NOT_SILENT, eventsOf, typesOf, printedBy } from "./run_fixtures.js";

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
