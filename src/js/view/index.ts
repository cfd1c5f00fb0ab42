/**
 * `mlflow-ag2/view`: the import defines the element `<mlflow-trace>`. Outside of pages it does nothing.
 *
 * @module mlflow-ag2/view
 */

import { MlflowTraceElement } from "./element.js";

export { MlflowTraceElement, type MlflowTraceEventMap, type SpanSelectDetail } from "./element.js";
export type { FeedbackDetail } from "./thumbs.js";

if (typeof customElements !== "undefined" && customElements.get("mlflow-trace") === undefined) {
  customElements.define("mlflow-trace", MlflowTraceElement);
}
