/** The endpoint for completions at Azure, with its authentication (openai/lib/azure.py). */

import {
  type Endpoint,
  environmentVariable,
  JSON_HEADERS,
  requireOption,
  checkBaseUrl,
} from "../models/openai-endpoint.js";

/** The connection to a model at Azure. */
export interface AzureOptions {
  /** The key, sent as `api-key`. Not given: the environment variable `AZURE_OPENAI_API_KEY`. */
  apiKey?: string | undefined;
  /** The base URL of the resource, e.g. `https://name.openai.azure.com`. Not given: `AZURE_OPENAI_ENDPOINT`. */
  baseUrl?: string | undefined;
  /** The version of the API, e.g. "2024-10-21"; not given: `OPENAI_API_VERSION`. */
  apiVersion?: string | undefined;
  /** The name of the deployment; not given: the model's name. */
  azureDeployment?: string | undefined;
  /**
   * A Microsoft Entra ID token that replaces the key, or a function that gets one for each request; not given:
   * `AZURE_OPENAI_AD_TOKEN`.
   */
  azureAdToken?: string | (() => string | Promise<string>) | undefined;
  /** More headers; they replace the built-in ones of the same name. */
  headers?: Readonly<Record<string, string>> | undefined;
}

/**
 * The endpoint that `options` describe.
 *
 * @throws AgentError if an option is missing, or `baseUrl` contains a password
 */
export function azureEndpoint(options: AzureOptions): Endpoint {
  const {
    azureAdToken: token = environmentVariable("AZURE_OPENAI_AD_TOKEN"),
    apiKey = environmentVariable("AZURE_OPENAI_API_KEY"),
  } = options;
  const base = checkBaseUrl(
    requireOption(options.baseUrl ?? environmentVariable("AZURE_OPENAI_ENDPOINT"), "baseUrl", "AZURE_OPENAI_ENDPOINT"),
  );
  const version = requireOption(
    options.apiVersion ?? environmentVariable("OPENAI_API_VERSION"),
    "apiVersion",
    "OPENAI_API_VERSION",
  );
  if (token === undefined) requireOption(apiKey, "apiKey` or `azureAdToken", "AZURE_OPENAI_API_KEY");
  return {
    url: (model) => {
      const deployment = requireOption(options.azureDeployment ?? model, "model` or `azureDeployment");
      const path = `openai/deployments/${encodeURIComponent(deployment)}/chat/completions`;
      return `${base}/${path}?api-version=${encodeURIComponent(version)}`;
    },
    headers: async () => {
      const secret: Record<string, string> =
        token === undefined
          ? { "api-key": apiKey as string }
          : { Authorization: `Bearer ${typeof token === "function" ? await token() : token}` };
      return { ...JSON_HEADERS, ...secret, ...options.headers };
    },
  };
}
