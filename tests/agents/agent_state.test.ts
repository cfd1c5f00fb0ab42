/** The context variables of agents, and updates of agents before they reply. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { ConversableAgent, UpdateSystemMessage } from "mlflow-ag2/agents";
import { setPrinter } from "mlflow-ag2/agents/console";
import { agentWithScript, plainAgent } from "./agent_fixtures.js";

setPrinter(() => {});

const MESSAGES = [{ role: "user", content: "Hello?" }];

test("a system message follows the context variables, before every reply", async () => {
  const contextVariables: Record<string, unknown> = { passport: "green", visits: 1 };
  const { agent, model } = agentWithScript("clerk", [{ repeat: "forever", content: "Yes." }], {
    contextVariables,
    updateAgentStateBeforeReply: new UpdateSystemMessage("The passport is {passport}, visit {visits}. {{literal}}"),
  });

  await agent.generateReply({ messages: MESSAGES });
  contextVariables["visits"] = 2;
  await agent.generateReply({ messages: MESSAGES });

  assert.deepEqual(
    model.requests.map(({ messages }) => messages[0]?.content),
    ["The passport is green, visit 1. {literal}", "The passport is green, visit 2. {literal}"],
  );
  assert.equal(agent.contextVariables, contextVariables, "the very object, so that agents can share one");
});

test("a function may make the system message, from the agent and the conversation", async () => {
  const { agent, model } = agentWithScript("clerk", ["Yes."], {
    updateAgentStateBeforeReply: [
      new UpdateSystemMessage(async (self, messages) => `${self.name} has ${messages.length} messages.`),
    ],
  });

  await agent.generateReply({ messages: MESSAGES });

  assert.equal(model.requests[0]?.messages[0]?.content, "clerk has 1 messages.");
});

test("functions that update the agent are called in order, before the reply is made", async () => {
  const order: string[] = [];
  const agent = plainAgent("clerk", {
    updateAgentStateBeforeReply: [() => void order.push("first"), async () => void order.push("second")],
  });
  agent.registerReply([ConversableAgent, null], () => [true, order.join(", ")]);

  assert.equal(await agent.generateReply({ messages: MESSAGES }), "first, second");
});

test("without context variables a text is unchanged, and a missing one is named", async () => {
  const update = new UpdateSystemMessage("Hello {name}.");
  const { agent, model } = agentWithScript("clerk", ["Yes."], { updateAgentStateBeforeReply: update });
  await agent.generateReply({ messages: MESSAGES });
  assert.equal(model.requests[0]?.messages[0]?.content, "Hello {name}.");

  const other = agentWithScript("clerk", ["Yes."], {
    updateAgentStateBeforeReply: update,
    contextVariables: { town: "Ulm" },
  }).agent;
  await assert.rejects(other.generateReply({ messages: MESSAGES }), {
    code: "invalid_message",
    message: /asks for `name`, which `contextVariables` does not hold/,
  });
});

test("a text that can never change causes a warning", (context) => {
  const warn = context.mock.method(console, "warn", () => {});

  assert.equal(new UpdateSystemMessage("Always the same.").contentUpdater, "Always the same.");

  assert.equal(warn.mock.callCount(), 1);
});

test("agents have their own context variables unless they are given some", () => {
  const [one, other] = [plainAgent("one"), plainAgent("other")];

  one.contextVariables["key"] = 1;

  assert.deepEqual(other.contextVariables, {});
});
