/** `mlflow-ag2/agents/azure`: OpenAI's models at Azure. */

export type { AzureOptions } from "./azure-destination.js";
export { AzureOpenAIClient, type AzureOpenAIClientOptions } from "./azure-openai-client.js";
