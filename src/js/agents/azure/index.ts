/**
 * `mlflow-ag2/agents/azure`: OpenAI's models at Azure.
 *
 * @module mlflow-ag2/agents/azure
 */

export type { AzureOptions } from "./azure-endpoint.js";
export { AzureOpenAIClient, type AzureOpenAIClientOptions } from "./azure-openai-client.js";
