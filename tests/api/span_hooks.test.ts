import assert from "node:assert/strict";
import { afterEach, before, beforeEach, describe, test } from "node:test";
import {
  autolog,
  enable,
  type LiveSpan,
  MlflowAg2Error,
  onSpanEnd,
  onSpanStart,
  registerOnSpanEndHook,
  registerOnSpanStartHook,
  setTrackingUri,
  startSpan,
  stats,
  trace,
  withSpan,
} from "mlflow-ag2";
import { chatDetails, chatResult, ended, started } from "./reporting.js";
import { outline, traceOf } from "./tree.js";

const alice = { name: "alice" };
const bob = { name: "bob" };
/** What a program may pass by mistake. */
const laterFailure: () => unknown = () => Promise.reject(new Error("later"));

describe("hooks of spans", () => {
  const undos: (() => void)[] = [];
  before(() => {
    setTrackingUri("memory:");
    autolog();
  });
  beforeEach(() => enable());
  afterEach(() => {
    for (const undo of undos.splice(0)) undo();
  });

  test("get every span at its start and at its end, agents' too, and can add to it", async () => {
    const seen: string[] = [];
    undos.push(
      onSpanStart((span) => {
        seen.push(`start ${span.spanType} ${span.name}`);
        span.setAttribute("release", "1.4");
      }),
      onSpanEnd((span) => {
        seen.push(`end ${span.spanType} ${span.name}`);
        span.setAttribute("endTime", span.endTime);
      }),
    );
    const root = startSpan({ name: "root", spanType: "CHAIN" });
    const chat = started("chat", chatDetails(alice, bob, "hi"), root.scope);
    ended(chat, chatResult("bye"));
    trace(() => 1, { name: "traced" })();
    root.end();
    assert.deepEqual(seen, [
      "start CHAIN root",
      "start CHAIN initiate_chat",
      "end CHAIN initiate_chat",
      "start UNKNOWN traced",
      "end UNKNOWN traced",
      "end CHAIN root",
    ]);
    for (const span of (await traceOf(root)).data.spans)
      assert.deepEqual([span.getAttribute("release"), span.getAttribute("endTime")], ["1.4", null], span.name);
  });

  test("of a manual span see inputs at its start, outputs and error at its end, and may change the outputs", async () => {
    const seen: unknown[] = [];
    undos.push(
      onSpanStart(({ inputs }) => void seen.push(inputs)),
      onSpanEnd((span) => {
        seen.push([span.outputs, span.status.code, span.status.description]);
        span.setOutputs("changed");
      }),
    );
    const span = withSpan((own) => own, { name: "good", inputs: { city: "Oslo" }, captureOutputs: false });
    startSpan({ name: "by hand", inputs: 1 }).end({ outputs: 2 });
    assert.throws(() =>
      withSpan(() => {
        throw new RangeError("too far");
      }),
    );
    assert.deepEqual(seen, [
      { city: "Oslo" },
      [undefined, "UNSET", ""],
      1,
      [2, "UNSET", ""],
      undefined,
      [undefined, "ERROR", "too far"],
    ]);
    assert.equal((await traceOf(span)).data.spans[0]!.outputs, "changed");
  });

  test("are not called after their undo, nor for spans that they start or that are not recorded", () => {
    const seen: string[] = [];
    const stop = onSpanStart((span) => {
      seen.push(span.name);
      startSpan({ name: "of the hook" }).end();
    });
    startSpan({ name: "one" }).end();
    startSpan({ name: "unsampled", samplingRatio: 0 }).end();
    stop();
    startSpan({ name: "two" }).end();
    assert.deepEqual(seen, ["one"]);
  });

  test("may fail, at once or later, without an effect on the program", async () => {
    const { hookFailures } = stats();
    undos.push(
      onSpanStart(() => {
        throw new Error("no");
      }),
      onSpanEnd(laterFailure),
    );
    const span = withSpan((own) => own, { name: "good" });
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(outline(await traceOf(span)), ["UNKNOWN good OK"]);
    assert.equal(stats().hookFailures, hookFailures + 2);
    assert.throws(() => onSpanStart("no" as never), MlflowAg2Error);
  });

  test("have the names of MLflow's TypeScript SDK too", () => {
    assert.deepEqual([registerOnSpanStartHook, registerOnSpanEndHook], [onSpanStart, onSpanEnd]);
    const ends: LiveSpan[] = [];
    undos.push(registerOnSpanEndHook((span) => ends.push(span)));
    const span = startSpan({ name: "mine" });
    span.end();
    assert.deepEqual(ends, [span]);
  });
});
