/**
 * `mlflow-ag2/view`: the import defines the elements `<mlflow-trace>` and `<mlflow-session>`. Outside of pages it does
 * nothing.
 *
 * @module mlflow-ag2/view
 */

import { MlflowTraceElement } from "./element.js";
import { MlflowSessionElement } from "./session.js";

export { MlflowTraceElement, type MlflowTraceEventMap, type SpanSelectDetail } from "./element.js";
export { MlflowSessionElement, type MlflowSessionEventMap, type TraceSelectDetail } from "./session.js";
export type { FeedbackDetail } from "./thumbs.js";

if (typeof customElements !== "undefined" && customElements.get("mlflow-trace") === undefined) {
  customElements.define("mlflow-trace", MlflowTraceElement);
  customElements.define("mlflow-session", MlflowSessionElement);
}
