/** Records a trace and ends, as a short program does that knows no `flush()`; `setExperiment` may be in flight. */

import * as mlflow from "mlflow-ag2";
import { report, settings } from "./host.js";

const { trackingUri, experiment, liveMs } = settings();
// Ten minutes: a program that a request held would be killed by the test.
mlflow.init({ trackingUri, batchDelayMs: 1, timeoutMs: 600_000 });
if (experiment) void mlflow.setExperiment(experiment);
mlflow.withSpan(() => "done", { name: "one span" });
// The program lives on until its request is in flight.
if (liveMs) await new Promise((resolve) => setTimeout(resolve, Number(liveMs)));
report(mlflow.getLastActiveTraceId());
