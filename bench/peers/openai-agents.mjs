/** The tracing inside OpenAI's agents SDK for JavaScript. */

import {
  BatchTraceProcessor,
  createCustomSpan,
  getGlobalTraceProvider,
  setTraceProcessors,
  setTracingDisabled,
} from "@openai/agents-core";
import { counter } from "./counting.mjs";

const encoder = new TextEncoder();

export default {
  async create({ mode, keepBodies }) {
    const { seen, take } = counter(keepBodies);
    setTracingDisabled(false);
    const exporter = {
      async export(items) {
        if (mode === "serialise") take(encoder.encode(JSON.stringify({ data: items.map((item) => item.toJSON()) })));
      },
    };
    const processor = new BatchTraceProcessor(exporter, {
      maxQueueSize: 2 ** 20,
      maxBatchSize: 2 ** 20,
      scheduleDelay: 2 ** 30,
      exportTriggerRatio: 1,
    });
    setTraceProcessors([processor]);
    const provider = getGlobalTraceProvider();
    return {
      start(parent, kind, name, inputs, turn) {
        let trace;
        if (!parent) {
          trace = provider.createTrace({ name });
          trace.start();
        }
        const span = createCustomSpan(
          { data: { name, data: { kind, input: inputs, ...(turn ? { model: turn.model } : {}) } } },
          parent ?? trace,
        );
        span.start();
        return span;
      },
      end(span, outputs, turn) {
        const { data } = span.spanData;
        data.output = outputs;
        if (turn) data.usage = turn.usage;
        span.end();
      },
      async drain() {
        await Promise.resolve();
        await Promise.resolve();
      },
      flush: () => processor.forceFlush(),
      reset: () => processor.forceFlush(),
      stats: () => seen,
    };
  },
};
