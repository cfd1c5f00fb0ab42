/**
 * `mlflow-ag2/view/vue`: `mlflow-ag2/view`, with the types of its elements for the templates of Vue 3.
 *
 * @module mlflow-ag2/view/vue
 */

import type { EmitFn, HTMLAttributes, PublicProps } from "vue";
import type { MlflowSessionElement, MlflowTraceElement, MlflowTraceEventMap } from "../index.js";
import type { SessionEvents, SessionProperties, TraceProperties, ViewAttributes } from "./properties.js";

export * from "../index.js";

/** An element as Vue's tools know components (https://vuejs.org/guide/extras/web-components). */
type Component<Element, Properties, Events> = new () => Element & {
  /** @deprecated Only the types of Vue use this; an element has no such property. */
  $props: HTMLAttributes & PublicProps & ViewAttributes & Properties;
  /** @deprecated Only the types of Vue use this; an element has no such property. */
  $emit: EmitFn<{ [Name in keyof Events]: (event: Events[Name]) => void }>;
};

declare module "vue" {
  interface GlobalComponents {
    "mlflow-trace": Component<MlflowTraceElement, TraceProperties, MlflowTraceEventMap>;
    "mlflow-session": Component<MlflowSessionElement, SessionProperties, SessionEvents>;
  }
}
