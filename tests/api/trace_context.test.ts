/** `withTraceContext` and the defaults of `init`: fields of all traces that start in a callback, or in the program. */

import assert from "node:assert/strict";
import { afterEach, before, describe, test } from "node:test";
import {
  autolog,
  getLastActiveTraceId,
  getTrace,
  init,
  searchTraces,
  setTrackingUri,
  startSpan,
  stats,
  trace,
  updateCurrentTrace,
  withSpan,
  withTraceContext,
  withTracingContextFromHeaders,
  wrapAgent,
  type TraceInfo,
} from "mlflow-ag2";
import { chatDetails, chatResult, ended, lastTrace, started } from "./reporting.js";
import { outline, turn } from "./tree.js";

before(() => {
  setTrackingUri("memory:");
  autolog();
});
afterEach(() => assert.deepEqual([stats().open, stats().hookFailures], [0, 0]));

const alice = { name: "alice" };
const bob = { name: "bob" };

const chat = (): void => ended(started("chat", chatDetails(alice, bob, "hi")), chatResult("bye"));

/** What a trace has of a context: user, session, the tags and metadata of the program. */
function fields({ tags, traceMetadata }: TraceInfo): Record<string, string> {
  const kept = Object.entries({ ...tags, ...traceMetadata }).filter(([key]) => !key.startsWith("mlflow"));
  return {
    ...Object.fromEntries(kept),
    user: traceMetadata["mlflow.trace.user"] ?? "",
    session: traceMetadata["mlflow.trace.session"] ?? "",
  };
}

async function lastFields(): Promise<Record<string, string>> {
  return fields((await lastTrace()).info);
}

const infoOf = async (id: string | undefined): Promise<TraceInfo> => (await getTrace(id))!.info;

const ADA = { userId: "ada", sessionId: "window 7", tags: { page: "help" }, metadata: { build: "12" } };
const OF_ADA = { page: "help", build: "12", user: "ada", session: "window 7" };

describe("every kind of trace that starts in a context has its fields", () => {
  class Bot {
    readonly name = "bot";
    async generateReply(messages: readonly string[]): Promise<string> {
      await turn();
      return `${messages.length} messages`;
    }
  }
  const kinds: Record<string, () => unknown> = {
    "a chat": chat,
    "a manual span": () => startSpan({ name: "by hand" }).end(),
    "a callback": () => withSpan(() => 1, { name: "callback" }),
    "a traced function": trace(async () => turn(), { name: "traced" }),
    "a root that is started in another span": () =>
      withSpan(() => startSpan({ name: "alone", parent: null }).end(), { name: "around" }),
    "an agent of another library": () => wrapAgent(new Bot()).generateReply(["hi"]),
    "a span below nothing that is recorded": () =>
      startSpan({ name: "orphan", parent: { scope: { kind: "span", parent: undefined } } }).end(),
  };
  for (const [name, start] of Object.entries(kinds))
    test(name, async () => {
      await withTraceContext(ADA, start);
      assert.deepEqual(await lastFields(), OF_ADA);
    });

  test("after an await, and in several at once", async () => {
    const ids = await Promise.all(
      ["one", "two", "three"].map((user) =>
        withTraceContext({ userId: user }, async () => {
          await turn();
          const id = withSpan(({ traceId }) => traceId, { name: user });
          await turn();
          return [id, withSpan(({ traceId }) => traceId, { name: user })];
        }),
      ),
    );
    const users = await Promise.all(ids.flat().map(async (id) => fields(await infoOf(id))["user"]));
    assert.deepEqual(users, ["one", "one", "two", "two", "three", "three"]);
  });

  test("and none that starts outside, or has started before", async () => {
    const { detached } = stats();
    const early = startSpan({ name: "early" });
    withTraceContext(ADA, () => startSpan({ name: "child", parent: early }).end());
    early.end();
    assert.deepEqual(await lastFields(), { user: "", session: "" });
    chat();
    assert.deepEqual(await lastFields(), { user: "", session: "" });
    assert.equal(stats().detached, detached);
  });
});

test("no span is added, and a trace in a context is not detached", async () => {
  const { detached } = stats();
  withTraceContext(ADA, () => {
    chat();
    withTraceContext({ tags: { inner: "1" } }, () => withSpan(() => chat(), { name: "span" }));
  });
  assert.deepEqual(outline(await lastTrace()), ["UNKNOWN span OK", "  CHAIN initiate_chat OK"]);
  assert.equal((await lastTrace()).data.spans[0]!.getAttribute("mlflow_ag2.detached"), undefined);
  assert.equal(stats().detached, detached);
});

test("a span in a context inside of a span is part of that", async () => {
  withSpan(
    () => withTraceContext({ userId: "late" }, () => withSpan(() => startSpan({ name: "deep" }).end(), { name: "in" })),
    { name: "out" },
  );
  assert.deepEqual(outline(await lastTrace()), ["UNKNOWN out OK", "  UNKNOWN in OK", "    UNKNOWN deep OK"]);
  assert.equal((await lastFields())["user"], "");
});

