/** What adapters to other frameworks use: active spans, typed attributes, times, and traces that were abandoned. */

import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { before, test } from "node:test";
import {
  autolog,
  closeTrace,
  countHookFailure,
  getCurrentActiveSpan,
  getLastActiveTraceId,
  getTrace,
  type LiveSpan,
  MlflowAg2Error,
  onTrace,
  provideActiveSpan,
  setTrackingUri,
  startSpan,
  stats,
  type Trace,
  withActiveSpan,
  withSpan,
} from "mlflow-ag2";
import { chatDetails, chatResult, ended, failed, lastTrace, message, started } from "./reporting.js";
import { outline, traceOf, turn } from "./tree.js";

before(() => {
  setTrackingUri("memory:");
  autolog();
});

const attribute = async (span: LiveSpan, key: string): Promise<unknown> =>
  (await traceOf(span)).data.spans.find(({ spanId }) => spanId === span.spanId)?.attributes[key];

test("what runs in withActiveSpan is part of the span, which stays open", async () => {
  const span = startSpan({ name: "root" });
  const result = await withActiveSpan(span, async () => {
    await turn();
    assert.equal(getCurrentActiveSpan(), span);
    withSpan(() => undefined, { name: "inner" });
    ended(started("chat", chatDetails({ name: "alice" }, { name: "bob" }, "hi")), chatResult(""));
    return 7;
  });
  assert.equal(result, 7);
  assert.equal(getCurrentActiveSpan(), null);
  assert.equal((await traceOf(span)).info.state, "IN_PROGRESS");
  span.end();
  assert.deepEqual(outline(await traceOf(span)), ["UNKNOWN root OK", "  UNKNOWN inner OK", "  CHAIN initiate_chat OK"]);
});

test("withActiveSpan passes on what its callback returns or throws, and refuses what is no span", () => {
  const span = startSpan({ name: "root" });
  const promise = Promise.resolve();
  assert.equal(
    withActiveSpan(span, () => promise),
    promise,
  );
  const error = new Error("mine");
  assert.throws(
    () =>
      withActiveSpan(span, () => {
        throw error;
      }),
    error,
  );
  span.end();
  for (const wrong of [undefined, null, "span"])
    assert.throws(
      () => withActiveSpan(wrong as never, () => 1),
      (thrown) => MlflowAg2Error.is(thrown) && thrown.code === "invalid_argument",
    );
  assert.throws(() => withActiveSpan(span, undefined as never), /function/);
});

test("a span that has ended is not active in withActiveSpan", async () => {
  const span = startSpan({ name: "root" });
  span.end();
  const late = withActiveSpan(span, () => startSpan({ name: "late" }));
  late.end();
  assert.notEqual(late.traceId, span.traceId);
});

test("another tracer's active span is the parent where it is the inner one", async () => {
  const theirs = new AsyncLocalStorage<LiveSpan>();
  const stop = provideActiveSpan(() => theirs.getStore());
  const root = startSpan({ name: "root" });
  const step = startSpan({ name: "step", parent: root });
  // Theirs alone, and theirs inside of ours.
  await theirs.run(step, async () => {
    await turn();
    assert.equal(getCurrentActiveSpan(), step);
    withSpan(() => undefined, { name: "below step" });
  });
  withActiveSpan(root, () => theirs.run(step, () => withSpan(() => undefined, { name: "below step too" })));
  // Ours inside of theirs.
  theirs.run(root, () => withActiveSpan(step, () => startSpan({ name: "below step as well" }).end()));
  // Ours and theirs are unrelated: ours.
  const other = startSpan({ name: "other", parent: null });
  theirs.run(other, () => withActiveSpan(step, () => startSpan({ name: "below the certain one" }).end()));
  stop();
  theirs.run(step, () => assert.equal(getCurrentActiveSpan(), null));
  for (const span of [other, step, root]) span.end();
  assert.deepEqual(outline(await traceOf(root)), [
    "UNKNOWN root OK",
    "  UNKNOWN step OK",
    "    UNKNOWN below step OK",
    "    UNKNOWN below step too OK",
    "    UNKNOWN below step as well OK",
    "    UNKNOWN below the certain one OK",
  ]);
});

