/** A page that runs a conversation without a server, and prints its result and its trace. */

import { autolog, getLastActiveTraceId, getTrace, stats, withSpan } from "mlflow-ag2";
import { askOneQuestion } from "./one-question.js";

async function hold(): Promise<unknown> {
  autolog();
  const summary = await askOneQuestion();
  const trace = await getTrace(getLastActiveTraceId());
  return {
    summary,
    byHand: withSpan(() => 42),
    spans: trace?.data.spans.length ?? 0,
    unavailable: stats().unavailable ?? null,
  };
}

void hold().then((report) => console.log(`RESULT ${JSON.stringify(report)}`));