test("contexts nest: all fields are there, and those of the inner one win", async () => {
  await withTraceContext({ userId: "ada", sessionId: "outer", tags: { a: "1", b: "1" } }, async () => {
    await withTraceContext({ sessionId: "inner", tags: { b: "2" }, metadata: { c: "3" } }, async () => {
      await turn();
      chat();
    });
    assert.deepEqual(await lastFields(), { a: "1", b: "2", c: "3", user: "ada", session: "inner" });
    chat();
    assert.deepEqual(await lastFields(), { a: "1", b: "1", user: "ada", session: "outer" });
    withTraceContext({ metadata: { "mlflow.trace.user": "grace" } }, chat);
    assert.equal((await lastFields())["user"], "grace");
    withSpan(() =>
      withTraceContext({ tags: { b: "4" } }, () => withSpan(() => startSpan({ name: "x", parent: null }).end())),
    );
  });
  const [deep] = (await searchTraces()).traces.filter(({ info }) => info.tags["mlflow.traceName"] === "x");
  assert.deepEqual(fields(deep!.info), { a: "1", b: "4", user: "ada", session: "outer" });
});

test("updateCurrentTrace wins over the context, and the context over the defaults of init", async () => {
  init({ defaultTags: { team: "a", tier: "1" }, environment: "test", release: "1.4", userId: "service" });
  try {
    chat();
    const defaults = { team: "a", tier: "1", environment: "test", release: "1.4" };
    assert.deepEqual(await lastFields(), { ...defaults, user: "service", session: "" });
    withTraceContext({ userId: "ada", tags: { tier: "2" } }, () => {
      chat();
      withSpan(() => updateCurrentTrace({ userId: "grace", tags: { team: "b" } }));
    });
    assert.deepEqual(await lastFields(), { ...defaults, team: "b", tier: "2", user: "grace", session: "" });
    init({ release: "1.5" });
    chat();
    assert.deepEqual(await lastFields(), { ...defaults, release: "1.5", user: "service", session: "" });
  } finally {
    init({ defaultTags: null, environment: null, release: null, userId: null });
  }
  chat();
  assert.deepEqual(await lastFields(), { user: "", session: "" });
});

test("a client's request id is a field too", async () => {
  withTraceContext({ clientRequestId: "request 7" }, chat);
  assert.equal((await lastTrace()).info.clientRequestId, "request 7");
});

test("nothing is recorded in a context that is not enabled, but in one inside of it that is", async () => {
  const { started: before, sampledOut, detached } = stats();
  const agent = { scope: undefined as ReturnType<typeof started> | undefined };
  await withTraceContext({ enabled: false, userId: "ada" }, async () => {
    chat();
    await turn();
    await withSpan(async () => {
      await turn();
      startSpan({ name: "hidden" }).end();
    });
    agent.scope = started("chat", chatDetails(alice, bob, "hi"));
    ended(started("reply", { agent: bob, sender: alice, messages: [] }, agent.scope), { reply: undefined });
    withTraceContext({ tags: { still: "off" } }, chat);
    assert.equal(stats().started, before);
    withTraceContext({ enabled: true }, chat);
  });
  assert.equal(stats().started, before + 1);
  assert.deepEqual(await lastFields(), { user: "ada", session: "" });
  assert.deepEqual([stats().sampledOut, stats().detached], [sampledOut, detached]);
  chat();
  assert.equal(stats().started, before + 2);
});

test("a trace that another program has started keeps that program's fields", async () => {
  const headers = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  withTraceContext(ADA, () => withTracingContextFromHeaders(headers, chat));
  assert.equal((await infoOf(getLastActiveTraceId())).tags["page"], undefined);
});

test("the result, the promise and the error of the callback are its own", async () => {
  const promise = Promise.resolve(1);
  assert.equal(
    withTraceContext(ADA, () => promise),
    promise,
  );
  const error = new Error("mine");
  assert.throws(
    () =>
      withTraceContext(ADA, () => {
        throw error;
      }),
    (thrown) => thrown === error,
  );
});

test("fields that do not exist are refused, and so is a missing function", () => {
  const code = { code: "invalid_argument" };
  assert.throws(() => withTraceContext({ user: "ada" } as never, chat), { ...code, message: /user/ });
  assert.throws(() => withTraceContext({ enabled: "no" } as never, chat), { ...code, message: /enabled/ });
  assert.throws(() => withTraceContext(ADA, undefined as never), { ...code, message: /a function/ });
  assert.throws(() => init({ defaultTags: { a: 1 } as never }), { ...code, message: /defaultTags/ });
  assert.throws(() => init({ environment: 7 as never }), { ...code, message: /environment/ });
});
