/** OpenTelemetry JS itself, with one of its serialisers. */

import { BasicTracerProvider, BatchSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { countingExporter, queueOptions, spanOperations } from "./otel.mjs";

export const opentelemetry = (serializer) => ({
  async create(options) {
    const { exporter, seen } = countingExporter(options, serializer);
    const provider = new BasicTracerProvider({
      spanProcessors: [new BatchSpanProcessor(exporter, queueOptions(options.mode))],
    });
    return {
      ...spanOperations(provider.getTracer("bench")),
      async drain() {},
      flush: () => provider.forceFlush(),
      reset: () => provider.forceFlush(),
      stats: () => seen,
    };
  },
});
