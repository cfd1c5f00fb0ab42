/**
 * The names that MLflow has for spans (mlflow/entities/span.py, span_status.py); its TypeScript SDK exports them
 * under these names.
 */

/**
 * The types of spans that MLflow knows, each with an icon and a view of its own. Any other text is a
 * type too.
 *
 * @example
 * startSpan({ name: "search", spanType: SpanType.RETRIEVER });
 */
export const SpanType = {
  /** A call of a model, the agents' own among them. */
  LLM: "LLM",
  /** Steps that belong together, such as a chat of two agents. */
  CHAIN: "CHAIN",
  /** A reply of an agent, with everything that the agent does for it. */
  AGENT: "AGENT",
  /** A function that a model asked for. */
  TOOL: "TOOL",
  /** A call of a model by messages, as MLflow's OpenAI autologging names it. */
  CHAT_MODEL: "CHAT_MODEL",
  /** A search for documents; MLflow shows outputs of the shape `{ page_content, metadata }[]` as such. */
  RETRIEVER: "RETRIEVER",
  /** Text parsed to data, such as the JSON of a completion. */
  PARSER: "PARSER",
  /** Texts embedded as vectors. */
  EMBEDDING: "EMBEDDING",
  /** Documents that were found, put into a better order. */
  RERANKER: "RERANKER",
  /** Reading or writing what an agent remembers. */
  MEMORY: "MEMORY",
  /** A whole process of several tasks. */
  WORKFLOW: "WORKFLOW",
  /** One step of a workflow. */
  TASK: "TASK",
  /** A check of what goes into a model or comes out of it. */
  GUARDRAIL: "GUARDRAIL",
  /** A judgement of how good an answer is. */
  EVALUATOR: "EVALUATOR",
  /** The type of a span without another one. */
  UNKNOWN: "UNKNOWN",
} as const;

/** A type of span: one that MLflow knows, or any text. */
export type SpanType = (typeof SpanType)[keyof typeof SpanType] | (string & {});

/**
 * The status of a span, by the names of MLflow's TypeScript SDK. `setStatus` accepts the short names too.
 *
 * @example
 * const span = startSpan({ name: "look up weather" });
 * span.setStatus(SpanStatusCode.ERROR, "no such city");
 * span.setStatus("ERROR", "no such city");
 */
export const SpanStatusCode = {
  /** No status yet; the end of the span sets OK. */
  UNSET: "STATUS_CODE_UNSET",
  /** The operation succeeded. */
  OK: "STATUS_CODE_OK",
  /** The operation failed; an error of the root span is one of the trace. */
  ERROR: "STATUS_CODE_ERROR",
} as const;

/** The status of a span, in upper or lower case. */
export type SpanStatusCode =
  | (typeof SpanStatusCode)[keyof typeof SpanStatusCode]
  | "UNSET"
  | "OK"
  | "ERROR"
  | Lowercase<"UNSET" | "OK" | "ERROR">;

/**
 * A status with its description: MLflow's `SpanStatus`, the `status` of a span that was read, or OpenTelemetry's
 * `SpanStatus`, whose code is a number.
 */
export interface SpanStatusObject {
  /** The status, by the name of MLflow's TypeScript SDK. */
  readonly statusCode?: SpanStatusCode;
  /** The status, by OpenTelemetry's name. */
  readonly code?: SpanStatusCode | number;
  /** The error message. */
  readonly description?: string | undefined;
  /** The error message, by OpenTelemetry's name. */
  readonly message?: string | undefined;
}
