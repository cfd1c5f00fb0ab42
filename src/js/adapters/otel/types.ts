/** What is used of OpenTelemetry's SDK, of both of its versions. */

/** A time of OpenTelemetry: seconds since 1970, and nanoseconds. */
export type OtelTime = readonly [seconds: number, nanoseconds: number];

/** The ids of a span. */
export interface OtelSpanContext {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
  /** 1 if the span is sampled. */
  readonly traceFlags: number;
  /** Whether it is a span of another program. */
  readonly isRemote?: boolean | undefined;
}

/** An event of a span. */
export interface OtelEvent {
  /** The name, such as "exception". */
  readonly name: string;
  /** When it happened. */
  readonly time: OtelTime;
  /** The attributes by key. */
  readonly attributes?: Readonly<Record<string, unknown>> | undefined;
}

/** The status of a span. */
export interface OtelStatus {
  /** 0: unset, 1: ok, 2: error. */
  readonly code: number;
  /** What went wrong. */
  readonly message?: string | undefined;
}

/** OpenTelemetry's `ReadableSpan`. */
export interface OtelSpan {
  /** The name of the operation. */
  readonly name: string;
  /** When it started. */
  readonly startTime: OtelTime;
  /** When it ended. */
  readonly endTime: OtelTime;
  /** The status; the code 2 is an error. */
  readonly status: OtelStatus;
  /** The attributes by key. */
  readonly attributes: Readonly<Record<string, unknown>>;
  /** The events, the oldest first. */
  readonly events: readonly OtelEvent[];
  /** The parent, in version 2 of the SDK. */
  readonly parentSpanContext?: OtelSpanContext | undefined;
  /** The id of the parent, in version 1 of the SDK. */
  readonly parentSpanId?: string | undefined;
  /** Its ids. */
  spanContext(): OtelSpanContext;
}

/** The options of `otel()`. */
export interface OtelOptions {
  /**
   * Which spans are recorded, as they are at their start; what is below another one belongs to its parent. Default:
   * all.
   */
  include?: (span: OtelSpan) => boolean;
}

/** A `SpanProcessor` of OpenTelemetry, which is also a `SpanExporter`. */
export interface OtelProcessor {
  /** Called by OpenTelemetry when a span starts. */
  onStart(span: OtelSpan, parentContext: object): void;
  /** Called by OpenTelemetry when a span ends. */
  onEnd(span: OtelSpan): void;
  /** Called by OpenTelemetry with spans that have ended, where this is the exporter of a processor. */
  export(spans: readonly OtelSpan[], done: (result: { code: number }) => void): void;
  /** Sends what waits. */
  forceFlush(): Promise<void>;
  /** Sends what waits, and stops. */
  shutdown(): Promise<void>;
}
