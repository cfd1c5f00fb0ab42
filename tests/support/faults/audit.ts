/** Compares the spans of a server with those that a program made and with its `stats()`. */

import assert from "node:assert/strict";
import type { Stored } from "./stored.js";

/** A trace that the program made. */
export interface MadeTrace {
  readonly traceId: string;
  readonly spanIds: readonly string[];
  /** Those that hold what the script's rules refuse. */
  readonly rejectedIds: readonly string[];
}

/** What the program under_faults.ts reports. */
export interface FaultReport {
  readonly made: readonly MadeTrace[];
  readonly stats: {
    readonly started: number;
    readonly delivered: number;
    readonly buffered: number;
    readonly open: number;
    readonly retries: number;
    readonly dropped: Readonly<Record<string, number>>;
    readonly hookFailures: number;
    readonly eventErrors: number;
    readonly lastError?: { readonly code: string; readonly message: string };
  };
}

/** The expected outcome of the spans. */
export type Expected =
  /** All arrived. */
  | "everything"
  /** All arrived but the rejected ones, which are counted as dropped. */
  | "everything but the rejected"
  /** All arrived but those of traces with a rejected one, which are still tried, or dropped in the end. */
  | "everything but the poisoned traces, which wait"
  /** Some may have been dropped, but then they are counted. */
  | "what is not counted as dropped";

function isPoisoned({ rejectedIds }: MadeTrace): boolean {
  return rejectedIds.length > 0;
}

/** Fails unless every span is on the server once or counted as dropped. */
export function audit({ made, stats }: FaultReport, stored: Stored, expected: Expected): void {
  const spanIds = made.flatMap((trace) => trace.spanIds.map((id) => `${trace.traceId}/${id}`));
  const arrived = stored.spans.map(({ traceId, spanId }) => `${traceId}/${spanId}`);
  const held = new Set(arrived);
  const counts = `stats: ${JSON.stringify(stats)}`;

  const dropped = Object.values(stats.dropped).reduce((sum, count) => sum + count, 0);
  assert.equal(
    stats.started,
    stats.delivered + stats.buffered + stats.open + dropped,
    `the counts do not add up; ${counts}`,
  );
  assert.equal(stats.started, spanIds.length, `the program made ${spanIds.length} spans; ${counts}`);
  const poisoned = expected === "everything but the poisoned traces, which wait" ? made.filter(isPoisoned) : [];
  const waiting = poisoned.reduce((sum, { spanIds: ids }) => sum + ids.length, 0);
  // A part of such a trace may have been sent before, or the whole of it as a file, which is not looked at.
  assert.deepEqual([Math.max(stats.buffered, waiting), stats.open], [waiting, 0], `what waits is another; ${counts}`);
  assert.deepEqual([stats.hookFailures, stats.eventErrors], [0, 0], counts);

  assert.equal(held.size, arrived.length, "the server has a span twice");
  const unknown = arrived.filter((id) => !spanIds.includes(id));
  assert.deepEqual(unknown, [], "the server has spans that the program did not make");
  const waitingIds = poisoned.flatMap((trace) => trace.spanIds.map((id) => `${trace.traceId}/${id}`));
  const missing = spanIds.filter((id) => !held.has(id) && !waitingIds.includes(id));
  assert.ok(
    missing.length <= dropped,
    `${missing.length} of ${spanIds.length} spans are missing on the server, ${dropped} count as dropped; ${counts}`,
  );
  assert.ok(
    stats.delivered <= held.size,
    `${stats.delivered} spans count as delivered, ${held.size} are there; ${counts}`,
  );
  if (expected === "what is not counted as dropped") return;
  if (poisoned.length > 0) {
    // A server error costs the span in the end, and no other.
    const most = poisoned.reduce((sum, { rejectedIds: ids }) => sum + ids.length, 0);
    return assert.ok(dropped <= most, counts);
  }

  const rejected =
    expected === "everything" ? [] : made.flatMap((trace) => trace.rejectedIds.map((id) => `${trace.traceId}/${id}`));
  assert.deepEqual(missing.sort(), rejected.sort(), `the wrong spans are missing; ${counts}`);
  assert.equal(dropped, rejected.length, `dropped and missing are not the same; ${counts}`);
  for (const { traceId, spanIds: all, rejectedIds } of made) {
    if (rejectedIds.length === 0 && all.length > 0)
      assert.notEqual(stored.states.get(traceId), "IN_PROGRESS", `the root of ${traceId} is missing`);
  }
}
