import assert from "node:assert/strict";
import { before, test } from "node:test";
import {
  getCurrentActiveSpan,
  getLastActiveTraceId,
  getTrace,
  setTrackingUri,
  startSpan,
  stats,
  trace,
  withSpan,
  type Span,
} from "mlflow-ag2";
import { lastTrace } from "./reporting.js";
import { outline, turn } from "./tree.js";

before(() => setTrackingUri("memory:"));

async function lastSpan(): Promise<Span> {
  return (await lastTrace()).data.spans[0]!;
}

test("each call of a traced function is a span with its arguments by name", async () => {
  const add = trace(function add(a: number, b = 2) {
    return a + b;
  });
  assert.equal(add(1), 3);
  const span = await lastSpan();
  assert.deepEqual([span.name, span.spanType, span.inputs, span.outputs], ["add", "UNKNOWN", { a: 1 }, 3]);
  const search = trace(async (query: string) => [query], {
    name: "search",
    spanType: "RETRIEVER",
    attributes: { index: "cats" },
  });
  assert.deepEqual(await search("tabby"), ["tabby"]);
  const found = await lastSpan();
  assert.deepEqual(
    [found.name, found.spanType, found.inputs, found.outputs, found.getAttribute("index")],
    ["search", "RETRIEVER", { query: "tabby" }, ["tabby"], "cats"],
  );
});

test("arguments have the names in the source, in any formatting", async () => {
  const functions: [(...given: never[]) => unknown, unknown[], unknown][] = [
    [(x: unknown) => x, [1], { x: 1 }],
    [async (x: unknown) => x, [1], { x: 1 }],
    [() => 0, [], {}],
    [() => 0, [1], { args: [1] }],
    [({ a, b }: { a: number; b: number }) => a + b, [{ a: 1, b: 2 }], { a: 1, b: 2 }],
    [({ a }: { a: number }, more: unknown) => [a, more], [{ a: 1 }, 2], { arg0: { a: 1 }, more: 2 }],
    [(first: unknown, ...rest: unknown[]) => [first, rest], [1, 2, 3], { first: 1, rest: [2, 3] }],
    [(a = ")", b = [",", 1], c = { d: "(" }) => [a, b, c], [1, 2, 3], { a: 1, b: 2, c: 3 }],
    [new Function("a /* , b */, c // (\n", "return a") as () => unknown, [1, 2], { a: 1, c: 2 }],
    [Math.max, [1, 2], { args: [1, 2] }],
    [(a: unknown) => a, [1, 2, 3], { a: 1, args: [2, 3] }],
    [
      {
        async *steps(n: number) {
          yield n;
        },
      }.steps,
      [5],
      { n: 5 },
    ],
  ];
  for (const [fn, given, inputs] of functions) {
    const result = trace(fn, { name: "probe" })(...(given as never[]));
    if (Symbol.asyncIterator in Object(result)) for await (const _ of result as AsyncIterable<unknown>);
    await result;
    assert.deepEqual((await lastSpan()).inputs, inputs, fn.toString());
  }
});

test("everything else about a traced function stays as it is", async () => {
  class Counter {
    count = 1;
    readonly #secret = 2;
    sum = trace(function (this: Counter, by: number) {
      return this.count + this.#secret + by;
    });
  }
  assert.equal(new Counter().sum(4), 7);
  const original = Object.assign(function original(_a: unknown, _b: unknown) {}, { version: 3 });
  const traced = trace(original);
  assert.deepEqual([traced.name, traced.length, traced.version], ["original", 2, 3]);
  const Thing = trace(class Thing {} as never) as unknown as new () => unknown;
  assert.ok(new Thing() instanceof (Thing as never));
});

test("an error of a traced function is the caller's, unchanged", async () => {
  const error = new Error("no");
  const fail = trace(
    async () => {
      throw error;
    },
    { name: "fail" },
  );
  await assert.rejects(fail(), (thrown) => thrown === error);
  assert.deepEqual(outline(await lastTrace()), ["UNKNOWN fail ERROR"]);
});

test("traced functions nest as they call each other", async () => {
  const inner = trace(
    async (n: number) => {
      await turn();
      return n * 2;
    },
    { name: "inner" },
  );
  const outer = trace(async (n: number) => (await inner(n)) + (await inner(n + 1)), { name: "outer" });
  assert.equal(await outer(1), 6);
  assert.deepEqual(outline(await lastTrace()), ["UNKNOWN outer OK", "  UNKNOWN inner OK", "  UNKNOWN inner OK"]);
});

test("a context as last argument decides the parent, and is no input", async () => {
  const { detached } = stats();
  const root = startSpan({ name: "root" });
  const step = trace((n: number, _context: object) => n, { name: "step" });
  step(1, root);
  step(2, { scope: root.scope, agent: { name: "agent" } });
  root.end();
  const shown = await getTrace(root.traceId);
  assert.deepEqual(outline(shown!), ["UNKNOWN root OK", "  UNKNOWN step OK", "  UNKNOWN step OK"]);
  assert.deepEqual(
    shown!.data.spans.slice(1).map(({ inputs }) => inputs),
    [{ n: 1 }, { n: 2 }],
  );
  assert.equal(stats().detached, detached);
});

