/** Braintrust's logger. */

import { _exportsForTestingOnly, initLogger } from "braintrust";
import { counter } from "./counting.mjs";

const TYPES = { AGENT: "task", LLM: "llm", TOOL: "tool" };
const LOGIN = { org_info: [{ id: "o", name: "o", api_url: "http://127.0.0.1:9", proxy_url: "" }] };
const encoder = new TextEncoder();

export default {
  async create({ mode, keepBodies }) {
    const { seen, take } = counter(keepBodies);
    // Without a serialiser what is logged goes to the queue of its own tests.
    const queue = mode === "serialise" ? undefined : _exportsForTestingOnly.useTestBackgroundLogger();
    const logger = initLogger({
      projectName: "bench",
      projectId: "00000000-0000-0000-0000-000000000000",
      apiKey: "none",
      appUrl: "http://127.0.0.1:9",
      asyncFlush: true,
      fetch: async (url, init) => {
        const isLogin = String(url).endsWith("/login");
        if (String(url).endsWith("/logs3")) take(encoder.encode(String(init.body)));
        const body = JSON.stringify(isLogin ? LOGIN : []);
        return new Response(body, { headers: { "content-type": "application/json" } });
      },
    });
    const flush = async () => void (await (queue ? queue.drain() : logger.flush()));
    return {
      start: (parent, kind, name, inputs) =>
        (parent ?? logger).startSpan({ name, type: TYPES[kind] ?? "task", event: { input: inputs } }),
      end(span, outputs, turn) {
        const metrics = turn && {
          prompt_tokens: turn.usage.input_tokens,
          completion_tokens: turn.usage.output_tokens,
          tokens: turn.usage.total_tokens,
        };
        span.log(metrics ? { output: outputs, metrics, metadata: { model: turn.model } } : { output: outputs });
        span.end();
      },
      async drain() {},
      flush,
      reset: flush,
      stats: () => seen,
    };
  },
};
