/** The limits of capture, on their boundaries: depth of values, numbers without a JSON form, the cache of histories. */

import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { autolog, getTrace, setTrackingUri, startSpan, type LiveSpan } from "mlflow-ag2";
import { toolCallTrace } from "./reporting.js";

type Message = Record<string, unknown>;

before(() => {
  setTrackingUri("memory:");
  autolog();
});

async function captured(value: unknown): Promise<unknown> {
  return (await toolCallTrace(value)).data.spans[0]!.inputs;
}

/** An object (or list) of so many objects (or lists), one in the other; the innermost holds `leaf`, if there is one. */
function nested(depth: number, wrap: (inside: unknown) => unknown, leaf?: unknown): unknown {
  let value = leaf;
  for (let level = 0; level < depth; level++) value = wrap(value);
  return value;
}

describe("the depth of a value", () => {
  // MLflow's server answers 500 to a trace with a value of some 32 levels.
  const MAX_DEPTH = 30;

  for (const [kind, wrap] of [
    ["objects", (inside: unknown) => ({ inside })],
    ["lists", (inside: unknown) => [inside]],
  ] as const) {
    it(`is recorded up to ${MAX_DEPTH} ${kind}, and one deeper is named`, async () => {
      const value = nested(MAX_DEPTH, wrap, "leaf");
      assert.deepEqual(await captured(value), value);
      const deeper = nested(MAX_DEPTH + 1, wrap, "leaf");
      assert.deepEqual(await captured(deeper), nested(MAX_DEPTH, wrap, "<too deep>"));
    });
  }
});

describe("a number", () => {
  it("of minus zero keeps its sign", async () => {
    assert.ok(Object.is(await captured(-0), -0));
    assert.ok(Object.is(await captured(0), 0));
  });
});

/** Records a span with this history as its inputs, and counts the texts that `JSON.stringify` makes meanwhile. */
function textsFor(root: LiveSpan, history: readonly Message[]): number {
  const { stringify } = JSON;
  let texts = 0;
  JSON.stringify = ((value: unknown, ...rest: []) => {
    texts += 1;
    return stringify(value, ...rest);
  }) as typeof stringify;
  try {
    startSpan({ name: "call", inputs: history, parent: root }).end();
  } finally {
    JSON.stringify = stringify;
  }
  return texts;
}

/** A message with so many fields. */
function messageOf(fields: number): Message {
  const message: Message = { role: "user", content: "hello" };
  for (let field = 2; field < fields; field++) message[`field ${field}`] = field;
  return message;
}

describe("the cache of histories", () => {
  it("holds messages of up to 64 fields, and captures larger ones again each time", async () => {
    const root = startSpan({ name: "chat", parent: null });
    for (const [fields, isCached] of [
      [64, true],
      [65, false],
    ] as const) {
      const history = [messageOf(fields)];
      assert.ok(textsFor(root, history) > 0);
      assert.equal(textsFor(root, history) === 0, isCached, `${fields} fields`);
    }
    root.end();
    const spans = (await getTrace(root.traceId))?.data.spans ?? [];
    assert.deepEqual(
      spans.filter(({ name }) => name === "call").map(({ inputs }) => inputs),
      [64, 64, 65, 65].map((fields) => [messageOf(fields)]),
    );
  });

  it("finds a history by one of its last 8 messages, without comparing it with other histories", () => {
    /** How often the first message is read when its history has grown by `newMessages`, and 8 others were used. */
    const readsAfter = (newMessages: number): number => {
      const root = startSpan({ name: "chat", parent: null });
      let reads = 0;
      const first = new Proxy<Message>(
        { role: "user", content: "first" },
        {
          get: (message, key) => {
            if (key === "content") reads += 1;
            return message[key as string];
          },
        },
      );
      const text = (content: string): Message => ({ role: "user", content });
      const history = [first, text("second")];
      textsFor(root, history);
      for (let other = 0; other < 8; other++) textsFor(root, [text(`other ${other}`)]);
      for (let at = 0; at < newMessages; at++) history.push(text(`new ${at}`));
      reads = 0;
      textsFor(root, history);
      root.end();
      return reads;
    };
    assert.equal(readsAfter(7), readsAfter(1));
    assert.ok(readsAfter(8) >= readsAfter(7) + 8, `${readsAfter(8)} reads instead of ${readsAfter(7)}`);
  });
});
