/** Langfuse's tracing, which is based on OpenTelemetry. */

import { LangfuseSpanProcessor } from "@langfuse/otel";
import { setLangfuseTracerProvider, startObservation } from "@langfuse/tracing";
import { JsonTraceSerializer } from "@opentelemetry/otlp-transformer";
import { BasicTracerProvider } from "@opentelemetry/sdk-trace-base";
import { countingExporter, queueOptions } from "./otel.mjs";

const TYPES = { AGENT: "agent", LLM: "generation", TOOL: "tool" };

export default {
  async create(options) {
    const { exporter, seen } = countingExporter(options, JsonTraceSerializer);
    const processor = new LangfuseSpanProcessor({
      publicKey: "pk",
      secretKey: "sk",
      baseUrl: "http://127.0.0.1:9",
      exporter,
      timeout: 60,
    });
    // No option of it sets the queue's limits, and a burst is to be measured, not dropped.
    const { maxQueueSize, scheduledDelayMillis, maxExportBatchSize } = queueOptions(options.mode);
    Object.assign(processor.processor, {
      _maxQueueSize: maxQueueSize,
      _scheduledDelayMillis: scheduledDelayMillis,
      ...(maxExportBatchSize ? { _maxExportBatchSize: maxExportBatchSize } : {}),
    });
    const provider = new BasicTracerProvider({ spanProcessors: [processor] });
    setLangfuseTracerProvider(provider);
    return {
      start(parent, kind, name, inputs, turn) {
        const attributes = turn ? { input: inputs, model: turn.model } : { input: inputs };
        const type = { asType: TYPES[kind] };
        return parent ? parent.startObservation(name, attributes, type) : startObservation(name, attributes, type);
      },
      end(span, outputs, turn) {
        const usage = turn && {
          input: turn.usage.input_tokens,
          output: turn.usage.output_tokens,
          total: turn.usage.total_tokens,
        };
        span.update(usage ? { output: outputs, usageDetails: usage } : { output: outputs });
        span.end();
      },
      // It masks and looks for media in promises, behind the end of a span.
      drain: () => processor.flush(),
      flush: () => provider.forceFlush(),
      reset: () => provider.forceFlush(),
      stats: () => seen,
    };
  },
};
