/** Capturing reads each part of a value once, and takes steps in proportion to its size, whatever its shape. */

import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { autolog, setTrackingUri, startSpan, withSpan } from "mlflow-ag2";
import { toolCallTrace } from "./reporting.js";

before(() => {
  setTrackingUri("memory:");
  autolog();
});

/** How a program hands a value over to be captured. */
const WAYS: Record<string, (value: unknown) => unknown> = {
  "inputs of a span": (value) => startSpan({ name: "s", inputs: value }).end(),
  "a member of inputs": (value) => startSpan({ name: "s", inputs: { value } }).end(),
  "a result": (value) => withSpan(() => value, { name: "s" }),
  "an attribute": (value) => startSpan({ name: "s", attributes: { value } }).end(),
  "arguments of a tool": (value) => toolCallTrace(value),
  "a message": (value) => startSpan({ name: "s", inputs: { messages: [value] } }).end(),
};

/** A value that counts the calls of its getters. */
function counting(make: (getter: (value: unknown) => () => unknown) => unknown): {
  value: unknown;
  calls: () => number[];
} {
  const calls: number[] = [];
  const getter = (value: unknown) => {
    const at = calls.push(0) - 1;
    return () => {
      calls[at]! += 1;
      return value;
    };
  };
  return { value: make(getter), calls: () => calls };
}

const get = (holder: object, key: PropertyKey, getter: () => unknown): object =>
  Object.defineProperty(holder, key, { get: getter, enumerable: true, configurable: true });

const VALUES: Record<string, Parameters<typeof counting>[0]> = {
  "an object": (getter) => get(get({ id: 1 }, "a", getter(1)), "b", getter({ c: 2 })),
  "a message": (getter) => get(get({}, "role", getter("user")), "content", getter("hello")),
  "a message with more": (getter) => get({ role: "user", content: "hello" }, "extra", getter([1])),
  "an instance": (getter) => get(new (class Row {})(), "a", getter("x")),
  "an object with a date": (getter) => get({ at: new Date(0) }, "a", getter(new Date(1))),
  "a list of objects": (getter) => [get({}, "a", getter(1)), get({}, "a", getter(2))],
  "a list with a getter": (getter) => get([1, 2], 1, getter("item")),
  "an object with a list": (getter) => get({}, "rows", getter([{ a: 1 }])),
  "an object with a secret": (getter) => get({ token: "s" }, "password", getter("secret")),
  "an object with a cycle": (getter) => {
    const holder: Record<string, unknown> = {};
    holder["self"] = holder;
    return get(holder, "a", getter(1));
  },
  "an error": (getter) => Object.assign(new Error("e"), { cause: get({}, "a", getter(1)) }),
  "a map": (getter) => new Map([["k", get({}, "a", getter(1))]]),
};

for (const [way, hand] of Object.entries(WAYS)) {
  describe(`of ${way}`, () => {
    for (const [kind, make] of Object.entries(VALUES)) {
      test(`the getters of ${kind} run once`, async () => {
        const { value, calls } = counting(make);
        await hand(value);
        assert.deepEqual(
          calls(),
          calls().map(() => 1),
        );
      });
    }
  });
}

/** How often `JSON.stringify`, and the reading of a row, are asked while a value is captured. */
function steps(hand: (value: unknown) => unknown, count: number, makeRow: (index: number) => unknown): number {
  let reads = 0;
  const rows = Array.from(
    { length: count },
    (_, index) =>
      new Proxy(makeRow(index) as object, {
        get(row, key, receiver) {
          reads += 1;
          return Reflect.get(row, key, receiver) as unknown;
        },
        ownKeys(row) {
          reads += 1;
          return Reflect.ownKeys(row);
        },
      }),
  );
  const { stringify } = JSON;
  JSON.stringify = ((value: unknown, ...rest: []) => {
    reads += 1;
    return stringify(value, ...rest);
  }) as typeof stringify;
  try {
    void hand(rows);
  } finally {
    JSON.stringify = stringify;
  }
  return reads;
}

for (const [kind, makeRow] of [
  ["rows", (index: number) => ({ id: index, name: "row" })],
  ["users with a role", (index: number) => ({ id: index, role: "admin" })],
  ["messages", (index: number) => ({ role: "user", content: `text ${index}` })],
  ["lists", (index: number) => [index]],
  ["nested rows", (index: number) => ({ a: { b: { c: index } } })],
] as const) {
  for (const way of ["inputs of a span", "a member of inputs", "a result"]) {
    test(`many ${kind} as ${way} take a few steps each, however many there are`, () => {
      const few = steps(WAYS[way]!, 2_000, makeRow);
      const many = steps(WAYS[way]!, 20_000, makeRow);
      assert.ok(many <= few * 10 + 100, `${many} steps for ten times as many rows as ${few}`);
      assert.ok(many < 20_000 * 8, `${many} steps for 20,000 rows`);
    });
  }
}

test("a list of rows is serialized as a whole, not row by row", () => {
  const { stringify } = JSON;
  let calls = 0;
  JSON.stringify = ((value: unknown, ...rest: []) => {
    calls += 1;
    return stringify(value, ...rest);
  }) as typeof stringify;
  try {
    for (const row of [
      { id: 1, v: 2 },
      { role: "admin", id: 1 },
      { role: "user", content: "hi" },
    ])
      startSpan({ name: "s", inputs: { rows: Array.from({ length: 30_000 }, () => ({ ...row })) } }).end();
  } finally {
    JSON.stringify = stringify;
  }
  assert.ok(calls <= 9, `${calls} calls`);
});

test("deep, wide, sparse and repeated values end", async () => {
  let deep: unknown = 1;
  for (let depth = 0; depth < 10_000; depth++) deep = { deep };
  let doubled: unknown[] = [1];
  for (let level = 0; level < 40; level++) doubled = [doubled, doubled];
  const sparse: unknown[] = [];
  sparse[4_000_000_000] = 1;
  for (const value of [
    deep,
    doubled,
    sparse,
    Object.fromEntries(Array.from({ length: 300_000 }, (_, at) => [`k${at}`, at])),
  ])
    assert.ok(JSON.stringify((await toolCallTrace({ value })).data.spans[0]!.inputs).length > 10);
});
