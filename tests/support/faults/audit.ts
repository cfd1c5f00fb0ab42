/** Holds what a server has against what a program made and what its `stats()` say became of it. */

import assert from "node:assert/strict";
import type { Stored } from "./stored.js";

/** A trace that the program made. */
export interface MadeTrace {
  readonly traceId: string;
  readonly spanIds: readonly string[];
  /** Those that hold what the script's rules refuse. */
  readonly guiltyIds: readonly string[];
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
    readonly factErrors: number;
    readonly lastError?: { readonly code: string; readonly message: string };
  };
}

/** What must have become of the spans. */
export type Expected =
  /** All arrived. */
  | "everything"
  /** All arrived but the guilty ones, which are counted as dropped. */
  | "everything but the guilty"
  /** Some may have been dropped, but then they are counted. */
  | "what is not counted as dropped";

/** Fails unless every span is where the counts say it is: on the server once, or dropped for a reason. */
export function audit({ made, stats }: FaultReport, stored: Stored, expected: Expected): void {
  const spanIds = made.flatMap((trace) => trace.spanIds.map((id) => `${trace.traceId}/${id}`));
  const arrived = stored.spans.map(({ traceId, spanId }) => `${traceId}/${spanId}`);
  const held = new Set(arrived);
  const told = `stats: ${JSON.stringify(stats)}`;

  const dropped = Object.values(stats.dropped).reduce((sum, count) => sum + count, 0);
  assert.equal(
    stats.started,
    stats.delivered + stats.buffered + stats.open + dropped,
    `the counts do not add up; ${told}`,
  );
  assert.equal(stats.started, spanIds.length, `the program made ${spanIds.length} spans; ${told}`);
  assert.deepEqual([stats.buffered, stats.open], [0, 0], `something still waits; ${told}`);
  assert.deepEqual([stats.hookFailures, stats.factErrors], [0, 0], told);

  assert.equal(held.size, arrived.length, "the server holds a span twice");
  const foreign = arrived.filter((id) => !spanIds.includes(id));
  assert.deepEqual(foreign, [], "the server holds spans that the program did not make");
  const missing = spanIds.filter((id) => !held.has(id));
  assert.ok(
    missing.length <= dropped,
    `${missing.length} of ${spanIds.length} spans are missing on the server, ${dropped} are counted as dropped; ${told}`,
  );
  assert.ok(
    stats.delivered <= held.size,
    `${stats.delivered} spans count as delivered, ${held.size} are there; ${told}`,
  );
  if (expected === "what is not counted as dropped") return;

  const guilty =
    expected === "everything" ? [] : made.flatMap((trace) => trace.guiltyIds.map((id) => `${trace.traceId}/${id}`));
  assert.deepEqual(missing.sort(), guilty.sort(), `the wrong spans are missing; ${told}`);
  assert.equal(dropped, guilty.length, `dropped and missing are not the same; ${told}`);
  for (const { traceId, spanIds: all, guiltyIds } of made) {
    if (guiltyIds.length === 0 && all.length > 0)
      assert.notEqual(stored.states.get(traceId), "IN_PROGRESS", `the root of ${traceId} is missing`);
  }
}
