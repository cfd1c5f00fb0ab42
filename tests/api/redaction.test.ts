/** `redact` gets every finished span before export; where it fails, the data of the span is removed, not exported. */

import assert from "node:assert/strict";
import { afterEach, before, test } from "node:test";
import {
  autolog,
  flush,
  getCurrentActiveSpan,
  getTrace,
  init,
  setTrackingUri,
  startSpan,
  stats,
  updateCurrentTrace,
  withSpan,
  type RedactableSpan,
  type Trace,
} from "mlflow-ag2";
import { startRecordingServer, type RecordingServer } from "../support/recording-server.js";
import { chatDetails, chatResult, ended, failed, lastTrace, message, started, toolCallTrace } from "./reporting.js";
import { outline } from "./tree.js";

const WORD = "pineapple";
const alice = { name: "alice" };
const bob = { name: "bob" };

before(() => {
  setTrackingUri("memory:");
  autolog();
});
afterEach(() => {
  init({ redact: null, captureInputs: true, captureOutputs: true });
  setTrackingUri("memory:");
});

/** A conversation in which every value contains the word. */
function gossip(): void {
  const tools = [{ type: "function", function: { name: "look_up", description: `looks for ${WORD}` } }];
  const chat = started("chat", chatDetails(alice, bob, `the word is ${WORD}`));
  message(chat, { sender: alice, recipient: bob, message: { content: `the word is ${WORD}` }, valid: true });
  const reply = started("reply", { agent: bob, messages: [] } as never, chat);
  const model = started(
    "modelCall",
    {
      agent: bob,
      request: { model: "gpt-4o", messages: [{ role: "user", content: WORD }], tools },
      configIndex: 0,
    },
    reply,
  );
  ended(model, {
    response: { model: "gpt-4o", choices: [{ message: { content: `say ${WORD}` } }] },
    costUsd: undefined,
    isCached: false,
  } as never);
  const tool = started(
    "toolCall",
    { agent: bob, name: "look_up", callId: "call_1", description: `looks for ${WORD}`, arguments: { [WORD]: WORD } },
    reply,
  );
  failed(tool, new Error(`no ${WORD} here`));
  const good = started(
    "toolCall",
    { agent: bob, name: "look_up", callId: "call_2", description: undefined, arguments: {} },
    reply,
  );
  updateCurrentTrace({ requestPreview: `asked for ${WORD}`, responsePreview: WORD }, { scope: good });
  withSpan(
    (span) => {
      span.addEvent({ name: WORD, attributes: { word: WORD } });
      span.recordException(new TypeError(WORD));
      span.setAttribute("word", { deep: [WORD] });
      return WORD;
    },
    { name: `about ${WORD}`, parent: { scope: good }, inputs: { WORD } },
  );
  ended(good, { result: { found: WORD }, content: WORD });
  message(reply, { sender: bob, recipient: alice, message: { content: `I heard ${WORD}` }, valid: true });
  ended(reply, { reply: { content: WORD } });
  ended(chat, { ...chatResult(WORD), chatHistory: [{ content: WORD }] as never });
}

const scrub = (span: RedactableSpan): void => span.replaceTexts((text) => text.replaceAll(WORD, "fruit"));

function shown(trace: Trace): string {
  return JSON.stringify(trace, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value));
}

test("a word that is replaced is in no result of getTrace, wherever it was", async () => {
  gossip();
  const plain = await lastTrace();
  assert.ok(shown(plain).includes(WORD));
  init({ redact: scrub });
  gossip();
  const redacted = await lastTrace();
  assert.equal(shown(redacted).includes(WORD), false);
  assert.equal(shown(redacted).includes("fruit"), true);
  assert.deepEqual(
    outline(redacted),
    outline(plain).map((line) => line.replace(WORD, "fruit")),
  );
  assert.equal(stats().redactFailures, 0);
});

