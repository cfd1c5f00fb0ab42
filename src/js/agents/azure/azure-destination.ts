/** Where Azure's requests go, and with which key (openai/lib/azure.py). */

import { type Destination, environment, JSON_BOTH_WAYS, needed, usable } from "../openai-destination.js";

/** How to reach a model at Azure. */
export interface AzureOptions {
  /** Sent as `api-key`. Not given: `AZURE_OPENAI_API_KEY` of the environment. */
  apiKey?: string | undefined;
  /** The resource, e.g. `https://name.openai.azure.com`. Not given: `AZURE_OPENAI_ENDPOINT`. */
  baseUrl?: string | undefined;
  /** The version of the API, e.g. "2024-10-21"; not given: `OPENAI_API_VERSION`. */
  apiVersion?: string | undefined;
  /** The name of the deployment; not given: the model's name. */
  azureDeployment?: string | undefined;
  /** A Microsoft Entra ID token instead of a key, or what gets one for each request; not given: `AZURE_OPENAI_AD_TOKEN`. */
  azureAdToken?: string | (() => string | Promise<string>) | undefined;
  /** Further headers; they win over ours. */
  headers?: Readonly<Record<string, string>> | undefined;
}

/** @throws AgentError when something is missing, or `baseUrl` would give a secret away */
export function azureDestination(options: AzureOptions): Destination {
  const { azureAdToken: token = environment("AZURE_OPENAI_AD_TOKEN"), apiKey = environment("AZURE_OPENAI_API_KEY") } = options;
  const base = usable(needed(options.baseUrl ?? environment("AZURE_OPENAI_ENDPOINT"), "baseUrl", "AZURE_OPENAI_ENDPOINT"));
  const version = needed(options.apiVersion ?? environment("OPENAI_API_VERSION"), "apiVersion", "OPENAI_API_VERSION");
  if (token === undefined) needed(apiKey, "apiKey` or `azureAdToken", "AZURE_OPENAI_API_KEY");
  return {
    url: (model) => {
      const deployment = needed(options.azureDeployment ?? model, "model` or `azureDeployment");
      return `${base}/openai/deployments/${encodeURIComponent(deployment)}/chat/completions?api-version=${encodeURIComponent(version)}`;
    },
    headers: async () => {
      const secret: Record<string, string> = token === undefined ? { "api-key": apiKey as string } : { Authorization: `Bearer ${typeof token === "function" ? await token() : token}` };
      return { ...JSON_BOTH_WAYS, ...secret, ...options.headers };
    },
  };
}
