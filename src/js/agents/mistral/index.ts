/**
 * `mlflow-ag2/agents/mistral`: Mistral's models, by its package `@mistralai/mistralai`.
 *
 * @module mlflow-ag2/agents/mistral
 */

export { MistralAIClient, type MistralAIClientOptions, type MistralShapedClient } from "./mistral-client.js";
export type { PackageOptions } from "../model-packages/package-options.js";
