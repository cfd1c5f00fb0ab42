/** Texts with NUL, which PostgreSQL cannot store: every trace with one arrives on a real server, and at once. */

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { beforeEach, describe, test } from "node:test";
import * as mlflow from "mlflow-ag2";
import { onMlflow } from "./on-mlflow.js";

const NUL = "a\0b";

/** What is done in a root span; each has a NUL in another place. */
const PLACES: Record<string, (span: mlflow.LiveSpan) => void> = {
  "the last user message": (span) => span.setInputs({ messages: [{ role: "user", content: NUL }] }),
  "the inputs": (span) => span.setInputs({ [NUL]: { deep: [NUL] } }),
  "the outputs": (span) => span.setOutputs({ choices: [{ message: { role: "assistant", content: NUL } }] }),
  "an attribute": (span) => span.setAttributes({ [NUL]: NUL }),
  "a tag": () => mlflow.updateCurrentTrace({ tags: { tag: NUL } }),
  metadata: () => mlflow.updateCurrentTrace({ metadata: { fact: NUL } }),
  "the session": () => mlflow.updateCurrentTrace({ sessionId: NUL }),
  "the name of a span": () => mlflow.withSpan(() => undefined, { name: NUL }),
  "the message of an error": (span) => span.recordException(new Error(NUL)),
  "an event": (span) => span.addEvent({ name: NUL, attributes: { [NUL]: NUL } }),
};

describe("a NUL in a trace", () => {
  const server = onMlflow();
  beforeEach(async () => void (await mlflow.setExperiment(`nul ${randomUUID()}`)));

  test("ten traces, each with one elsewhere, all arrive and cost no second attempt", async () => {
    const before = mlflow.stats();
    const traceIds: string[] = [];
    for (const act of Object.values(PLACES)) {
      mlflow.withSpan(
        (span) => {
          traceIds.push(span.traceId);
          act(span);
        },
        { name: "root" },
      );
    }
    await mlflow.flush({ timeoutMs: 60_000 });
    const { delivered, buffered, retries, dropped } = mlflow.stats();
    assert.deepEqual([delivered - before.delivered, buffered, retries - before.retries], [11, 0, 0]);
    assert.deepEqual(dropped, before.dropped);
    for (const [index, what] of Object.keys(PLACES).entries()) {
      const answer = await fetch(`${server.uri}/api/3.0/mlflow/traces/${traceIds[index]}`);
      assert.equal(answer.status, 200, `${what}: ${await answer.text()}`);
    }
  });
});
