import assert from "node:assert/strict";
import { before, test } from "node:test";
import {
  autolog,
  getCurrentActiveSpan,
  getTracingContextHeadersForHttpRequest,
  setTrackingUri,
  startSpan,
  stats,
  updateCurrentTrace,
  withSpan,
  withTracingContextFromHeaders,
  type LiveSpan,
} from "mlflow-ag2";
import { chatDetails, chatResult, ended, started } from "./reporting.js";
import { outline, traceOf, turn } from "./tree.js";

before(() => {
  setTrackingUri("memory:");
  autolog();
});

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const SPAN = "b7ad6b7169203331";
const HEADER = `00-${TRACE}-${SPAN}-01`;

const alice = { name: "alice" };
const bob = { name: "bob" };

test("an agents' operation can be the active span, and ends when the agents report it", async () => {
  const chat = started("chat", chatDetails(alice, bob, "hi"));
  const tool = started(
    "toolCall",
    { agent: bob, name: "ask", callId: undefined, description: undefined, arguments: {} },
    chat,
  );
  const span = getCurrentActiveSpan({ scope: tool });
  assert.equal(getCurrentActiveSpan({ scope: tool }), span);
  span!.setAttribute("hits", 3);
  span!.end({ status: "ERROR" });
  assert.equal(span!.name, "ask");
  assert.equal(span!.parentId, getCurrentActiveSpan({ scope: chat })!.spanId);
  const child = startSpan({ name: "below", parent: { scope: tool } });
  child.end();
  ended(tool, { result: 1, content: "1" });
  assert.equal(getCurrentActiveSpan({ scope: tool })!.spanId, span!.parentId);
  ended(chat, chatResult("bye"));
  assert.equal(getCurrentActiveSpan({ scope: tool }), null);
  const trace = await traceOf(child);
  assert.deepEqual(outline(trace), ["CHAIN initiate_chat OK", "  TOOL ask OK", "    UNKNOWN below OK"]);
  assert.equal(trace.data.spans[1]!.getAttribute("hits"), 3);
  assert.equal(trace.data.spans[1]!.outputs, "1");
});

test("a chat whose context is a manual span is part of it, below any depth", async () => {
  const root = startSpan({ name: "root" });
  const chat = started("chat", chatDetails(alice, bob, "hi"), root.scope);
  const inner = startSpan({ name: "inner", parent: { scope: chat } });
  const deep = started("chat", chatDetails(alice, bob, "hi"), inner.scope);
  ended(deep, chatResult(""));
  inner.end();
  ended(chat, chatResult(""));
  root.end();
  assert.deepEqual(outline(await traceOf(root)), [
    "UNKNOWN root OK",
    "  CHAIN initiate_chat OK",
    "    UNKNOWN inner OK",
    "      CHAIN initiate_chat OK",
  ]);
});

test("a chat without a parent belongs to the span that runs around it", async () => {
  const root = await withSpan(
    async (span) => {
      await turn();
      ended(started("chat", chatDetails(alice, bob, "hi")), chatResult(""));
      return span;
    },
    { name: "root" },
  );
  assert.deepEqual(outline(await traceOf(root)), ["UNKNOWN root OK", "  CHAIN initiate_chat OK"]);
});

test("a span whose parent was not recorded is a trace of its own, marked and counted", async () => {
  const { detached } = stats();
  autolog({ disable: true });
  const chat = started("chat", chatDetails(alice, bob, "unseen"));
  autolog();
  const span = startSpan({ name: "mine", parent: { scope: chat } });
  span.end();
  assert.equal((await traceOf(span)).data.spans[0]!.getAttribute("mlflow_ag2.detached"), true);
  assert.equal(stats().detached, detached + 1);
});

test("updateCurrentTrace() changes the active trace, and a second call replaces values", async () => {
  const root = withSpan(
    (span) => {
      updateCurrentTrace({ tags: { release: "1.3" }, metadata: { commit: "abc" }, sessionId: "s-1", userId: "ada" });
      withSpan(() => updateCurrentTrace({ tags: { release: "1.4" } }), { name: "inner" });
      return span;
    },
    { name: "root" },
  );
  const { info } = await traceOf(root);
  assert.equal(info.tags["release"], "1.4");
  assert.equal(info.traceMetadata["commit"], "abc");
  assert.equal(info.traceMetadata["mlflow.trace.session"], "s-1");
  assert.equal(info.traceMetadata["mlflow.trace.user"], "ada");
});

