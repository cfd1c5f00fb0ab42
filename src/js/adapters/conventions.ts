/**
 * What the attributes of OpenTelemetry's spans mean in MLflow: the conventions of GenAI, OpenInference, Vercel's `ai`,
 * Traceloop and AG2 (mlflow/tracing/otel/translation; autogen/opentelemetry/consts.py).
 */

import { type Fields, fieldsOf, parsed } from "./data.js";

/** The types of spans, by the attribute that tells what an operation is, in the order in which they are looked at. */
const TYPES: readonly (readonly [key: string, types: Readonly<Record<string, string>>])[] = [
  ["openinference.span.kind", {}],
  ["ai.operationId", { "ai.toolCall": "TOOL", "ai.embed": "EMBEDDING", "ai.embedMany": "EMBEDDING" }],
  [
    "gen_ai.operation.name",
    {
      chat: "CHAT_MODEL",
      create_agent: "AGENT",
      invoke_agent: "AGENT",
      invoke_workflow: "WORKFLOW",
      embeddings: "EMBEDDING",
      execute_tool: "TOOL",
      retrieval: "RETRIEVER",
      generate_content: "LLM",
      text_completion: "LLM",
      response: "LLM",
      conversation: "CHAIN",
      initiate_chats: "CHAIN",
      speaker_selection: "CHAIN",
      await_human_input: "TASK",
      execute_code: "TOOL",
    },
  ],
  ["traceloop.span.kind", { workflow: "WORKFLOW", task: "TASK", agent: "AGENT", tool: "TOOL" }],
];

const INPUTS = [
  "input.value",
  "gen_ai.input.messages",
  "gen_ai.tool.call.arguments",
  "ai.prompt.messages",
  "ai.prompt",
  "ai.toolCall.args",
  "ai.value",
  "ai.values",
  "traceloop.entity.input",
];
const OUTPUTS = [
  "output.value",
  "gen_ai.output.messages",
  "gen_ai.tool.call.result",
  "ai.response.object",
  "ai.toolCall.result",
  "ai.embedding",
  "ai.embeddings",
  "traceloop.entity.output",
];
const MODELS =
  "gen_ai.response.model gen_ai.request.model llm.response.model_name llm.model_name embedding.model_name ai.model.id";
const PROVIDERS = "gen_ai.provider.name gen_ai.system llm.provider ai.model.provider";
/** The names of MLflow's price list, where they differ. */
const PROVIDER_NAMES: Readonly<Record<string, string>> = { aws: "bedrock", mistral_ai: "mistral", google: "gemini" };
const TOKENS = {
  input_tokens:
    "gen_ai.usage.input_tokens llm.token_count.prompt ai.usage.inputTokens ai.usage.promptTokens " +
    "gen_ai.usage.prompt_tokens",
  output_tokens:
    "gen_ai.usage.output_tokens llm.token_count.completion ai.usage.outputTokens ai.usage.completionTokens " +
    "gen_ai.usage.completion_tokens",
  total_tokens: "llm.token_count.total ai.usage.totalTokens llm.usage.total_tokens",
  cache_read_input_tokens:
    "gen_ai.usage.cache_read.input_tokens llm.token_count.prompt_details.cache_read ai.usage.cachedInputTokens",
  cache_creation_input_tokens:
    "gen_ai.usage.cache_write.input_tokens gen_ai.usage.cache_creation.input_tokens " +
    "llm.token_count.prompt_details.cache_write",
};

/** The type of a span; `undefined` if no convention tells it. */
export function spanType(attributes: Fields): string | undefined {
  for (const [key, types] of TYPES) {
    const value = attributes[key];
    if (typeof value !== "string") continue;
    const type = types[value.replace(/\.do(?:Generate|Stream|Embed)$/, "")];
    return type ?? (key.startsWith("openinference") ? value : key === "ai.operationId" ? "LLM" : undefined);
  }
  return undefined;
}

function first(attributes: Fields, keys: string): unknown {
  const key = keys.split(" ").find((name) => attributes[name] !== undefined);
  return key && attributes[key];
}

