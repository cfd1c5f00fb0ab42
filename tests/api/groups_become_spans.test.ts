/** Group chats by patterns become spans. */

import assert from "node:assert/strict";
import { before, test } from "node:test";
import { autolog, getLastActiveTraceId, getTrace, init, type Span, type Trace } from "mlflow-ag2";
import { ConversableAgent } from "mlflow-ag2/agents";
import {
  DefaultPattern,
  handoffsOf,
  initiateGroupChat,
  ReplyResult,
  StayTarget,
  TerminateTarget,
} from "mlflow-ag2/agents/group";
import { RegexGuardrail, registerOutputGuardrails } from "mlflow-ag2/agents/guardrails";
import { ScriptedModel } from "mlflow-ag2/agents/testing";

before(() => {
  init({ trackingUri: "memory:" });
  autolog();
});

/** The trace of a group of one agent that calls a tool, which changes variables, and then speaks a number. */
async function traceOfGroup(): Promise<Trace> {
  const client = new ScriptedModel([
    { tool_calls: [{ id: "1", name: "log_in", arguments: {} }] },
    { content: "The code is 4815." },
  ]);
  const agent = new ConversableAgent({ name: "desk", llmConfig: { model: "gpt-4o-mini", client }, silent: true });
  const logIn = (): ReplyResult =>
    new ReplyResult({ message: "in", contextVariables: { user: { name: "Ada", password: "opensesame" } } });
  agent.registerForLlm({ name: "log_in", description: "Logs in" })(logIn);
  registerOutputGuardrails(
    agent,
    new RegexGuardrail({ name: "digits", condition: /\d{4}/, target: new TerminateTarget() }),
  );
  handoffsOf(agent).setAfterWork(new StayTarget());
  const pattern = new DefaultPattern({ initialAgent: agent, agents: [agent], contextVariables: { user: null } });
  await initiateGroupChat(pattern, { messages: "Hello.", silent: true });
  const trace = await getTrace(getLastActiveTraceId());
  assert.ok(trace);
  return trace;
}

function named({ data }: Trace, name: string): Span {
  const found = data.spans.find((span) => span.name === name);
  assert.ok(found, `no span is called ${name}`);
  return found;
}

test("the root has the pattern's name, and a tool is below a turn of the agent that called it", async () => {
  const trace = await traceOfGroup();
  assert.equal(named(trace, "initiate_chat").getAttribute("ag2.pattern"), "DefaultPattern");
  const { parentId } = named(trace, "log_in");
  const turn = trace.data.spans.find(({ spanId }) => spanId === parentId);
  assert.deepEqual([turn?.spanType, turn?.name], ["AGENT", "desk"]);
  assert.equal(named(trace, "context_variables").parentId, parentId);
});

test("changed variables are recorded with their earlier values, without secrets", async () => {
  const { inputs, outputs, spanType } = named(await traceOfGroup(), "context_variables");
  assert.deepEqual([spanType, inputs, outputs], ["MEMORY", { user: null }, { user: { name: "Ada", password: "***" } }]);
});

test("a guardrail and the handoff that it fired are recorded", async () => {
  const trace = await traceOfGroup();
  const guardrail = named(trace, "digits");
  assert.deepEqual(
    [guardrail.spanType, guardrail.inputs, guardrail.outputs],
    [
      "GUARDRAIL",
      { side: "output", condition: "\\d{4}", text: "The code is 4815." },
      { activated: true, justification: "Match found -> 4815", target: "Terminate" },
    ],
  );
  const { inputs, outputs } = named(trace, "handoff_to_Terminate");
  const target = { kind: "terminate", name: "Terminate" };
  assert.deepEqual(inputs, { from: "desk", by: "guardrail", condition: "digits", target });
  assert.deepEqual(outputs, { to: null });
});

test("without inputs and outputs none of their values is recorded", async () => {
  init({ captureInputs: false, captureOutputs: false });
  const { data } = await traceOfGroup();
  init({ captureInputs: true, captureOutputs: true });
  const text = JSON.stringify(data, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value));
  assert.ok(text.includes("context_variables"));
  for (const value of ["Ada", "4815.", "opensesame"]) assert.ok(!text.includes(value), value);
});
