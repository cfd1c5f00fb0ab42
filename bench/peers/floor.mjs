/**
 * The least that a tracer can do: random ids, two looks at the clock, `JSON.stringify` of the values,
 * an object per span. To serialise is one `JSON.stringify` and one `TextEncoder` per 512 spans.
 */

import { counter } from "./counting.mjs";

const DIGITS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));
const traceBytes = new Uint8Array(16);
const spanBytes = new Uint8Array(8);
const encoder = new TextEncoder();

function randomId(bytes) {
  let text = "";
  for (const byte of crypto.getRandomValues(bytes)) text += DIGITS[byte];
  return text;
}

export default {
  async create({ keepBodies }) {
    const { seen, take } = counter(keepBodies);
    let spans = [];
    return {
      start(parent, kind, name, inputs, turn) {
        const span = {
          trace_id: parent ? parent.trace_id : randomId(traceBytes),
          span_id: randomId(spanBytes),
          parent_span_id: parent ? parent.span_id : null,
          name,
          start: performance.now(),
          end: 0,
          attributes: { "mlflow.spanType": kind, "mlflow.spanInputs": JSON.stringify(inputs) },
        };
        if (turn) {
          span.attributes["mlflow.llm.model"] = turn.model;
          span.attributes["mlflow.chat.tokenUsage"] = JSON.stringify(turn.usage);
        }
        return span;
      },
      end(span, outputs) {
        span.attributes["mlflow.spanOutputs"] = JSON.stringify(outputs);
        span.end = performance.now();
        spans.push(span);
      },
      async drain() {},
      async flush() {
        for (let at = 0; at < spans.length; at += 512) take(encoder.encode(JSON.stringify(spans.slice(at, at + 512))));
        spans = [];
      },
      async reset() {
        spans = [];
      },
      stats: () => seen,
    };
  },
};
