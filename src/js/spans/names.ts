/** The words that MLflow has for spans (mlflow/entities/span.py, span_status.py); its TypeScript SDK exports them under these names. */

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
  /** What an agent does to make one reply. */
  AGENT: "AGENT",
  /** A function that a model asked for. */
  TOOL: "TOOL",
  /** A call of a model by messages, as MLflow's OpenAI autologging names it. */
  CHAT_MODEL: "CHAT_MODEL",
  /** A search for documents; MLflow shows outputs of the shape `{ page_content, metadata }[]` as such. */
  RETRIEVER: "RETRIEVER",
  /** Text made into data, such as the JSON in an answer. */
  PARSER: "PARSER",
  /** Texts made into vectors. */
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
  /** None of these: what a span has that was given no type. */
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
  /** Nobody has said yet; the end of the span makes it OK. */
  UNSET: "STATUS_CODE_UNSET",
  /** It went well. */
  OK: "STATUS_CODE_OK",
  /** It failed; on the root span the whole trace counts as failed. */
  ERROR: "STATUS_CODE_ERROR",
} as const;

/** How a span went. */
export type SpanStatusCode = (typeof SpanStatusCode)[keyof typeof SpanStatusCode] | "UNSET" | "OK" | "ERROR";
