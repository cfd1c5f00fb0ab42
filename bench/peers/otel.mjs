/** What the peers on OpenTelemetry share. */

import { ROOT_CONTEXT, trace } from "@opentelemetry/api";
import { counter } from "./counting.mjs";

const FOREVER_MS = 2 ** 30;
const MANY_SPANS = 2 ** 20;

/** A queue that loses nothing and sends nothing by itself; what stays open in memory is not cut up either. */
export const queueOptions = (mode) => ({
  maxQueueSize: MANY_SPANS,
  scheduledDelayMillis: FOREVER_MS,
  exportTimeoutMillis: FOREVER_MS,
  ...(mode === "retain" ? { maxExportBatchSize: MANY_SPANS } : {}),
});

/** An exporter that runs the real serialiser and counts its bytes, or drops the spans. */
export function countingExporter({ mode, keepBodies }, serializer) {
  const { seen, take } = counter(keepBodies);
  const exporter = {
    export(spans, done) {
      if (mode === "serialise") take(serializer.serializeRequest(spans));
      done({ code: 0 });
    },
    async forceFlush() {},
    async shutdown() {},
  };
  return { exporter, seen };
}

/** Spans in MLflow's format for OpenTelemetry: values as JSON text under its keys. */
export function spanOperations(tracer) {
  return {
    start(parent, kind, name, inputs, turn) {
      const span = tracer.startSpan(name, {}, parent ? trace.setSpan(ROOT_CONTEXT, parent) : ROOT_CONTEXT);
      span.setAttribute("mlflow.spanType", kind);
      span.setAttribute("mlflow.spanInputs", JSON.stringify(inputs));
      if (turn) {
        span.setAttribute("mlflow.llm.model", turn.model);
        span.setAttribute("mlflow.chat.tokenUsage", JSON.stringify(turn.usage));
      }
      return span;
    },
    end(span, outputs) {
      span.setAttribute("mlflow.spanOutputs", JSON.stringify(outputs));
      span.end();
    },
  };
}
