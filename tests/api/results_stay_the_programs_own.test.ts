/** Whatever a traced function gives, its caller gets that very thing: nothing throws, is started or replaced. */

import assert from "node:assert/strict";
import { afterEach, before, describe, test } from "node:test";
import vm from "node:vm";
import {
  autolog,
  init,
  stats,
  trace,
  withSpan,
  withTracingContextFromHeaders,
  wrapAgent,
  wrapModelClient,
  wrapTool,
} from "mlflow-ag2";
import { lastTrace } from "./reporting.js";
import { turn } from "./tree.js";

const HEADERS = { traceparent: `00-${"a".repeat(32)}-${"b".repeat(16)}-01` };

before(() => {
  init({ trackingUri: "memory:" });
  autolog();
});
afterEach(async () => {
  for (let turns = 0; turns < 1_000_000 && stats().open > 0; turns++) await turn();
  assert.equal(stats().open, 0);
});

/** Every way to trace a call, each giving what `make` gives. */
const WAYS: Record<string, (make: () => unknown) => unknown> = {
  trace: (make) => trace(make, { name: "made" })(),
  withSpan: (make) => withSpan(make, { name: "made" }),
  withTracingContextFromHeaders: (make) => withTracingContextFromHeaders(HEADERS, make),
  wrapTool: (make) => wrapTool(make, { name: "made" })(),
  wrapAgent: (make) => wrapAgent({ name: "maker", generateReply: make }).generateReply(),
  wrapModelClient: (make) =>
    wrapModelClient({ create: (_request: { model: string }) => make() }).create({ model: "m" }),
};

function strict(target: object): object {
  return new Proxy(target, {
    get(holder, key, receiver) {
      if (!(key in holder)) throw new TypeError(`no such setting: ${String(key)}`);
      return Reflect.get(holder, key, receiver) as unknown;
    },
  });
}

function revoked(target: object): object {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}

function throwing(key: PropertyKey, holder: object = {}): object {
  return Object.defineProperty(holder, key, {
    get() {
      throw new Error(`${String(key)} is not to be read`);
    },
  });
}

const HOSTILE: Record<string, () => unknown> = {
  "a Proxy that throws for unknown keys": () => strict({ size: 1 }),
  "a Proxy that throws for everything": () =>
    new Proxy(
      {},
      new Proxy(
        {},
        {
          get() {
            throw new Error("no trap");
          },
        },
      ),
    ),
  "a list that throws for unknown keys": () => strict([1, 2]),
  "a revoked Proxy": () => revoked({}),
  "a revoked Proxy of a list": () => revoked([]),
  "a revoked Proxy of a function": () => revoked(() => 1),
  "a function": () => () => 1,
  "a getter `then` that throws": () => throwing("then"),
  "a getter `next` that throws": () => throwing("next", { return() {}, throw() {} }),
  "a getter of the class tag that throws": () => throwing(Symbol.toStringTag),
  "a getter of the async iterator that throws": () => throwing(Symbol.asyncIterator),
  "a getter of the iterator that throws": () => throwing(Symbol.iterator),
  "a getter of the constructor that throws": () => throwing("constructor"),
  "a getter `toJSON` that throws": () => throwing("toJSON"),
  "a frozen generator": () =>
    Object.freeze(
      (function* () {
        yield 1;
      })(),
    ),
  "an object without a prototype": () => Object.create(null) as unknown,
  "an object that inherits from Promise": () => Object.create(Promise.prototype) as unknown,
  "a Proxy of a promise": () => new Proxy(Promise.resolve(1), {}),
  "a frozen thenable": () => Object.freeze({ then() {} }),
};

