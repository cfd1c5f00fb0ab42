/**
 * `mlflow-ag2/view/preact`: `mlflow-ag2/view`, with the types of its elements for the TSX of Preact 10 and 11.
 *
 * @module mlflow-ag2/view/preact
 */

import type * as Preact from "preact";
import type { MlflowSessionElement, MlflowTraceElement, MlflowTraceEventMap } from "../index.js";
import type { Listeners, SessionEvents, SessionProperties, TraceProperties, ViewAttributes } from "./properties.js";

export * from "../index.js";

type Props<Element extends HTMLElement, Properties, Events> = Preact.HTMLAttributes<Element> &
  Preact.ClassAttributes<Element> &
  ViewAttributes &
  Properties &
  Listeners<Events, "on">;

declare module "preact" {
  namespace JSX {
    interface IntrinsicElements {
      "mlflow-trace": Props<MlflowTraceElement, TraceProperties, MlflowTraceEventMap>;
      "mlflow-session": Props<MlflowSessionElement, SessionProperties, SessionEvents>;
    }
  }
}
