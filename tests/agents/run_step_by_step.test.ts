/** Loops over the events of a run: step by step, ended early, and two at once. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { run, runIter } from "mlflow-ag2/agents/run";
import { agentWithScript, plainAgent, nextTask } from "./agent_fixtures.js";
import { NOT_SILENT, typesOf } from "./run_fixtures.js";

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
