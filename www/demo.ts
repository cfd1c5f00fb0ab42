/**
 * The demo: the calculator of MLflow's AG2 page, or another example by its name, traced, with nothing but this
 * package. No key, no network and no server; with `MLFLOW_TRACKING_URI` set, the trace goes to that server as well.
 */

import * as mlflow from "mlflow-ag2";
import { ScriptedModel } from "mlflow-ag2/agents/testing";
import { printTrace } from "mlflow-ag2/view/console";
import { SCENES } from "./scenes/all.js";
import { QUESTION } from "./scenes/calculator.js";

const id = process.argv[2] ?? "calculator";
const scene = SCENES.find((each) => each.id === id);
if (scene === undefined) {
  console.error(`there is no scene \`${id}\`: use one of ${SCENES.map((each) => each.id).join(", ")}`);
  process.exit(2);
}
mlflow.ag2.autolog();
const isKeptInMemory = mlflow.getTrackingUri() === "memory:";
const experiment = isKeptInMemory ? undefined : mlflow.setExperiment("AG2");

const model = new ScriptedModel([...scene.script]);
const answer = await scene.hold({ configList: [{ model: "gpt-4o-mini", client: model }] });
model.assertFinished();

const trace = await mlflow.getTrace(mlflow.getLastActiveTraceId());
if (trace === null) throw new Error("the chat left no trace");

console.log(id === "calculator" ? `Question  ${QUESTION}` : `Scene     ${scene.about}`);
console.log(`Answer    ${answer}\n`);
printTrace(trace);
console.log();

if (experiment === undefined) {
  console.log("Kept in   memory; set MLFLOW_TRACKING_URI to send it to a server");
} else if (await hasArrived()) {
  const { experimentId } = await experiment;
  console.log(
    `Open      ${mlflow.getTrackingUri()}/#/experiments/${experimentId}/traces` +
      `?selectedEvaluationId=${trace.info.traceId}`,
  );
} else {
  console.error(
    `the trace did not arrive: ${mlflow.stats().lastError?.message ?? "the server did not answer in time"}`,
  );
  process.exitCode = 1;
}

async function hasArrived(): Promise<boolean> {
  const { pending, dropped } = await mlflow.flush();
  return pending + dropped === 0;
}
