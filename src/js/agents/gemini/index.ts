/**
 * `mlflow-ag2/agents/gemini`: Google's models, by its package `@google/genai`.
 *
 * @module mlflow-ag2/agents/gemini
 */

export { GeminiClient, type GeminiClientOptions, type GeminiShapedClient } from "./gemini-client.js";
export type { PackageOptions } from "../model-packages/package-options.js";
