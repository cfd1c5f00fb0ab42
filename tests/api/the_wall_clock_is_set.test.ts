/** The wall clock of a computer may be set at any moment: waits and durations go by another one. */

import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import {
  type Fetch,
  flush,
  getLastActiveTraceId,
  getTrace,
  init,
  shutdown,
  startSpan,
  stats,
  enable,
} from "mlflow-ag2";

const HOUR_MS = 3_600_000;
const RealDate = Date;
let shiftMs = 0;

/** A server that takes spans, or is busy. */
const server =
  (isBusy: () => boolean): Fetch =>
  async (address) => {
    if (isBusy()) return new Response("", { status: 503 });
    const isSpans = new URL(address).pathname === "/v1/traces";
    return isSpans
      ? new Response("", { headers: { "content-type": "application/x-protobuf" } })
      : Response.json({ store_type: "SqlStore", workspaces_enabled: false });
  };

beforeEach(() => {
  shiftMs = 0;
  globalThis.Date = class extends RealDate {
    static override now(): number {
      return RealDate.now() + shiftMs;
    }
  } as DateConstructor;
});
afterEach(async () => {
  globalThis.Date = RealDate;
  await shutdown({ timeoutMs: 0 });
  enable();
});

for (const [direction, hours] of [
  ["back", -3],
  ["ahead", 3],
] as const) {
  test(`a flush that waits for a busy server ends in its time when the clock is set ${direction}`, async () => {
    init({ trackingUri: "http://mlflow.test", fetch: server(() => true) });
    startSpan({ name: "waits" }).end();
    const startMs = performance.now();
    const flushed = flush({ timeoutMs: 1500 });
    setTimeout(() => (shiftMs = hours * HOUR_MS), 300);
    assert.equal((await flushed).pending, 1);
    // Far from the three hours, however busy the machine is.
    assert.ok(performance.now() - startMs < HOUR_MS / 60);
  });

  test(`what has ended arrives when the clock is set ${direction}, and timestamps follow it`, async () => {
    const { delivered } = stats();
    init({ trackingUri: "http://mlflow.test", fetch: server(() => false), batchDelayMs: 10 });
    startSpan({ name: "before" }).end();
    shiftMs = hours * HOUR_MS;
    startSpan({ name: "after" }).end();
    while (stats().delivered - delivered < 2) await new Promise((resolve) => setTimeout(resolve, 10));
    init({ trackingUri: "memory:" });
    startSpan({ name: "later" }).end();
    const trace = await getTrace(getLastActiveTraceId());
    const startMs = Number(trace?.data.spans[0]?.startTimeNs) / 1e6;
    assert.ok(Math.abs(startMs - Date.now()) < HOUR_MS / 60);
  });

  test(`spans keep their order and are within their parent when the clock is set ${direction}`, async () => {
    init({ trackingUri: "memory:", fetch: null });
    const root = startSpan({ name: "root" });
    startSpan({ name: "first", parent: root }).end();
    shiftMs = hours * HOUR_MS;
    startSpan({ name: "second", parent: root }).end();
    root.end();
    const spans = (await getTrace(getLastActiveTraceId()))?.data.spans ?? [];
    const [all, first, second] = spans.map(({ startTimeNs, endTimeNs }) => [startTimeNs, endTimeNs ?? 0n] as const);
    assert.ok(all && first && second);
    const times = [all[0], ...first, ...second, all[1]];
    assert.deepEqual(
      times,
      [...times].sort((one, other) => Number(one - other)),
    );
    assert.ok(Number(all[1] - all[0]) / 1e6 < HOUR_MS / 60);
  });
}
