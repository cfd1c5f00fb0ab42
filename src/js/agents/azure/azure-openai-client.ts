/** The way to OpenAI's models at Azure (AG2: `api_type: "azure"`). */

import { OpenAIClient, type OpenAIClientOptions } from "../openai-client.js";
import { azureDestination, type AzureOptions } from "./azure-destination.js";

/** How to reach a model at Azure, and how often to try. */
export interface AzureOpenAIClientOptions extends AzureOptions, Pick<OpenAIClientOptions, "maxRetries" | "timeoutMs" | "fetch"> {}

/**
 * A model behind Azure's API. A client, not a setting as in AG2, so that a page that does not ask Azure
 * does not load it.
 *
 * @example
 * const client = new AzureOpenAIClient({ baseUrl: "https://name.openai.azure.com", apiVersion: "2024-10-21" });
 * const agent = new AssistantAgent({ name: "agent", llmConfig: { configList: [{ model: "gpt-4o-mini", client }] } });
 */
export class AzureOpenAIClient extends OpenAIClient {
  /** @throws AgentError when a key, the address or the version is missing, or the address would give a password away */
  constructor(options: AzureOpenAIClientOptions = {}) {
    super(options, azureDestination(options));
  }
}
