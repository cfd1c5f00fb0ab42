/**
 * Traces that are read back: the public classes, filled from memory or from the server (`from-memory.ts`,
 * `from-server.ts`). Data only; names and meaning are those of MLflow's `Trace`, `TraceInfo` and `Span`
 * (mlflow/entities/trace.py, trace_info.py, span.py).
 */

import type { Assessment } from "./assessment.js";

/** Token counts of one model call, or summed over a trace. */
export interface TokenUsage {
  /** The tokens of the prompt, including those from the provider's cache. */
  input_tokens: number;
  /** The tokens of the completion. */
  output_tokens: number;
  /** The tokens of prompt and completion together. */
  total_tokens: number;
  /** Input tokens the provider read from its cache; part of `input_tokens`. */
  cache_read_input_tokens?: number;
  /** Input tokens the provider wrote to its cache; part of `input_tokens`. */
  cache_creation_input_tokens?: number;
  /** Of those, the tokens that are cached for an hour. */
  cache_creation_input_tokens_above_1hr?: number;
}

/**
 * The states of a trace.
 *
 * @example
 * const failed = (await getTrace(getLastActiveTraceId()))?.info.state === TraceState.ERROR;
 */
export const TraceState = {
  /** The server reports no state. */
  STATE_UNSPECIFIED: "STATE_UNSPECIFIED",
  /** The trace has ended, its root without an error. */
  OK: "OK",
  /** The root has failed. */
  ERROR: "ERROR",
  /** The root has not ended. */
  IN_PROGRESS: "IN_PROGRESS",
} as const;

/** The state of a trace. */
export type TraceState = keyof typeof TraceState;

/** The status of a span as it is read: whether its operation succeeded. */
export interface SpanStatusFields {
  /** "UNSET" for an open span, or one without a status. */
  readonly code: "UNSET" | "OK" | "ERROR";
  /** The error message, for "ERROR"; else usually "". */
  readonly description: string;
}

/** The status of a span: whether its operation succeeded. */
export interface SpanStatus extends SpanStatusFields {
  /** The code as `SpanStatusCode` has it, such as "STATUS_CODE_OK". */
  readonly statusCode: `STATUS_CODE_${SpanStatusFields["code"]}`;
}

/** A link from a span to another one, of any trace. */
export interface SpanLink {
  /** The id of the other trace: "tr-" and 32 hexadecimal digits. */
  readonly traceId: string;
  /** The id of the other span: 16 hexadecimal digits. */
  readonly spanId: string;
  /** What the program says about the link, by key. */
  readonly attributes?: Readonly<Record<string, unknown>>;
}

/** An event as it is read. */
export interface SpanEventFields {
  /** The name of the event; "exception" for an error, as in OpenTelemetry. */
  readonly name: string;
  /** Nanoseconds since 1970. */
  readonly timeNs: bigint;
  /**
   * The attributes of the event by key; of an exception `exception.type`, `exception.message` and
   * `exception.stacktrace`.
   */
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** An event at one moment of a span, such as an exception. */
export interface SpanEvent extends SpanEventFields {
  /** The same time as `timeNs`, under the name that MLflow's TypeScript SDK has for it. */
  readonly timestamp: bigint;
}

/** The fields that a span has as they are read. */
export interface SpanData {
  /** The name of the operation: that of an agent or a tool, "initiate_chat", … */
  readonly name: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
  /** The id of the parent span; `null` for the root. */
  readonly parentId: string | null;
  /** "tr-" and 32 hexadecimal digits. */
  readonly traceId: string;
  /** Nanoseconds since 1970. */
  readonly startTimeNs: bigint;
  /** Nanoseconds since 1970; `undefined` while the span is open. */
  readonly endTimeNs: bigint | undefined;
  /** The attributes by key, as data (JSON text is parsed). */
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** What the constructor of `Span` takes. */
export interface SpanFields extends SpanData {
  /** The status. */
  readonly status: SpanStatusFields;
  /** The events, including exceptions, the oldest first. */
  readonly events: readonly SpanEventFields[];
  /** The links; none if it is left out. */
  readonly links?: readonly SpanLink[];
}

/** One operation of a trace. */
// The constructor of the class assigns all fields of the interface.
// oxlint-disable-next-line typescript/no-unsafe-declaration-merging
export interface Span extends SpanData {
  /** The status. */
  readonly status: SpanStatus;
  /** The events, including exceptions, the oldest first. */
  readonly events: readonly SpanEvent[];
  /** The links to other spans (`addLink`), the oldest first. */
  readonly links: readonly SpanLink[];
}

/** Seconds since 1970, and the nanoseconds beyond: OpenTelemetry's form of a time. */
export type HrTime = [seconds: number, nanoseconds: number];

const NS_PER_S = 1_000_000_000n;

/** A time in nanoseconds since 1970 in OpenTelemetry's form. */
export function hrTime(timeNs: bigint): HrTime {
  return [Number(timeNs / NS_PER_S), Number(timeNs % NS_PER_S)];
}

/**
 * One operation of a trace.
 *
 * @example
 * const trace = await getTrace(getLastActiveTraceId());
 * const failed = trace?.data.spans.filter((span: Span) => span.status.code === "ERROR");
 */
export class Span {
  /** Called by `getTrace`, `searchTraces` and `onTrace`; a program need not call it. */
  constructor(fields: SpanFields) {
    const { status, events, links = [] } = fields;
    Object.assign(this, fields, {
      status: { ...status, statusCode: `STATUS_CODE_${status.code}` },
      events: events.map((event) => ({ ...event, timestamp: event.timeNs })),
      links,
    });
  }

