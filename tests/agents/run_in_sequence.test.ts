/** Several runs in sequence. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { ConversableAgent } from "mlflow-ag2/agents";
import { type RunResponse, sequentialRun } from "mlflow-ag2/agents/run";
import { agentWithScript, plainAgent } from "./agent_fixtures.js";
import { recordReports } from "./recording_observer.js";
import { NOT_SILENT, typesOf } from "./run_fixtures.js";

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
