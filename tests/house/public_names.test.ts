/** The public names, so that none appears or disappears by accident. */

import assert from "node:assert/strict";
import { test } from "node:test";
import * as mlflow from "mlflow-ag2";

test("mlflow-ag2 exports exactly its documented names", () => {
  assert.deepEqual(Object.keys(mlflow).sort(), [
    "MlflowAg2Error",
    "Span",
    "Trace",
    "TraceInfo",
    "ag2",
    "autolog",
    "disable",
    "enable",
    "flush",
    "getLastActiveTraceId",
    "getTrace",
    "getTrackingUri",
    "init",
    "isEnabled",
    "setExperiment",
    "setTrackingUri",
    "stats",
  ]);
});

test("mlflow.ag2.autolog is autolog", () => {
  assert.equal(mlflow.ag2.autolog, mlflow.autolog);
});
