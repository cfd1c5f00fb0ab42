/** Pages have no async context: `withTraceContext` applies until the first `await`, and then where it is passed on. */

import assert from "node:assert/strict";
import { before, test } from "node:test";
import { autolog, setTrackingUri, startSpan, stats, withSpan, withTraceContext, type SpanParent } from "mlflow-ag2";
import { carry } from "mlflow-ag2/carry-scope";
import { chatDetails, chatResult, ended, lastTrace, started } from "./reporting.js";
import { turn } from "./tree.js";

before(() => {
  (process as { getBuiltinModule?: unknown }).getBuiltinModule = undefined;
  setTrackingUri("memory:");
  autolog();
});

const alice = { name: "alice" };
const bob = { name: "bob" };

function chat(context?: SpanParent): void {
  ended(started("chat", chatDetails(alice, bob, "hi"), context?.scope), chatResult("bye"));
}

async function lastUser(): Promise<string | undefined> {
  return (await lastTrace()).info.traceMetadata["mlflow.trace.user"];
}

test("a chat that starts before the first await has the fields", async () => {
  const running = withTraceContext({ userId: "ada" }, async () => {
    const scope = started("chat", chatDetails(alice, bob, "hi"));
    await turn();
    ended(scope, chatResult("bye"));
  });
  chat();
  assert.equal(await lastUser(), undefined);
  await running;
  assert.equal(await lastUser(), "ada");
});

test("after an await they are known where the context is passed on, and not guessed", async () => {
  const { detached } = stats();
  await withTraceContext({ userId: "ada" }, async (context) => {
    await turn();
    chat();
    assert.equal(await lastUser(), undefined);
    const other = startSpan({ name: "other" });
    chat(context);
    other.end();
    assert.equal(await lastUser(), undefined);
    chat(context);
    assert.equal(await lastUser(), "ada");
    startSpan({ name: "by hand", parent: context }).end();
    assert.equal(await lastUser(), "ada");
    withTraceContext({ userId: "grace" }, () => chat());
    assert.equal(await lastUser(), "grace");
  });
  assert.equal(stats().detached, detached);
});

test("what starts in a span of the context has them, however late", async () => {
  await withTraceContext({ userId: "ada" }, () =>
    withSpan(
      async (span) => {
        await turn();
        withSpan(() => startSpan({ name: "alone", parent: null }).end(), { name: "inner", parent: span });
        assert.equal(await lastUser(), "ada");
      },
      { name: "outer" },
    ),
  );
});

test("the plug-ins' carry takes them across an await", async () => {
  await withTraceContext({ userId: "ada" }, async () => {
    await carry(turn());
    chat();
    await carry(turn());
    withSpan(() => 1, { name: "span" });
    assert.equal(await carry(lastUser()), "ada");
  });
  chat();
  assert.equal(await lastUser(), undefined);
});
