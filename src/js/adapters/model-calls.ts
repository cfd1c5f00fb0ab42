/** What adapters share: how models, tools and errors that a framework reports become part of a span. */

import type { LiveSpan } from "../index.js";
import { type Fields, fieldsOf, textOf } from "./data.js";

/** The first number of a list. */
const numberOf = (...values: unknown[]): number | undefined =>
  values.find((value): value is number => typeof value === "number");

/** Records the token counts of a model's call, by any of the names that LangChain, `ai` and Mastra have for them. */
export function recordTokens(span: LiveSpan | undefined, usage: unknown): void {
  const used = fieldsOf(usage);
  const details = fieldsOf(used["input_token_details"] ?? used["inputTokenDetails"] ?? used["inputDetails"]);
  const embedded = numberOf(used["tokens"]);
  const input = numberOf(
    used["input_tokens"],
    used["inputTokens"],
    used["promptTokens"],
    used["prompt_tokens"],
    embedded,
  );
  const output = numberOf(
    used["output_tokens"],
    used["outputTokens"],
    used["completionTokens"],
    used["completion_tokens"],
  );
  if (input === undefined && output === undefined) return;
  span?.setTokenUsage({
    input_tokens: input,
    output_tokens: output ?? (embedded === undefined ? undefined : 0),
    total_tokens: numberOf(used["total_tokens"], used["totalTokens"]),
    cache_read_input_tokens: numberOf(
      details["cache_read"],
      details["cacheReadTokens"],
      details["cacheRead"],
      used["cachedInputTokens"],
    ),
    cache_creation_input_tokens: numberOf(
      details["cache_creation"],
      details["cacheWriteTokens"],
      details["cacheWrite"],
    ),
  });
}

/** Records the model that is called. */
export function recordModel(span: LiveSpan | undefined, model: unknown, provider: unknown): void {
  const name = textOf(model);
  if (name !== undefined) span?.setModel(name, textOf(provider));
}

/** The attribute of the tools that a model can call, in the shape of OpenAI's; none if there are none. */
export function toolsAttribute(tools: unknown): Fields {
  if (!Array.isArray(tools)) return {};
  const definitions = tools.map((tool) => {
    const { name, description, inputSchema, parameters = inputSchema, function: given } = fieldsOf(tool);
    return given === undefined ? { type: "function", function: { name, description, parameters } } : (tool as Fields);
  });
  return { "mlflow.chat.tools": definitions };
}

/** Records an error, of any realm or as plain data, that the span ends with. */
export function recordFailure(span: LiveSpan, error: unknown): void {
  const { message, name = "Error", stack } = fieldsOf(error);
  const text = textOf(message) ?? String(error);
  span.recordException(error instanceof Error ? error : Object.assign(new Error(text), { name, stack }));
  span.setStatus("ERROR", text);
}
