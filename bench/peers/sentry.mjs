/** Sentry's browser SDK, with spans made by hand. */

import * as Sentry from "@sentry/browser";
import { counter } from "./counting.mjs";

export default {
  async create({ mode, keepBodies }) {
    const { seen, take } = counter(keepBodies);
    const dropping = () => ({ send: async () => ({}), flush: async () => true });
    const counting = (options) =>
      Sentry.createTransport(options, async ({ body }) => {
        take(body);
        return { statusCode: 200, headers: { "x-sentry-rate-limits": null, "retry-after": null } };
      });
    Sentry.init({
      dsn: "http://k@127.0.0.1:9/1",
      tracesSampleRate: 1,
      defaultIntegrations: false,
      transport: mode === "serialise" ? counting : dropping,
      ...(mode === "retain" ? { traceLifecycle: "static" } : {}),
    });
    return {
      start(parent, kind, name, inputs, turn) {
        const attributes = { "mlflow.spanType": kind, "mlflow.spanInputs": JSON.stringify(inputs) };
        if (turn) {
          attributes["gen_ai.request.model"] = turn.model;
          attributes["gen_ai.usage.input_tokens"] = turn.usage.input_tokens;
          attributes["gen_ai.usage.output_tokens"] = turn.usage.output_tokens;
        }
        return Sentry.startInactiveSpan({
          name,
          op: "gen_ai",
          attributes,
          parentSpan: parent ?? null,
          forceTransaction: !parent,
        });
      },
      end(span, outputs) {
        span.setAttribute("mlflow.spanOutputs", JSON.stringify(outputs));
        span.end();
      },
      async drain() {},
      flush: () => Sentry.flush(60_000),
      reset: () => Sentry.flush(2_000),
      stats: () => seen,
    };
  },
};
