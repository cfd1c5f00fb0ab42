/** Where a request for a completion goes, and with which key: OpenAI's API and what speaks like it, or Azure's (openai/lib/azure.py). */

import { AgentError } from "./errors.js";

/** How to reach a model server. */
export interface DestinationOptions {
  /** The kind of API: "openai" (not given: this), or "azure" for OpenAI's models at Azure. */
  apiType?: "openai" | "azure" | undefined;
  /** Sent as bearer token, to Azure as `api-key`. Not given: `OPENAI_API_KEY` (`AZURE_OPENAI_API_KEY`) of the environment; without either, none is sent. */
  apiKey?: string | undefined;
  /**
   * Where the API begins, e.g. `http://localhost:8000/v1`; for Azure the resource, e.g.
   * `https://name.openai.azure.com`. Not given: `OPENAI_BASE_URL` (`AZURE_OPENAI_ENDPOINT`), else OpenAI's own.
   */
  baseUrl?: string | undefined;
  /** Azure only: the version of the API, e.g. "2024-10-21"; not given: `OPENAI_API_VERSION`. */
  apiVersion?: string | undefined;
  /** Azure only: the name of the deployment; not given: the model's name. */
  azureDeployment?: string | undefined;
  /** Azure only: a Microsoft Entra ID token instead of a key, or what gets one for each request; not given: `AZURE_OPENAI_AD_TOKEN`. */
  azureAdToken?: string | (() => string | Promise<string>) | undefined;
  /** Further headers; they win over ours. */
  headers?: Readonly<Record<string, string>> | undefined;
}

/** Where requests go. */
export interface Destination {
  /** The URL for a request to `model`. */
  url(model: string | undefined): string;
  /** The headers of a request. */
  headers(): Promise<Readonly<Record<string, string>>>;
}

const OPENAI_URL = "https://api.openai.com/v1";

/** @throws AgentError when something is missing, or `baseUrl` would give a secret away */
export function destination(options: DestinationOptions): Destination {
  return options.apiType === "azure" ? azure(options) : openai(options);
}

function openai(options: DestinationOptions): Destination {
  const baseUrl = options.baseUrl ?? environment("OPENAI_BASE_URL") ?? OPENAI_URL;
  const apiKey = options.apiKey ?? environment("OPENAI_API_KEY");
  if (apiKey === undefined && baseUrl === OPENAI_URL) {
    throw new AgentError("invalid_config", "there is no key for OpenAI's API: give `apiKey` in `llmConfig`, or set the environment variable `OPENAI_API_KEY`");
  }
  const url = `${usable(baseUrl)}/chat/completions`;
  return {
    url: () => url,
    headers: async () => headers(options, apiKey === undefined ? {} : { Authorization: `Bearer ${apiKey}` }),
  };
}

function azure(options: DestinationOptions): Destination {
  const endpoint = needed(options.baseUrl ?? environment("AZURE_OPENAI_ENDPOINT"), "where Azure's API begins", "baseUrl", "AZURE_OPENAI_ENDPOINT");
  const version = needed(options.apiVersion ?? environment("OPENAI_API_VERSION"), "which version of Azure's API is meant", "apiVersion", "OPENAI_API_VERSION");
  const token = options.azureAdToken ?? environment("AZURE_OPENAI_AD_TOKEN");
  const apiKey = options.apiKey ?? environment("AZURE_OPENAI_API_KEY");
  if (token === undefined) needed(apiKey, "the key for Azure's API", "apiKey` or `azureAdToken", "AZURE_OPENAI_API_KEY");
  const base = usable(endpoint);
  return {
    url: (model) => {
      const deployment = needed(options.azureDeployment ?? model, "which deployment at Azure is meant", "model` or `azureDeployment");
      return `${base}/openai/deployments/${encodeURIComponent(deployment)}/chat/completions?api-version=${encodeURIComponent(version)}`;
    },
    headers: async () => {
      if (token === undefined) return headers(options, { "api-key": apiKey as string });
      return headers(options, { Authorization: `Bearer ${typeof token === "function" ? await token() : token}` });
    },
  };
}

function headers({ headers }: DestinationOptions, secret: Record<string, string>): Readonly<Record<string, string>> {
  return { "Content-Type": "application/json", Accept: "application/json", ...secret, ...headers };
}

function needed(value: string | undefined, what: string, option: string, variable?: string): string {
  if (value !== undefined) return value;
  throw new AgentError("invalid_config", `nothing says ${what}: give \`${option}\` in \`llmConfig\`${variable ? `, or set the environment variable \`${variable}\`` : ""}`);
}

/** A URL without scheme is taken for http, as in AG2 (llm_config/entry.py, `check_base_url`). */
function usable(baseUrl: string): string {
  const url = (baseUrl.includes("://") ? baseUrl : `http://${baseUrl}`).replace(/\/+$/, "");
  // fetch refuses such a URL, and its error message would show the password.
  if (/^[a-z]+:\/\/[^/?#]*@/i.test(url)) {
    throw new AgentError("invalid_config", "`baseUrl` must not hold a user name or password: use `apiKey` or `headers`");
  }
  return url;
}

/** A variable of the host's environment; hosts without one, or that refuse it, have none. */
function environment(name: string): string | undefined {
  try {
    return (globalThis as { process?: { env?: Record<string, string | undefined> } }).process?.env?.[name] || undefined;
  } catch {
    return undefined;
  }
}
