/**
 * Who serves a model, in the words of MLflow's price list (`mlflow.llm.provider`): told by the kind
 * of API, by where it is, or by the model's name. Where nothing tells, it speaks OpenAI's API and
 * counts as that, as in AG2 (autogen/opentelemetry/utils.py, `get_provider_from_config_list`).
 */

/** How a model is reached. */
export interface ModelApi {
  readonly type?: string | undefined;
  readonly baseUrl?: string | undefined;
}

/** The end of a host's name, and who that is. */
const PROVIDER_BY_HOST: readonly (readonly [string, string])[] = [
  ["openai.azure.com", "azure"],
  ["services.ai.azure.com", "azure"],
  ["openai.com", "openai"],
  ["anthropic.com", "anthropic"],
  ["amazonaws.com", "bedrock"],
  ["googleapis.com", "gemini"],
  ["mistral.ai", "mistral"],
  ["groq.com", "groq"],
  ["cohere.com", "cohere"],
  ["cohere.ai", "cohere"],
  ["deepseek.com", "deepseek"],
  ["together.xyz", "together_ai"],
  ["together.ai", "together_ai"],
  ["cerebras.ai", "cerebras"],
  ["openrouter.ai", "openrouter"],
  ["fireworks.ai", "fireworks_ai"],
  ["perplexity.ai", "perplexity"],
  ["x.ai", "xai"],
  ["databricks.com", "databricks"],
];

/** AG2's names that MLflow spells in another way. */
const PROVIDER_BY_API_TYPE: Readonly<Record<string, string>> = { google: "gemini", together: "together_ai" };

const KNOWN = new Set(PROVIDER_BY_HOST.map(([, provider]) => provider).concat("ollama", "vertex_ai", "huggingface"));

/** Who serves `model`, reached by `api`. */
export function readProvider(api: ModelApi | undefined, model: string | undefined): string {
  const type = api?.type?.toLowerCase();
  if (type !== undefined && type !== "openai") return PROVIDER_BY_API_TYPE[type] ?? type;
  return byHost(api?.baseUrl) ?? byModelName(model) ?? "openai";
}

function byHost(baseUrl: string | undefined): string | undefined {
  // Port 11434 is Ollama's own.
  const [, host, port] = /^(?:[a-z]+:\/\/)?(?:[^/@]*@)?([^/:?#]+)(?::(\d+))?/i.exec(baseUrl ?? "") ?? [];
  if (port === "11434") return "ollama";
  const name = host?.toLowerCase() ?? "";
  return PROVIDER_BY_HOST.find(([end]) => name === end || name.endsWith(`.${end}`))?.[1];
}

/** "provider/model", as gateways name models; a slash alone may also stand between the owner and the name of an open model. */
function byModelName(model: string | undefined): string | undefined {
  const prefix = model?.split("/", 1)[0]?.toLowerCase();
  return prefix !== undefined && prefix !== model?.toLowerCase() && KNOWN.has(prefix) ? prefix : undefined;
}
