/** What is used of `@openai/agents`. */

/** A trace of the library: a run, or several in `withTrace`. */
export interface AgentsTrace {
  /** The library's id of the trace. */
  readonly traceId: string;
  /** The name of the workflow. */
  readonly name: string;
  /** The conversation that the trace is part of. */
  readonly groupId?: string | null;
  /** The metadata that the program gave. */
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** The error of a span. */
export interface AgentsSpanError {
  /** What went wrong. */
  readonly message: string;
  /** Details, by name. */
  readonly data?: Readonly<Record<string, unknown>>;
}

/** A span of the library. */
export interface AgentsSpan {
  /** The id of its trace. */
  readonly traceId: string;
  /** Its own id. */
  readonly spanId: string;
  /** The id of the span above it. */
  readonly parentId: string | null;
  /** What the span is about; its fields depend on the type. */
  readonly spanData: {
    /** The kind of operation: "agent", "generation", "function", … */
    readonly type: string;
  };
  /** The error, if it failed. */
  readonly error: AgentsSpanError | null;
}

/** A `TracingProcessor` of the library. */
export interface AgentsTracingProcessor {
  /** Called by the library when a trace starts. */
  onTraceStart(trace: AgentsTrace): Promise<void>;
  /** Called by the library when a trace ends. */
  onTraceEnd(trace: AgentsTrace): Promise<void>;
  /** Called by the library when a span starts. */
  onSpanStart(span: AgentsSpan): Promise<void>;
  /** Called by the library when a span ends. */
  onSpanEnd(span: AgentsSpan): Promise<void>;
  /** Sends what waits. */
  forceFlush(): Promise<void>;
  /** Sends what waits. */
  shutdown(timeout?: number): Promise<void>;
}

/** The functions of `@openai/agents`: the whole module, or these alone. */
export interface AgentsLibrary {
  /** Adds a processor. */
  addTraceProcessor(processor: AgentsTracingProcessor): void;
  /** The trace that is active. */
  getCurrentTrace(): Pick<AgentsTrace, "traceId"> | null;
  /** The span that is active. */
  getCurrentSpan(): Pick<AgentsSpan, "traceId" | "spanId"> | null;
}
