/** The first hour in a page without a framework, which shows the trace of the calculator in the end. */

import { getTrace } from "mlflow-ag2";
import "mlflow-ag2/view";
import { firstHour, type Hour } from "./hour.js";

const settings = new URLSearchParams(location.search);
/** What has failed, for the test. */
const fail = (error: unknown): never => {
  Object.assign(globalThis, { failed: String(error) });
  throw error;
};
const hour: Hour = await firstHour(location.origin, settings.get("experiment") ?? "").catch(fail);
const view = document.createElement("mlflow-trace");
view.setAttribute("feedback", "");
Object.assign(view, { trace: await getTrace(hour.calculator.traceId) });
document.body.append(view);
Object.assign(globalThis, { hour });
