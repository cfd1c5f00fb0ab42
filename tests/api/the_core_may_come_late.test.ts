/** `mlflow-ag2/lazy` records the same traces whenever the core comes, and reports what it lacks until then. */

import assert from "node:assert/strict";
import { before, test } from "node:test";
import { runOrThrow } from "../support/child.js";
import type { Recorded } from "../support/late-core.js";
import { projectRoot } from "../support/project.js";
import { seededRandom, seedFrom } from "../support/seeded-random.js";

const SUPPORT = new URL("../support/late-core.js", import.meta.url).href;

/** What a program gives to `report`, which imports the tracer from `entry`. */
async function resultOf<Result>(entry: string, program: string, failure = ""): Promise<Result> {
  const before = `
    const { holdCore, recordWhileCoreComes } = await import(${JSON.stringify(SUPPORT)});
    const arrive = holdCore(${failure});
    const warnings = [];
    console.warn = (text) => void warnings.push(text);
    const mlflow = await import(${JSON.stringify(entry)});
    const report = (result) => console.log("RESULT " + JSON.stringify(result));
  `;
  const parameters = ["--input-type=module", "--eval", before + program];
  const printed = await runOrThrow(process.execPath, parameters, { cwd: projectRoot });
  return JSON.parse(/RESULT (.*)/.exec(printed)![1]!) as Result;
}

const recorded = (entry: string, moment: number): Promise<Recorded> =>
  resultOf(entry, `report(await recordWhileCoreComes(mlflow, arrive, ${moment}));`);

let expected: Recorded;
before(async () => {
  expected = await recorded("mlflow-ag2", 0);
});

test("the program that is compared is recorded whole", () => {
  assert.equal(expected.traces.length, 7);
  assert.deepEqual(
    expected.known,
    Array.from({ length: 5 }, () => true),
  );
  const { eventErrors, hookFailures, open, sampledOut } = expected.stats;
  assert.deepEqual(
    { eventErrors, hookFailures, open, sampledOut },
    { eventErrors: 0, hookFailures: 0, open: 0, sampledOut: 8 },
  );
});

const seed = seedFrom("LATE_CORE_SEED");
test(`the traces are the same whenever the core comes (LATE_CORE_SEED=${seed})`, async () => {
  const random = seededRandom(seed);
  const drawn = Array.from({ length: 6 }, () => random(expected.steps));
  for (const moment of new Set([0, expected.steps - 1, ...drawn])) {
    assert.deepEqual(await recorded("mlflow-ag2/lazy", moment), expected, `the core came at step ${moment}`);
  }
});

test("until the core comes, counts and ids are known, and what needs it waits", async () => {
  const result = await resultOf(
    "mlflow-ag2/lazy",
    `
    mlflow.init({ trackingUri: "memory:" });
    mlflow.autolog();
    const changed = [];
    mlflow.onTrace(({ info }) => changed.push(info.traceId));
    mlflow.startSpan({ name: "open", parent: null });
    const span = mlflow.startSpan({ name: "job", parent: null, inputs: 1 });
    const { status, started, open } = { status: mlflow.status(), ...mlflow.stats() };
    span.end();
    const early = { status, started, open, uri: mlflow.getTrackingUri() };
    early.ids = span.traceId.length + span.spanId.length;
    early.inTime = await mlflow.flush({ timeoutMs: 1 });
    const asked = [mlflow.getTrace(span.traceId), mlflow.searchTraces(), mlflow.flush(), mlflow.setExperiment("AG2")];
    let settled = 0;
    for (const promise of asked) void promise.finally(() => settled++).catch(() => {});
    await new Promise(setImmediate);
    early.settled = settled;
    arrive();
    const [trace, page, flushed, experiment] = await Promise.all(asked);
    while (changed.length < 2) await new Promise(setImmediate);
    const { started: all, open: stillOpen } = mlflow.stats();
    report({ early, name: trace.data.spans[0].name, found: page.traces.length, all, stillOpen, experiment,
      isNotified: changed.includes(span.traceId), warnings });
  `,
  );
  assert.deepEqual(result, {
    early: {
      status: "on, waiting for the tracing core to be loaded",
      started: 2,
      open: 2,
      uri: "memory:",
      ids: 35 + 16,
      inTime: { delivered: 0, pending: 0, dropped: 0 },
      settled: 0,
    },
    name: "job",
    found: 1,
    all: 2,
    stillOpen: 1,
    experiment: { experimentId: "0", name: "AG2" },
    isNotified: true,
    warnings: [],
  });
});

test("spans of a core that never comes are counted, and one warning names the reason", async () => {
  const { started, dropped, status, flushed, warnings } = await resultOf<{
    started: number;
    dropped: Record<string, number>;
    status: string;
    flushed: object;
    warnings: string[];
  }>(
    "mlflow-ag2/lazy",
    `
    mlflow.autolog();
    mlflow.withSpan(() => mlflow.withSpan(() => {}, { name: "two" }), { name: "one" });
    arrive();
    const flushed = await mlflow.flush();
    report({ ...mlflow.stats(), status: mlflow.status(), flushed, warnings });
  `,
    'new Error("out of memory")',
  );
  assert.deepEqual([started, dropped["unavailable"], warnings.length], [2, 2, 1]);
  assert.deepEqual(flushed, { delivered: 0, pending: 0, dropped: 0 });
  for (const text of [status, warnings[0]!]) assert.match(text, /out of memory/);
});

test("a mistake in an address is a warning when the core comes", async () => {
  const warnings = await resultOf<string[]>(
    "mlflow-ag2/lazy",
    `
    mlflow.init({ trackingUri: "databricks" });
    arrive();
    await mlflow.flush();
    report(warnings);
  `,
  );
  assert.match(warnings.join(), /^[^,]*`databricks` is not supported; use the address of an MLflow server/);
});
