import assert from "node:assert/strict";
import { before, beforeEach, test } from "node:test";
import { autolog, disable, enable, getLastActiveTraceId, setTrackingUri, stats, type Trace } from "mlflow-ag2";
import type { Scope } from "mlflow-ag2/agents";
import { chatDetails, chatResult, ended, failed, lastTrace, message, started } from "./reporting.js";

before(() => setTrackingUri("memory:"));
beforeEach(() => {
  enable();
  autolog();
});

const alice = { name: "alice" };
const bob = { name: "bob" };

function outline(trace: Trace): string[] {
  const depth = (id: string | null | undefined): number =>
    id == null ? 0 : 1 + depth(trace.data.spans.find((span) => span.spanId === id)?.parentId);
  return trace.data.spans.map(
    (span) => `${"  ".repeat(depth(span.parentId))}${span.spanType} ${span.name} ${span.status.code}`,
  );
}

function turn(chat: Scope, agent: { name: string }, text: string): void {
  const reply = started("reply", { agent, sender: undefined, messages: [] }, chat);
  message(reply, { sender: agent, recipient: alice, message: text, valid: true });
  ended(reply, { reply: text });
}

test("a chat becomes a root with a span for each answer, and none for its opening", async () => {
  const chat = started("chat", chatDetails(alice, bob, "hi"));
  message(chat, { sender: alice, recipient: bob, message: "hi", valid: true });
  turn(chat, bob, "hello");
  turn(chat, alice, "bye");
  ended(chat, chatResult("bye"));
  const trace = await lastTrace();
  assert.deepEqual(outline(trace), ["CHAIN initiate_chat OK", "  AGENT bob OK", "  AGENT alice OK"]);
  assert.deepEqual(trace.data.spans[1]!.inputs, { message: "hi", sender: "alice", valid: true });
  assert.deepEqual(trace.data.spans[1]!.outputs, { message: "hello", sender: "bob", valid: true });
  assert.deepEqual(trace.data.spans[2]!.inputs, trace.data.spans[1]!.outputs);
});

test("two chats that take turns become two traces, each with its own messages", async () => {
  const one = started("chat", chatDetails(alice, bob, "one"));
  const other = started("chat", chatDetails(alice, bob, "other"));
  message(one, { sender: alice, recipient: bob, message: "one", valid: true });
  message(other, { sender: alice, recipient: bob, message: "other", valid: true });
  turn(one, bob, "answer to one");
  turn(other, bob, "answer to other");
  ended(one, chatResult("one"));
  const first = await lastTrace();
  ended(other, chatResult("other"));
  const second = await lastTrace();
  assert.notEqual(first.info.traceId, second.info.traceId);
  for (const [trace, text] of [
    [first, "one"],
    [second, "other"],
  ] as const) {
    assert.deepEqual(outline(trace), ["CHAIN initiate_chat OK", "  AGENT bob OK"]);
    assert.equal((trace.data.spans[1]!.inputs as { message: string }).message, text);
    assert.equal((trace.data.spans[1]!.outputs as { message: string }).message, `answer to ${text}`);
  }
});

test("a chat that a tool starts with its scope is below that tool call", async () => {
  const chat = started("chat", chatDetails(alice, bob, "hi"));
  message(chat, { sender: alice, recipient: bob, message: "hi", valid: true });
  const reply = started("reply", { agent: bob, sender: alice, messages: [] }, chat);
  const tool = started(
    "toolCall",
    { agent: bob, name: "ask", callId: "call_1", description: undefined, arguments: {} },
    reply,
  );
  const inner = started("chat", chatDetails(bob, alice, "inner"), tool);
  message(inner, { sender: bob, recipient: alice, message: "inner", valid: true });
  turn(inner, alice, "answer");
  ended(inner, chatResult("answer"));
  ended(tool, { result: "answer", content: "answer" });
  message(reply, { sender: bob, recipient: alice, message: "done", valid: true });
  ended(reply, { reply: "done" });
  ended(chat, chatResult("done"));
  assert.deepEqual(outline(await lastTrace()), [
    "CHAIN initiate_chat OK",
    "  AGENT bob OK",
    "    TOOL ask OK",
    "      CHAIN initiate_chat OK",
    "        AGENT alice OK",
  ]);
});

