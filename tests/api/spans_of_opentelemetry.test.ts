/** Rules of `mlflow-ag2/otel` that need no SDK: spans of another program, attributes of further conventions. */

import assert from "node:assert/strict";
import { before, test } from "node:test";
import { getLastActiveTraceId, getTrace, setTrackingUri, type Span, stats } from "mlflow-ag2";
import { otel, type OtelSpan, type OtelSpanContext } from "mlflow-ag2/otel";

before(() => setTrackingUri("memory:"));

const now = (): [number, number] => [Math.floor(Date.now() / 1000), (Date.now() % 1000) * 1e6];
let lastId = 0;

function span(attributes: OtelSpan["attributes"], more: Partial<OtelSpan> = {}, traceId = "a".repeat(32)): OtelSpan {
  const spanId = String(++lastId).padStart(16, "0");
  const context: OtelSpanContext = { traceId, spanId, traceFlags: 1 };
  return {
    name: "span",
    startTime: now(),
    endTime: now(),
    status: { code: 0 },
    attributes,
    events: [],
    spanContext: () => context,
    ...more,
  };
}

async function recorded(one: OtelSpan): Promise<Span> {
  const processor = otel();
  processor.onStart(one, {});
  processor.onEnd(one);
  const trace = await getTrace(getLastActiveTraceId());
  await processor.shutdown();
  return trace!.data.spans.at(-1)!;
}

test("a span of another program is the parent, and its trace is continued", async () => {
  const traceId = "0123456789abcdef0123456789abcdef";
  const parentSpanContext = { traceId, spanId: "fedcba9876543210", traceFlags: 1, isRemote: true };
  const found = await recorded(span({}, { parentSpanContext }, traceId));
  assert.equal(found.traceId, `tr-${traceId}`);
  assert.equal(found.parentId, "fedcba9876543210");
});

test("a span that is not sampled is not recorded", async () => {
  const before = getLastActiveTraceId();
  const unsampled = { traceId: "b".repeat(32), spanId: "b".repeat(16), traceFlags: 0 };
  const processor = otel();
  const one = span({}, { spanContext: () => unsampled });
  processor.onStart(one, {});
  processor.onEnd(one);
  assert.equal(getLastActiveTraceId(), before);
  await processor.shutdown();
});

test("tool calls and their results in GenAI's messages are those of the chat view", async () => {
  const found = await recorded(
    span({
      "gen_ai.operation.name": "chat",
      "gen_ai.system": "aws.bedrock",
      "gen_ai.response.model": "claude",
      "gen_ai.input.messages": JSON.stringify([
        { role: "tool", parts: [{ type: "tool_call_response", id: "call_1", response: "Sun" }] },
      ]),
      "gen_ai.output.messages": JSON.stringify([
        {
          role: "assistant",
          parts: [{ type: "tool_call", id: "call_2", name: "weather", arguments: { city: "Oslo" } }],
        },
      ]),
    }),
  );
  assert.deepEqual(found.attributes["mlflow.chat.messages"], [
    { role: "tool", tool_call_id: "call_1", content: "Sun" },
    {
      role: "assistant",
      content: "",
      tool_calls: [{ id: "call_2", type: "function", function: { name: "weather", arguments: '{"city":"Oslo"}' } }],
    },
  ]);
  assert.equal(found.attributes["mlflow.llm.provider"], "bedrock");
  assert.equal(found.attributes["gen_ai.input.messages"], undefined);
});

test("messages in events are inputs and outputs, and other events stay events", async () => {
  const event = (name: string, attributes: Record<string, unknown>) => ({ name, attributes, time: now() });
  const found = await recorded(
    span(
      { "gen_ai.operation.name": "chat" },
      {
        events: [
          event("gen_ai.user.message", { content: "Hi." }),
          event("retry", { attempt: 2 }),
          event("gen_ai.choice", { content: "Hello." }),
        ],
      },
    ),
  );
  assert.deepEqual(found.inputs, [{ role: "user", content: "Hi." }]);
  assert.deepEqual(found.outputs, [{ role: "assistant", content: "Hello." }]);
  assert.deepEqual(
    found.events.map(({ name }) => name),
    ["retry"],
  );
});

test("the types are those of each convention", async () => {
  const types: [Record<string, string>, string][] = [
    [{ "openinference.span.kind": "RERANKER" }, "RERANKER"],
    [{ "ai.operationId": "ai.toolCall" }, "TOOL"],
    [{ "ai.operationId": "ai.embed.doEmbed" }, "EMBEDDING"],
    [{ "gen_ai.operation.name": "speaker_selection" }, "CHAIN"],
    [{ "gen_ai.operation.name": "something new" }, "UNKNOWN"],
    [{ "traceloop.span.kind": "workflow" }, "WORKFLOW"],
    [{ "http.request.method": "GET" }, "UNKNOWN"],
  ];
  for (const [attributes, type] of types) assert.equal((await recorded(span(attributes))).spanType, type);
});

test("what a listener throws on foreign data reaches no framework, and is counted", async () => {
  const before = stats().hookFailures;
  const hostile = new Proxy<OtelSpan["attributes"]>(
    {},
    { ownKeys: () => assert.fail("hostile"), get: () => assert.fail("hostile") },
  );
  const found = await recorded(span(hostile));
  assert.equal(found.name, "span");
  assert.ok(stats().hookFailures > before);
});