test("attributes that repeat inputs and outputs are redacted with them", async () => {
  const attribute = (trace: Trace, type: string, name: string): unknown =>
    trace.data.spans.find(({ spanType }) => spanType === type)!.getAttribute(name);
  gossip();
  const plain = await lastTrace();
  init({
    redact: (span) => {
      const replaced = <Value>(value: Value): Value =>
        JSON.parse(JSON.stringify(value ?? null).replaceAll(WORD, "fruit")) as Value;
      span.inputs = replaced(span.inputs);
      span.outputs = replaced(span.outputs);
    },
  });
  gossip();
  const redacted = await lastTrace();
  for (const [type, name] of [
    ["AGENT", "mlflow.chat.messages"],
    ["LLM", "mlflow.chat.tools"],
  ] as const) {
    const expected = JSON.parse(JSON.stringify(attribute(plain, type, name)).replaceAll(WORD, "fruit")) as unknown;
    assert.deepEqual(attribute(redacted, type, name), expected, name);
  }
});

test("redact gets each finished span once, and its changes are recorded", async () => {
  const seen: string[] = [];
  init({
    redact: (span) => {
      seen.push(`${span.spanType} ${span.name} ${span.statusCode}`);
      assert.match(span.traceId, /^tr-[0-9a-f]{32}$/);
      assert.equal(span.parentId === null, span.name === "root");
      span.name += "!";
      span.attributes["added"] = [1];
      delete span.attributes["gone"];
      span.attributes["kept"] = 2.5;
    },
  });
  const root = startSpan({ name: "root", attributes: { gone: "x", kept: 1 } });
  startSpan({ name: "child", parent: root }).end();
  root.end();
  const trace = await lastTrace();
  assert.deepEqual(seen.sort(), ["UNKNOWN child OK", "UNKNOWN root OK"]);
  const [shown] = trace.data.spans;
  assert.deepEqual(
    [shown!.name, shown!.getAttribute("added"), shown!.getAttribute("gone"), shown!.getAttribute("kept")],
    ["root!", [1], undefined, 2.5],
  );
});

test("a redaction that throws or removes an event removes the data of that span only", async () => {
  const wrong: ((span: RedactableSpan) => void)[] = [
    () => {
      throw new Error("no");
    },
    ({ events }) => void (events as unknown[]).splice(0),
    (span) => {
      span.inputs = "half done";
      throw new Error(WORD);
    },
    (span) => {
      (span as { inputs: unknown }).inputs = {
        get bad(): never {
          throw new Error("odd");
        },
      };
      throw 1;
    },
  ];
  for (const redact of wrong) {
    const { redactFailures, hookFailures } = stats();
    init({ redact });
    gossip();
    init({ redact: null });
    const trace = await lastTrace();
    assert.deepEqual([trace.info.requestPreview, trace.info.responsePreview], [undefined, undefined]);
    const text = shown(trace).replaceAll(`about ${WORD}`, "");
    assert.equal(text.includes(WORD) || text.includes("half done"), false);
    assert.equal(trace.data.spans.length, 6);
    assert.ok(trace.data.spans.every((span) => span.inputs === undefined || span.inputs === null));
    assert.equal(
      trace.data.spans.filter((span) => span.getAttribute("mlflow_ag2.redaction_failed") === true).length,
      6,
    );
    assert.equal(trace.data.spans.find(({ status }) => status.code === "ERROR")!.getAttribute("error.type"), "Error");
    assert.deepEqual([stats().redactFailures - redactFailures, stats().hookFailures], [6, hookFailures]);
  }
});

test("a returned span is used in place of the one that redact got", async () => {
  const wrongs: Record<string, (span: RedactableSpan) => RedactableSpan> = {
    "a copy": (span) => ({ ...span, inputs: "hidden", name: "renamed", attributes: { added: 1 } }),
    "JSON and back": (span) => ({
      ...(JSON.parse(JSON.stringify(span).replaceAll(WORD, "fruit")) as RedactableSpan),
      inputs: "hidden",
      name: "renamed",
      attributes: { added: 1 },
    }),
    "the span itself": (span) => {
      Object.assign(span, { inputs: "hidden", name: "renamed" });
      for (const name of Object.keys(span.attributes)) delete span.attributes[name];
      span.attributes["added"] = 1;
      return span;
    },
  };
  for (const [what, redact] of Object.entries(wrongs)) {
    const { redactFailures, dropped } = stats();
    init({
      redact: (span) => {
        const result = redact(span);
        for (const event of result.events) {
          event.name = "event";
          event.attributes["word"] = "fruit";
        }
        return result;
      },
    });
    const root = startSpan({ name: WORD, parent: null, inputs: WORD, attributes: { word: WORD } });
    root.addEvent({ name: WORD, attributes: { word: WORD } });
    root.end({ outputs: "kept" });
    const [span] = (await lastTrace()).data.spans;
    assert.equal(shown(await lastTrace()).includes(WORD), false, what);
    assert.deepEqual(
      [span!.name, span!.inputs, span!.outputs, span!.getAttribute("added"), span!.getAttribute("word")],
      ["renamed", "hidden", "kept", 1, undefined],
      what,
    );
    assert.deepEqual([span!.events[0]!.name, span!.events[0]!.attributes["word"]], ["event", "fruit"], what);
    assert.deepEqual([stats().redactFailures, stats().dropped["redacted"]], [redactFailures, dropped["redacted"]]);
  }
});