test("a failure marks every span it passes through, with the exception as an event", async () => {
  const chat = started("chat", chatDetails(alice, bob, "hi"));
  const reply = started("reply", { agent: bob, sender: alice, messages: [] }, chat);
  const error = new RangeError("too far");
  failed(reply, error);
  failed(chat, error);
  const trace = await lastTrace();
  assert.equal(trace.info.state, "ERROR");
  assert.deepEqual(outline(trace), ["CHAIN initiate_chat ERROR", "  AGENT bob ERROR"]);
  for (const span of trace.data.spans) {
    assert.equal(span.status.description, "too far");
    assert.equal(span.events[0]!.attributes["exception.type"], "RangeError");
    assert.equal(span.events[0]!.attributes["exception.message"], "too far");
    assert.match(String(span.events[0]!.attributes["exception.stacktrace"]), /RangeError: too far/);
  }
});

test("a reply outside of a chat is a separate trace, with the reply as its outputs", async () => {
  const reply = started("reply", { agent: bob, sender: undefined, messages: [] });
  ended(reply, { reply: "alone" });
  const trace = await lastTrace();
  assert.deepEqual(outline(trace), ["AGENT bob OK"]);
  assert.deepEqual(trace.data.spans[0]!.outputs, { message: "alone", sender: "bob", valid: true });
});

test("token counts of a model call are on its span and, summed, on the trace", async () => {
  const chat = started("chat", chatDetails(alice, bob, "hi"));
  for (const [prompt, completion] of [
    [10, 5],
    [20, 7],
  ] as const) {
    const call = started("modelCall", { agent: bob, request: { model: "m", messages: [] }, configIndex: 0 }, chat);
    ended(call, {
      response: {
        usage: { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion },
      } as never,
      costUsd: 0.25,
      isCached: false,
    });
  }
  ended(chat, chatResult(""));
  const trace = await lastTrace();
  assert.deepEqual(trace.info.tokenUsage, { input_tokens: 30, output_tokens: 12, total_tokens: 42 });
  const call = trace.data.spans[2]!;
  assert.deepEqual(call.getAttribute("mlflow.chat.tokenUsage"), {
    input_tokens: 20,
    output_tokens: 7,
    total_tokens: 27,
  });
  assert.equal(call.getAttribute("cost"), 0.25);
  assert.equal(call.getAttribute("mlflow.llm.model"), "m");
});

test("a conversation whose start was not observed has no trace", () => {
  disable();
  const chat = started("chat", chatDetails(alice, bob, "hi"));
  enable();
  const before = stats().started;
  const last = getLastActiveTraceId();
  turn(chat, bob, "hello");
  ended(chat, chatResult("hello"));
  assert.equal(stats().started, before);
  assert.equal(getLastActiveTraceId(), last);
});

test("a chat that runs when tracing is switched off is ended as it is", async () => {
  const chat = started("chat", chatDetails(alice, bob, "hi"));
  const reply = started("reply", { agent: bob, sender: alice, messages: [] }, chat);
  disable();
  ended(reply, { reply: "unseen" });
  ended(chat, chatResult("unseen"));
  assert.equal(stats().open, 0);
  const trace = await lastTrace();
  assert.deepEqual(outline(trace), ["CHAIN initiate_chat UNSET", "  AGENT bob UNSET"]);
});

test("counts add up: what was started is delivered, in memory, waiting, open or dropped", () => {
  const { started: all, delivered, inMemory, buffered, open, dropped } = stats();
  const lost = Object.values(dropped).reduce((sum, count) => sum + count, 0);
  assert.equal(all, delivered + inMemory + buffered + open + lost);
  assert.equal(stats().hookFailures, 0);
});
