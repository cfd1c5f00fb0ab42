/** A host with the standard `AsyncContext`: it is used even if there is AsyncLocalStorage. */

import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { before, test } from "node:test";
import { getCurrentActiveSpan, setTrackingUri, startSpan, stats, withSpan } from "mlflow-ag2";
import { outline, traceOf, turn } from "./tree.js";

let made = 0;

class Variable<Value> {
  readonly #storage = new AsyncLocalStorage<Value>();

  constructor() {
    made += 1;
  }

  get(): Value | undefined {
    return this.#storage.getStore();
  }

  run<Result>(value: Value, work: () => Result): Result {
    return this.#storage.run(value, work);
  }
}

before(() => {
  (process as { getBuiltinModule?: unknown }).getBuiltinModule = undefined;
  (globalThis as { AsyncContext?: unknown }).AsyncContext = { Variable };
  setTrackingUri("memory:");
});

test("the host is not asked for a context before something runs within a span", () => {
  startSpan({ name: "alone" }).end();
  assert.equal(made, 0);
  withSpan(() => {}, { name: "first" });
  withSpan(() => {}, { name: "second" });
  assert.equal(made, 1);
});

test("the active span is known across every await", async () => {
  const root = await withSpan(
    async (span) => {
      await turn();
      assert.equal(getCurrentActiveSpan(), span);
      await withSpan(turn, { name: "inner" });
      return span;
    },
    { name: "root" },
  );
  assert.deepEqual(outline(await traceOf(root)), ["UNKNOWN root OK", "  UNKNOWN inner OK"]);
  assert.equal(stats().detached, 0);
});
