/** `redact` drops a span by `null` or `false`; any other result but a span is a failure, which drops it too. */

import assert from "node:assert/strict";
import { afterEach, before, test } from "node:test";
import { flush, getTrace, init, setTrackingUri, startSpan, stats, type RedactableSpan } from "mlflow-ag2";
import { startRecordingServer } from "../support/recording-server.js";

const WORD = "pineapple";

before(() => setTrackingUri("memory:"));
afterEach(() => {
  init({ redact: null });
  setTrackingUri("memory:");
});

test("null and false drop a span, its children become those of its parent, and it is counted", async () => {
  const server = await startRecordingServer();
  try {
    setTrackingUri(server.uri);
    for (const drops of [null, false] as const) {
      const before = stats();
      init({ compression: false, redact: (span) => (span.name === WORD ? drops : undefined) });
      const root = startSpan({ name: "root", parent: null });
      const middle = startSpan({ name: WORD, parent: root, inputs: WORD });
      startSpan({ name: "leaf", parent: middle }).end();
      middle.end();
      root.end();
      const spans = (await getTrace(root.traceId))!.data.spans;
      assert.deepEqual(
        spans.map(({ name, parentId }) => [name, parentId]),
        [
          ["root", null],
          ["leaf", root.spanId],
        ],
      );
      const after = stats();
      assert.equal((after.dropped["redacted"] ?? 0) - (before.dropped["redacted"] ?? 0), 1);
      assert.equal(after.redactFailures, before.redactFailures);
      await flush();
      const { started, delivered, inMemory, buffered, open, dropped } = stats();
      const lost = Object.values(dropped).reduce((sum, count) => sum + count, 0);
      assert.equal(started, delivered + inMemory + buffered + open + lost);
    }
    assert.ok(server.exports().length > 0);
    assert.equal(Buffer.concat(server.exports().map(({ body }) => body)).includes(WORD), false);
  } finally {
    setTrackingUri("memory:");
    await server.stop();
  }
});

test("a root that is dropped takes along what of its trace was not sent", async () => {
  const server = await startRecordingServer();
  try {
    setTrackingUri(server.uri);
    init({ compression: false, redact: (span) => (span.parentId === null ? null : undefined) });
    const { dropped } = stats();
    const root = startSpan({ name: "root", parent: null });
    startSpan({ name: "child", parent: root }).end();
    root.end();
    await flush();
    assert.equal((stats().dropped["redacted"] ?? 0) - (dropped["redacted"] ?? 0), 2);
    assert.deepEqual(server.exports(), []);
    assert.equal(stats().open, 0);
  } finally {
    setTrackingUri("memory:");
    await server.stop();
  }
});

test("anything else that redact returns is a failure, with one warning, and the span is dropped", async () => {
  const warnings: string[] = [];
  const { warn } = console;
  console.warn = (...texts: unknown[]) => void warnings.push(texts.join(" "));
  try {
    const wrongs: readonly unknown[] = [
      Promise.resolve(),
      Promise.reject(new Error("later")),
      1,
      true,
      "text",
      Symbol("s"),
      () => {},
      {},
      [],
      { name: "x", inputs: "hidden" },
      {
        get traceId(): never {
          throw new Error("odd");
        },
      },
    ];
    for (const wrong of [...wrongs, "other", "fewer"]) {
      const before = stats();
      init({
        redact: ((span: RedactableSpan) =>
          wrong === "other"
            ? { ...span, spanId: "0123456789abcdef" }
            : wrong === "fewer"
              ? { ...span, events: [] }
              : wrong) as never,
      });
      warnings.length = 0;
      // Another function allows the warning once more.
      for (let at = 0; at < 2; at += 1) {
        const root = startSpan({ name: "root", parent: null, inputs: WORD });
        root.addEvent({ name: "event" });
        root.end();
        assert.equal(await getTrace(root.traceId), null, String(wrong));
      }
      const after = stats();
      assert.equal(after.redactFailures - before.redactFailures, 2, String(wrong));
      assert.equal((after.dropped["redacted"] ?? 0) - (before.dropped["redacted"] ?? 0), 2, String(wrong));
      assert.equal(warnings.filter((text) => text.includes("redaction_failed")).length, 1, String(wrong));
    }
  } finally {
    console.warn = warn;
  }
});