test("a provider of the active span that throws, or has one that ended, changes nothing but a count", () => {
  const { hookFailures } = stats();
  const span = startSpan({ name: "ended" });
  span.end();
  const stops = [
    provideActiveSpan(() => {
      throw new Error("broken");
    }),
    provideActiveSpan(() => span),
  ];
  assert.equal(getCurrentActiveSpan(), null);
  for (const stop of stops) stop();
  assert.equal(stats().hookFailures, hookFailures + 1);
});

test("token counts of spans are summed over the trace, each once", async () => {
  const root = startSpan({ name: "root" });
  const outer = startSpan({ name: "generate", spanType: "LLM", parent: root });
  const inner = startSpan({ name: "attempt", spanType: "LLM", parent: outer });
  inner.setTokenUsage({ input_tokens: 5, output_tokens: 2 });
  outer.setTokenUsage({ input_tokens: 5, output_tokens: 2, cache_read_input_tokens: 4 });
  const second = startSpan({ name: "again", spanType: "LLM", parent: root });
  second.setTokenUsage({ input_tokens: 1, output_tokens: 1, total_tokens: 3 });
  for (const span of [inner, outer, second, root]) span.end();
  assert.deepEqual((await traceOf(root)).info.tokenUsage, {
    input_tokens: 6,
    output_tokens: 3,
    total_tokens: 10,
    cache_read_input_tokens: 4,
  });
  assert.deepEqual(await attribute(inner, "mlflow.chat.tokenUsage"), {
    input_tokens: 5,
    output_tokens: 2,
    total_tokens: 7,
  });
});

test("token counts that are none are left out", async () => {
  const span = startSpan({ name: "root" });
  span.setTokenUsage({ input_tokens: Number.NaN, output_tokens: -1 });
  span.setTokenUsage(null as never);
  span.setTokenUsage({});
  span.end();
  assert.equal(await attribute(span, "mlflow.chat.tokenUsage"), undefined);
});

test("model, provider and messages become MLflow's attributes", async () => {
  const span = startSpan({ name: "call", spanType: "CHAT_MODEL" });
  span.setModel("gpt-4o-mini", "openai");
  const messages = [
    { role: "user", content: "Hi." },
    { role: "assistant", content: "Hello.", tool_calls: [] },
  ];
  const tools = [{ type: "function", function: { name: "add" } }];
  span.setChatMessages(messages, { tools, format: "openai" });
  span.end();
  const trace: Trace = await traceOf(span);
  const { attributes } = trace.data.spans[0]!;
  assert.equal(attributes["mlflow.llm.model"], "gpt-4o-mini");
  assert.equal(attributes["gen_ai.request.model"], "gpt-4o-mini");
  assert.equal(attributes["mlflow.llm.provider"], "openai");
  assert.deepEqual(attributes["mlflow.chat.messages"], messages);
  assert.deepEqual(attributes["mlflow.chat.tools"], tools);
  assert.equal(attributes["mlflow.message.format"], "openai");
});

test("closeTrace ends what was abandoned, with a mark, and leaves the rest alone", async () => {
  const other = startSpan({ name: "other" });
  const root = startSpan({ name: "root", parent: null });
  const done = startSpan({ name: "done", parent: root });
  done.end();
  const open = startSpan({ name: "open", parent: root });
  open.setOutputs("a part");
  assert.equal(closeTrace(root.traceId), 2);
  const trace = await traceOf(root);
  assert.deepEqual(outline(trace), ["UNKNOWN root UNSET", "  UNKNOWN done OK", "  UNKNOWN open UNSET"]);
  assert.deepEqual(
    trace.data.spans.map(({ attributes }) => attributes["mlflow_ag2.abandoned"]),
    [true, undefined, true],
  );
  assert.equal(trace.data.spans[2]!.outputs, "a part");
  assert.ok(trace.data.spans.every(({ endTimeNs }) => endTimeNs !== undefined));
  assert.equal(getLastActiveTraceId(), root.traceId);
  assert.equal((await traceOf(other)).info.state, "IN_PROGRESS");
  other.end();
});

