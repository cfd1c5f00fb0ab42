/** A page whose tracing core is a file of its own; it runs a conversation at once, and prints its trace. */

import { autolog, flush, getLastActiveTraceId, getTrace, stats, status } from "mlflow-ag2/lazy";
import { askOneQuestion } from "./one-question.js";

async function hold(): Promise<unknown> {
  autolog();
  const summary = await askOneQuestion();
  const before = { status: status(), started: stats().started };
  const trace = await getTrace(getLastActiveTraceId());
  await flush();
  const { started, dropped } = stats();
  return {
    summary,
    before,
    after: { status: status(), started, unavailable: dropped["unavailable"] },
    spans: trace?.data.spans.map(({ name }) => name) ?? [],
  };
}

void hold().then((report) => console.log(`RESULT ${JSON.stringify(report)}`));
