/**
 * A trace as it is read back: the classes of the public API, filled from memory or from the server
 * (`from-memory.ts`, `from-server.ts`). Data only; names and meaning are those of MLflow's
 * `Trace`, `TraceInfo` and `Span` (mlflow/entities/trace.py, trace_info.py, span.py).
 */

/** Token counts of one model call, or summed over a trace. */
export interface TokenUsage {
  /** Of the prompt, those from the provider's cache included. */
  input_tokens: number;
  /** Of the answer. */
  output_tokens: number;
  /** Input and output together. */
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
  /** "UNSET" for a span that still runs, or of which nobody has said. */
  readonly code: "UNSET" | "OK" | "ERROR";
  /** What was wrong, for "ERROR"; else "" as a rule. */
  readonly description: string;
}

/** Something that happened at one moment of a span, such as an exception. */
export interface SpanEvent {
  /** What happened; "exception" for an error, as in OpenTelemetry. */
  readonly name: string;
  /** Nanoseconds since 1970. */
  readonly timeNs: bigint;
  /** More about it, by key; of an exception `exception.type`, `exception.message` and `exception.stacktrace`. */
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** What a span is made of. */
export interface SpanFields {
  /** What the operation is called: an agent's name, a tool's, "initiate_chat", … */
  readonly name: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
  /** The span this one is part of; `undefined` for the root. */
  readonly parentId: string | undefined;
  /** "tr-" and 32 hexadecimal digits. */
  readonly traceId: string;
  /** How it went. */
  readonly status: SpanStatus;
  /** Nanoseconds since 1970. */
  readonly startTimeNs: bigint;
  /** Nanoseconds since 1970; `undefined` while the span is open. */
  readonly endTimeNs: bigint | undefined;
  /** Every attribute by its key, as data (JSON text already parsed). */
  readonly attributes: Readonly<Record<string, unknown>>;
  /** What happened meanwhile, exceptions among it, the oldest first. */
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
  /** Made by `getTrace`, `searchTraces` and `onTrace`; a program has no need to make one. */
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
  /** The experiment that holds it; "" where none is known yet. */
  readonly experimentId: string;
  /** "IN_PROGRESS" until its root span has ended, then how that one went, or what `updateCurrentTrace` said. */
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
  /** What can be changed later, in MLflow's UI too; the trace's name is `mlflow.traceName`. */
  readonly tags: Readonly<Record<string, string>>;
  /** What stays as it was recorded: token counts, session, user (keys that begin with `mlflow.`), and the program's own. */
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
  /** Made by `getTrace`, `searchTraces` and `onTrace`; a program has no need to make one. */
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
  /** What is known of it as a whole. */
  readonly info: TraceInfo;
  /** What it is made of; an object of its own, as in MLflow. */
  readonly data: {
    /** From the root on, in the order in which they began; empty if the trace was asked for without spans. */
    readonly spans: readonly Span[];
  };

  /** Made by `getTrace`, `searchTraces` and `onTrace`; a program has no need to make one. */
  constructor(info: TraceInfo, spans: readonly Span[]) {
    this.info = info;
    this.data = { spans };
  }
}
