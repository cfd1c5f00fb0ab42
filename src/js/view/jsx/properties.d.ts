/** The properties and events of the elements, by the names that the JSX of frameworks has for them. */

import type { Trace } from "../../reading/trace.js";
import type { MlflowSessionEventMap, MlflowTraceEventMap } from "../index.js";

/** The attribute of both elements. */
export interface ViewAttributes {
  /** Shows thumbs; the value is the name of the feedback. */
  feedback?: string | boolean | undefined;
}

/** Properties of `<mlflow-trace>`. */
export interface TraceProperties {
  /** The trace that is shown. */
  trace?: Trace | null | undefined;
  /** The id of the span whose details are shown. */
  selectedSpanId?: string | undefined;
}

/** Properties of `<mlflow-session>`. */
export interface SessionProperties {
  /** The traces of the conversation. */
  traces?: readonly Trace[] | undefined;
  /** The id of the trace that is shown. */
  selectedTraceId?: string | undefined;
}

/** Events of `<mlflow-session>`, with those of the `<mlflow-trace>` in it. */
export type SessionEvents = MlflowSessionEventMap & MlflowTraceEventMap;

/** Listeners by event, with a prefix before the name of each event. */
export type Listeners<Events, Prefix extends string> = {
  [Name in keyof Events & string as `${Prefix}${Name}`]?: ((event: Events[Name]) => void) | undefined;
};
