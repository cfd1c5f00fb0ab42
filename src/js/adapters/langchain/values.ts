/** LangChain's values as MLflow shows them. */

import type { LiveSpan } from "../../index.js";

/** An object of which only single fields are known. */
export type Fields = Readonly<Record<string, unknown>>;

/** How deep messages are looked for: states have lists of messages, and updates of a graph have states by node. */
const MESSAGE_DEPTH = 5;

/** The fields of an object; none of any other value. */
export function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {};
}

/** A text that is not empty. */
export function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** The value with messages as `{ type, content, … }`, as both SDKs of MLflow write them, not as LangChain's `lc` records. */
export function plain(value: unknown, depth = MESSAGE_DEPTH): unknown {
  if (typeof value !== "object" || value === null || depth === 0) return value;
  if (Array.isArray(value)) return value.map((item) => plain(item, depth - 1));
  const { toDict, toChatMessages } = value as { toDict?: () => Fields; toChatMessages?: () => unknown[] };
  if (typeof toDict === "function") {
    const { type, data } = toDict.call(value);
    return { type, ...fieldsOf(data) };
  }
  if (typeof toChatMessages === "function") return { messages: plain(toChatMessages.call(value), depth - 1) };
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item, depth - 1)]));
}

/** The input of a tool, which LangChain writes as JSON. */
export function parsed(input: unknown): unknown {
  try {
    return JSON.parse(input as string) as unknown;
  } catch {
    return input;
  }
}

/** A document as MLflow shows it. */
export function documentOf(value: unknown): Fields {
  const { pageContent, metadata, id } = fieldsOf(value);
  return { page_content: pageContent, metadata, ...(id === undefined ? undefined : { id }) };
}

/** Records what a model is called with. */
export function recordModel(span: LiveSpan | undefined, parameters: unknown, metadata: unknown): void {
  const { ls_model_name: name, ls_provider: provider } = fieldsOf(metadata);
  const { model, model_name: modelName, tools } = fieldsOf(fieldsOf(parameters)["invocation_params"]);
  const called = textOf(model) ?? textOf(modelName) ?? textOf(name);
  if (called !== undefined) span?.setModel(called, textOf(provider));
  span?.setAttributes({
    "mlflow.message.format": "langchain",
    ...(Array.isArray(tools) ? { "mlflow.chat.tools": tools } : undefined),
  });
}

/** Records the tokens of a model's result; returns the outputs. */
export function recordResult(span: LiveSpan | undefined, result: unknown): unknown {
  const { generations, llmOutput } = fieldsOf(result);
  const { tokenUsage, usage: rawUsage } = fieldsOf(llmOutput);
  let used = tokenUsage ?? rawUsage;
  const lists = (generations as readonly (readonly unknown[])[] | undefined)?.map((list) =>
    list.map((generation) => {
      const { message, text, generationInfo } = fieldsOf(generation);
      used = fieldsOf(message)["usage_metadata"] ?? used;
      return { ...(message === undefined ? undefined : { message: plain(message) }), text, generationInfo };
    }),
  );
  const usage = fieldsOf(used) as Record<string, number | undefined>;
  const details = fieldsOf(usage["input_token_details"]) as Record<string, number | undefined>;
  const counts = {
    input_tokens: usage["input_tokens"] ?? usage["promptTokens"] ?? usage["prompt_tokens"],
    output_tokens: usage["output_tokens"] ?? usage["completionTokens"] ?? usage["completion_tokens"],
    total_tokens: usage["total_tokens"] ?? usage["totalTokens"],
    cache_read_input_tokens: details["cache_read"],
    cache_creation_input_tokens: details["cache_creation"],
  };
  if (counts.input_tokens !== undefined || counts.output_tokens !== undefined) span?.setTokenUsage(counts);
  return { generations: lists, llmOutput };
}
