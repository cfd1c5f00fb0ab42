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

/** Those whose hosts and kinds of API bear another name than in the price list. */
const SPELLED = new Map([
  ["amazonaws", "bedrock"],
  ["fireworks", "fireworks_ai"],
  ["google", "gemini"],
  ["googleapis", "gemini"],
  ["together", "together_ai"],
  ["x", "xai"],
]);

const KNOWN = new Set(
  "azure openai anthropic mistral groq cohere deepseek cerebras openrouter perplexity databricks ollama vertex_ai huggingface"
    .split(" ")
    .concat(...SPELLED.values()),
);

/** Who serves `model`, reached by `api`. */
export function readProvider(api: ModelApi | undefined, model: string | undefined): string {
  const type = api?.type?.toLowerCase();
  if (type !== undefined && type !== "openai") return SPELLED.get(type) ?? type;
  return byHost(api?.baseUrl) ?? byModelName(model) ?? "openai";
}

function byHost(baseUrl: string | undefined): string | undefined {
  // Port 11434 is Ollama's own.
  const [, host, port] = /^(?:[a-z]+:\/\/)?(?:[^/@]*@)?([^/:?#]+)(?::(\d+))?/i.exec(baseUrl ?? "") ?? [];
  if (port === "11434") return "ollama";
  const label = /(?:^|\.)([a-z]+)\.(?:com|ai|xyz)$/i.exec(host ?? "")?.[1]?.toLowerCase() ?? "";
  return known(SPELLED.get(label) ?? label);
}

/** "provider/model", as gateways name models; a slash alone may also stand between the owner and the name of an open model. */
function byModelName(model: string | undefined): string | undefined {
  return model?.includes("/") ? known(model.split("/", 1)[0]!.toLowerCase()) : undefined;
}

function known(provider: string): string | undefined {
  return KNOWN.has(provider) ? provider : undefined;
}
