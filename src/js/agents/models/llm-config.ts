/**
 * `llmConfig`: the models that an agent may call, and their settings (AG2: llm_config/config.py,
 * llm_config/entry.py, oai/client.py `OpenAIWrapper.__init__`). Settings of this library are in
 * camelCase and never sent; every other key is a request parameter, sent under its own name.
 */

import type { Cache } from "./cache.js";
import { AgentError } from "../util/errors.js";
import { nearestName } from "../util/option-rules.js";
import type { ModelRequest, ModelResponse } from "../message/message.js";
import type { ModelClient } from "./model-client.js";
import type { OpenAIClientOptions } from "./openai-client.js";
import type { OpenAIShapedClient } from "./openai-shaped-client.js";
import type { TokenPrice } from "./prices.js";
import { type ResponseFormat, responseFormat } from "./response-format.js";

/** Whether a response is accepted; if not, the next entry of `configList` is called. */
export type FilterFunction = (details: {
  /** The values for templates: `variables` of `OpenAIWrapper.create`. */
  context: Record<string, unknown> | undefined;
  /** The response of the model, with its `cost`. */
  response: ModelResponse;
}) => boolean | Promise<boolean>;

/** One model: its connection, its price, and the parameters of its requests. */
export interface ModelConfig extends OpenAIClientOptions {
  /** The API that the built-in client speaks; for another one, such as `AzureOpenAIClient`, give a `client`. */
  apiType?: string | undefined;
  /** The model's name, e.g. "gpt-4o-mini". */
  model?: string | undefined;
  /** A client that replaces the built-in one: your own, or one like those of the npm package `openai`. */
  client?: ModelClient | OpenAIShapedClient | undefined;
  /** The price in US dollars per 1000 tokens: one, or those of prompt and completion; not given: AG2's table. */
  price?: number | TokenPrice | undefined;
  /** The function that accepts or rejects responses. */
  filterFunc?: FilterFunction | undefined;
  /** The cache for responses. It takes precedence over the `cache` of a chat. */
  cache?: Cache | undefined;
  /** The seed of a cache in memory, which all configurations with this seed share; null: no cache. */
  cacheSeed?: number | string | null | undefined;
  /** Labels for your own use; not sent. */
  tags?: readonly string[] | undefined;
  /** Whether `{key}` in contents is replaced by the values of a message's `context`. */
  allowFormatStrTemplate?: boolean | undefined;
  /** Whether completions are streamed. */
  stream?: boolean | undefined;
  /**
   * The structured output that the model makes: its JSON Schema, or a validator (zod, valibot, arktype). Replies stay
   * text; the value is `parsed` in the result of the chat.
   */
  responseFormat?: ResponseFormat | undefined;
  /** Any request parameter of the API, under its name there: `temperature`, `top_p`, `max_tokens`, … */
  [parameter: string]: unknown;
}

/** One or more models; the settings beside `configList` are common to them. */
export interface LlmConfig extends ModelConfig {
  /** The models to try, in this order. Not given: the other keys describe the only model. */
  configList?: readonly ModelConfig[] | undefined;
  /** The order in which models are tried: always the same, or starting with the next one at each call. */
  routingMethod?: "fixed_order" | "round_robin" | undefined;
  /** The tools that the models may call, in the API's format; `registerForLlm` adds to them. */
  tools?: ModelRequest["tools"] | undefined;
  /** The functions that the models may call, in the API's old style. */
  functions?: readonly Readonly<Record<string, unknown>>[] | undefined;
}

/** One entry of a `configList`, with settings and parameters separated. */
export interface ModelEntry {
  settings: ModelConfig;
  /** The parameters of every request, in the order in which Python's AG2 sends them. */
  parameters: Record<string, unknown>;
}

const SETTINGS = new Set(
  (
    "configList routingMethod client price filterFunc allowFormatStrTemplate cache cacheSeed tags " +
    "apiType apiKey baseUrl apiVersion azureDeployment azureAdToken maxRetries timeoutMs headers fetch"
  ).split(" "),
);

/** Request parameters that are looked for among misspelt names. */
const PARAMETERS = new Set(["model", "response_format", "temperature", "stream"]);

