/** Pages have no async context: the active span is known up to the first `await`, and then only if it is passed. */

import assert from "node:assert/strict";
import { before, test } from "node:test";
import {
  autolog,
  getCurrentActiveSpan,
  setTrackingUri,
  startSpan,
  stats,
  trace,
  withSpan,
  type LiveSpan,
} from "mlflow-ag2";
import { chatDetails, chatResult, ended, started } from "./reporting.js";
import { outline, traceOf, turn } from "./tree.js";

before(() => {
  (process as { getBuiltinModule?: unknown }).getBuiltinModule = undefined;
  setTrackingUri("memory:");
  autolog();
});

const alice = { name: "alice" };
const bob = { name: "bob" };

test("up to the first await spans nest without a context", async () => {
  const root = withSpan(
    (span) => {
      assert.equal(getCurrentActiveSpan(), span);
      ended(started("chat", chatDetails(alice, bob, "hi")), chatResult(""));
      withSpan(() => startSpan({ name: "deep" }).end(), { name: "inner" });
      return span;
    },
    { name: "root" },
  );
  assert.equal(getCurrentActiveSpan(), null);
  assert.deepEqual(outline(await traceOf(root)), [
    "UNKNOWN root OK",
    "  CHAIN initiate_chat OK",
    "  UNKNOWN inner OK",
    "    UNKNOWN deep OK",
  ]);
});

test("after an await the parent is the one that is passed on", async () => {
  const { detached } = stats();
  const step = trace(
    async (_context: object) => {
      await turn();
    },
    { name: "step" },
  );
  const root = await withSpan(
    async (span) => {
      await turn();
      await withSpan(
        async (own) => {
          await turn();
          await step(own);
          startSpan({ name: "deep", parent: own }).end();
        },
        { name: "inner", parent: span },
      );
      ended(started("chat", chatDetails(alice, bob, "hi"), span.scope), chatResult(""));
      return span;
    },
    { name: "root" },
  );
  assert.deepEqual(outline(await traceOf(root)), [
    "UNKNOWN root OK",
    "  UNKNOWN inner OK",
    "    UNKNOWN step OK",
    "    UNKNOWN deep OK",
    "  CHAIN initiate_chat OK",
  ]);
  assert.equal(stats().detached, detached);
});

test("after an await without it, a span starts a separate trace, marked and counted", async () => {
  const { detached } = stats();
  let lost: LiveSpan | undefined;
  const root = await withSpan(
    async (span) => {
      await turn();
      assert.equal(getCurrentActiveSpan(), null);
      withSpan((own) => void (lost = own), { name: "lost" });
      return span;
    },
    { name: "root" },
  );
  assert.deepEqual(outline(await traceOf(root)), ["UNKNOWN root OK"]);
  assert.equal((await traceOf(lost!)).data.spans[0]!.getAttribute("mlflow_ag2.detached"), true);
  assert.equal(stats().detached, detached + 1);
});

test("a span without another operation in progress is not marked as detached", () => {
  const { detached } = stats();
  startSpan({ name: "alone" }).end();
  startSpan({ name: "alone again" }).end();
  assert.equal(stats().detached, detached);
});

test("two interleaved operations are never mixed", async () => {
  const work = (name: string): Promise<LiveSpan> =>
    withSpan(
      async (span) => {
        for (let round = 0; round < 3; round += 1) {
          await turn();
          await withSpan(async () => turn(), { name: `${name} ${round}`, parent: span });
        }
        return span;
      },
      { name },
    );
  for (const span of await Promise.all(["a", "b", "c"].map(work))) {
    const trace = await traceOf(span);
    const name = trace.data.spans[0]!.name;
    assert.deepEqual(outline(trace), [
      `UNKNOWN ${name} OK`,
      ...[0, 1, 2].map((round) => `  UNKNOWN ${name} ${round} OK`),
    ]);
  }
});

test("an error inside does not leave anything behind as the active span", async () => {
  assert.throws(() =>
    withSpan(() => {
      throw new Error("no");
    }),
  );
  await assert.rejects(
    withSpan(async () => {
      throw new Error("no");
    }),
  );
  assert.equal(getCurrentActiveSpan(), null);
  assert.equal(stats().open, 0);
});