test("@trace() traces a method", async () => {
  class Planner {
    city = "Oslo";
    @trace({ spanType: "CHAIN" })
    async plan(days: number): Promise<string> {
      await turn();
      return `${days} days in ${this.city}`;
    }
    @trace()
    rest(): string {
      return this.city;
    }
  }
  const planner = new Planner();
  assert.equal(await planner.plan(2), "2 days in Oslo");
  const span = await lastSpan();
  assert.deepEqual(
    [span.name, span.spanType, span.inputs, span.outputs],
    ["plan", "CHAIN", { days: 2 }, "2 days in Oslo"],
  );
  assert.equal(planner.rest(), "Oslo");
  assert.equal((await lastSpan()).name, "rest");
});

test("the span of a generator ends when the generator does, and each step runs inside it", async () => {
  const count = trace(function* count(to: number): Generator<number, string, string | undefined> {
    for (let n = 1; n <= to; n += 1) {
      const heard = yield n;
      startSpan({ name: `after ${n}: ${String(heard)}` }).end();
    }
    return "done";
  });
  const generator = count(2);
  assert.equal(getCurrentActiveSpan(), null);
  assert.deepEqual(generator.next(), { done: false, value: 1 });
  assert.equal(getCurrentActiveSpan(), null);
  const open = stats().open;
  assert.deepEqual(generator.next("hi"), { done: false, value: 2 });
  assert.deepEqual(generator.next(), { done: true, value: "done" });
  assert.ok(stats().open < open + 1);
  const shown = await lastTrace();
  assert.deepEqual(outline(shown), ["UNKNOWN count OK", "  UNKNOWN after 1: hi OK", "  UNKNOWN after 2: undefined OK"]);
  assert.deepEqual([shown.data.spans[0]!.inputs, shown.data.spans[0]!.outputs], [{ to: 2 }, [1, 2]]);
});

test("the span of an async generator ends when the generator does, across its awaits and its reader's", async () => {
  const stream = trace(async function* stream(words: string[]) {
    for (const word of words) {
      await turn();
      yield withSpan(() => word, { name: word });
    }
  });
  const taken: string[] = [];
  await withSpan(
    async () => {
      for await (const word of stream(["a", "b"])) {
        taken.push(word);
        await turn();
        startSpan({ name: `took ${word}` }).end();
      }
    },
    { name: "taker" },
  );
  assert.deepEqual(taken, ["a", "b"]);
  const shown = await lastTrace();
  assert.deepEqual(outline(shown), [
    "UNKNOWN taker OK",
    "  UNKNOWN stream OK",
    "    UNKNOWN a OK",
    "  UNKNOWN took a OK",
    "    UNKNOWN b OK",
    "  UNKNOWN took b OK",
  ]);
  assert.deepEqual(shown.data.spans[1]!.outputs, ["a", "b"]);
});

test("a generator that is left early ends its span with what it gave so far", async () => {
  let cleaned = false;
  const endless = trace(async function* endless() {
    try {
      for (let n = 1; ; n += 1) yield n;
    } finally {
      cleaned = true;
    }
  });
  for await (const n of endless()) if (n === 3) break;
  assert.ok(cleaned);
  const span = await lastSpan();
  assert.deepEqual([span.status.code, span.outputs], ["OK", [1, 2, 3]]);
});

test("a generator that fails fails its span, and keeps what it gave before", async () => {
  const error = new Error("torn");
  const torn = trace(function* torn() {
    yield 1;
    throw error;
  });
  assert.throws(
    () => [...torn()],
    (thrown) => thrown === error,
  );
  const span = await lastSpan();
  assert.deepEqual([span.status.code, span.status.description, span.outputs], ["ERROR", "torn", [1]]);
});

test("the values of a generator are captured when they are yielded, at most a thousand", async () => {
  const many = trace(function* many() {
    const value = { n: 0 };
    for (; value.n < 1005; value.n += 1) yield value;
  });
  let last = 0;
  for (const { n } of many()) last = n;
  assert.equal(last, 1004);
  const outputs = (await lastSpan()).outputs as unknown[];
  assert.equal(outputs.length, 1001);
  assert.deepEqual([outputs[0], outputs[999], outputs[1000]], [{ n: 0 }, { n: 999 }, "… 5 more"]);
});

test("a generator of a traced function has all features of a generator", () => {
  function* letters(): Generator<string> {
    yield "a";
    yield "b";
  }
  const traced = trace(letters)();
  assert.ok(traced instanceof (letters as never));
  assert.equal(Object.prototype.toString.call(traced), "[object Generator]");
  assert.equal(traced[Symbol.iterator](), traced);
  assert.deepEqual([...traced], ["a", "b"]);
});

test("nothing is left open, and no hook has failed", () => {
  assert.equal(stats().open, 0);
  assert.equal(stats().hookFailures, 0);
  assert.notEqual(getLastActiveTraceId(), undefined);
});