test("updateCurrentTrace() finds the trace of a context, and warns once where there is none", async () => {
  const span = startSpan({ name: "by hand" });
  updateCurrentTrace(
    { requestPreview: "asked", responsePreview: "answered", metadata: { "mlflow.trace.session": "s-2" } },
    span,
  );
  span.end();
  const { info } = await traceOf(span);
  assert.deepEqual(
    [info.requestPreview, info.responsePreview, info.traceMetadata["mlflow.trace.session"]],
    ["asked", "answered", "s-2"],
  );

  const warnings: string[] = [];
  const warn = console.warn;
  console.warn = (text: string) => void warnings.push(text);
  try {
    updateCurrentTrace({ tags: { a: "b" } });
    updateCurrentTrace({ tags: { a: "b" } }, span);
  } finally {
    console.warn = warn;
  }
  assert.equal(warnings.length, 1);
  assert.match(warnings[0]!, /updateCurrentTrace.*withSpan.*no_active_trace/);
});

test("the header that goes out names the active span, or the one of the context", () => {
  assert.deepEqual(getTracingContextHeadersForHttpRequest(), {});
  withSpan((span) => {
    assert.deepEqual(getTracingContextHeadersForHttpRequest(), {
      traceparent: `00-${span.traceId.slice(3)}-${span.spanId}-01`,
    });
  });
  const span = startSpan({ name: "by hand" });
  assert.deepEqual(getTracingContextHeadersForHttpRequest(span), {
    traceparent: `00-${span.traceId.slice(3)}-${span.spanId}-01`,
  });
  span.end();
});

test("spans under an incoming header are part of its trace, below the sender's span", async () => {
  const inside = await withTracingContextFromHeaders(new Headers({ traceparent: HEADER }), async (context) => {
    assert.equal(getCurrentActiveSpan(), null);
    assert.deepEqual(getTracingContextHeadersForHttpRequest(), { traceparent: HEADER });
    await turn();
    ended(started("chat", chatDetails(alice, bob, "hi"), context.scope), chatResult(""));
    return withSpan(
      (span) => {
        startSpan({ name: "below" }).end();
        return span;
      },
      { name: "handle" },
    );
  });
  assert.equal(inside.traceId, `tr-${TRACE}`);
  assert.equal(inside.parentId, SPAN);
  assert.equal(stats().open, 0);
});

test("headers are read in every form in which programs hold them", () => {
  for (const headers of [
    HEADER,
    ` ${HEADER} `,
    new Headers({ TraceParent: HEADER }),
    { TraceParent: HEADER },
    { traceparent: [HEADER] },
    new Map([["traceparent", HEADER]]) as never,
    `cc-${HEADER.slice(3)}-later`,
  ]) {
    const { traceId } = withTracingContextFromHeaders(headers, () => withSpan((span) => span));
    assert.equal(traceId, `tr-${TRACE}`, JSON.stringify(headers));
  }
});

test("headers without a trace change nothing", () => {
  const useless = [
    "",
    "nonsense",
    `00-${"0".repeat(32)}-${SPAN}-01`,
    `00-${TRACE}-${"0".repeat(16)}-01`,
    `ff-${TRACE}-${SPAN}-01`,
    `00-${TRACE.toUpperCase()}-${SPAN}-01`,
    {},
    { traceparent: undefined },
    null as never,
  ];
  for (const headers of useless) {
    const { traceId, parentId } = withTracingContextFromHeaders(headers, () => withSpan((span: LiveSpan) => span));
    assert.match(traceId, /^tr-[0-9a-f]{32}$/);
    assert.notEqual(traceId, `tr-${TRACE}`);
    assert.equal(parentId, null);
  }
});

test("headers of a trace that is not recorded keep everything inside from being recorded, and are passed on", () => {
  const { started } = stats();
  const header = `00-${TRACE}-${SPAN}-00`;
  withTracingContextFromHeaders(header, (context) => {
    withSpan((span) => span.setInputs("never seen"), { name: "inside" });
    startSpan({ name: "by the context that was passed", parent: context }).end();
    assert.deepEqual(getTracingContextHeadersForHttpRequest(), { traceparent: header });
    assert.deepEqual(getTracingContextHeadersForHttpRequest(context), { traceparent: header });
  });
  assert.equal(stats().started, started);
});

test("results and errors of the work under a header reach the caller unchanged", async () => {
  const error = new Error("no");
  assert.throws(
    () =>
      withTracingContextFromHeaders(HEADER, () => {
        throw error;
      }),
    (thrown) => thrown === error,
  );
  await assert.rejects(
    withTracingContextFromHeaders(HEADER, () => Promise.reject(error)),
    (thrown) => thrown === error,
  );
  assert.equal(
    withTracingContextFromHeaders(HEADER, () => 7),
    7,
  );
});

test("nothing is left open", () => {
  assert.equal(stats().open, 0);
});
