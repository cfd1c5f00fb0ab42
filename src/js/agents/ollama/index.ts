/**
 * `mlflow-ag2/agents/ollama`: models that Ollama runs, by its package `ollama`.
 *
 * @module mlflow-ag2/agents/ollama
 */

export { OllamaClient, type OllamaClientOptions, type OllamaShapedClient } from "./ollama-client.js";
export type { PackageOptions } from "../model-packages/package-options.js";
