/** Helpers of the persistence tests: the output of the program `keep`, and its spans on a server. */

import assert from "node:assert/strict";
import type { Received } from "./recording-server.js";
import { spansIn } from "../hosts/programs/otlp.js";

/** The ids of the traces that a program has printed. */
export function madeTraces(printed: string): string[] {
  return [...printed.matchAll(/^MADE (\S+)$/gm)].map(([, id]) => id!);
}

/** Fails unless MLflow has both spans of each of these traces, once, and the trace has ended. */
export async function assertHeld(uri: string, traceIds: readonly string[]): Promise<void> {
  assert.ok(traceIds.length > 0, "no trace was made");
  for (const id of traceIds) {
    const answer = await fetch(`${uri}/api/3.0/mlflow/traces/get?trace_id=${id}`);
    const { trace } = (await answer.json()) as { trace?: { trace_info: { state: string }; spans: { name: string }[] } };
    assert.deepEqual(trace?.spans.map(({ name }) => name).sort(), ["kept", "kept too"]);
    assert.equal(trace?.trace_info.state, "OK");
  }
}

/** Fails unless MLflow has the feedback on each of these traces, once, and the last value of its tag. */
export async function assertChanged(uri: string, traceIds: readonly string[]): Promise<void> {
  assert.ok(traceIds.length > 0, "no trace was made");
  for (const id of traceIds) {
    const answer = await fetch(`${uri}/api/3.0/mlflow/traces/${id}`);
    const { trace } = (await answer.json()) as {
      trace?: {
        trace_info: {
          assessments?: { assessment_name: string; feedback: { value: unknown } }[];
          tags: Record<string, string>;
        };
      };
    };
    const { assessments = [], tags } = trace!.trace_info;
    assert.deepEqual(
      assessments.map(({ assessment_name: name, feedback }) => [name, feedback.value]),
      [["helpful", true]],
    );
    assert.equal(tags["turn"], "3");
  }
}

/** Fails unless each of these traces was sent, and no span of any twice. */
export function assertSentOnce(exports: readonly Received[], traceIds: readonly string[]): void {
  // Pages ask before they send.
  const sent = exports.filter(({ method }) => method === "POST").flatMap(({ body }) => spansIn(body));
  assert.equal(new Set(sent.map(({ spanId }) => spanId)).size, sent.length, "a span was sent twice");
  assert.deepEqual(sent.map(({ traceId }) => `tr-${traceId}`).sort(), traceIds.flatMap((id) => [id, id]).sort());
}
