/** Records a trace and ends, as a short program does that never heard of `flush()`. */

import * as mlflow from "mlflow-ag2";
import { report, settings } from "./host.js";

mlflow.init({ trackingUri: settings().trackingUri });
mlflow.withSpan(() => "done", { name: "one span" });
report(mlflow.getLastActiveTraceId());