/** Python's names for settings whose name here is not just their camelCase form. */
const RENAMED: Readonly<Record<string, string>> = {
  model_client_cls: "client",
  timeout: "timeoutMs",
  default_headers: "headers",
  extra_headers: "headers",
  http_client: "fetch",
};

/** The order of the declared fields of AG2's config classes; other parameters follow in the order given. */
const BASE_ORDER = "max_tokens top_p temperature seed response_format parallel_tool_calls tools functions";
const ENTRY_ORDER = "max_tokens top_p temperature model response_format tool_choice user stream";

/**
 * The models of `config`, each merged with the settings beside `configList`.
 *
 * @throws AgentError for an empty `configList` and for settings in Python's spelling
 */
export function modelEntries(config: LlmConfig): ModelEntry[] {
  if (typeof config !== "object" || config === null || Array.isArray(config)) {
    const fix = Array.isArray(config) ? "{ configList: […] }" : '{ model: "gpt-4o-mini" }';
    throw new AgentError("invalid_config", `\`llmConfig\` must be an object, or false: write \`${fix}\``);
  }
  const list: unknown = config.configList;
  if (list != null && !Array.isArray(list))
    throw new AgentError("invalid_config", "`configList` must be a list of models");
  if (Array.isArray(list) && list.length === 0)
    throw new AgentError("invalid_config", "`configList` is empty: give a model");
  if (list == null) {
    // As in AG2, a config without a list is itself the only entry; its tools still come first.
    const { tools, functions, ...entry } = config;
    return [modelEntry({ tools, functions }, entry)];
  }
  return (list as readonly ModelConfig[]).map((entry) => modelEntry(config, entry));
}

function modelEntry(base: ModelConfig, entry: ModelConfig): ModelEntry {
  const [settings, common] = splitSettings(base);
  const [ownSettings, own] = splitSettings(entry);
  delete common["stream"];
  // The built-in client's API has no parameter in camelCase; other clients may.
  const misspelt = Object.keys({ ...common, ...own }).find((key) => /[A-Z]/.test(key));
  if (misspelt !== undefined && (settings.client ?? ownSettings.client) === undefined) {
    const name = misspelt.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    throw new AgentError(
      "invalid_config",
      `\`${misspelt}\` in \`llmConfig\` is no setting; parameters are named as in the API: did you mean \`${name}\`?`,
    );
  }
  return {
    settings: { ...settings, ...ownSettings },
    parameters: { ...sortKeys(common, BASE_ORDER), ...sortKeys({ stream: base.stream ?? false, ...own }, ENTRY_ORDER) },
  };
}

/** The settings and the request parameters of `config`, without null values and empty lists of tools. */
function splitSettings(config: ModelConfig): [settings: ModelConfig, parameters: Record<string, unknown>] {
  const settings: ModelConfig = {};
  const parameters: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(config)) {
    const key = name === "responseFormat" ? "response_format" : name;
    const isSetting = SETTINGS.has(key);
    if (!isSetting && !PARAMETERS.has(key)) refuseMisspelt(key);
    const isEmptyList = (key === "tools" || key === "functions") && (value as unknown[] | null)?.length === 0;
    if (value == null || isEmptyList) continue;
    (isSetting ? settings : parameters)[key] = key === "response_format" ? responseFormat(value) : value;
  }
  return [settings, parameters];
}

/**
 * Refuses a key that is nearly that of a setting or of a parameter. In Python's spelling a setting would be sent and
 * rejected by the server, and an API key in it would show in the trace.
 */
function refuseMisspelt(key: string): void {
  const hint = RENAMED[key] ?? key.replace(/_./g, ([, letter = ""]) => letter.toUpperCase());
  const near = SETTINGS.has(hint) ? hint : nearestName(key, [...SETTINGS, ...PARAMETERS], true);
  if (near !== undefined)
    throw new AgentError("invalid_config", `\`${key}\` in \`llmConfig\` is called \`${near}\` here`);
}

function sortKeys(parameters: Record<string, unknown>, order: string): Record<string, unknown> {
  const ordered: Record<string, unknown> = {};
  for (const key of order.split(" ")) if (key in parameters) ordered[key] = parameters[key];
  return Object.assign(ordered, parameters);
}
