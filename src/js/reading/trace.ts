/**
 * Traces that are read back: the public classes, filled from memory or from the server (`from-memory.ts`,
 * `from-server.ts`). Data only; names and meaning are those of MLflow's `Trace`, `TraceInfo` and `Span`
 * (mlflow/entities/trace.py, trace_info.py, span.py).
 */

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

/** The state of a trace. */
export type TraceState = "OK" | "ERROR" | "IN_PROGRESS" | "STATE_UNSPECIFIED";

/** The status of a span: whether its operation succeeded. */
export interface SpanStatus {
  /** "UNSET" for an open span, or one without a status. */
  readonly code: "UNSET" | "OK" | "ERROR";
  /** The error message, for "ERROR"; else usually "". */
  readonly description: string;
}

/** An event at one moment of a span, such as an exception. */
export interface SpanEvent {
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

/** The fields of a span. */
export interface SpanFields {
  /** The name of the operation: that of an agent or a tool, "initiate_chat", … */
  readonly name: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
  /** The id of the parent span; `undefined` for the root. */
  readonly parentId: string | undefined;
  /** "tr-" and 32 hexadecimal digits. */
  readonly traceId: string;
  /** The status. */
  readonly status: SpanStatus;
  /** Nanoseconds since 1970. */
  readonly startTimeNs: bigint;
  /** Nanoseconds since 1970; `undefined` while the span is open. */
  readonly endTimeNs: bigint | undefined;
  /** The attributes by key, as data (JSON text is parsed). */
  readonly attributes: Readonly<Record<string, unknown>>;
  /** The events, including exceptions, the oldest first. */
  readonly events: readonly SpanEvent[];
}

/** One operation of a trace. */
// The constructor of the class assigns all fields of the interface.
// oxlint-disable-next-line typescript/no-unsafe-declaration-merging
export interface Span extends SpanFields {}

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
    Object.assign(this, fields);
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

/** The fields of `TraceInfo`. */
export interface TraceInfoFields {
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

/** The metadata of a trace. */
// The constructor of the class assigns all fields of the interface.
// oxlint-disable-next-line typescript/no-unsafe-declaration-merging
export interface TraceInfo extends TraceInfoFields {}

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
    Object.assign(this, fields);
  }

  /** Token counts summed over the trace; `undefined` if no model reported any. */
  get tokenUsage(): TokenUsage | undefined {
    const text = this.traceMetadata["mlflow.trace.tokenUsage"];
    return text === undefined ? undefined : (JSON.parse(text) as TokenUsage);
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
