/** The endpoint for completions, with its authentication: OpenAI's API, or a compatible one. */

import { AgentError } from "../util/errors.js";

/** The connection to a model server. */
export interface DestinationOptions {
  /** The key, sent as bearer token. Not given: the environment variable `OPENAI_API_KEY`, else none. */
  apiKey?: string | undefined;
  /** The base URL of the API, e.g. `http://localhost:8000/v1`. Not given: `OPENAI_BASE_URL`, else OpenAI's. */
  baseUrl?: string | undefined;
  /** More headers; they replace the built-in ones of the same name. */
  headers?: Readonly<Record<string, string>> | undefined;
}

/** The address and the headers of requests. */
export interface Endpoint {
  /** Returns the URL for a request to `model`. */
  url(model: string | undefined): string;
  /** Returns the headers of a request. */
  headers(): Promise<Readonly<Record<string, string>>>;
}

const OPENAI_URL = "https://api.openai.com/v1";

/**
 * The endpoint that `options` describe.
 *
 * @throws AgentError if an option is missing, or `baseUrl` contains a password
 */
export function openAIEndpoint({
  baseUrl = environmentVariable("OPENAI_BASE_URL") ?? OPENAI_URL,
  apiKey = environmentVariable("OPENAI_API_KEY"),
  headers,
}: DestinationOptions): Endpoint {
  if (baseUrl === OPENAI_URL) requireOption(apiKey, "apiKey", "OPENAI_API_KEY");
  for (const [name, value] of Object.entries({ apiKey, baseUrl }))
    if (value !== undefined && (typeof value !== "string" || /\s/.test(value)))
      throw new AgentError("invalid_config", `\`${name}\` in \`llmConfig\` must be a text without blanks: trim it`);
  const url = `${checkBaseUrl(baseUrl)}/chat/completions`;
  return {
    url: () => url,
    headers: async () => ({
      ...JSON_HEADERS,
      ...(apiKey !== undefined && { Authorization: `Bearer ${apiKey}` }),
      ...headers,
    }),
  };
}

/** The content headers of every request. */
export const JSON_HEADERS = { "Content-Type": "application/json", Accept: "application/json" };

/** Returns the value of an option. @throws AgentError if it is not given */
export function requireOption(value: string | undefined, option: string, variable?: string): string {
  if (value !== undefined) return value;
  throw new AgentError(
    "invalid_config",
    `\`llmConfig\` needs \`${option}\`${variable ? `: give it, or set the environment variable \`${variable}\`` : ""}`,
  );
}

/** Checks a base URL. One without a scheme gets http, as in AG2 (llm_config/entry.py, `check_base_url`). */
export function checkBaseUrl(baseUrl: string): string {
  const url = (baseUrl.includes("://") ? baseUrl : `http://${baseUrl}`).replace(/(?<!\/)\/+$/, "");
  // fetch rejects such a URL with an error message that contains the password.
  if (/^[a-z]+:\/\/[^/?#]*@/i.test(url)) {
    throw new AgentError("invalid_config", "`baseUrl` must not hold a password: use `apiKey` or `headers`");
  }
  return url;
}

/** An environment variable; `undefined` in hosts that have none or deny access. */
export function environmentVariable(name: string): string | undefined {
  try {
    return (globalThis as { process?: { env?: Record<string, string | undefined> } }).process?.env?.[name] || undefined;
  } catch {
    return undefined;
  }
}
