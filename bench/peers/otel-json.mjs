/** OpenTelemetry JS with the serialiser of OTLP/JSON. */

import { JsonTraceSerializer } from "@opentelemetry/otlp-transformer";
import { BasicTracerProvider, BatchSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { countingExporter, queueOptions, spanOperations } from "./otel.mjs";

export default {
  async create(options) {
    const { exporter, seen } = countingExporter(options, JsonTraceSerializer);
    const provider = new BasicTracerProvider({ spanProcessors: [new BatchSpanProcessor(exporter, queueOptions(options.mode))] });
    return {
      ...spanOperations(provider.getTracer("bench")),
      async settle() {},
      flush: () => provider.forceFlush(),
      reset: () => provider.forceFlush(),
      stats: () => seen,
    };
  },
};
