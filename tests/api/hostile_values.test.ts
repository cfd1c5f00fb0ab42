/** Hostile values: capturing them ends soon, and what was left out is marked. */

import assert from "node:assert/strict";
import { afterEach, before, test } from "node:test";
import { autolog, init, setTrackingUri, startSpan, stats } from "mlflow-ag2";
import { failedToolCallTrace, lastTrace, toolCallTrace } from "./reporting.js";

const DEFAULTS = { maxTextCharacters: 8 * 1024 * 1024, maxValueCharacters: 16 * 1024 * 1024, maxValueItems: 250_000 };

before(() => {
  setTrackingUri("memory:");
  autolog();
});
afterEach(() => init(DEFAULTS));

async function captured(value: unknown): Promise<unknown> {
  const { truncated, hookFailures, eventErrors } = stats();
  const trace = await toolCallTrace(value);
  assert.deepEqual([stats().hookFailures, stats().eventErrors], [hookFailures, eventErrors]);
  const { inputs } = trace.data.spans[0]!;
  assert.equal(
    JSON.stringify(inputs).includes("(truncated, "),
    stats().truncated === truncated + 1,
    "a cut value has a mark and is counted once",
  );
  return inputs;
}

test("a text of 50 MB is cut, with its length", async () => {
  const text = "x".repeat(50_000_000);
  for (const inputs of [await captured(text), ((await captured({ text })) as { text: unknown }).text]) {
    assert.equal(String(inputs).length, DEFAULTS.maxTextCharacters + "… (truncated, 50000000 characters)".length);
    assert.match(String(inputs).slice(-40), /xx… \(truncated, 50000000 characters\)$/);
  }
});

test("many texts are cut where together they are too much", async () => {
  const inputs = (await captured(Array.from({ length: 40 }, () => "y".repeat(1_000_000)))) as string[];
  assert.equal(inputs.length, 40);
  assert.equal(inputs[0], "y".repeat(1_000_000));
  assert.equal(inputs[39], "… (truncated, 1000000 characters)");
});

test("an object with a million keys keeps the first ones, with the number of missing ones", async () => {
  const value = Object.fromEntries(Array.from({ length: 1_000_000 }, (_, index) => [`key${index}`, index]));
  const inputs = (await captured(value)) as Record<string, unknown>;
  assert.equal(Object.keys(inputs).length, DEFAULTS.maxValueItems + 1);
  assert.equal(inputs["key0"], 0);
  assert.equal(inputs["…"], "(truncated, 750000 more keys)");
});

test("a list of a million items keeps the first ones, with the number of missing ones", async () => {
  for (const value of [new Array(1_000_000).fill(7), new Set(Array.from({ length: 1_000_000 }, (_, index) => index))]) {
    const inputs = (await captured(value)) as unknown[];
    assert.equal(inputs.length, DEFAULTS.maxValueItems + 1);
    assert.equal(inputs.at(-1), "… (truncated, 750000 more items)");
  }
  const map = (await captured(
    new Map(Array.from({ length: 1_000_000 }, (_, index) => [`key${index}`, index])),
  )) as Record<string, unknown>;
  assert.equal(map["…"], "(truncated, 750000 more keys)");
});

test("a list that claims to be endless, or has nothing in it, is cut as any other", async () => {
  init({ maxValueItems: 10 });
  const sparse: unknown[] = [];
  sparse[2 ** 32 - 2] = "the end";
  assert.deepEqual(((await captured(sparse)) as unknown[]).slice(-2), [null, "… (truncated, 4294967285 more items)"]);
  const lying = new Proxy([], {
    get: (_, key) => (key === "length" ? Number.MAX_SAFE_INTEGER : key === "toJSON" ? undefined : 1),
  });
  assert.equal(((await captured(lying)) as unknown[]).length, 11);
});

test("ten thousand levels end at thirty, which MLflow can return, in lists, objects and toJSON alike", async () => {
  let lists: unknown = 1;
  let objects: unknown = 1;
  for (let level = 0; level < 10_000; level += 1) [lists, objects] = [[lists], { next: objects }];
  const fresh = (): object => ({ toJSON: fresh });
  for (const value of [lists, objects, { fresh: fresh() }])
    assert.match(JSON.stringify(await captured(value)), /<too deep>/);
});

test("a value that grows while it is read is cut", async () => {
  init({ maxValueItems: 1_000 });
  const grow = (): object => ({
    get left() {
      return grow();
    },
    get right() {
      return grow();
    },
  });
  assert.match(JSON.stringify(await captured(grow())), /\(truncated, 1 more keys\)/);
});

test("a key that is too long for what is left ends its object", async () => {
  init({ maxValueCharacters: 20 });
  assert.deepEqual(await captured({ a: "12345678901234567", ["k".repeat(10)]: 1, b: 2 }), {
    a: "12345678901234567",
    "…": "(truncated, 2 more keys)",
  });
});

test("limits are the ones that the program sets, and a character is never cut in two", async () => {
  init({ maxTextCharacters: 5 });
  assert.deepEqual(await captured({ text: "123456", fits: "12345", emoji: "1234\u{1F600}" }), {
    text: "12345… (truncated, 6 characters)",
    fits: "12345",
    emoji: "1234… (truncated, 6 characters)",
  });
  for (const wrong of [0, -1, 1.5, Number.NaN, "10" as never]) {
    assert.throws(() => init({ maxTextCharacters: wrong }), { code: "invalid_argument", message: /maxTextCharacters/ });
  }
});

