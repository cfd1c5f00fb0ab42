/** Records one span and feedback on it, with the settings of the page or the command line; prints its trace's id. */

import * as mlflow from "mlflow-ag2";
import { report, settings } from "./host.js";

const { trackingUri, experiment } = settings();

mlflow.init({ trackingUri: new URL(trackingUri, (globalThis as { location?: { href: string } }).location?.href).href });
void mlflow.setExperiment(experiment);
mlflow.withSpan(() => "done", { name: "one span", inputs: { text: "a word ".repeat(1000) } });
const flushed = await mlflow.flush();
const traceId = mlflow.getLastActiveTraceId()!;
await mlflow.logFeedback({ traceId, name: "helpful", value: true, source: { sourceType: "HUMAN" } });
report({ flushed, traceId });
