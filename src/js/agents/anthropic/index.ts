/**
 * `mlflow-ag2/agents/anthropic`: Anthropic's models, by its package `@anthropic-ai/sdk`.
 *
 * @module mlflow-ag2/agents/anthropic
 */

export { AnthropicClient, type AnthropicClientOptions, type AnthropicShapedClient } from "./anthropic-client.js";
export type { PackageOptions } from "../model-packages/package-options.js";
