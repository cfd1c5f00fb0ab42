import assert from "node:assert/strict";
import { before, test } from "node:test";
import { autolog, setTrackingUri, stats } from "mlflow-ag2";
import { toolCallTrace } from "./reporting.js";

before(() => {
  setTrackingUri("memory:");
  autolog();
});

async function captured(value: unknown): Promise<unknown> {
  const trace = await toolCallTrace(value);
  return trace.data.spans[0]!.inputs;
}

test("plain data is returned unchanged", async () => {
  const value = { text: 'héllo \u{1F600} " \\ \n', list: [1, -2.5, true, null], nested: { empty: {}, none: [] } };
  assert.deepEqual(await captured(value), value);
});

test("scalars keep their type", async () => {
  for (const value of ["", "42", "true", " padded ", 0, -7, 2.5, 1e21, true, false])
    assert.equal(await captured(value), value);
});

test("text that looks like JSON stays text", async () => {
  for (const value of ['{"a": 1}', "[1]", '"quoted"', '  {"a": 1}']) assert.equal(await captured(value), value);
});

test("a value is captured at the moment it is reported", async () => {
  const value = { count: 1 };
  const trace = toolCallTrace(value);
  value.count = 2;
  assert.deepEqual((await trace).data.spans[0]!.inputs, { count: 1 });
});

test("a cycle is named instead of followed", async () => {
  const value: Record<string, unknown> = { name: "loop" };
  value["self"] = value;
  assert.deepEqual(await captured(value), { name: "loop", self: "<cycle>" });
});

test("an object that appears twice without a cycle is shown twice", async () => {
  const shared = { a: 1 };
  assert.deepEqual(await captured({ one: shared, other: shared, odd: Number.NaN }), {
    one: { a: 1 },
    other: { a: 1 },
    odd: "NaN",
  });
});

test("numbers that JSON cannot represent are recorded as text", async () => {
  assert.deepEqual(await captured([Number.NaN, Number.POSITIVE_INFINITY, 2n, 2n ** 80n]), [
    "NaN",
    "Infinity",
    2,
    "1208925819614629174706176",
  ]);
  assert.equal(await captured(Number.NaN), "NaN");
  assert.equal(await captured(2n ** 80n), "1208925819614629174706176");
});

test("a getter that throws loses only its own value", async () => {
  const value = {
    good: 1,
    get bad(): number {
      throw new Error("no");
    },
  };
  assert.deepEqual(await captured(value), { good: 1, bad: "<unreadable: no>" });
});

test("functions, errors, dates, maps, sets and bytes are spelled out", async () => {
  const value = {
    run: function run() {},
    error: new TypeError("wrong"),
    when: new Date(0),
    map: new Map([["a", 1]]),
    pairs: new Map([[1, "one"]]),
    set: new Set([1, 2]),
    bytes: new Uint8Array(3),
    symbol: Symbol("s"),
    left: undefined,
  };
  assert.deepEqual(await captured(value), {
    run: "<function run>",
    error: { name: "TypeError", message: "wrong" },
    when: "1970-01-01T00:00:00.000Z",
    map: { a: 1 },
    pairs: [[1, "one"]],
    set: [1, 2],
    bytes: "<Uint8Array of 3 bytes>",
    symbol: "<Symbol(s)>",
  });
});

test("lone surrogates, which the server refuses, are replaced and everything else is kept", async () => {
  assert.deepEqual(await captured({ text: "a\ud800b", pair: "\u{1F600}", escaped: "\\ud800" }), {
    text: "a\ufffdb",
    pair: "\u{1F600}",
    escaped: "\\ud800",
  });
  assert.equal(await captured("a\udfff"), "a\ufffd");
});

test("a proxy whose every trap throws breaks nothing", async () => {
  const trap = () => {
    throw new Error("trap");
  };
  const value = new Proxy(
    {},
    { get: trap, ownKeys: trap, getPrototypeOf: trap, getOwnPropertyDescriptor: trap, has: trap },
  );
  assert.equal(typeof ((await captured({ value })) as { value: unknown }).value, "string");
});

test("a value of ten megabytes comes back whole", async () => {
  const value = { text: "ä".repeat(5_000_000) };
  assert.deepEqual(await captured(value), value);
});

test("a tool's output is its data, or else the text that the model reads", async () => {
  const output = async (result: unknown, content: string) =>
    (await toolCallTrace({}, result, content)).data.spans[0]!.outputs;
  assert.deepEqual(await output({ a: [1] }, '{"a":[1]}'), { a: [1] });
  assert.equal(await output(210, "210"), "210");
  assert.equal(await output(undefined, "null"), "null");
});

test("no hook has failed meanwhile", () => {
  assert.equal(stats().hookFailures, 0);
});