test("objects of the host are named", async () => {
  const named = {
    buffer: new ArrayBuffer(8),
    view: new DataView(new ArrayBuffer(4)),
    blob: new Blob(["abc"], { type: "text/plain" }),
    promise: Promise.resolve(1),
    weak: new WeakMap(),
    expression: /a+/gi,
    url: new URL("http://localhost/path"),
    headers: new Headers({ Accept: "text/html" }),
    controller: new AbortController(),
    date: new Date(0),
    never: new Date(Number.NaN),
  };
  assert.deepEqual(await captured(named), {
    buffer: "<ArrayBuffer of 8 bytes>",
    view: "<DataView of 4 bytes>",
    blob: "<Blob of 3 bytes, text/plain>",
    promise: "<Promise>",
    weak: "<WeakMap>",
    expression: "/a+/gi",
    url: "http://localhost/path",
    headers: { accept: "text/html" },
    controller: "<AbortController>",
    date: "1970-01-01T00:00:00.000Z",
    never: null,
  });
});

test("boxed values are unboxed, and numbers that JSON cannot represent are text", async () => {
  assert.deepEqual(
    await captured([
      new Number(1),
      new String("a"),
      new Boolean(false),
      Object(2n),
      Object(Symbol("s")),
      -0,
      Number.NaN,
      Number.NEGATIVE_INFINITY,
    ]),
    [1, "a", false, 2, "<Symbol(s)>", 0, "NaN", "-Infinity"],
  );
  assert.equal(await captured(2n ** 1_000_000n), "<bigint>");
});

test("the key __proto__ is a key like any other", async () => {
  const value = JSON.parse('{"__proto__": {"polluted": true}, "odd": 1}') as object;
  for (const hostile of [value, { ...value, odd: 1n }])
    assert.equal(JSON.stringify((await captured(hostile)) as object).includes('"odd":1'), true);
  const odd = Object.defineProperty({ nan: Number.NaN }, "__proto__", { value: { polluted: true }, enumerable: true });
  assert.equal(JSON.stringify(await captured(odd)), '{"nan":"NaN","__proto__":{"polluted":true}}');
  assert.equal(({} as { polluted?: unknown }).polluted, undefined);
});

test("an error has its causes, and a cycle of causes is marked", async () => {
  const inner = Object.assign(new RangeError("inner"), { code: "E_RANGE" });
  const outer = new Error("outer", { cause: inner });
  const cyclic = new Error("cyclic");
  cyclic.cause = cyclic;
  assert.deepEqual(await captured([outer, cyclic, new AggregateError([inner], "several")]), [
    { name: "Error", message: "outer", cause: { name: "RangeError", message: "inner", code: "E_RANGE" } },
    { name: "Error", message: "cyclic", cause: "<cycle>" },
    { name: "AggregateError", message: "several", errors: [{ name: "RangeError", message: "inner", code: "E_RANGE" }] },
  ]);
});

test("classes that iterate without end, or lie about their size, are read by the engine's own ways", async () => {
  init({ maxValueItems: 20 });
  class Endless extends Map<string, number> {
    override *[Symbol.iterator](): MapIterator<[string, number]> {
      for (;;) yield ["again", 1];
    }
  }
  class Liar extends Set<number> {
    override get size(): number {
      return Number.POSITIVE_INFINITY;
    }
  }
  class Ring extends Array<number> {
    override *[Symbol.iterator](): ArrayIterator<number> {
      for (;;) yield 1;
    }
  }
  assert.deepEqual(await captured(new Endless([["a", 1]])), { a: 1 });
  assert.ok(((await captured(new Liar([1]))) as unknown[]).length <= 21);
  assert.deepEqual(await captured({ ring: Ring.of(1, 2), odd: 1n }), { ring: [1, 2], odd: 1 });
});

test("every trap of a proxy may throw, and a revoked one may be anywhere", async () => {
  const trap = (): never => {
    throw new Error("trap");
  };
  const traps = Object.fromEntries(
    ["get", "ownKeys", "getPrototypeOf", "getOwnPropertyDescriptor", "has"].map((name) => [name, trap]),
  );
  const { proxy, revoke } = Proxy.revocable([], {});
  revoke();
  assert.deepEqual(await captured({ traps: new Proxy({}, traps), list: new Proxy([], traps), proxy, fine: 1 }), {
    traps: "<unreadable: trap>",
    list: "<unreadable: trap>",
    proxy: "<unreadable: Cannot perform 'IsArray' on a proxy that has been revoked>",
    fine: 1,
  });
});

test("with any thrown value, the span that failed has the status ERROR", async () => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  const getters = new Error("never read");
  Object.defineProperty(getters, "stack", { value: 7 });
  Object.defineProperty(getters, "message", {
    get() {
      throw new Error("no message");
    },
  });
  const nameless = Object.assign(new Error("odd name"), { name: Symbol("odd") });
  const errors: [unknown, RegExp][] = [
    [proxy, /revoked/],
    [getters, /no message/],
    [nameless, /odd name/],
    [undefined, /null/],
    [{ code: 1 }, /"code":1/],
    [10n, /10/],
    ["x".repeat(50_000_000), /… \(truncated, 50000000 characters\)$/],
    [new Error("half \ud800"), /half \ufffd/],
  ];
  for (const [error, expected] of errors) {
    const { status, events } = (await failedToolCallTrace(error)).data.spans[0]!;
    assert.equal(status.code, "ERROR");
    assert.match(status.description, expected);
    assert.equal(events.length, 1);
  }
});

test("attributes and events are bounded as inputs are", async () => {
  init({ maxTextCharacters: 3 });
  const span = startSpan({ name: "one", attributes: { long: "12345" } });
  span.addEvent({ name: "event", attributes: { long: ["12345"] } });
  span.end();
  const shown = (await lastTrace()).data.spans[0]!;
  assert.equal(shown.getAttribute("long"), "123… (truncated, 5 characters)");
  assert.deepEqual(shown.events[0]!.attributes["long"], ["123… (truncated, 5 characters)"]);
});
