/** Mistakes in the options of the tracer: misspelt names, and arguments in another order. */

import assert from "node:assert/strict";
import { test } from "node:test";
import * as mlflow from "mlflow-ag2";
import { type Mistake, testThatEachIsRefused, untyped } from "../support/mistakes.js";

const TRACE_ID = `tr-${"ab".repeat(16)}`;

const MISTAKES: readonly Mistake[] = [
  [
    "an option of init in another case",
    () => mlflow.init(untyped({ trackingURI: "memory:" })),
    "`trackingURI` is no option of `init`: did you mean `trackingUri`?",
  ],
  ["a part of an option of init", () => mlflow.init(untyped({ experiment: "AG2" })), "did you mean `experimentName`?"],
  [
    "an option of init like no other",
    () => mlflow.init(untyped({ model: "m" })),
    "its options are `trackingUri`, `experimentName`",
  ],
  [
    "an address in place of options",
    () => mlflow.init(untyped("http://localhost:5000")),
    "`init` takes an object of options, not `http://localhost:5000`: write `{ trackingUri: … }`",
  ],
  ["an option of autolog", () => mlflow.autolog(untyped({ log_traces: true })), "did you mean `logTraces`?"],
  [
    "a value of autolog",
    () => mlflow.autolog(untyped({ disable: "yes" })),
    "`disable` of `autolog` must be true or false, not `yes`",
  ],
  [
    "an option of setExperiment",
    () => mlflow.setExperiment(untyped({ experiment_id: "1" })),
    "did you mean `experimentId`?",
  ],
  ["an option of searchTraces", () => mlflow.searchTraces(untyped({ filter: "x" })), "did you mean `filterString`?"],
  [
    "Python's option of searchTraces",
    () => mlflow.searchTraces(untyped({ max_results: 5 })),
    "did you mean `maxResults`?",
  ],
  [
    "a span without options",
    () => mlflow.startSpan(...(untyped([]) as [never])),
    "`startSpan` takes an object of options, not `undefined`: write `{ name: … }`",
  ],
  ["a name in place of a span's options", () => mlflow.startSpan(untyped("work")), "write `{ name: … }`"],
  [
    "an option of a span",
    () => mlflow.startSpan(untyped({ name: "work", span_type: "TOOL" })),
    "did you mean `spanType`?",
  ],
  ["a misspelt option of a span", () => mlflow.startSpan(untyped({ nmae: "work" })), "did you mean `name`?"],
  [
    "a name before the function",
    () =>
      mlflow.withSpan(
        untyped("work"),
        untyped(() => 1),
      ),
    'write `withSpan(fn, { name: "work" })`',
  ],
  [
    "an option of withSpan",
    () => mlflow.withSpan(() => 1, untyped({ capture_outputs: false })),
    "did you mean `captureOutputs`?",
  ],
  ["a name as the options of withSpan", () => mlflow.withSpan(() => 1, untyped("work")), "write `{ name: … }`"],
  [
    "an option of trace",
    () => mlflow.trace(() => 1, untyped({ captureInput: false })),
    "did you mean `captureInputs`?",
  ],
  [
    "a name before the traced function",
    () =>
      mlflow.trace(
        untyped("work"),
        untyped(() => 1),
      ),
    "`trace` takes an object of options, not `work`",
  ],
  [
    "an option of end",
    () => mlflow.startSpan({ name: "work" }).end(untyped({ output: 1 })),
    "`output` is no option of `end`: did you mean `outputs`?",
  ],
  [
    "a result in place of the options of end",
    () => mlflow.startSpan({ name: "work" }).end(untyped("done")),
    "write `{ outputs: … }`",
  ],
  ["a field of a trace", () => mlflow.updateCurrentTrace(untyped({ session: "s" })), "did you mean `sessionId`?"],
  [
    "milliseconds in place of the options of flush",
    () => mlflow.flush(untyped(2000)),
    "`flush` takes an object of options, not `2000`: write `{ timeoutMs: … }`",
  ],
  ["an option of flush", () => mlflow.flush(untyped({ timeout: 1 })), "did you mean `timeoutMs`?"],
  [
    "an option of wrapAgent",
    () => mlflow.wrapAgent({ generateReply: () => "Hi" }, untyped({ nmae: "alice" })),
    "`nmae` is no option of `wrapAgent`: did you mean `name`?",
  ],
  [
    "a name in place of the options of wrapAgent",
    () => mlflow.wrapAgent({ generateReply: () => "Hi" }, untyped("alice")),
    "write `{ name: … }`",
  ],
  [
    "an option of wrapTool",
    () => mlflow.wrapTool(() => 1, untyped({ desciption: "adds" })),
    "did you mean `description`?",
  ],
  [
    "an option of wrapModelClient",
    () => mlflow.wrapModelClient({ create: () => ({}) }, untyped({ modelName: "m" })),
    "its options are `model`",
  ],
  [
    "milliseconds in place of the options of setTraceTag",
    () => mlflow.setTraceTag(TRACE_ID, "reviewed", "yes", untyped(1000)),
    "`setTraceTag` takes an object of options, not `1000`: write `{ timeoutMs: … }`",
  ],
  [
    "an option of deleteTraceTag",
    () => mlflow.deleteTraceTag(TRACE_ID, "reviewed", untyped({ timeout: 1000 })),
    "did you mean `timeoutMs`?",
  ],
  [
    "an option of linkPromptVersionsToTrace",
    () => mlflow.linkPromptVersionsToTrace([], TRACE_ID, untyped({ timeout_ms: 1000 })),
    "did you mean `timeoutMs`?",
  ],
  ["an option of shutdown", () => mlflow.shutdown(untyped({ timeoutMS: 1 })), "did you mean `timeoutMs`?"],
];

testThatEachIsRefused(MISTAKES, "MlflowAg2Error", "invalid_argument");

test("mistakes are refused while tracing is disabled too", () => {
  mlflow.disable();
  try {
    assert.throws(() => mlflow.startSpan(untyped({ spantype: "TOOL" })), /did you mean `spanType`/);
    assert.throws(() => mlflow.startSpan({ name: "work" }).end(untyped({ result: 1 })), /its options are `outputs`/);
  } finally {
    mlflow.enable();
  }
});

test("an option with a getter is read once", () => {
  let reads = 0;
  const options = {
    name: "work",
    get inputs(): number {
      return ++reads;
    },
  };
  mlflow.startSpan(options).end();

  assert.equal(reads, 1);
});
