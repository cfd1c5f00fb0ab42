/** Manual spans record what they are given: statuses in every form, null, nanoseconds, levels of exceptions. */

import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import {
  disable,
  enable,
  setTrackingUri,
  SpanStatusCode,
  startSpan,
  trace,
  withSpan,
  type LiveSpan,
  type Span,
  type SpanStatusObject,
} from "mlflow-ag2";
import { lastTrace } from "./reporting.js";
import { traceOf } from "./tree.js";

before(() => {
  setTrackingUri("memory:");
  enable();
});

async function shown(span: LiveSpan): Promise<Span> {
  return (await traceOf(span)).data.spans[0]!;
}

type Status = SpanStatusCode | SpanStatusObject;

describe("a status", () => {
  const ERRORS: readonly unknown[] = [
    "ERROR",
    "error",
    "Error",
    "STATUS_CODE_ERROR",
    "status_code_error",
    SpanStatusCode.ERROR,
    { statusCode: "STATUS_CODE_ERROR" },
    { statusCode: "ERROR" },
    { statusCode: "error" },
    { code: "ERROR" },
    { code: "STATUS_CODE_ERROR" },
    { code: 2 },
  ];
  for (const status of ERRORS)
    test(`${JSON.stringify(status)} is a failure, in setStatus and end`, async () => {
      const one = startSpan({ name: "one" });
      one.setStatus(status as Status);
      one.end();
      const other = startSpan({ name: "other" });
      other.end({ status: status as Status });
      for (const span of [one, other]) {
        assert.equal((await shown(span)).status.code, "ERROR");
        assert.equal((await traceOf(span)).info.state, "ERROR");
      }
    });

  for (const status of ["OK", "ok", "STATUS_CODE_OK", { statusCode: "STATUS_CODE_OK" }, { code: 1 }] as const)
    test(`${JSON.stringify(status)} is a success, also after an error`, async () => {
      const span = startSpan({ name: "one" });
      span.setStatus("ERROR", "not yet");
      span.end({ status: status as Status });
      assert.deepEqual((await shown(span)).status, { code: "OK", description: "", statusCode: "STATUS_CODE_OK" });
    });

  for (const status of ["UNSET", "STATUS_CODE_UNSET", { statusCode: "UNSET" }, { code: 0 }] as Status[])
    test(`${JSON.stringify(status)} leaves the one before`, async () => {
      const failed = startSpan({ name: "failed" });
      failed.setStatus("ERROR", "too far");
      failed.setStatus(status);
      failed.end({ status });
      assert.deepEqual((await shown(failed)).status, {
        code: "ERROR",
        description: "too far",
        statusCode: "STATUS_CODE_ERROR",
      });
      const fine = startSpan({ name: "fine" });
      fine.end({ status });
      assert.equal((await shown(fine)).status.code, "OK");
    });

  test("has the description of its object, or the one beside it", async () => {
    const CASES: [status: unknown, description: string | undefined, expected: string][] = [
      [{ statusCode: "ERROR", description: "too far" }, undefined, "too far"],
      [{ code: "ERROR", message: "too far" }, undefined, "too far"],
      [{ code: "ERROR", message: "too far" }, "too near", "too near"],
      ["error", "too far", "too far"],
      [{ code: 2 }, undefined, ""],
    ];
    for (const [status, description, expected] of CASES) {
      const span = startSpan({ name: "failed" });
      span.setStatus(status as Status, description);
      span.end();
      assert.deepEqual((await shown(span)).status, {
        code: "ERROR",
        description: expected,
        statusCode: "STATUS_CODE_ERROR",
      });
    }
    const other = startSpan({ name: "other" });
    other.end({ status: { statusCode: "STATUS_CODE_ERROR", description: "too far" } });
    assert.equal((await shown(other)).status.description, "too far");
  });

  test("can be that of a span that was read", async () => {
    const failed = startSpan({ name: "failed" });
    failed.end({ status: { code: "ERROR", description: "too far" } });
    const { status } = await shown(failed);
    const copy = startSpan({ name: "copy" });
    copy.end({ status });
    assert.deepEqual((await shown(copy)).status, status);
  });

  const UNKNOWN: readonly unknown[] = [
    "FAILED",
    "",
    "ok!",
    "STATUS_CODE_",
    3,
    -1,
    0.5,
    true,
    null,
    {},
    { code: null },
    [],
  ];
  for (const status of UNKNOWN)
    test(`${JSON.stringify(status)} throws, and leaves the span open and as it was`, async () => {
      const span = startSpan({ name: "one" });
      const mistake = { code: "invalid_argument", message: /`status` must be "OK", "ERROR" or "UNSET", not `/ };
      assert.throws(() => span.setStatus(status as Status), mistake);
      assert.throws(() => span.end({ status: status as Status, outputs: 1, attributes: { done: true } }), mistake);
      span.end();
      const { outputs, attributes } = await shown(span);
      assert.deepEqual([outputs, attributes["done"]], [undefined, undefined]);
    });

  test("that is unknown throws while tracing is disabled, too", () => {
    disable();
    try {
      const span = startSpan({ name: "one" });
      assert.throws(() => span.setStatus("FAILED" as never), { code: "invalid_argument" });
      assert.throws(() => span.end({ status: "FAILED" as never }), { code: "invalid_argument" });
      span.setStatus("ERROR");
      span.end();
    } finally {
      enable();
    }
  });
});

describe("null is a value", () => {
  const WAYS: Record<string, () => unknown> = {
    "of withSpan": () => withSpan(() => null),
    "of an async callback": async () => withSpan(async () => null),
    "of a traced function": () => trace(() => null)(),
    "of an async traced function": async () => trace(async () => null)(),
    "of setOutputs": () => withSpan((span) => span.setOutputs(null)),
    "of end": () => startSpan({ name: "a" }).end({ outputs: null }),
    "after other outputs": () =>
      withSpan((span) => {
        span.setOutputs(1);
        span.setOutputs(null);
      }),
  };
  for (const [way, run] of Object.entries(WAYS))
    test(`${way}: as outputs`, async () => {
      await run();
      const [span] = (await lastTrace()).data.spans;
      assert.ok("mlflow.spanOutputs" in span!.attributes);
      assert.equal(span!.outputs, null);
    });

  test("as inputs, in startSpan and setInputs", async () => {
    const one = startSpan({ name: "one", inputs: null });
    one.end();
    assert.equal((await shown(one)).inputs, null);
    const other = startSpan({ name: "other", inputs: 1 });
    other.setInputs(null);
    other.end();
    assert.equal((await shown(other)).inputs, null);
  });

  test("as an attribute", async () => {
    const span = startSpan({ name: "one", attributes: { before: null } });
    span.setAttribute("later", null);
    span.end();
    const { attributes } = await shown(span);
    assert.deepEqual([attributes["before"], attributes["later"]], [null, null]);
  });

  test("and undefined is none", async () => {
    withSpan(() => undefined);
    const [span] = (await lastTrace()).data.spans;
    assert.equal("mlflow.spanOutputs" in span!.attributes, false);
    assert.equal("mlflow.spanInputs" in span!.attributes, false);
  });
});

describe("a time in nanoseconds", () => {
  const start = 1_749_996_461_282_772_491n;

  test("is kept to the last digit: of the start, the end and events", async () => {
    const root = startSpan({ name: "root", startTimeNs: start });
    const child = startSpan({ name: "child", parent: root, startTimeNs: start + 1n });
    child.addEvent({ name: "asked", timestamp: start + 2n });
    child.end({ endTimeNs: start + 3n });
    root.end({ endTimeNs: start + 4n });
    const { spans } = (await traceOf(root)).data;
    assert.deepEqual(
      spans.map(({ startTimeNs, endTimeNs }) => [startTimeNs, endTimeNs]),
      [
        [start, start + 4n],
        [start + 1n, start + 3n],
      ],
    );
    assert.equal(spans[1]!.events[0]!.timeNs, start + 2n);
  });

  test("is kept for a span of withSpan", async () => {
    withSpan(() => 1, { startTimeNs: start });
    assert.equal((await lastTrace()).data.spans[0]!.startTimeNs, start);
  });

  test("that is a number has the digits of that number", async () => {
    const number = Number(start);
    const span = startSpan({ name: "one", startTimeNs: number });
    span.end({ endTimeNs: number + 1e9 });
    const { startTimeNs, endTimeNs } = await shown(span);
    assert.deepEqual([startTimeNs, endTimeNs], [BigInt(number), BigInt(number + 1e9)]);
  });

  test("is 0, 1 or the end of the 63 bits", async () => {
    for (const time of [0n, 1n, 999_999n, 1_000_000n, 9_199_999_999_999_999_999n]) {
      const span = startSpan({ name: "one", startTimeNs: time });
      span.end({ endTimeNs: time });
      const { startTimeNs, endTimeNs } = await shown(span);
      assert.deepEqual([startTimeNs, endTimeNs], [time, time]);
    }
  });

  test("an end before the start is the start", async () => {
    const span = startSpan({ name: "one", startTimeNs: start });
    span.end({ endTimeNs: start - 1n });
    const { startTimeNs, endTimeNs } = await shown(span);
    assert.deepEqual([startTimeNs, endTimeNs], [start, start]);
  });

  test("that is none counts as not given", async () => {
    for (const time of [Number.NaN, Number.POSITIVE_INFINITY, -1, -5n, 1e300, 10n ** 30n, "soon", {}, null]) {
      const before = BigInt(Date.now() - 60_000) * 1_000_000n;
      const span = startSpan({ name: "one", startTimeNs: time as never });
      span.addEvent({ name: "asked", timestamp: time as never });
      span.end({ endTimeNs: time as never });
      const { startTimeNs, endTimeNs, events } = await shown(span);
      for (const each of [startTimeNs, endTimeNs!, events[0]!.timeNs]) assert.ok(each > before, String(time));
    }
  });

  test("long ago does not end a trace that goes on", async () => {
    const root = startSpan({ name: "root", startTimeNs: 1_000_000_000n });
    const child = startSpan({ name: "child", parent: root });
    child.end();
    assert.equal((await traceOf(root)).info.state, "IN_PROGRESS");
    root.end();
    const { info, data } = await traceOf(root);
    assert.deepEqual([info.state, data.spans.length], ["OK", 2]);
    assert.equal(data.spans[0]!.getAttribute("mlflow_ag2.timed_out"), undefined);
  });
});

describe("an exception raises the log level to that of errors", () => {
  const level = async (change: (span: LiveSpan) => void, spanType = "CHAIN"): Promise<unknown> => {
    const span = startSpan({ name: "one", spanType });
    change(span);
    span.end();
    return (await shown(span)).getAttribute("mlflow.spanLogLevel");
  };
  const exception = { name: "exception", attributes: { "exception.type": "RangeError", "exception.message": "far" } };

  test("by addEvent and recordException, and by no other event", async () => {
    assert.equal(await level(() => {}), 10);
    assert.equal(await level(() => {}, "TOOL"), 20);
    assert.equal(await level((span) => span.addEvent({ name: "asked" }), "TOOL"), 20);
    assert.equal(await level((span) => span.addEvent(exception)), 40);
    assert.equal(await level((span) => span.recordException(new Error("far"))), 40);
  });

  test("by addEvent of an error, which is an exception event", async () => {
    const span = startSpan({ name: "one" });
    span.addEvent(new RangeError("far"));
    span.end();
    const { events, attributes } = await shown(span);
    assert.deepEqual([events[0]!.name, events[0]!.attributes["exception.type"]], ["exception", "RangeError"]);
    assert.equal(attributes["mlflow.spanLogLevel"], 40);
  });

  test("from a lower level that was set, not from a higher one", async () => {
    const set = (value: number) => (span: LiveSpan) => {
      span.setAttribute("mlflow.spanLogLevel", value);
      span.addEvent(exception);
    };
    assert.equal(await level(set(20)), 40);
    assert.equal(await level(set(50)), 50);
    assert.equal(
      await level((span) => {
        span.setAttributes({ "mlflow.spanLogLevel": 30 });
        span.recordException("far");
      }),
      40,
    );
    assert.equal(
      await level((span) => {
        span.addEvent(exception);
        span.setAttribute("mlflow.spanLogLevel", 20);
      }),
      20,
    );
  });

  test("when the callback of withSpan throws, whatever level it has set", async () => {
    const fail = (): void => {
      withSpan((span) => {
        span.setAttribute("mlflow.spanLogLevel", 10);
        throw new RangeError("far");
      });
    };
    assert.throws(fail, RangeError);
    assert.equal((await lastTrace()).data.spans[0]!.getAttribute("mlflow.spanLogLevel"), 40);
  });

  test("and is the error type of a span that failed", async () => {
    const span = startSpan({ name: "one" });
    span.addEvent(exception);
    span.end({ status: "error" });
    assert.equal((await shown(span)).getAttribute("error.type"), "RangeError");
  });
});