test("after closeTrace late reports have no effect, and late spans still join the trace", async () => {
  const root = startSpan({ name: "root" });
  closeTrace(root.traceId);
  const { eventErrors } = stats();
  root.setOutputs("late");
  root.end({ outputs: "late" });
  assert.equal(stats().eventErrors, eventErrors);
  assert.equal((await traceOf(root)).data.spans[0]!.outputs, undefined);
  const child = startSpan({ name: "late child", parent: root });
  child.end();
  assert.equal(child.traceId, root.traceId);
  assert.equal(closeTrace(root.traceId), 0);
  assert.equal(closeTrace("no-op-span-trace-id"), 0);
  assert.equal(closeTrace(undefined as never), 0);
});

test("a closed trace is not active any more", () => {
  const root = startSpan({ name: "root" });
  withActiveSpan(root, () => {
    closeTrace(root.traceId);
    assert.equal(getCurrentActiveSpan(), null);
  });
});

test("onTrace is notified of a trace that is closed", async () => {
  const states: string[] = [];
  const closed = new Promise<void>((resolve) => {
    const stop = onTrace(({ info }) => {
      states.push(info.state);
      if (info.state === "IN_PROGRESS") return;
      stop();
      resolve();
    });
  });
  closeTrace(startSpan({ name: "root" }).traceId);
  await closed;
  assert.notEqual(states.at(-1), "IN_PROGRESS");
});

test("operations are reported with their own times", async () => {
  const startNs = 1_700_000_000_000_000_000n;
  const bob = { name: "bob" };
  const chat = started("chat", chatDetails({ name: "alice" }, bob, "hi"), undefined, startNs);
  const reply = started("reply", { agent: bob, sender: undefined, messages: [] }, chat, startNs + 1_000n);
  const call = started(
    "modelCall",
    { agent: bob, request: { model: "gpt-4o-mini", messages: [] }, configIndex: 0 },
    reply,
    startNs + 2_000n,
  );
  failed(call, new Error("cut off"), { response: { choices: [] }, costUsd: 0, isCached: false }, startNs + 3_000n);
  message(reply, { sender: bob, recipient: bob, message: "done", valid: true });
  ended(reply, { reply: "done" }, startNs + 4_000n);
  ended(chat, chatResult(""), startNs + 5_000n);
  const { spans } = (await lastTrace()).data;
  assert.deepEqual(
    spans.map((span) => [span.startTimeNs - startNs, span.endTimeNs! - startNs]),
    [
      [0n, 5_000n],
      [1_000n, 4_000n],
      [2_000n, 3_000n],
    ],
  );
  assert.equal(spans[2]!.status.code, "ERROR");
  assert.deepEqual(spans[2]!.outputs, { choices: [] });
});

test("a search and an embedding have spans of their own kinds", async () => {
  const search = started("retriever", { name: "wiki", query: "cats", agent: { name: "bob" } });
  const embedding = started("embedding", { request: { model: "text-embedding-3-small", input: ["cats"] } }, search);
  ended(embedding, { response: { data: [], usage: { prompt_tokens: 3, total_tokens: 3 } } });
  ended(search, { documents: [{ page_content: "Cats purr.", metadata: {} }] });
  const trace = await lastTrace();
  assert.deepEqual(
    trace.data.spans.map(({ spanType }) => spanType),
    ["RETRIEVER", "EMBEDDING"],
  );
  const [found, call] = trace.data.spans;
  assert.equal(found!.name, "wiki");
  assert.equal(found!.inputs, "cats");
  assert.deepEqual(found!.outputs, [{ page_content: "Cats purr.", metadata: {} }]);
  assert.equal(found!.attributes["gen_ai.agent.name"], "bob");
  assert.equal(call!.attributes["mlflow.llm.model"], "text-embedding-3-small");
  assert.equal(trace.info.tokenUsage?.input_tokens, 3);
});

test("a search that fails keeps the documents that had been found", async () => {
  const search = started("retriever", { name: "wiki", query: "cats" });
  failed(search, new Error("timeout"), { documents: ["one"] });
  const [span] = (await getTrace(getLastActiveTraceId()))!.data.spans;
  assert.deepEqual(span!.outputs, ["one"]);
  assert.equal(span!.status.code, "ERROR");
});

test("failures of an adapter are counted with those of hooks", () => {
  const before = stats().hookFailures;
  countHookFailure(new Error("no such step"));
  assert.equal(stats().hookFailures, before + 1);
});
