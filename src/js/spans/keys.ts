/**
 * MLflow's keys of attributes, metadata and token counts, under the names of its TypeScript SDK (core/constants.ts) and
 * of Python's mlflow/tracing/constant.py.
 */

/**
 * The keys of the attributes of spans that MLflow reads.
 *
 * @example
 * startSpan({ name: "answer" }).setAttribute(SpanAttributeKey.MESSAGE_FORMAT, "openai");
 */
export const SpanAttributeKey = {
  /** The id of the experiment. */
  EXPERIMENT_ID: "mlflow.experimentId",
  /** The id of the trace. */
  TRACE_ID: "mlflow.traceRequestId",
  /** The inputs; set them with `setInputs`. */
  INPUTS: "mlflow.spanInputs",
  /** The outputs; set them with `setOutputs`. */
  OUTPUTS: "mlflow.spanOutputs",
  /** The type; set it with `setSpanType`. */
  SPAN_TYPE: "mlflow.spanType",
  /** The log level; set it with `setLogLevel`. */
  LOG_LEVEL: "mlflow.spanLogLevel",
  /** The token counts, an object with the keys of `TokenUsageKey`; set them with `setTokenUsage`. */
  TOKEN_USAGE: "mlflow.chat.tokenUsage",
  /** The format of inputs and outputs, such as "openai". */
  MESSAGE_FORMAT: "mlflow.message.format",
  /** The id of the session; for the trace as a whole, set it with `updateCurrentTrace`. */
  SESSION_ID: "session.id",
  /** The id of the user; for the trace as a whole, set it with `updateCurrentTrace`. */
  USER_ID: "user.id",
} as const;

/**
 * The keys of token counts.
 *
 * @example
 * startSpan({ name: "answer" }).setTokenUsage({ [TokenUsageKey.INPUT_TOKENS]: 12, [TokenUsageKey.OUTPUT_TOKENS]: 3 });
 */
export const TokenUsageKey = {
  /** The tokens of the prompt. */
  INPUT_TOKENS: "input_tokens",
  /** The tokens of the completion. */
  OUTPUT_TOKENS: "output_tokens",
  /** The sum of both. */
  TOTAL_TOKENS: "total_tokens",
  /** The tokens of the prompt that the provider read from its cache. */
  CACHE_READ_INPUT_TOKENS: "cache_read_input_tokens",
  /** The tokens of the prompt that the provider wrote to its cache. */
  CACHE_CREATION_INPUT_TOKENS: "cache_creation_input_tokens",
} as const;

/**
 * The keys of the metadata of traces that MLflow reads.
 *
 * @example
 * updateCurrentTrace({ metadata: { [TraceMetadataKey.TRACE_SESSION]: "window 7" } });
 */
export const TraceMetadataKey = {
  /** The id of the run that the trace is part of. */
  SOURCE_RUN: "mlflow.sourceRun",
  /** The id of the logged model that made the trace. */
  MODEL_ID: "mlflow.modelId",
  /** The size of the trace, in bytes; MLflow sets it. */
  SIZE_BYTES: "mlflow.trace.sizeBytes",
  /** The version of the schema of traces; MLflow sets it. */
  SCHEMA_VERSION: "mlflow.trace_schema.version",
  /** The token counts of the trace, as JSON text; MLflow sums them. */
  TOKEN_USAGE: "mlflow.trace.tokenUsage",
  /** The id of the session: `sessionId` of `updateCurrentTrace`. */
  TRACE_SESSION: "mlflow.trace.session",
  /** The id of the user: `userId` of `updateCurrentTrace`. */
  TRACE_USER: "mlflow.trace.user",
  /** The inputs of the trace, of MLflow 2. */
  INPUTS: "mlflow.traceInputs",
  /** The outputs of the trace, of MLflow 2. */
  OUTPUTS: "mlflow.traceOutputs",
} as const;