for (const [way, call] of Object.entries(WAYS)) {
  describe(`${way} gives the program its own`, () => {
    for (const [kind, make] of Object.entries(HOSTILE)) {
      test(kind, async () => {
        const { hookFailures } = stats();
        const result = make();
        assert.ok(
          Object.is(
            call(() => result),
            result,
          ),
        );
        await turn();
        assert.equal(stats().hookFailures, hookFailures);
      });
    }

    test("promise", async () => {
      const promise = Promise.resolve("text");
      assert.equal(
        call(() => promise),
        promise,
      );
      assert.equal(await promise, "text");
      assert.ok(!Object.hasOwn(promise, "constructor"), "nothing is left on it");
    });

    test("promise with methods, of a class", async () => {
      class ApiPromise<T> extends Promise<T> {
        withResponse(): string {
          return "raw";
        }
      }
      const promise = new ApiPromise<string>((resolve) => setTimeout(() => resolve("text"), 1));
      assert.equal(
        call(() => promise),
        promise,
      );
      assert.equal(promise.withResponse(), "raw");
      assert.equal(promise.constructor, ApiPromise);
      assert.equal(await promise, "text");
      assert.ok(promise.then(() => 1) instanceof ApiPromise);
    });

    test("promise with methods of its own", async () => {
      let isKilled = false;
      const promise = Object.assign(Promise.resolve("done"), {
        kill: () => (isKilled = true),
      });
      const given = call(() => promise) as typeof promise;
      given.kill();
      assert.deepEqual([given, isKilled, await given], [promise, true, "done"]);
    });

    test("frozen promise", async () => {
      const promise = Object.freeze(Promise.resolve("cold"));
      assert.equal(
        call(() => promise),
        promise,
      );
      assert.equal(await promise, "cold");
    });

    test("promise of another realm", async () => {
      const promise = vm.runInNewContext("Promise.resolve('from afar')") as Promise<string>;
      assert.equal(
        call(() => promise),
        promise,
      );
      assert.equal(await promise, "from afar");
    });

    test("rejection", async () => {
      const error = new RangeError("no");
      const promise = Promise.reject(error);
      assert.equal(
        call(() => promise),
        promise,
      );
      await assert.rejects(promise, (thrown) => thrown === error);
    });
  });
}

describe("a promise's outcome is recorded", () => {
  for (const [kind, make] of [
    ["of the engine", () => new Promise((resolve) => setTimeout(() => resolve("text"), 1))],
    ["of a subclass", () => new (class extends Promise<string> {})((resolve) => setTimeout(() => resolve("text"), 1))],
    ["of another realm", () => vm.runInNewContext("Promise.resolve('text')") as Promise<unknown>],
    ["that is frozen", () => Object.freeze(Promise.resolve("text"))],
  ] as const) {
    test(kind, async () => {
      await withSpan(make, { name: "call" });
      const [span] = (await lastTrace()).data.spans;
      assert.deepEqual([span!.status.code, span!.outputs], ["OK", "text"]);
    });
  }

  test("also if nothing waits for it", async () => {
    let isOver = false;
    const work = new Promise<string>((resolve) => setTimeout(() => resolve("alone"), 1)).finally(() => (isOver = true));
    void withSpan(() => work, { name: "forgotten" });
    while (!isOver || stats().open > 0) await turn();
    assert.equal((await lastTrace()).data.spans[0]!.outputs, "alone");
  });
});

describe("a thenable that is no promise", () => {
  const lazy = (): { started: number; then(resolve: (value: number) => void): void } => ({
    started: 0,
    then(resolve) {
      this.started += 1;
      setTimeout(() => resolve(7), 1);
    },
  });

  test("is started by the program alone, and its outcome is recorded", async () => {
    const query = lazy();
    const given = withSpan(() => query, { name: "query" });
    assert.deepEqual([given === query, query.started], [true, 0]);
    assert.equal(await given, 7);
    assert.equal(query.started, 1);
    assert.equal((await lastTrace()).data.spans[0]!.outputs, 7);
  });

  test("counts as a value if the program does not wait for it within the same task", async () => {
    const query = lazy();
    withSpan(() => query, { name: "built" });
    while (stats().open > 0) await turn();
    assert.equal(query.started, 0);
    assert.equal((await lastTrace()).data.spans[0]!.status.code, "OK");
    assert.equal(await query, 7, "it can be used later");
  });
});

test("a generator of a traced function is the very object", () => {
  const generators: object[] = [];
  const make = (): Generator<number> => {
    const made = (function* () {
      yield 1;
    })();
    generators.push(made);
    return made;
  };
  const given = trace(make)();
  assert.equal(given, generators[0]);
  assert.deepEqual([...given], [1]);
  assert.deepEqual(Object.getOwnPropertyNames(given), [], "nothing is left on it");
});
