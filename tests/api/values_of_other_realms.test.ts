/** Values of another realm, as of an iframe, a `vm` context or jsdom, are captured as what they are. */

import assert from "node:assert/strict";
import { before, test } from "node:test";
import vm from "node:vm";
import { autolog, setTrackingUri, wrapTool } from "mlflow-ag2";
import { failedToolCallTrace, lastTrace, toolCallTrace } from "./reporting.js";

before(() => {
  setTrackingUri("memory:");
  autolog();
});

/** What is recorded of the value of an expression. */
async function captured(value: unknown): Promise<unknown> {
  return (await toolCallTrace({ value })).data.spans[0]!.inputs;
}

const afar = (expression: string): unknown => vm.runInNewContext(expression);
// An expression, evaluated in this realm.
const here = (expression: string): unknown => vm.runInThisContext(`(${expression})`);

for (const expression of [
  "new TypeError('boom')",
  "new RangeError('boom', { cause: new Error('why') })",
  "new AggregateError([new Error('one'), 2], 'boom')",
  "new (class Refused extends Error { get name() { return 'Refused'; } })('no')",
  "new Map([['a', 1], ['b', new Map([['c', 2]])]])",
  "new Map([[{ key: 1 }, 'object'], [2, 'number']])",
  "new (class Registry extends Map {})([['a', 1]])",
  "new Set([1, 'two', new Set([3])])",
  "new Date(0)",
  "new Date(NaN)",
  "/a+b/gi",
  "new Uint8Array(5)",
  "new Float64Array([1, 2])",
  "new BigInt64Array(2)",
  "new DataView(new ArrayBuffer(7))",
  "new ArrayBuffer(9)",
  "Promise.resolve(1)",
  "new WeakMap()",
  "new WeakSet()",
  "new Number(5)",
  "new String('boxed')",
  "new Boolean(false)",
  "Object(Symbol('s'))",
  "Object(12n)",
  "[1, [2, { three: 3 }]]",
  "({ a: { b: 1 }, toJSON: undefined })",
  "({ toJSON() { return { as: 'json' }; } })",
  "({})",
  "[]",
  "Object.create(null)",
  "new (class Point { constructor() { this.x = 1; } })()",
  "(function named() {})",
  "Symbol('s')",
  "12345678901234567890n",
]) {
  test(`${expression} is captured as in this realm`, async () => {
    assert.deepEqual(await captured(afar(expression)), await captured(here(expression)));
  });
}

test("an error of another realm has its type, message and stack", async () => {
  const { events, status } = (await failedToolCallTrace(afar("new TypeError('boom')"))).data.spans[0]!;
  const { attributes } = events[0]!;
  assert.deepEqual([attributes["exception.type"], attributes["exception.message"]], ["TypeError", "boom"]);
  assert.match(String(attributes["exception.stacktrace"]), /^TypeError: boom\n +at /);
  assert.equal(status.description, "boom");
});

test("an error of another realm that a tool returns fails its span", async () => {
  const error = afar("new Error('wrong')");
  assert.equal(wrapTool(() => error, { name: "tool" })(), error);
  const [span] = (await lastTrace()).data.spans;
  assert.deepEqual([span!.status.code, span!.status.description], ["ERROR", "wrong"]);
});

test("what only pretends to be built in is captured by its members", async () => {
  class Map {
    size = 3;
    get [Symbol.toStringTag](): string {
      return "Map";
    }
  }
  class Fake extends Error {}
  const inherits = Object.create(globalThis.Map.prototype, { size: { value: 1, enumerable: true } }) as object;
  assert.deepEqual(await captured([new Map(), inherits]), { value: [{ size: 3 }, { size: 1 }] });
  assert.deepEqual(await captured(new Fake("kept")), { value: { name: "Error", message: "kept" } });
});

test("headers and blobs are captured by what they hold", async () => {
  assert.deepEqual(await captured([new Headers({ a: "1" }), new Blob(["four"], { type: "text/plain" })]), {
    value: [{ a: "1" }, "<Blob of 4 bytes, text/plain>"],
  });
});
