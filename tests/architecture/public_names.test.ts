/** The public names, so that none appears or disappears by accident. */

import assert from "node:assert/strict";
import { test } from "node:test";
import * as mlflow from "mlflow-ag2";

test("mlflow-ag2 exports exactly its documented names", () => {
  assert.deepEqual(Object.keys(mlflow).sort(), [
    "AssessmentSourceType",
    "MlflowAg2Error",
    "Span",
    "SpanAttributeKey",
    "SpanLogLevel",
    "SpanStatusCode",
    "SpanType",
    "TokenUsageKey",
    "Trace",
    "TraceInfo",
    "TraceMetadataKey",
    "TraceState",
    "ag2",
    "announceLibrary",
    "autolog",
    "closeTrace",
    "countHookFailure",
    "deleteFeedback",
    "deleteTraceTag",
    "describeHooks",
    "disable",
    "enable",
    "flush",
    "flushTraces",
    "getCurrentActiveSpan",
    "getLastActiveTraceId",
    "getTrace",
    "getTracingContextHeadersForHttpRequest",
    "getTrackingUri",
    "init",
    "isEnabled",
    "linkPromptVersionsToTrace",
    "logExpectation",
    "logFeedback",
    "onSpanEnd",
    "onSpanStart",
    "onTrace",
    "provideActiveSpan",
    "registerOnSpanEndHook",
    "registerOnSpanStartHook",
    "searchTraces",
    "setExperiment",
    "setTraceTag",
    "setTrackingUri",
    "shutdown",
    "startSpan",
    "stats",
    "trace",
    "tracingContext",
    "unwrapAgent",
    "updateCurrentTrace",
    "updateFeedback",
    "withActiveSpan",
    "withSpan",
    "withTraceContext",
    "withTracingContextFromHeaders",
    "withTracingContextFromHeadersAsync",
    "wrapAgent",
    "wrapModelClient",
    "wrapTool",
  ]);
});

test("mlflow.ag2.autolog is autolog", () => {
  assert.equal(mlflow.ag2.autolog, mlflow.autolog);
});
