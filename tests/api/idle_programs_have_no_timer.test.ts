/** A program that traces nothing just now is left alone by the clock. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { disable, enable, flush, init, startSpan, stats } from "mlflow-ag2";

const running = new Set<unknown>();
const { setTimeout: begin, clearTimeout: end } = globalThis;
globalThis.setTimeout = ((work: (...given: unknown[]) => void, ms?: number, ...given: unknown[]) => {
  const timer = begin(() => {
    running.delete(timer);
    work(...given);
  }, ms);
  running.add(timer);
  return timer;
}) as typeof setTimeout;
globalThis.clearTimeout = (timer: Parameters<typeof end>[0]) => {
  running.delete(timer);
  end(timer);
};

const answers: Record<string, () => Response> = {
  version: () => new Response("3.17.2"),
  get: () => Response.json({ experiment: { experiment_id: "0", name: "Default", lifecycle_stage: "active" } }),
};
const answer = async (address: string): Promise<Response> =>
  answers[new URL(address).pathname.split("/").at(-1)!]?.() ?? new Response();

function traceTwoSpans(): void {
  const root = startSpan({ name: "root" });
  startSpan({ name: "child", parent: root }).end();
  root.end();
}

test("nothing runs before the first span, nor when nothing is sent anywhere", () => {
  assert.equal(running.size, 0);
  init({ trackingUri: "memory:" });
  traceTwoSpans();
  assert.equal(running.size, 0);
});

test("one timer runs while spans wait, and none once they have arrived", async () => {
  init({ trackingUri: "http://127.0.0.1:9", experimentId: "0", fetch: (address) => answer(String(address)) });
  await flush();
  traceTwoSpans();
  assert.equal(stats().buffered, 2);
  assert.equal(running.size, 1);
  await flush();
  assert.equal(stats().buffered, 0);
  assert.equal(running.size, 0);
});

test("none runs while tracing is switched off", () => {
  disable();
  traceTwoSpans();
  assert.equal(running.size, 0);
  enable();
});
