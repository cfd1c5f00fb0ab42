/**
 * Captures random values, hostile ones among them: the result is always valid JSON. The seed is printed;
 * `CAPTURE_SEED` repeats it, `CAPTURE_SECONDS` sets the duration.
 */

import assert from "node:assert/strict";
import { before, test } from "node:test";
import { autolog, init, setTrackingUri, startSpan, stats, type Trace } from "mlflow-ag2";
import { failedToolCallTrace, lastTrace, toolCallTrace } from "./reporting.js";
import { seededNumbers } from "../support/seeded-random.js";

const SECONDS = Number(process.env["CAPTURE_SECONDS"] ?? 3);
const SEED = Number(process.env["CAPTURE_SEED"] ?? Date.now() % 2 ** 32);
/** On a busy machine the seconds are over before. */
const FEWEST_ROUNDS = 100;

class Values {
  readonly #random: () => number;
  readonly #made: object[] = [];

  constructor(seed: number) {
    this.#random = seededNumbers(seed);
  }

  any(depth = 0): unknown {
    const kinds = depth > 6 ? LEAVES : [...LEAVES, ...BRANCHES];
    return this.pick(kinds)(this, depth);
  }

  below(end: number): number {
    return Math.floor(this.#random() * end);
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)]!;
  }

  /** Any UTF-16 units, halves of characters, quotes and secrets among them. */
  text(): string {
    const pieces = [
      "a",
      '"',
      "\\",
      "\ud83d",
      "\ude00",
      "\u{1F600}",
      "\0",
      "\u2028",
      "é",
      '"api_key":"sk-1"',
      '\\"password\\":\\"x\\"',
      '"token" : 12',
      "}",
      "{",
      ":",
      "\\ud800",
      "…",
    ];
    return Array.from({ length: this.below(12) }, () => this.pick(pieces))
      .join("")
      .repeat(this.pick([1, 1, 1, 50]));
  }

  /** Remembers an object, so that others can have it inside. */
  keep<Kept extends object>(value: Kept): Kept {
    this.#made.push(value);
    return value;
  }

  again(): unknown {
    return this.#made.length === 0 ? null : this.pick(this.#made);
  }
}

type Maker = (values: Values, depth: number) => unknown;

const hostile = (): never => {
  throw new Error("hostile \ud800");
};

const LEAVES: readonly Maker[] = [
  (values) => values.text(),
  (values) =>
    values.pick([0, -0, 1.5, Number.NaN, Number.POSITIVE_INFINITY, Number.MAX_SAFE_INTEGER + 2, 1e308, 5e-324]),
  (values) => values.pick([1n, -1n, 2n ** 70n, 2n ** 70_000n]),
  (values) => values.pick([true, false, null, undefined]),
  (values) => values.pick([Symbol("s"), Symbol.iterator, () => 1, class Named {}, hostile]),
  (values) =>
    values.pick([
      new Date(0),
      new Date(Number.NaN),
      /x/,
      new URL("http://localhost"),
      Promise.resolve(),
      new WeakMap(),
      new Uint8Array(3),
      new ArrayBuffer(2),
      new Blob(["x"]),
      new Headers({ authorization: "x" }),
      globalThis,
    ]),
  (values) =>
    values.pick<unknown>([new Number(1), new String("\ud800"), new Boolean(true), Object(1n), Object(Symbol("s"))]),
  (values) => values.again(),
];

const BRANCHES: readonly Maker[] = [
  (values, depth) => {
    const list: unknown[] = values.keep([]);
    for (let left = values.below(6); left > 0; left -= 1) list[values.below(8)] = values.any(depth + 1);
    return list;
  },
  (values, depth) => {
    const object = values.keep((values.below(4) === 0 ? Object.create(null) : {}) as Record<string, unknown>);
    for (let left = values.below(6); left > 0; left -= 1) {
      const key = values.pick([
        values.text(),
        "__proto__",
        "toJSON",
        "constructor",
        "password",
        "token",
        "length",
        "a",
      ]);
      Object.defineProperty(
        object,
        key,
        values.below(5) === 0
          ? { get: () => values.pick([hostile, () => values.any(depth + 1)])(), enumerable: true, configurable: true }
          : { value: values.any(depth + 1), enumerable: true, configurable: true },
      );
    }
    return object;
  },
  (values, depth) =>
    values.keep(
      new Map([
        [values.any(depth + 1), values.any(depth + 1)],
        [values.text(), values.any(depth + 1)],
      ]),
    ),
  (values, depth) => values.keep(new Set([values.any(depth + 1), values.any(depth + 1)])),
  (values, depth) =>
    values.keep(Object.assign(new Error(values.text(), { cause: values.any(depth + 1) }), { code: values.text() })),
  (values, depth) => ({ toJSON: () => values.any(depth + 1) }),
  (values, depth) =>
    new Proxy((values.any(depth + 1) as object) ?? {}, {
      [values.pick(["get", "ownKeys", "getPrototypeOf", "getOwnPropertyDescriptor", "has"])]: hostile,
    }),
  (values) => {
    const { proxy, revoke } = Proxy.revocable(values.pick([{}, [], () => 1]), {});
    revoke();
    return proxy;
  },
];

before(() => {
  setTrackingUri("memory:");
  autolog();
  init({ maxTextCharacters: 300, maxValueCharacters: 2_000, maxValueItems: 200 });
});

function assertSound(trace: Trace): void {
  const text = JSON.stringify(trace, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value));
  // In JSON text only a lone surrogate is written as such an escape.
  assert.doesNotMatch(text, /(?<!\\)(?:\\\\)*\\ud[89a-f]/);
  assert.ok(text.length < 100_000, `${text.length} characters came out`);
}

test(`every captured value is valid JSON (seed ${SEED})`, async () => {
  const before = stats();
  const endMs = performance.now() + SECONDS * 1000;
  let rounds = 0;
  for (let seed = SEED; rounds < FEWEST_ROUNDS || performance.now() < endMs; seed += 1) {
    rounds += 1;
    const values = new Values(seed);
    let value: unknown;
    try {
      value = values.any();
    } catch {
      // A Proxy needs an object.
      continue;
    }
    try {
      assertSound(await toolCallTrace(value, values.again(), values.text()));
      const span = startSpan({ name: values.text(), inputs: value, attributes: { value } });
      span.addEvent({ name: "event", attributes: { value } });
      span.end({ outputs: value });
      assertSound(await lastTrace());
      const trace = await failedToolCallTrace(value);
      assert.equal(trace.info.state, "ERROR");
      assertSound(trace);
    } catch (error) {
      throw new Error(`with seed ${seed}`, { cause: error });
    }
  }
  const after = stats();
  assert.deepEqual(
    [after.hookFailures, after.eventErrors, after.open],
    [before.hookFailures, before.eventErrors, before.open],
  );
  assert.ok(after.truncated > before.truncated);
});
