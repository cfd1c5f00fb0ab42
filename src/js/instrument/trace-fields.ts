/** Fields of a trace as a whole: passed to the core for one trace, and the defaults of all traces. */

import * as spanCalls from "./span-calls.js";
import * as traceFields from "../bridge/numbers/trace-fields.js";

/** The fields of a trace that are the same for a request, a session or a program. */
export interface TraceFields {
  /** Tags, which can be changed later, also in MLflow. */
  tags?: Readonly<Record<string, string>>;
  /** Metadata, which cannot be changed later, such as the version of the program. */
  metadata?: Readonly<Record<string, string>>;
  /** Your own id of the request. */
  clientRequestId?: string;
  /** The id of a session of several traces, which MLflow's session view shows together. */
  sessionId?: string;
  /** The id of the user. */
  userId?: string;
}

type FieldName = keyof typeof traceFields;

/**
 * Metadata keys for which MLflow has fields, which need no second request (mlflow/tracing/constant.py,
 * `TraceMetadataKey`).
 */
const FIELD_OF_METADATA: Readonly<Record<string, FieldName>> = {
  "mlflow.trace.session": "sessionId",
  "mlflow.trace.user": "userId",
};

let defaults: TraceFields = {};

/** Sets the fields that traces have from now on, unless they get others. */
export function setTraceDefaults(fields: TraceFields): void {
  defaults = fields;
}

/** The fields that traces have unless they get others. */
export function traceDefaults(): TraceFields {
  return defaults;
}

/** Passes the fields of the trace of a span to the core. Those that are set again are replaced; the others stay. */
export function applyTraceFields(key: number, { tags = {}, metadata = {}, ...fields }: TraceFields): void {
  for (const [name, value] of Object.entries(tags)) spanCalls.traceTag(key, name, String(value));
  for (const [name, value] of Object.entries(metadata)) {
    const field = FIELD_OF_METADATA[name];
    if (field === undefined) spanCalls.traceMetadata(key, name, String(value));
    else spanCalls.traceField(key, field, String(value));
  }
  for (const [field, value] of Object.entries(fields)) {
    if (field in traceFields && value !== undefined) spanCalls.traceField(key, field as FieldName, String(value));
  }
}
