/** LangChain's values as MLflow shows them. */

import type { LiveSpan } from "../../index.js";
import { type Fields, fieldsOf } from "../data.js";
import { recordModel, recordTokens, toolsAttribute } from "../model-calls.js";

/** How deep messages are looked for: states have lists of messages, and updates of a graph have states by node. */
const MESSAGE_DEPTH = 5;

/**
 * The value with messages as `{ type, content, … }`, as both SDKs of MLflow write them, not as LangChain's `lc`
 * records.
 */
export function plain(value: unknown, depth: number = MESSAGE_DEPTH): unknown {
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

/** A document as MLflow shows it. */
export function documentOf(value: unknown): Fields {
  const { pageContent, metadata, id } = fieldsOf(value);
  return { page_content: pageContent, metadata, ...(id === undefined ? undefined : { id }) };
}

/** Records what a model is called with. */
export function recordCall(span: LiveSpan | undefined, parameters: unknown, metadata: unknown): void {
  const { ls_model_name: name, ls_provider: provider } = fieldsOf(metadata);
  const { model, model_name: modelName, tools } = fieldsOf(fieldsOf(parameters)["invocation_params"]);
  recordModel(span, model ?? modelName ?? name, provider);
  span?.setAttributes({ "mlflow.message.format": "langchain", ...toolsAttribute(tools) });
}

/** Records the tokens of a model's result; returns the outputs. */
export function recordResult(span: LiveSpan | undefined, result: unknown): unknown {
  const { generations, llmOutput } = fieldsOf(result);
  let usage = fieldsOf(llmOutput)["tokenUsage"] ?? fieldsOf(llmOutput)["usage"];
  const lists = (generations as readonly (readonly unknown[])[] | undefined)?.map((list) =>
    list.map((generation) => {
      const { message, text, generationInfo } = fieldsOf(generation);
      usage = fieldsOf(message)["usage_metadata"] ?? usage;
      return { message: plain(message), text, generationInfo };
    }),
  );
  recordTokens(span, usage);
  return { generations: lists, llmOutput };
}
