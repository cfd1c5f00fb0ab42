/**
 * `mlflow-ag2/view/react`: `mlflow-ag2/view`, with the types of its elements for the TSX of React 18 and 19.
 *
 * React 18 sets attributes only: there `trace` and `traces` are set by a `ref`, and events have `addEventListener`.
 *
 * @module mlflow-ag2/view/react
 */

import type * as React from "react";
import type { MlflowSessionElement, MlflowTraceElement, MlflowTraceEventMap } from "../index.js";
import type { Listeners, SessionEvents, SessionProperties, TraceProperties, ViewAttributes } from "./properties.js";

export * from "../index.js";

/** What React 18 sets: attributes, of which a custom element gets the class as `class`. */
interface Attributes<Element> extends React.ClassAttributes<Element>, React.HTMLAttributes<Element> {
  class?: string | undefined;
  feedback?: string | undefined;
}

/** React 19, which has `use`, sets properties and adds listeners as well. */
type Props<Element, Properties, Events> = typeof React extends { use: unknown }
  ? Omit<Attributes<Element>, "feedback"> & ViewAttributes & Properties & Listeners<Events, "on">
  : Attributes<Element>;

declare module "react" {
  namespace JSX {
    interface IntrinsicElements {
      "mlflow-trace": Props<MlflowTraceElement, TraceProperties, MlflowTraceEventMap>;
      "mlflow-session": Props<MlflowSessionElement, SessionProperties, SessionEvents>;
    }
  }
}
