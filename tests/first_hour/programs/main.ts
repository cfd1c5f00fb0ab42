/** The first hour in a program of the command line: `?site=…&experiment=…`, or `?off` for the switched off one. */

import { autolog, getTrace, stats, status } from "mlflow-ag2";
import { traceText } from "mlflow-ag2/view/console";
import { firstHour } from "./hour.js";

const settings = new URLSearchParams(process.argv[2] ?? "");

async function whole(): Promise<unknown> {
  const hour = await firstHour(settings.get("site") ?? "", settings.get("experiment") ?? "");
  const trace = await getTrace(hour.calculator.traceId);
  return { hour, rows: trace === null ? [] : traceText(trace).split("\n").slice(1) };
}

function off(): unknown {
  autolog();
  return { status: status(), started: stats().started };
}

console.log(`RESULT ${JSON.stringify(settings.has("off") ? off() : await whole())}`);
