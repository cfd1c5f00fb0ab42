/** Operations of `ai` as spans. */

import { type LiveSpan, type SpanParent, SpanType, startSpan } from "../../index.js";

/** An object of which only single fields are known. */
export type Fields = Readonly<Record<string, unknown>>;

/** The fields of an object; none of any other value. */
export function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {};
}

/** An operation in progress. */
export interface Operation {
  /** The name of the operation in `ai`, such as "ai.generateText.doGenerate". */
  readonly id: string;
  readonly span: LiveSpan;
}

/** What an operation is called with. */
export interface OperationStart {
  readonly id: string;
  readonly inputs: unknown;
  readonly model?: unknown;
  readonly provider?: unknown;
  readonly toolName?: unknown;
  readonly toolCallId?: unknown;
  /** The tools of a model's call, as `ai` gives them to the provider. */
  readonly tools?: unknown;
  readonly attributes?: Fields;
  readonly parent?: SpanParent | null | undefined;
}

/** Whether an operation is the call of a model, and not what contains such calls. */
export const isModelCall = (id: string): boolean => id.includes(".do");

/** Starts the span of an operation. */
export function startOperation(started: OperationStart): Operation {
  const { id, inputs, model, provider, toolName, toolCallId, tools, attributes, parent } = started;
  const isTool = id === "ai.toolCall";
  const span = startSpan({
    name: isTool ? String(toolName) : id,
    spanType: isTool ? SpanType.TOOL : id.startsWith("ai.embed") ? SpanType.EMBEDDING : SpanType.LLM,
    inputs,
    attributes: {
      "ai.operationId": id,
      ...attributes,
      ...(isTool ? { "gen_ai.tool.call.id": toolCallId } : undefined),
      ...(isModelCall(id) ? { "mlflow.message.format": "vercel_ai" } : undefined),
      ...(Array.isArray(tools) ? { "mlflow.chat.tools": tools.map(toolDefinition) } : undefined),
    },
    parent,
  });
  if (typeof model === "string") span.setModel(model, typeof provider === "string" ? provider : undefined);
  return { id, span };
}

/** A tool in the shape of OpenAI's, as MLflow shows it. */
function toolDefinition(tool: unknown): Fields {
  const { name, description, inputSchema } = fieldsOf(tool);
  return { type: "function", function: { name, description, parameters: inputSchema } };
}

/** Records an error that the operation ends with. */
export function recordError({ span }: Operation, error: unknown): void {
  const { message } = fieldsOf(error);
  span.recordException(error);
  span.setStatus("ERROR", typeof message === "string" ? message : String(error));
}

/** Records the token counts of a model's call; the names of versions 5 to 7. */
export function recordUsage({ span }: Operation, usage: Fields): void {
  const { cacheReadTokens, cacheWriteTokens } = fieldsOf(usage["inputTokenDetails"]);
  const tokens = usage as Record<string, number | undefined>;
  const input = tokens["inputTokens"] ?? tokens["promptTokens"] ?? tokens["tokens"];
  const output =
    tokens["outputTokens"] ?? tokens["completionTokens"] ?? (tokens["tokens"] === undefined ? undefined : 0);
  if (typeof input !== "number" && typeof output !== "number") return;
  span.setTokenUsage({
    input_tokens: input,
    output_tokens: output,
    total_tokens: tokens["totalTokens"],
    cache_read_input_tokens: (cacheReadTokens ?? tokens["cachedInputTokens"]) as number | undefined,
    cache_creation_input_tokens: cacheWriteTokens as number | undefined,
  });
}
