/** Where a request for a completion goes, and with which key: OpenAI's API and what speaks like it. */

import { AgentError } from "./errors.js";

/** How to reach a model server. */
export interface DestinationOptions {
  /** Sent as bearer token. Not given: `OPENAI_API_KEY` of the environment; without either, none is sent. */
  apiKey?: string | undefined;
  /** Where the API begins, e.g. `http://localhost:8000/v1`. Not given: `OPENAI_BASE_URL`, else OpenAI's own. */
  baseUrl?: string | undefined;
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
export function destination({ baseUrl = environment("OPENAI_BASE_URL") ?? OPENAI_URL, apiKey = environment("OPENAI_API_KEY"), headers }: DestinationOptions): Destination {
  if (baseUrl === OPENAI_URL) needed(apiKey, "apiKey", "OPENAI_API_KEY");
  const url = `${usable(baseUrl)}/chat/completions`;
  return { url: () => url, headers: async () => ({ ...JSON_BOTH_WAYS, ...(apiKey !== undefined && { Authorization: `Bearer ${apiKey}` }), ...headers }) };
}

/** The headers of every request. */
export const JSON_BOTH_WAYS = { "Content-Type": "application/json", Accept: "application/json" };

/** @throws AgentError when the option is not given */
export function needed(value: string | undefined, option: string, variable?: string): string {
  if (value !== undefined) return value;
  throw new AgentError("invalid_config", `\`llmConfig\` needs \`${option}\`${variable ? `: give it, or set the environment variable \`${variable}\`` : ""}`);
}

/** A URL without scheme is taken for http, as in AG2 (llm_config/entry.py, `check_base_url`). */
export function usable(baseUrl: string): string {
  const url = (baseUrl.includes("://") ? baseUrl : `http://${baseUrl}`).replace(/\/+$/, "");
  // fetch refuses such a URL, and its error message would show the password.
  if (/^[a-z]+:\/\/[^/?#]*@/i.test(url)) {
    throw new AgentError("invalid_config", "`baseUrl` must not hold a password: use `apiKey` or `headers`");
  }
  return url;
}

/** A variable of the host's environment; hosts without one, or that refuse it, have none. */
export function environment(name: string): string | undefined {
  try {
    return (globalThis as { process?: { env?: Record<string, string | undefined> } }).process?.env?.[name] || undefined;
  } catch {
    return undefined;
  }
}
