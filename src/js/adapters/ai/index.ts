/**
 * `mlflow-ag2/ai`: what records the calls of Vercel's `ai`: a tracer for its versions 5 and 6, a telemetry integration
 * for version 7.
 *
 * @module mlflow-ag2/ai
 */

import type { SpanParent } from "../../index.js";
import { checkedOptions, PARENT_OPTION } from "../options.js";
import { listeners, type TelemetryListeners } from "./listeners.js";
import { type AiTracer, tracer } from "./tracer.js";

export type { TelemetryListeners } from "./listeners.js";
export type { AiSpan, AiSpanContext, AiTracer } from "./tracer.js";

/** The options of `ai`. */
export interface AiOptions {
  /** The parent of calls that are not part of another call. Default: the active span, as for `startSpan`. */
  parent?: SpanParent | null | undefined;
}

/** What `ai` reports its calls to: the `tracer` of versions 5 and 6, and an integration of version 7. */
export interface AiTelemetry extends AiTracer, TelemetryListeners {}

/**
 * What records the calls of Vercel's `ai`, with the names, types and values of MLflow's integration
 * (`libs/typescript/integrations/vercel`, mlflow/tracing/otel/translation/vercel_ai.py).
 *
 * In version 7: `registerTelemetry(ai())`. In versions 5 and 6, with each call:
 * `experimental_telemetry: { isEnabled: true, tracer: ai() }`; in a page, where calls that run at the same time are
 * distinguished by their tracers, with an `ai()` of its own. A page knows the active span no more when `ai` reports a
 * call: give `ai({ parent })`, in version 7 as `telemetry: { integrations: [ai({ parent })] }`.
 *
 * @throws MlflowAg2Error `invalid_argument` for an unknown option, and a `parent` that is none.
 * @example
 * declare function registerTelemetry(integration: AiTelemetry): void;
 * registerTelemetry(ai());
 */
export function ai(options: AiOptions = {}): AiTelemetry {
  const { parent } = checkedOptions("ai", options, PARENT_OPTION);
  return { ...tracer(parent), ...listeners(parent) };
}
