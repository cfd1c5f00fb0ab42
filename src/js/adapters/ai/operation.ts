/** Operations of `ai` as spans. */

import { type LiveSpan, type SpanParent, SpanType, startSpan } from "../../index.js";
import type { Fields } from "../data.js";
import { recordModel, toolsAttribute } from "../model-calls.js";

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
      ...toolsAttribute(tools),
    },
    parent,
  });
  recordModel(span, model, provider);
  return { id, span };
}
