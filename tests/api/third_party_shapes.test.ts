/** The ways in which libraries differ, one by one. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { autolog, setTrackingUri, stats } from "mlflow-ag2";
import * as shapes from "../third_party/shapes.js";
import { lastTrace, outline, agentOutputs, spansNamed } from "../third_party/traces.js";

before(() => {
  setTrackingUri("memory:");
  autolog({ library: shapes });
});
after(() => {
  assert.equal(stats().hookFailures, 0);
  assert.equal(stats().open, 0);
  autolog({ disable: true });
});

test("tools that run after the reply that called them are part of its turn", async () => {
  const ann = new shapes.LoopingAgent("Ann", [
    {
      content: "look",
      toolCalls: [
        { name: "clock", arguments: { zone: "UTC" } },
        { name: "calendar", arguments: {} },
      ],
    },
  ]);
  const ben = new shapes.LoopingAgent("Ben", [{ content: "seen" }]);
  await new shapes.LoopingGroupChat([ann, ben]).run("What time is it?", 2);
  const trace = await lastTrace();
  assert.deepEqual(outline(trace), [
    "CHAIN initiate_chat",
    "  CHAIN select_speaker",
    "  AGENT Ann",
    "    TOOL clock",
    "    TOOL calendar ERROR",
    "  CHAIN select_speaker",
    "  AGENT Ben",
  ]);
  assert.deepEqual(agentOutputs(trace), ["Ann: User/What time is it? -> Ann/look", "Ben: Ann/look -> Ben/seen"]);
  assert.equal(spansNamed(trace, "calendar")[0]!.status.description, "no tool calendar");
});

test("agents that only receive take turns, with the calls of their models in them", async () => {
  const lines = ["one", "two", "three"];
  const llm = async (): Promise<string> => lines.shift()!;
  await new shapes.Peer("left", llm, 1).send("zero", new shapes.Peer("right", llm, 2));
  const trace = await lastTrace();
  assert.deepEqual(outline(trace), [
    "CHAIN initiate_chat",
    "  AGENT right",
    "    LLM chat_completion",
    "  AGENT left",
    "    LLM chat_completion",
    "  AGENT right",
    "    LLM chat_completion",
  ]);
  assert.deepEqual(agentOutputs(trace), [
    "right: left/zero -> right/one",
    "left: right/one -> left/two",
    "right: left/two -> right/three",
  ]);
});

test("members of a team whose only method is run have turns when they run", async () => {
  await new shapes.Team([new shapes.Runner("a"), new shapes.Runner("b")]).run("x");
  const trace = await lastTrace();
  assert.deepEqual(outline(trace), ["CHAIN initiate_chat", "  AGENT a", "  AGENT b"]);
  assert.deepEqual(agentOutputs(trace), ["a: user/x -> a/a(x)", "b: a/a(x) -> b/b(a(x))"]);
  assert.equal((trace.data.spans[0]!.outputs as { summary: string }).summary, "b(a(x))");
});

test("a chat that is passed on is one chat", async () => {
  await new shapes.Adapter().initiateChat("alice", "bob", "hello");
  const { inputs } = (await lastTrace()).data.spans[0]! as unknown as {
    inputs: { recipient: string; message: string };
  };
  assert.deepEqual([inputs.recipient, inputs.message], ["bob", "hello"]);
  assert.equal((await lastTrace()).data.spans.length, 1);
});

test("a conversation of which only messages are visible is recorded by them, every time", async () => {
  const chat = new shapes.MessagesOnlyChat(["one", "two"]);
  for (const opening of ["zero", "again"]) {
    await chat.start({ from: "x", to: "y", content: opening });
    const trace = await lastTrace();
    assert.deepEqual(outline(trace), ["CHAIN initiate_chat", "  AGENT y", "  AGENT x"]);
    assert.deepEqual(agentOutputs(trace), [`y: x/${opening} -> y/one`, "x: y/one -> x/two"]);
  }
});

test("streams of streams are recorded by chunk, under the agents that return them", async () => {
  let all = "";
  for await (const piece of new shapes.Swarm([
    new shapes.StreamingAgent("a"),
    new shapes.StreamingAgent("b"),
  ]).runStream("x"))
    all += piece;
  assert.equal(all, "a xb a x");
  const trace = await lastTrace();
  assert.deepEqual(outline(trace), ["CHAIN initiate_chat", "  AGENT a", "  AGENT b"]);
  assert.deepEqual(agentOutputs(trace), ["a: user/x -> a/a x", "b: a/a x -> b/b a x"]);
});

test("tools that are registered and then run by private methods are recorded as part of a turn", async () => {
  const agent = new shapes.TightLippedAgent();
  const tool = { name: "object", handler: (args: object) => args };
  const { handler } = tool;
  agent.registerFunction("function", () => 1);
  agent.registerTools([tool]);
  assert.equal(
    await agent.generateReply([{ content: "function" }, { content: "object" }]),
    '[1,{"question":"object"}]',
  );
  const trace = await lastTrace();
  assert.deepEqual(outline(trace), ["AGENT tight", "  TOOL function", "  TOOL object"]);
  assert.deepEqual(spansNamed(trace, "object")[0]!.inputs, { question: "object" });
  autolog({ disable: true });
  assert.equal(tool.handler, handler);
  autolog();
});

test("methods with matching names and another meaning are not traced", async () => {
  const { started } = stats();
  const manager = new shapes.ConnectionManager();
  await manager.start();
  await manager.create({ host: "localhost" });
  await manager.run("jobs");
  assert.equal(manager.started, 1);
  assert.equal(stats().started, started);
});
