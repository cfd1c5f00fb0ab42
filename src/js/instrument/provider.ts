/**
 * The provider of a model, by the names of MLflow's price list (`mlflow.llm.provider`): from the type of
 * API, its URL, the model's name, or the format of the messages. The default is "openai", whose API others are
 * compatible with, as in AG2 (autogen/opentelemetry/utils.py, `get_provider_from_config_list`).
 */

import { memoizeText } from "./fields.js";

/** The API through which a model is called. */
export interface ModelApi {
  readonly type?: string | undefined;
  readonly baseUrl?: string | undefined;
}

/** Providers whose hosts and API types have another name than the price list. */
const ALIASES = new Map([
  ["amazonaws", "bedrock"],
  ["fireworks", "fireworks_ai"],
  ["google", "gemini"],
  ["googleapis", "gemini"],
  ["responses", "openai"],
  ["together", "together_ai"],
  ["x", "xai"],
]);

const KNOWN = new Set(
  (
    "azure openai anthropic mistral groq cohere deepseek cerebras openrouter perplexity databricks ollama " +
    "vertex_ai huggingface"
  )
    .split(" ")
    .concat(...ALIASES.values()),
);

/** The provider of `model`, called through `api`, with messages in `format`, which is the name of a provider. */
export function readProvider(api: ModelApi | undefined, model: string | undefined, format = "openai"): string {
  const type = api?.type?.toLowerCase();
  if (type !== undefined && type !== "openai") return ALIASES.get(type) ?? type;
  const url = api?.baseUrl;
  const byUrl = url === undefined ? undefined : byHost(url);
  return byUrl ?? byModelName(model) ?? knownProvider(format) ?? "openai";
}

/** The provider whose host is in a URL. */
const byHost = memoizeText((baseUrl: string): string | undefined => {
  // Port 11434 is Ollama's own.
  const [, host, port] = /^(?:[a-z]+:\/\/)?(?:[^/@]*@)?([^/:?#]+)(?::(\d+))?/i.exec(baseUrl) ?? [];
  if (port === "11434") return "ollama";
  const label = /(?:^|\.)([a-z]+)\.(?:com|ai|xyz)$/i.exec(host ?? "")?.[1]?.toLowerCase() ?? "";
  return knownProvider(ALIASES.get(label) ?? label);
});

/** "provider/model", as gateways name models; the part before the slash may also be the owner of an open model. */
function byModelName(model: string | undefined): string | undefined {
  return model?.includes("/") ? knownProvider(model.split("/", 1)[0]!.toLowerCase()) : undefined;
}

function knownProvider(provider: string): string | undefined {
  return KNOWN.has(provider) ? provider : undefined;
}