/** The model and its provider. */
export function model(attributes: Fields): { name: unknown; provider: string | undefined } {
  const provider = first(attributes, PROVIDERS);
  const [name = ""] = String(provider ?? "").split(".");
  return {
    name: first(attributes, MODELS),
    provider: String(provider).startsWith("azure") ? "azure" : (PROVIDER_NAMES[name] ?? (name || undefined)),
  };
}

/** The token counts by MLflow's names. */
export function tokens(attributes: Fields): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const [name, keys] of Object.entries(TOKENS)) {
    const count = first(attributes, keys);
    if (typeof count === "number") counts[name] = count;
  }
  return counts;
}

/** Inputs, outputs, messages, and the attributes that are none of these. */
export function values(
  attributes: Fields,
  events: readonly { readonly name: string; readonly attributes?: Fields | undefined }[],
): { inputs: unknown; outputs: unknown; messages: Message[]; rest: Fields } {
  const rest: Record<string, unknown> = { ...attributes };
  const take = (keys: readonly string[]): unknown => {
    const key = keys.find((name) => rest[name] !== undefined && rest[name] !== "");
    if (key === undefined) return undefined;
    const value = parsed(rest[key]);
    delete rest[key];
    return value;
  };
  const reported = events.map(messageOf).filter((message) => message !== undefined);
  const listed = (isOutput: boolean): unknown => {
    const list = reported.filter((message) => message.isOutput === isOutput).map(({ message }) => message);
    return list.length > 0 ? list : undefined;
  };
  const inputs = take(INPUTS) ?? unflattened(attributes, "llm.input_messages") ?? listed(false);
  let outputs = take(OUTPUTS) ?? unflattened(attributes, "llm.output_messages") ?? listed(true);
  if (outputs === undefined && attributes["ai.operationId"] !== undefined) {
    const calls = attributes["ai.response.toolCalls"];
    const text = take(["ai.response.text"]);
    outputs = calls === undefined ? text : { ...(text !== undefined && { text }), toolCalls: parsed(calls) };
  }
  const messages = [inputs, outputs].flatMap((list) => (Array.isArray(list) ? list.flatMap(messagesIn) : []));
  return { inputs, outputs, messages, rest };
}

/** The message that an event of GenAI's conventions reports; `undefined` for any other event. */
export function messageOf({
  name,
  attributes = {},
}: {
  readonly name: string;
  readonly attributes?: Fields | undefined;
}): { isOutput: boolean; message: Message } | undefined {
  const [, role = name === "gen_ai.choice" ? "assistant" : undefined] =
    /^gen_ai\.(system|user|assistant|tool)\.message$/.exec(name) ?? [];
  if (role === undefined) return undefined;
  return { isOutput: name === "gen_ai.choice", message: { role, content: parsed(attributes["content"]) } };
}

/** OpenInference's lists: `PREFIX.0.message.role`, … */
function unflattened(attributes: Fields, prefix: string): unknown {
  const list: Record<string, unknown>[] = [];
  for (const [key, value] of Object.entries(attributes)) {
    if (!key.startsWith(`${prefix}.`)) continue;
    const [index, , ...path] = key.slice(prefix.length + 1).split(".");
    (list[Number(index)] ??= {})[path.join(".")] = value;
  }
  return list.length > 0 ? list.filter(Boolean) : undefined;
}

/** A message in the shape of OpenAI's chat completions. */
export type Message = { role: string; [field: string]: unknown };

/** A message of GenAI's conventions, whose content is in parts; none for what has no parts. */
function messagesIn(value: unknown): Message[] {
  const { role, parts } = fieldsOf(value);
  if (typeof role !== "string" || !Array.isArray(parts)) return [];
  const ofType = (type: string): Fields[] => parts.map(fieldsOf).filter((part) => part["type"] === type);
  const results = ofType("tool_call_response");
  if (results.length > 0)
    return results.map((part) => ({
      role: "tool",
      tool_call_id: part["id"],
      content: part["response"] ?? part["result"],
    }));
  const calls = ofType("tool_call").map((part) => ({
    id: part["id"],
    type: "function",
    function: { name: part["name"], arguments: JSON.stringify(part["arguments"] ?? {}) },
  }));
  const text = ofType("text").map((part) => part["content"]);
  return [{ role, content: text.join("\n"), ...(calls.length > 0 && { tool_calls: calls }) }];
}
