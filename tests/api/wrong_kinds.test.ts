/** Arguments of a wrong kind, as a program without types may give them, are refused at once with the fix. */

import assert from "node:assert/strict";
import { test } from "node:test";
import * as mlflow from "mlflow-ag2";
import { agUi } from "mlflow-ag2/ag-ui";
import { ai } from "mlflow-ag2/ai";
import { langchain } from "mlflow-ag2/langchain";
import { otel } from "mlflow-ag2/otel";
import { printTrace } from "mlflow-ag2/view/console";
import { type Mistake, testThatEachIsRefused, untyped } from "../support/mistakes.js";

mlflow.init({ trackingUri: "memory:" });

const traceId = `tr-${"ab".repeat(16)}`;
const feedback = (more: object): Promise<unknown> => mlflow.logFeedback({ traceId, value: 1, ...more });

const MISTAKES: readonly Mistake[] = [
  ["a promise of options", () => mlflow.init(untyped(Promise.resolve({}))), "not a promise: await it"],
  ["a list of options", () => mlflow.init(untyped([])), "`init` takes an object of options, not a list"],
  ["a promise to trace", () => mlflow.trace(untyped(Promise.resolve(1))), "not a promise: await it"],
  ["a name after the traced function", () => mlflow.trace(() => 1, untyped("work")), "write `{ name: … }`"],
  [
    "an id as parent",
    () => mlflow.startSpan({ name: "work", parent: untyped("tr-1") }),
    "`parent` of `startSpan` must be a span, or the `context` of a callback, not `tr-1`",
  ],
  [
    "a text as attributes",
    () => mlflow.startSpan({ name: "work", attributes: untyped("a") }),
    "`attributes` of `startSpan` must be an object, not `a`",
  ],
  [
    "a text as tags of traces",
    () => mlflow.withTraceContext({ tags: untyped("a") }, () => 1),
    "`tags` of `withTraceContext` must be an object",
  ],
  [
    "a text as metadata of a trace",
    () => mlflow.updateCurrentTrace({ metadata: untyped("a") }),
    "`metadata` of `updateCurrentTrace` must be an object",
  ],
  ["a text as time", () => mlflow.flush({ timeoutMs: untyped("10") }), "must be a number of milliseconds from 0 on"],
  ["a time that is none", () => mlflow.shutdown({ timeoutMs: Number.NaN }), "not `NaN`"],
  [
    "a text as flag",
    () => mlflow.flush({ waitForOpenTraces: untyped("yes") }),
    "`waitForOpenTraces` of `flush` must be true or false, not `yes`",
  ],
  ["a number as trace", () => mlflow.getTrace(untyped(5)), "`traceId` must be the `traceId` of a span or a trace"],
  [
    "a span as trace",
    () => mlflow.getTrace(untyped(mlflow.startSpan({ name: "work" }))),
    "`traceId` must be the `traceId` of a span or a trace",
  ],
  [
    "a text as experiments",
    () => mlflow.searchTraces({ experimentIds: untyped("0") }),
    "`experimentIds` of `searchTraces` must be a list of texts, not `0`",
  ],
  [
    "a text as order",
    () => mlflow.searchTraces({ orderBy: untyped("timestamp_ms ASC") }),
    "`orderBy` of `searchTraces` must be a list of texts",
  ],
  ["no function for headers", () => mlflow.withTracingContextFromHeaders({}, untyped(undefined)), "then a function"],
  ["null as feedback", () => feedback({ value: null }), "`logFeedback` needs a `value`"],
  ["a function as feedback", () => feedback({ value: () => 1 }), "data that JSON can hold, not a function"],
  ["feedback without a name", () => feedback({ name: "" }), "`name` must be a text that is not empty"],
  ["a text as source", () => feedback({ source: "HUMAN" }), "`source` of `logFeedback` must be an object, not `HUMAN`"],
  ["a misspelt source", () => feedback({ source: { type: "HUMAN" } }), "did you mean `sourceType`?"],
  ["a text as metadata", () => feedback({ metadata: "x" }), "`metadata` of `logFeedback` must be an object"],
  ["a number as error", () => feedback({ error: 5 }), "`error` must be an error, or its message, not `5`"],
  ["a text as the time of feedback", () => feedback({ timeoutMs: "5" }), "must be a number of milliseconds"],
  [
    "an id in place of the options of deleteFeedback",
    () => mlflow.deleteFeedback(untyped(traceId)),
    "`deleteFeedback` takes an object of options",
  ],
  ["a tag without a value", () => mlflow.setTraceTag(traceId, "key", untyped(undefined)), "`value` must be a text"],
  ["an object as a tag", () => mlflow.setTraceTag(traceId, "key", untyped({})), "`value` must be a text"],
  [
    "arguments in the order of another SDK",
    () => mlflow.linkPromptVersionsToTrace(untyped(traceId), untyped([])),
    "`promptVersions` must be a list of `{ name, version }`",
  ],
  [
    "a prompt without a version",
    () => mlflow.linkPromptVersionsToTrace([untyped({ name: "greeting" })], traceId),
    "needs a `name` and a `version`",
  ],
  [
    "a text as the parent of an adapter",
    () => ai({ parent: untyped("x") }),
    "`parent` of `ai` must be a span, or the `context` of a callback, not `x`",
  ],
  ["null as the options of an adapter", () => langchain(untyped(null)), "`langchain` takes an object of options"],
  ["a number as the parent of runs", () => agUi({ parent: untyped(1) }), "`parent` of `agUi` must be a span"],
  ["a list as filter", () => otel({ include: untyped([]) }), "`include` of `otel` must be a function"],
  ["a text as colors", () => printTrace(untyped({}), { colors: untyped("no") }), "must be true or false, not `no`"],
];

testThatEachIsRefused(MISTAKES, "MlflowAg2Error", "invalid_argument");

test("a wrong kind of trace id leaves the core as it was", async () => {
  await assert.rejects(mlflow.getTrace(untyped(5)));
  mlflow.startSpan({ name: "after the mistake" }).end();

  assert.equal((await mlflow.getTrace(mlflow.getLastActiveTraceId()))?.data.spans[0]?.name, "after the mistake");
});

test("feedback itself can be given to deleteFeedback", async () => {
  const span = mlflow.startSpan({ name: "answer" });
  span.end();
  const given = await mlflow.logFeedback({ traceId: span.traceId, name: "helpful", value: true, rationale: "short" });

  await mlflow.deleteFeedback(given);
  assert.deepEqual((await mlflow.getTrace(span.traceId))?.info.assessments, []);
});
