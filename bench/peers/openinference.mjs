/** OpenTelemetry's spans with OpenInference's attributes, as Arize Phoenix reads them. */

import {
  LLM_MODEL_NAME,
  LLM_TOKEN_COUNT_COMPLETION,
  LLM_TOKEN_COUNT_PROMPT,
  LLM_TOKEN_COUNT_TOTAL,
  SemanticConventions,
} from "@arizeai/openinference-semantic-conventions";
import { ROOT_CONTEXT, trace } from "@opentelemetry/api";
import { JsonTraceSerializer } from "@opentelemetry/otlp-transformer";
import { BasicTracerProvider, BatchSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { countingExporter, queueOptions } from "./otel.mjs";

const KINDS = { AGENT: "AGENT", LLM: "LLM", TOOL: "TOOL" };
const { INPUT_MIME_TYPE, INPUT_VALUE, OPENINFERENCE_SPAN_KIND, OUTPUT_MIME_TYPE, OUTPUT_VALUE } = SemanticConventions;
const JSON_TYPE = "application/json";

/** Spans with OpenInference's attributes. */
export const openInferenceOperations = (tracer) => ({
  start(parent, kind, name, inputs, turn) {
    const attributes = {
      [OPENINFERENCE_SPAN_KIND]: KINDS[kind] ?? "CHAIN",
      [INPUT_VALUE]: JSON.stringify(inputs),
      [INPUT_MIME_TYPE]: JSON_TYPE,
      ...(turn && {
        [LLM_MODEL_NAME]: turn.model,
        [LLM_TOKEN_COUNT_PROMPT]: turn.usage.input_tokens,
        [LLM_TOKEN_COUNT_COMPLETION]: turn.usage.output_tokens,
        [LLM_TOKEN_COUNT_TOTAL]: turn.usage.total_tokens,
      }),
    };
    return tracer.startSpan(name, { attributes }, parent ? trace.setSpan(ROOT_CONTEXT, parent) : ROOT_CONTEXT);
  },
  end(span, outputs) {
    span.setAttributes({ [OUTPUT_VALUE]: JSON.stringify(outputs), [OUTPUT_MIME_TYPE]: JSON_TYPE });
    span.end();
  },
});

export default {
  async create(options) {
    const { exporter, seen } = countingExporter(options, JsonTraceSerializer);
    const processor = new BatchSpanProcessor(exporter, queueOptions(options.mode));
    const provider = new BasicTracerProvider({ spanProcessors: [processor] });
    return {
      ...openInferenceOperations(provider.getTracer("bench")),
      async drain() {},
      flush: () => provider.forceFlush(),
      reset: () => provider.forceFlush(),
      stats: () => seen,
    };
  },
};
