/**
 * A trace as it is read back: the classes of the public API, filled from memory or from the server
 * (`from-memory.ts`, `from-server.ts`). Data only; names and meaning are those of MLflow's
 * `Trace`, `TraceInfo` and `Span` (mlflow/entities/trace.py, trace_info.py, span.py).
 */

/** Token counts of one model call, or summed over a trace. */
export interface TokenUsage {
  input_tokens: number;
  output_tokens: number;
  total_tokens: number;
  /** Input tokens the provider read from its cache; part of `input_tokens`. */
  cache_read_input_tokens?: number;
  /** Input tokens the provider wrote to its cache; part of `input_tokens`. */
  cache_creation_input_tokens?: number;
}

/** Where a trace stands. */
export type TraceState = "OK" | "ERROR" | "IN_PROGRESS" | "STATE_UNSPECIFIED";

/** Whether an operation went well, and what was wrong. */
export interface SpanStatus {
  readonly code: "UNSET" | "OK" | "ERROR";
  readonly description: string;
}

/** Something that happened at one moment of a span, such as an exception. */
export interface SpanEvent {
  readonly name: string;
  /** Nanoseconds since 1970. */
  readonly timeNs: bigint;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** What a span is made of. */
export interface SpanFields {
  readonly name: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
  /** The span this one is part of; `undefined` for the root. */
  readonly parentId: string | undefined;
  /** "tr-" and 32 hexadecimal digits. */
  readonly traceId: string;
  readonly status: SpanStatus;
  /** Nanoseconds since 1970. */
  readonly startTimeNs: bigint;
  /** Nanoseconds since 1970; `undefined` while the span is open. */
  readonly endTimeNs: bigint | undefined;
  /** Every attribute by its key, as data (JSON text already parsed). */
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly events: readonly SpanEvent[];
}

/** One operation of a trace. */
export interface Span extends SpanFields {}

/**
 * One operation of a trace.
 *
 * @example
 * const trace = await getTrace(getLastActiveTraceId());
 * const failed = trace?.data.spans.filter((span: Span) => span.status.code === "ERROR");
 */
export class Span {
  constructor(fields: SpanFields) {
    Object.assign(this, fields);
  }

  /** The kind of operation: "AGENT", "LLM", "TOOL", "CHAIN", … */
  get spanType(): string {
    const type = this.attributes["mlflow.spanType"];
    return typeof type === "string" ? type : "UNKNOWN";
  }

  /** What went in. */
  get inputs(): unknown {
    return this.attributes["mlflow.spanInputs"];
  }

  /** What came out. */
  get outputs(): unknown {
    return this.attributes["mlflow.spanOutputs"];
  }

  /** The attribute of that key; `undefined` if there is none. */
  getAttribute(key: string): unknown {
    return this.attributes[key];
  }
}

/** What is known of a trace as a whole, as it is read. */
export interface TraceInfoFields {
  /** "tr-" and 32 hexadecimal digits. */
  readonly traceId: string;
  readonly experimentId: string;
  readonly state: TraceState;
  /** When it began, in milliseconds since 1970. */
  readonly requestTimeMs: number;
  /** How long it took, in milliseconds; `undefined` while it runs. */
  readonly executionDurationMs: number | undefined;
  /** The id by which the program's own system knows the request, if it gave one. */
  readonly clientRequestId: string | undefined;
  /** The beginning of what went in, for lists of traces. */
  readonly requestPreview: string | undefined;
  /** The beginning of what came out. */
  readonly responsePreview: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
  readonly traceMetadata: Readonly<Record<string, string>>;
}

/** What is known of a trace as a whole. */
export interface TraceInfo extends TraceInfoFields {}

/**
 * What is known of a trace as a whole.
 *
 * @example
 * const info: TraceInfo | undefined = (await getTrace(getLastActiveTraceId()))?.info;
 * console.log(info?.state, info?.executionDurationMs, info?.tokenUsage?.total_tokens);
 */
export class TraceInfo {
  constructor(fields: TraceInfoFields) {
    Object.assign(this, fields);
  }

  /** Token counts summed over the trace; `undefined` if no model told any. */
  get tokenUsage(): TokenUsage | undefined {
    const text = this.traceMetadata["mlflow.trace.tokenUsage"];
    return text === undefined ? undefined : (JSON.parse(text) as TokenUsage);
  }
}

/**
 * A whole trace: what is known of it, and its spans.
 *
 * @example
 * const models = (trace: Trace): number => trace.data.spans.filter((span) => span.spanType === "LLM").length;
 */
export class Trace {
  readonly info: TraceInfo;
  readonly data: { readonly spans: readonly Span[] };

  constructor(info: TraceInfo, spans: readonly Span[]) {
    this.info = info;
    this.data = { spans };
  }
}
