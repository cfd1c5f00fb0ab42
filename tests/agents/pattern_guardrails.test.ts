/** Guardrails of agents in groups by patterns. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { ChatMessage } from "mlflow-ag2/agents";
import { AgentTarget, StayTarget, TerminateTarget } from "mlflow-ag2/agents/group";
import {
  Guardrail,
  type GuardrailResult,
  LLMGuardrail,
  RegexGuardrail,
  registerInputGuardrails,
  registerOutputGuardrails,
} from "mlflow-ag2/agents/guardrails";
import { calls, converse, give, patternOf, speaker, texts } from "./pattern_fixtures.js";

const end = new TerminateTarget();

test("an agent that calls tools can have guardrails on both sides", async () => {
  const { agent } = speaker("a", calls("look"), "The code is 4815.");
  give(agent, "look", () => "a mouse");
  registerInputGuardrails(agent, new RegexGuardrail({ name: "rude", condition: "stupid", target: end }));
  registerOutputGuardrails(agent, new RegexGuardrail({ name: "digits", condition: "\\d{4}", target: end }));
  assert.equal(
    texts(await converse(patternOf([agent]))).at(-1),
    "a: Guardrail 'digits' has been activated.\nJustification: Match found -> 4815",
  );
});

test("a model that judges gets the results of tools as the API wants them", async () => {
  const { agent } = speaker("a", calls("look"), "Fine.");
  const { agent: judge, model } = speaker("judge", '{"activated": false}', '{"activated": false}');
  give(agent, "look", () => "a mouse");
  registerInputGuardrails(
    agent,
    new LLMGuardrail({ name: "mice", condition: "No mice.", target: end, llmConfig: judge.llmConfig || {} }),
  );
  assert.equal(texts(await converse(patternOf([agent]))).at(-1), "a: Fine.");
  assert.deepEqual(model.requests[1]?.messages.at(-1), { tool_call_id: "look_0", role: "tool", content: "a mouse" });
});

test("a regular expression has no state, and may be written as in Python", async () => {
  const sticky = new RegexGuardrail({ name: "g", condition: /a/g, target: end });
  assert.ok(sticky.check("ba").activated && sticky.check("ba").activated);
  for (const condition of ["(?i)STUPID", "(?P<word>stupid)", "(?is)stu.id"])
    assert.ok(new RegexGuardrail({ name: "g", condition, target: end }).check("so stupid").activated, condition);
});

test("a guardrail of your own may be asynchronous, and its target lets the agent speak again", async () => {
  class TooLong extends Guardrail {
    readonly condition = "longer than 10 characters";
    async check(context: string | readonly ChatMessage[]): Promise<GuardrailResult> {
      return { activated: typeof context === "string" && context.length > 10, justification: "too long" };
    }
  }
  const { agent } = speaker("a", "This is far too long.", "Short.");
  registerOutputGuardrails(
    agent,
    new TooLong({ name: "length", target: new StayTarget(), activationMessage: "Again." }),
  );
  assert.deepEqual(texts(await converse(patternOf([agent]))), [
    "-: Begin.",
    "a: Again.\nJustification: too long",
    "a: Short.",
  ]);
});

test("the first guardrail that is activated replies, and the agent's model is not asked", async () => {
  const { agent, model } = speaker("a", "Never.");
  const { agent: other } = speaker("b", "I help.");
  registerInputGuardrails(agent, [
    new RegexGuardrail({ name: "one", condition: /Begin/, target: new AgentTarget(other), activationMessage: "To b." }),
    new RegexGuardrail({ name: "two", condition: /Begin/, target: end }),
  ]);
  assert.deepEqual(texts(await converse(patternOf([agent, other]))).slice(1), [
    "a: To b.\nJustification: Match found -> Begin",
    "b: I help.",
  ]);
  assert.equal(model.requests.length, 0);
});