  /** The start time, as OpenTelemetry has it. */
  get startTime(): HrTime {
    return hrTime(this.startTimeNs);
  }

  /** The end time, as OpenTelemetry has it; `null` while the span is open. */
  get endTime(): HrTime | null {
    return this.endTimeNs === undefined ? null : hrTime(this.endTimeNs);
  }

  /** The log level (`SpanLogLevel`); `null` if the server has none. */
  get logLevel(): number | null {
    return (this.attributes["mlflow.spanLogLevel"] as number | undefined) ?? null;
  }

  /** The kind of operation: "AGENT", "LLM", "TOOL", "CHAIN", … */
  get spanType(): string {
    const type = this.attributes["mlflow.spanType"];
    return typeof type === "string" ? type : "UNKNOWN";
  }

  /** The inputs. */
  get inputs(): unknown {
    return this.attributes["mlflow.spanInputs"];
  }

  /** The outputs. */
  get outputs(): unknown {
    return this.attributes["mlflow.spanOutputs"];
  }

  /** The attribute with this key; `undefined` if there is none. */
  getAttribute(key: string): unknown {
    return this.attributes[key];
  }
}

/** The fields that the metadata of a trace has as they are read. */
export interface TraceInfoData {
  /** "tr-" and 32 hexadecimal digits. */
  readonly traceId: string;
  /** The id of the trace's experiment; "" if it is not known yet. */
  readonly experimentId: string;
  /**
   * "IN_PROGRESS" until the root span has ended, then the status of that span, or the state set with
   * `updateCurrentTrace`.
   */
  readonly state: TraceState;
  /** The start time, in milliseconds since 1970. */
  readonly requestTimeMs: number;
  /** The duration, in milliseconds; `undefined` while it is in progress. */
  readonly executionDurationMs: number | undefined;
  /** The program's own id of the request, if it set one. */
  readonly clientRequestId: string | undefined;
  /** The beginning of the inputs, for lists of traces. */
  readonly requestPreview: string | undefined;
  /** The beginning of the outputs. */
  readonly responsePreview: string | undefined;
  /** Tags, which can be changed later, also in MLflow's UI; the trace's name is `mlflow.traceName`. */
  readonly tags: Readonly<Record<string, string>>;
  /**
   * Metadata, which cannot be changed later: token counts, session, user (keys that start with `mlflow.`), and
   * the program's own.
   */
  readonly traceMetadata: Readonly<Record<string, string>>;
}

/** What the constructor of `TraceInfo` takes. */
export interface TraceInfoFields extends TraceInfoData {
  /** Feedback and expectations; none if it is left out. */
  readonly assessments?: readonly Assessment[];
}

/** The metadata of a trace. */
// The constructor of the class assigns all fields of the interface.
// oxlint-disable-next-line typescript/no-unsafe-declaration-merging
export interface TraceInfo extends TraceInfoData {
  /**
   * Feedback and expectations, the oldest first: those that the server has; of a trace that memory still holds, those
   * that this program has given.
   */
  readonly assessments: readonly Assessment[];
}

/**
 * The metadata of a trace.
 *
 * @example
 * const info: TraceInfo | undefined = (await getTrace(getLastActiveTraceId()))?.info;
 * console.log(info?.state, info?.executionDurationMs, info?.tokenUsage?.total_tokens);
 */
export class TraceInfo {
  /** Called by `getTrace`, `searchTraces` and `onTrace`; a program need not call it. */
  constructor(fields: TraceInfoFields) {
    Object.assign(this, { assessments: [] }, fields);
  }

  /** Token counts summed over the trace; `null` if no model reported any. */
  get tokenUsage(): TokenUsage | null {
    const text = this.traceMetadata["mlflow.trace.tokenUsage"];
    return text === undefined ? null : (JSON.parse(text) as TokenUsage);
  }

  /** The same as `requestTimeMs`, under the name that MLflow has for it. */
  get requestTime(): number {
    return this.requestTimeMs;
  }

  /** The same as `executionDurationMs`, in milliseconds, under the name that MLflow has for it. */
  get executionDuration(): number | undefined {
    return this.executionDurationMs;
  }
}

/**
 * A trace: its metadata and its spans.
 *
 * @example
 * const models = (trace: Trace): number => trace.data.spans.filter((span) => span.spanType === "LLM").length;
 */
export class Trace {
  /** The metadata. */
  readonly info: TraceInfo;
  /** The spans, in an object of their own as in MLflow. */
  readonly data: {
    /** All spans, the root first, in the order of their start; empty if the trace was read without spans. */
    readonly spans: readonly Span[];
  };

  /** Called by `getTrace`, `searchTraces` and `onTrace`; a program need not call it. */
  constructor(info: TraceInfo, spans: readonly Span[]) {
    this.info = info;
    this.data = { spans };
  }
}
