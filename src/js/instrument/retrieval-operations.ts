/** Events of searches and embeddings that adapters and other libraries report. Call only when the core is loaded. */

import type { EndDetails, StartDetails } from "../agents/observe/observer.js";
import { modelCallEnded, modelCallStarted } from "./events.js";
import { spanAttribute, spanEnded, spanStarted } from "./span-calls.js";

export function retrieverStarted(parent: number, { name, query, agent }: StartDetails["retriever"]): number {
  const key = spanStarted(parent, name, "RETRIEVER", query);
  if (agent) spanAttribute(key, "gen_ai.agent.name", agent.name);
  return key;
}

export function retrieverEnded(key: number, { documents }: EndDetails["retriever"]): void {
  spanEnded(key, documents);
}

export function embeddingStarted(parent: number, { agent, request, api }: StartDetails["embedding"]): number {
  return modelCallStarted(parent, {
    agent,
    request: request as unknown as StartDetails["modelCall"]["request"],
    configIndex: 0,
    isEmbedding: true,
    ...(api && { api }),
  });
}

export function embeddingEnded(key: number, { response }: EndDetails["embedding"]): void {
  modelCallEnded(key, {
    response: response as EndDetails["modelCall"]["response"],
    costUsd: Number.NaN,
    isCached: false,
  });
}
