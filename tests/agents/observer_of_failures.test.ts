/** The observer API: the reports of what fails, and observers that fail. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { APIError, ConversableAgent, observe } from "mlflow-ag2/agents";
import { toolCallStep, plainAgent, agentsWithTool } from "./agent_fixtures.js";
import { recordReports } from "./recording_observer.js";

test("a tool that throws fails alone: reply and chat continue", async () => {
  const error = new Error("no such thing");
  const { helper, user } = agentsWithTool(() => {
    throw error;
  }, [toolCallStep("tool"), "Pity."]);

  const { failures, lines } = await recordReports(() => user.initiateChat(helper, { message: "Which?" }));

  assert.deepEqual(failures, [["toolCall tool", error]]);
  assert.equal(lines.at(-1), "end chat");
});

test("calls of unknown tools and unreadable arguments are reported as failed tool calls", async () => {
  const { helper, user } = agentsWithTool(
    () => 1,
    [toolCallStep("other", { x: 1 }), toolCallStep("tool", "{oops"), "Pity."],
  );

  const recorded = await recordReports(() => user.initiateChat(helper, { message: "Which?" }));

  assert.deepEqual(
    recorded.starts("toolCall").map(({ name, arguments: args }) => [name, args]),
    [
      ["other", { x: 1 }],
      ["tool", "{oops"],
    ],
  );
  assert.deepEqual(
    recorded.failures.map(([scope, error]) => [scope, (error as { code: string }).code]),
    [
      ["toolCall other", "tool_not_found"],
      ["toolCall tool", "tool_arguments"],
    ],
  );
});

test("an error fails every scope it passes, innermost first, and is the same object everywhere", async () => {
  const { helper, user, model } = agentsWithTool(
    () => 1,
    [toolCallStep("tool"), { status: 400, error: { message: "Too long.", code: "too_long" } }],
  );

  let thrown: unknown;
  const { failures, lines } = await recordReports(() =>
    user.initiateChat(helper, { message: "Which?" }).catch((error: unknown) => (thrown = error)),
  );

  model.assertFinished();
  assert.ok(thrown instanceof APIError);
  assert.deepEqual(failures, [
    ["modelCall of helper", thrown],
    ["reply of helper", thrown],
    ["chat", thrown],
  ]);
  assert.deepEqual(
    lines.filter((line) => line.startsWith("end")),
    ["end modelCall of helper", "end reply of helper", "end toolCall tool", "end reply of user"],
  );
});

test("an invalid message is reported as such, and fails the reply", async () => {
  const odd = plainAgent("odd");
  odd.registerReply([ConversableAgent], () => [true, {}]);

  const { lines, failures } = await recordReports(() => plainAgent("user").send("Hello?", odd, { requestReply: true }));

  assert.deepEqual(lines, ["message user > odd by nothing", "start reply of odd in nothing", "failure reply of odd"]);
  assert.equal((failures[0]![1] as { code: string }).code, "invalid_message");
});

test("an observer that throws breaks neither the chat nor other observers", async () => {
  const broken = (): never => {
    throw new Error("broken observer");
  };
  const stop = observe({
    start: broken,
    end: broken,
    failure: broken,
    message: broken,
    chunk: broken,
    agentCreated: broken,
  });
  const { helper, user } = agentsWithTool(() => 42, [toolCallStep("tool"), "It is 42."]);

  let summary: string | undefined;
  const { lines } = await recordReports(
    async () => ({ summary } = await user.initiateChat(helper, { message: "Which?" })),
  );
  stop();

  assert.equal(summary, "It is 42.");
  assert.equal(lines.at(-1), "end chat");
});
