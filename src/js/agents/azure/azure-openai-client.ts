/** The client for OpenAI's models at Azure (AG2: `api_type: "azure"`). */

import { OpenAIClient, type OpenAIClientOptions } from "../models/openai-client.js";
import { azureEndpoint, type AzureOptions } from "./azure-endpoint.js";

/** Options of `AzureOpenAIClient`. */
export interface AzureOpenAIClientOptions
  extends AzureOptions,
    Pick<OpenAIClientOptions, "maxRetries" | "timeoutMs" | "fetch"> {}

/**
 * The client of Azure's API. It is a client, not a setting as in AG2, so that only pages that use Azure
 * load it.
 *
 * @example
 * const client = new AzureOpenAIClient({ baseUrl: "https://name.openai.azure.com", apiVersion: "2024-10-21" });
 * const agent = new AssistantAgent({ name: "agent", llmConfig: { configList: [{ model: "gpt-4o-mini", client }] } });
 */
export class AzureOpenAIClient extends OpenAIClient {
  /** @throws AgentError if a key, the address or the version is missing, or the address contains a password */
  constructor(options: AzureOpenAIClientOptions = {}) {
    super(options, azureEndpoint(options));
  }
}
