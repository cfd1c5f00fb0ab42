/** The words that MLflow has for spans (mlflow/entities/span.py, span_status.py); its TypeScript SDK exports them under these names. */

/**
 * The types of spans that MLflow knows, each with an icon and a view of its own. Any other text is a
 * type too.
 *
 * @example
 * startSpan({ name: "search", spanType: SpanType.RETRIEVER });
 */
export const SpanType = {
  LLM: "LLM",
  CHAIN: "CHAIN",
  AGENT: "AGENT",
  TOOL: "TOOL",
  CHAT_MODEL: "CHAT_MODEL",
  RETRIEVER: "RETRIEVER",
  PARSER: "PARSER",
  EMBEDDING: "EMBEDDING",
  RERANKER: "RERANKER",
  MEMORY: "MEMORY",
  WORKFLOW: "WORKFLOW",
  TASK: "TASK",
  GUARDRAIL: "GUARDRAIL",
  EVALUATOR: "EVALUATOR",
  UNKNOWN: "UNKNOWN",
} as const;

/** A type of span: one that MLflow knows, or any text. */
export type SpanType = (typeof SpanType)[keyof typeof SpanType] | (string & {});

/**
 * How a span went, as MLflow's TypeScript SDK spells it. `setStatus` takes the short words too.
 *
 * @example
 * const span = startSpan({ name: "look up weather" });
 * span.setStatus(SpanStatusCode.ERROR, "no such city");
 * span.setStatus("ERROR", "no such city");
 */
export const SpanStatusCode = {
  UNSET: "STATUS_CODE_UNSET",
  OK: "STATUS_CODE_OK",
  ERROR: "STATUS_CODE_ERROR",
} as const;

/** How a span went. */
export type SpanStatusCode = (typeof SpanStatusCode)[keyof typeof SpanStatusCode] | "UNSET" | "OK" | "ERROR";
