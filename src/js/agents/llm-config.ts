/**
 * `llmConfig`: which models an agent may ask, and how (AG2: llm_config/config.py, llm_config/entry.py,
 * oai/client.py `OpenAIWrapper.__init__`). Our own settings are in camelCase and never sent; every
 * other key is a request parameter and goes to the wire under its own name.
 */

import type { Cache } from "./cache.js";
import { AgentError } from "./errors.js";
import type { ModelRequest, ModelResponse } from "./message.js";
import type { ModelClient } from "./model-client.js";
import type { OpenAIClientOptions } from "./openai-client.js";
import type { OpenAIShapedClient } from "./openai-shaped-client.js";
import type { TokenPrice } from "./prices.js";

/** Decides whether a response is good enough; if not, the next entry of `configList` is asked. */
export type FilterFunction = (details: {
  /** The values for templates that came with the request (`variables` of `OpenAIWrapper.create`). */
  context: Record<string, unknown> | undefined;
  /** What the model answered, with its `cost`. */
  response: ModelResponse;
}) => boolean | Promise<boolean>;

/** One model: how to reach it, what it costs, and the parameters of its requests. */
export interface ModelConfig extends OpenAIClientOptions {
  /** The kind of API that the built-in client speaks; for others (Azure: `AzureOpenAIClient` of `mlflow-ag2/agents/azure`) give a `client`. */
  apiType?: string | undefined;
  /** The model's name, e.g. "gpt-4o-mini". */
  model?: string | undefined;
  /** Reaches the model instead of the HTTP client: your own, or one like those of the npm package `openai`. */
  client?: ModelClient | OpenAIShapedClient | undefined;
  /** US dollars per 1000 tokens: one price, or those of prompt and completion; not given: AG2's price table. */
  price?: number | TokenPrice | undefined;
  /** Refuses responses that are not good enough. */
  filterFunc?: FilterFunction | undefined;
  /** Answers of before are taken from here, and new ones put here. It wins over the `cache` of a chat. */
  cache?: Cache | undefined;
  /** The same with a cache in memory that all with this seed share; null: none. */
  cacheSeed?: number | string | null | undefined;
  /** Names for your own use; not sent. */
  tags?: readonly string[] | undefined;
  /** Replaces `{key}` in contents by the values of a message's `context`. */
  allowFormatStrTemplate?: boolean | undefined;
  /** Whether the completion shall arrive in pieces. */
  stream?: boolean | undefined;
  /** Any request parameter under its name on the wire: `temperature`, `top_p`, `max_tokens`, … */
  [parameter: string]: unknown;
}

/** One or more models, with what they have in common beside `configList`. */
export interface LlmConfig extends ModelConfig {
  /** The models to try, in this order. Not given: the other keys describe the only one. */
  configList?: readonly ModelConfig[] | undefined;
  /** In which order the models are tried: always the same, or each time starting with the next. */
  routingMethod?: "fixed_order" | "round_robin" | undefined;
  /** Tools the models may call, as on the wire; `registerForLlm` adds to them. */
  tools?: ModelRequest["tools"] | undefined;
  /** The same in the API's old style. */
  functions?: readonly Readonly<Record<string, unknown>>[] | undefined;
}

/** One entry of a `configList`, taken apart. */
export interface ModelEntry {
  settings: ModelConfig;
  /** What goes into every request, in the order in which Python's AG2 sends it. */
  parameters: Record<string, unknown>;
}

const SETTINGS = new Set(
  (
    "configList routingMethod client price filterFunc allowFormatStrTemplate cache cacheSeed tags " +
    "apiType apiKey baseUrl apiVersion azureDeployment azureAdToken maxRetries timeoutMs headers fetch"
  ).split(" "),
);

/** Python's names for settings that are called otherwise here, and not just in camelCase. */
const RENAMED: Readonly<Record<string, string>> = {
  model_client_cls: "client",
  timeout: "timeoutMs",
  default_headers: "headers",
  extra_headers: "headers",
  http_client: "fetch",
};

/** The order of the declared fields of AG2's config classes; further parameters follow as given. */
const BASE_ORDER = "max_tokens top_p temperature seed response_format parallel_tool_calls tools functions";
const ENTRY_ORDER = "max_tokens top_p temperature model response_format tool_choice user stream";

/**
 * The models of `config`, each with what stands next to `configList` merged in.
 *
 * @throws AgentError for an empty `configList` and for settings in Python's spelling
 */
export function modelEntries(config: LlmConfig): ModelEntry[] {
  const list = config.configList;
  if (list !== undefined && list.length === 0) throw new AgentError("invalid_config", "`configList` is empty: give a model");
  if (list === undefined) {
    // As in AG2, a config without a list is itself the only entry; its tools still come first.
    const { tools, functions, ...entry } = config;
    return [modelEntry({ tools, functions }, entry)];
  }
  return list.map((entry) => modelEntry(config, entry));
}

function modelEntry(base: ModelConfig, entry: ModelConfig): ModelEntry {
  const [settings, common] = divided(base);
  const [ownSettings, own] = divided(entry);
  delete common["stream"];
  return {
    settings: { ...settings, ...ownSettings },
    parameters: { ...inOrder(common, BASE_ORDER), ...inOrder({ stream: base.stream ?? false, ...own }, ENTRY_ORDER) },
  };
}

/** Our settings, and the parameters of requests; neither holds what was not really given. */
function divided(config: ModelConfig): [settings: ModelConfig, parameters: Record<string, unknown>] {
  const settings: ModelConfig = {};
  const parameters: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(config)) {
    const isSetting = SETTINGS.has(key);
    // In Python's spelling they would be sent, be refused, and could show a key to whoever reads the trace.
    const cure = RENAMED[key] ?? key.replace(/_./g, ([, letter = ""]) => letter.toUpperCase());
    if (!isSetting && SETTINGS.has(cure)) throw new AgentError("invalid_config", `\`${key}\` in \`llmConfig\` is called \`${cure}\` here`);
    const isEmptyList = (key === "tools" || key === "functions") && (value as unknown[] | null)?.length === 0;
    if (value != null && !isEmptyList) (isSetting ? settings : parameters)[key] = value;
  }
  return [settings, parameters];
}

function inOrder(parameters: Record<string, unknown>, order: string): Record<string, unknown> {
  const ordered: Record<string, unknown> = {};
  for (const key of order.split(" ")) if (key in parameters) ordered[key] = parameters[key];
  return Object.assign(ordered, parameters);
}
