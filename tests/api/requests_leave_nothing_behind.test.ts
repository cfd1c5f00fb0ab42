/** The closures that the core gives to JavaScript: what a request or a flush needs is freed at its end. */

import assert from "node:assert/strict";
import { test } from "node:test";

/** The objects that wait for finalization: wasm-bindgen registers each closure, and unregisters it when it is freed. */
let registered = 0;
class CountingRegistry<Held> extends FinalizationRegistry<Held> {
  override register(target: WeakKey, held: Held, token?: WeakKey): void {
    registered += 1;
    super.register(target, held, token);
  }
  override unregister(token: WeakKey): boolean {
    registered -= 1;
    return super.unregister(token);
  }
}
globalThis.FinalizationRegistry = CountingRegistry;

const answer = (url: string): object =>
  url.endsWith("/v1/traces") ? {} : { experiment: { experiment_id: "0", name: "x", lifecycle_stage: "active" } };

test("a thousand requests and flushes leave no closure behind", async () => {
  const mlflow = await import("mlflow-ag2");
  let requests = 0;
  mlflow.init({
    trackingUri: "http://mlflow.test",
    experimentId: "0",
    fetch: async (url) => {
      requests += 1;
      await Promise.resolve();
      return Response.json(answer(String(url)));
    },
  });
  const deliver = async (count: number): Promise<void> => {
    for (let index = 0; index < count; index += 1) {
      mlflow.startSpan({ name: "span", parent: null }).end();
      await mlflow.flush();
    }
    // What a flush has left is freed when the promises are settled that it no longer waits for.
    await new Promise((resolve) => setTimeout(resolve));
  };
  await deliver(10);
  const before = registered;
  await deliver(1000);
  assert.ok(requests >= 1010, `${requests} requests`);
  assert.ok(registered - before < 10, `${registered - before} closures were left behind by ${requests} requests`);
});

test("a flush that ends before its requests leaves no closure behind once they have ended", async () => {
  const mlflow = await import("mlflow-ag2");
  const waiting = new Set<() => void>();
  mlflow.init({
    fetch: async (url) => {
      await new Promise<void>((resolve) => waiting.add(resolve));
      return Response.json(answer(String(url)));
    },
  });
  const deliver = async (count: number): Promise<void> => {
    for (let index = 0; index < count; index += 1) {
      mlflow.startSpan({ name: "span", parent: null }).end();
      await mlflow.flush({ timeoutMs: 1 });
    }
    while (mlflow.stats().buffered > 0) {
      for (const resolve of waiting) resolve();
      waiting.clear();
      await mlflow.flush({ timeoutMs: 5 });
    }
    await new Promise((resolve) => setTimeout(resolve));
  };
  await deliver(10);
  const before = registered;
  await deliver(200);
  assert.ok(registered - before < 20, `${registered - before} closures were left behind`);
});
