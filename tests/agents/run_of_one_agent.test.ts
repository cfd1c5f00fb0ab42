/** Runs of a single agent: its executor, the tools of a run, and a person that replies for the user. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { run } from "mlflow-ag2/agents/run";
import { agentWithScript, toolCallStep, plainAgent } from "./agent_fixtures.js";
import { shouting } from "./run_fixtures.js";

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
