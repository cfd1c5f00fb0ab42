/** What observers and traces get of groups by patterns. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { type AgentObserver, observe } from "mlflow-ag2/agents";
import {
  AgentTarget,
  ExpressionContextCondition,
  handoffsOf,
  OnCondition,
  OnContextCondition,
  ReplyResult,
  StringLLMCondition,
  TerminateTarget,
} from "mlflow-ag2/agents/group";
import { RegexGuardrail, registerOutputGuardrails } from "mlflow-ag2/agents/guardrails";
import { runGroupChat, runGroupChatIter } from "mlflow-ag2/agents/group-run";
import { calls, converse, give, patternOf, speaker, texts } from "./pattern_fixtures.js";

/** Runs `work`, and returns what an observer got of these kinds. */
async function observed(kinds: readonly string[], work: () => Promise<unknown>): Promise<unknown[]> {
  const seen: unknown[] = [];
  const observer: AgentObserver = {
    start: ({ kind, parent }, details) => kinds.includes(kind) && seen.push([kind, parent?.kind, details]),
    end: ({ kind }, details) => kinds.includes(kind) && seen.push([kind, details]),
  };
  const stop = observe(observer);
  try {
    await work();
  } finally {
    stop();
  }
  return seen;
}

test("each handoff is reported with what fired it, below the selection of the next speaker", async () => {
  const { agent: desk } = speaker("desk", calls("transfer_to_clerk_1"));
  const { agent: clerk } = speaker("clerk", "The code is 4815.");
  const { agent: nurse } = speaker("nurse");
  const { agent: ward } = speaker("ward", "Here.");
  const condition = new StringLLMCondition("To the clerk");
  handoffsOf(desk).add(new OnCondition({ target: new AgentTarget(clerk), condition }));
  registerOutputGuardrails(
    clerk,
    new RegexGuardrail({ name: "digits", condition: "\\d{4}", target: new AgentTarget(nurse) }),
  );
  handoffsOf(nurse).add(
    new OnContextCondition({
      target: new AgentTarget(ward),
      condition: new ExpressionContextCondition("not ${beds}"),
    }),
  );
  handoffsOf(ward).setAfterWork(new TerminateTarget());
  const seen = await observed(["handoff"], () => converse(patternOf([desk, clerk, nurse, ward])));
  const started = seen.flatMap((each) => {
    const [, parent, details] = each as [string, string | undefined, Record<string, unknown> | undefined];
    return details
      ? [[parent, (details["from"] as { name: string }).name, details["by"], details["condition"], details["target"]]]
      : [];
  });
  assert.deepEqual(started, [
    ["speakerSelection", "desk", "llm", "To the clerk", "clerk"],
    ["speakerSelection", "clerk", "guardrail", "digits", "nurse"],
    ["speakerSelection", "nurse", "context", "not ${beds}", "ward"],
    ["speakerSelection", "ward", "after_work", undefined, "Terminate"],
  ]);
});

test("a guardrail is reported in the turn of the agent, with its outcome", async () => {
  const { agent } = speaker("a", "The code is 4815.");
  const target = new TerminateTarget();
  registerOutputGuardrails(agent, new RegexGuardrail({ name: "digits", condition: "\\d{4}", target }));
  const [started, ended] = (await observed(["guardrail"], () => converse(patternOf([agent])))) as [
    [string, string, Record<string, unknown>],
    unknown,
  ];
  assert.deepEqual(started, [
    "guardrail",
    "reply",
    { agent, name: "digits", side: "output", condition: "\\d{4}", checked: "The code is 4815." },
  ]);
  assert.deepEqual(ended, [
    "guardrail",
    { activated: true, justification: "Match found -> 4815", target: "Terminate" },
  ]);
});

test("a tool runs for the agent that called it, in a turn that reports the changed variables", async () => {
  const { agent } = speaker("a", calls("count"), "Done.");
  give(agent, "count", () => new ReplyResult({ message: "counted", contextVariables: { n: 2, list: [1] } }));
  const pattern = patternOf([agent], { contextVariables: { n: 1, kept: true } });
  const seen = await observed(["reply", "toolCall", "chat"], () => converse(pattern));
  const of = (kind: string, has: string): Record<string, unknown>[] =>
    (seen as [string, ...unknown[]][])
      .filter(([each]) => each === kind)
      .map((each) => each.at(-1) as Record<string, unknown>)
      .filter((details) => has in details);
  const names = of("reply", "agent").map(({ agent: each }) => (each as { name: string }).name);
  assert.deepEqual(names, ["chat_manager", "a", "a", "a"]);
  assert.deepEqual(
    of("toolCall", "agent").map(({ agent: each }) => (each as { name: string }).name),
    ["a"],
  );
  assert.deepEqual(
    of("reply", "contextVariables").map(({ contextVariables }) => contextVariables),
    [{ before: { n: 1 }, after: { n: 2, list: [1] } }],
  );
  assert.equal(of("chat", "pattern")[0]?.["pattern"], "DefaultPattern");
});

test("a run has the context variables, and a loop that is left ends the chat", async () => {
  const { agent } = speaker("a", calls("count"), "Done.");
  give(agent, "count", () => new ReplyResult({ message: "counted", contextVariables: { n: 2 } }));
  const response = runGroupChat(patternOf([agent]), { messages: "Begin." });
  assert.equal(await response.summary, "Done.");
  assert.deepEqual((await response.contextVariables).toDict(), { n: 2 });
  assert.equal(await response.lastSpeaker, "a");

  const { agent: second, model } = speaker("b", calls("count"), "Never.");
  give(second, "count", () => "counted");
  const run = runGroupChatIter(patternOf([second]), { messages: "Begin.", yieldOn: ["executeFunction"] });
  for await (const { type } of run) {
    assert.equal(type, "executeFunction");
    break;
  }
  await assert.rejects(run.summary);
  assert.equal(model.requests.length, 1);
});

test("a resumed chat goes on with the user's last message, though it has no name", async () => {
  const { agent } = speaker("a", "First.", "Second.");
  const [{ chatHistory }] = await converse(patternOf([agent]));
  const messages = [...chatHistory, { role: "user", content: "And now?" }];
  const outcome = await converse(patternOf([agent]), { messages });
  assert.deepEqual(texts(outcome).slice(-2), ["-: And now?", "a: Second."]);
  assert.equal(outcome[0].summary, "Second.");
});
