/**
 * Parses traces from the server's responses, such as `GET /api/3.0/mlflow/traces/get`: protobuf's JSON of
 * mlflow/protos/service.proto `Trace`, whose spans are OpenTelemetry's. Ids are base64 there, and 64-bit
 * numbers are not quoted, so that `JSON.parse` would round them.
 */

import { readAssessment, type ServerAssessment } from "./assessment.js";
import { Span, Trace, TraceInfo, type SpanEventFields, type SpanStatusFields, type TraceState } from "./trace.js";

const NS_PER_MS = 1e6;

/** Unix milliseconds, rounded once: `Number(ns) / 1e6` rounds twice and can be one unit in the last place off. */
const unixMs = (ns: bigint): number => Number(ns / 1_000_000n) + Number(ns % 1_000_000n) / NS_PER_MS;

interface AnyValue {
  string_value?: string;
  int_value?: number | string;
  double_value?: number | string;
  bool_value?: boolean;
  bytes_value?: string;
  array_value?: { values?: AnyValue[] };
  kvlist_value?: { values?: KeyValue[] };
}

interface KeyValue {
  key: string;
  value?: AnyValue;
}

interface ServerSpan {
  trace_id: string;
  span_id: string;
  parent_span_id?: string;
  name?: string;
  start_time_unix_nano?: string;
  end_time_unix_nano?: string;
  attributes?: KeyValue[];
  events?: { name?: string; time_unix_nano?: string; attributes?: KeyValue[] }[];
  links?: { trace_id: string; span_id: string; attributes?: KeyValue[] }[];
  status?: { code?: string; message?: string };
}

interface ServerTraceInfo {
  trace_id: string;
  trace_location?: { mlflow_experiment?: { experiment_id?: string } };
  request_time?: string;
  execution_duration?: string;
  state?: TraceState;
  client_request_id?: string;
  request_preview?: string;
  response_preview?: string;
  tags?: Record<string, string>;
  trace_metadata?: Record<string, string>;
  assessments?: ServerAssessment[];
}

interface ServerTrace {
  trace_info: ServerTraceInfo;
  spans?: ServerSpan[];
}

/** The trace in a response; `null` if there is none. Throws `SyntaxError` on text that is not JSON. */
export function traceFromServer(response: string): Trace | null {
  const { trace } = JSON.parse(quoteIntegers(response)) as { trace?: ServerTrace };
  if (trace?.trace_info === undefined) return null;
  const { trace_info: info, spans = [] } = trace;
  return readTrace(info, spans);
}

/**
 * The traces in the response to `POST /api/3.0/mlflow/traces/search`, without their spans, and the token
 * of the next page. Throws `SyntaxError` on text that is not JSON.
 */
export function tracesFromServer(response: string): { traces: Trace[]; nextPageToken: string | undefined } {
  const { traces = [], next_page_token: nextPageToken } = JSON.parse(response) as {
    traces?: ServerTraceInfo[];
    next_page_token?: string;
  };
  return { traces: traces.map((info) => readTrace(info, [])), nextPageToken };
}

function readTrace(info: ServerTraceInfo, serverSpans: ServerSpan[]): Trace {
  const spans = serverSpans.map((span) => readSpan(span, info.trace_id)).sort(byStart);
  // The server stores whole milliseconds of the trace, and nanoseconds of its spans.
  const root = spans.find(({ parentId }) => parentId === null);
  const durationMs = root?.endTimeNs === undefined ? undefined : Number(root.endTimeNs - root.startTimeNs) / NS_PER_MS;
  return new Trace(
    new TraceInfo({
      traceId: info.trace_id,
      experimentId: info.trace_location?.mlflow_experiment?.experiment_id ?? "",
      state: info.state ?? "STATE_UNSPECIFIED",
      requestTimeMs: root === undefined ? Date.parse(info.request_time ?? "") : unixMs(root.startTimeNs),
      executionDurationMs:
        info.execution_duration === undefined
          ? undefined
          : (durationMs ?? Number.parseFloat(info.execution_duration) * 1000),
      clientRequestId: info.client_request_id,
      requestPreview: info.request_preview,
      responsePreview: info.response_preview,
      tags: info.tags ?? {},
      traceMetadata: info.trace_metadata ?? {},
      assessments: (info.assessments ?? []).map(readAssessment),
    }),
    spans,
  );
}

/** Quotes 64-bit numbers. Within a JSON string the quote before the colon is escaped, so nothing is changed there. */
function quoteIntegers(response: string): string {
  return response.replace(/"((?:start_|end_)?time_unix_nano|int_value)":\s*(-?\d+)/g, '"$1":"$2"');
}

function readSpan(span: ServerSpan, traceId: string): Span {
  return new Span({
    name: span.name ?? "",
    spanId: hex(span.span_id),
    parentId: span.parent_span_id ? hex(span.parent_span_id) : null,
    traceId,
    status: readStatus(span.status),
    startTimeNs: BigInt(span.start_time_unix_nano ?? 0),
    endTimeNs: span.end_time_unix_nano === undefined ? undefined : BigInt(span.end_time_unix_nano),
    attributes: readAttributes(span.attributes),
    events: (span.events ?? []).map(
      (event): SpanEventFields => ({
        name: event.name ?? "",
        timeNs: BigInt(event.time_unix_nano ?? 0),
        attributes: readAttributes(event.attributes),
      }),
    ),
    links: (span.links ?? []).map((link) => ({
      traceId: `tr-${hex(link.trace_id)}`,
      spanId: hex(link.span_id),
      attributes: readAttributes(link.attributes),
    })),
  });
}

function readStatus({ code = "", message = "" }: NonNullable<ServerSpan["status"]> = {}): SpanStatusFields {
  return {
    code: (/(?<=^STATUS_CODE_)(?:OK|ERROR)$/.exec(code)?.[0] ?? "UNSET") as SpanStatusFields["code"],
    description: message,
  };
}

function readAttributes(attributes: KeyValue[] = []): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, readValue(value)]));
}

/** The value in the one field that is set. */
function readValue({
  string_value,
  int_value,
  double_value,
  bool_value,
  array_value,
  kvlist_value,
  bytes_value,
}: AnyValue = {}): unknown {
  if (int_value !== undefined) return readInteger(int_value);
  if (double_value !== undefined) return Number(double_value);
  if (array_value !== undefined) return (array_value.values ?? []).map((value) => readValue(value));
  if (kvlist_value !== undefined) return readAttributes(kvlist_value.values);
  return string_value ?? bool_value ?? bytes_value ?? null;
}

function readInteger(digits: number | string): number | bigint {
  const number = Number(digits);
  return Number.isSafeInteger(number) ? number : BigInt(digits);
}

function hex(base64: string): string {
  return Array.from(atob(base64), (character) => character.charCodeAt(0).toString(16).padStart(2, "0")).join("");
}

function byStart(one: Span, other: Span): number {
  return Number(one.startTimeNs - other.startTimeNs);
}
