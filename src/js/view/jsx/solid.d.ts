/**
 * `mlflow-ag2/view/solid`: `mlflow-ag2/view`, with the types of its elements for the TSX of Solid. Listeners are
 * written `on:spanselect`.
 *
 * @module mlflow-ag2/view/solid
 */

import type { JSX } from "solid-js";
import type { MlflowSessionElement, MlflowTraceElement, MlflowTraceEventMap } from "../index.js";
import type { Listeners, SessionEvents, SessionProperties, TraceProperties, ViewAttributes } from "./properties.js";

export * from "../index.js";

/** The same properties as `prop:trace` and the like. */
type Explicit<Properties> = {
  [Name in keyof Properties & string as `prop:${Name}`]?: Properties[Name];
};

type Props<Element extends HTMLElement, Properties, Events> = JSX.HTMLAttributes<Element> &
  ViewAttributes &
  Properties &
  Explicit<Properties> &
  Listeners<Events, "on:">;

declare module "solid-js" {
  namespace JSX {
    interface IntrinsicElements {
      "mlflow-trace": Props<MlflowTraceElement, TraceProperties, MlflowTraceEventMap>;
      "mlflow-session": Props<MlflowSessionElement, SessionProperties, SessionEvents>;
    }
  }
}