test("before redact has returned for a span, only its name and times are shown", async () => {
  init({ redact: scrub });
  const root = startSpan({ name: "root", inputs: WORD });
  const child = startSpan({ name: "child", parent: root, inputs: WORD });
  child.recordException(new Error(WORD));
  const running = await getTrace(root.traceId);
  assert.deepEqual(
    running!.data.spans.map(({ name }) => name),
    ["root", "child"],
  );
  assert.equal(shown(running!).includes(WORD), false);
  child.end();
  const half = await getTrace(root.traceId);
  assert.deepEqual(
    half!.data.spans.map(({ inputs }) => inputs),
    [undefined, "fruit"],
  );
  root.end();
});

test("spans of redact itself are not recorded, and it may call any function", async () => {
  const { started: before } = stats();
  init({
    redact: (span) => {
      withSpan(() => startSpan({ name: "inside" }).end(), { name: "inside" });
      void getTrace(span.traceId);
      getCurrentActiveSpan();
      void stats();
      void flush({ timeoutMs: 0 });
    },
  });
  await toolCallTrace({});
  assert.equal(stats().started, before + 1);
  assert.equal(stats().redactFailures >= 0, true);
});

test("a word that is replaced is in no request body, including those of early exports", async () => {
  const server: RecordingServer = await startRecordingServer();
  try {
    init({ redact: scrub, trackingUri: server.uri });
    const root = startSpan({ name: "long", inputs: WORD });
    for (let round = 0; round < 3; round += 1) {
      withSpan(gossip, { name: "round", parent: root });
      startSpan({ name: WORD, inputs: { WORD }, parent: root }).end({ outputs: WORD });
      await flush();
    }
    root.end({ outputs: WORD });
    gossip();
    await flush();
    const bodies = server.received.map(({ body }) => body.toString("latin1")).join("\n");
    assert.equal(bodies.includes(WORD), false);
    assert.equal(bodies.includes("fruit"), true);
    assert.ok(server.exports().length > 3, "nothing was exported early");
  } finally {
    await server.stop();
  }
});

test("without inputs or outputs nothing repeats them either", async () => {
  const of = (trace: Trace): { inputs: boolean; outputs: boolean; chat: boolean; tools: boolean } => ({
    inputs: trace.data.spans.some((span) => span.inputs !== undefined && span.inputs !== null),
    outputs: trace.data.spans.some((span) => span.outputs !== undefined && span.outputs !== null),
    chat: trace.data.spans.some((span) => span.getAttribute("mlflow.chat.messages") !== undefined),
    tools: trace.data.spans.some((span) => span.getAttribute("mlflow.chat.tools") !== undefined),
  });
  gossip();
  assert.deepEqual(of(await lastTrace()), { inputs: true, outputs: true, chat: true, tools: true });
  init({ captureInputs: false });
  gossip();
  assert.deepEqual(of(await lastTrace()), { inputs: false, outputs: true, chat: false, tools: false });
  init({ captureInputs: true, captureOutputs: false });
  gossip();
  assert.deepEqual(of(await lastTrace()), { inputs: true, outputs: false, chat: false, tools: true });
});

test("an invalid redact option is rejected at once", () => {
  for (const redact of [true, "x", {}])
    assert.throws(() => init({ redact: redact as never }), { code: "invalid_argument", message: /redact/ });
  for (const captureInputs of [1, null])
    assert.throws(() => init({ captureInputs: captureInputs as never }), {
      code: "invalid_argument",
      message: /captureInputs/,
    });
});
