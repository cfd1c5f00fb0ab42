/** LangSmith's run trees. */

import { Client } from "langsmith";
import { RunTree } from "langsmith/run_trees";
import { counter } from "./counting.mjs";

const TYPES = { AGENT: "chain", LLM: "llm", TOOL: "tool" };
const INFO = { version: "0.13.0", batch_ingest_config: { use_multipart_endpoint: true } };

/** A client that drops all runs, or keeps them. */
function silentClient(kept) {
  const take = async (...run) => void kept?.push(run);
  return { createRun: take, updateRun: take };
}

export default {
  async create({ mode, keepBodies }) {
    const { seen, take } = counter(keepBodies);
    const kept = mode === "retain" ? [] : undefined;
    const fetchImplementation = async (url, init) => {
      if (init?.body !== undefined) take(new Uint8Array(await new Response(init.body).arrayBuffer()));
      return new Response(JSON.stringify(INFO), { headers: { "content-type": "application/json" } });
    };
    const client =
      mode === "serialise"
        ? new Client({ apiUrl: "http://127.0.0.1:9", apiKey: "none", manualFlushMode: true, fetchImplementation })
        : silentClient(kept);
    const object = (value) => (Array.isArray(value) || typeof value !== "object" ? { value } : value);
    // A run is posted and patched in promises.
    const drain = () => new Promise((resolve) => setTimeout(resolve));
    const flush = async () => {
      await drain();
      if (mode === "serialise") await client.flush();
      else kept?.splice(0);
    };
    return {
      start(parent, kind, name, inputs, turn) {
        const config = { name, run_type: TYPES[kind] ?? "chain", inputs: object(inputs) };
        if (turn) config.extra = { metadata: { ls_model_name: turn.model } };
        const run = parent ? parent.createChild(config) : new RunTree({ ...config, client, tracingEnabled: true });
        void run.postRun();
        return run;
      },
      end(run, outputs, turn) {
        void run.end(turn ? { ...object(outputs), usage_metadata: turn.usage } : object(outputs));
        void run.patchRun();
      },
      drain,
      flush,
      reset: flush,
      stats: () => seen,
    };
  },
};
