/** The telemetry integration of version 7 of `ai`. */

import { type SpanParent, withActiveSpan } from "../../index.js";
import { type Fields, fieldsOf, guardAll } from "../data.js";
import { recordFailure, recordTokens } from "../model-calls.js";
import { type Operation, startOperation } from "./operation.js";

/** The listeners of version 7 (`Telemetry` of `ai`). */
export interface TelemetryListeners {
  /** Records the error that ends a call. */
  onError(event: unknown): void;
  /** Calls a model so that what it starts becomes part of its span. */
  executeLanguageModelCall<T>(call: { callId: string; execute: () => PromiseLike<T> }): PromiseLike<T>;
  /** Calls a tool so that what it starts becomes part of its span. */
  executeTool<T>(call: { callId: string; toolCallId: string; execute: () => PromiseLike<T> }): PromiseLike<T>;
  /** The other listeners. */
  readonly [listener: `on${string}`]: (event: never) => void;
}

interface Call {
  readonly root: Operation;
  /** The operations inside it that are open: calls of tools by their ids, of embedding models by theirs, of a model. */
  readonly inner: Map<string, Operation>;
}

const MODEL = "the model";

type Report = Fields & { readonly callId: string };

/** The listeners; they share the calls in progress. */
export function listeners(parent: SpanParent | null | undefined): TelemetryListeners {
  const calls = new Map<string, Call>();

  function startInner(
    { callId, provider, modelId }: Report,
    key: string,
    id: string,
    inputs: unknown,
    more?: Fields,
  ): void {
    const call = calls.get(callId);
    if (call === undefined) return;
    const model = { model: modelId, provider };
    call.inner.set(key, startOperation({ id, inputs, ...model, ...more, parent: call.root.span }));
  }

  function endInner({ callId, usage }: Report, key: string, outputs: unknown, error?: unknown): void {
    const inner = calls.get(callId)?.inner;
    const operation = inner?.get(key);
    if (operation === undefined) return;
    inner?.delete(key);
    recordTokens(operation.span, usage);
    if (error !== undefined) recordFailure(operation.span, error);
    operation.span.end({ outputs });
  }

  function endCall(callId: string, outputs: unknown, error?: unknown): void {
    const call = calls.get(callId);
    if (call === undefined) return;
    for (const key of call.inner.keys()) endInner({ callId }, key, undefined, error);
    calls.delete(callId);
    if (error !== undefined) recordFailure(call.root.span, error);
    call.root.span.end({ outputs });
  }

  const within = <T>(callId: string, key: string, execute: () => PromiseLike<T>): PromiseLike<T> => {
    const operation = calls.get(callId)?.inner.get(key);
    return operation === undefined ? execute() : withActiveSpan(operation.span, execute);
  };

  const report = guardAll({
    onStart(event: Report & { operationId: string }): void {
      const { callId, operationId: id, provider, modelId: model, functionId, instructions: system } = event;
      const { prompt, messages, value, values } = event;
      const inputs = value ?? values ?? { system, prompt, messages };
      const attributes = functionId === undefined ? {} : { "ai.telemetry.functionId": functionId };
      calls.set(callId, {
        root: startOperation({ id, inputs, model, provider, attributes, parent }),
        inner: new Map(),
      });
    },
    onLanguageModelCallStart(event: Report): void {
      const { instructions, tools, toolChoice } = event;
      const messages = [...systemMessages(instructions), ...((event["messages"] as unknown[] | undefined) ?? [])];
      const id = doOperation(calls.get(event.callId)?.root.id);
      startInner(event, MODEL, id, { messages, tools, toolChoice }, { tools });
    },
    onLanguageModelCallEnd(event: Report): void {
      const { content, finishReason, responseId: id, modelId: model } = event;
      endInner(event, MODEL, { ...contentOf(content), finishReason, id, model });
    },
    onObjectStepStart(event: Report): void {
      startInner(event, MODEL, doOperation(calls.get(event.callId)?.root.id), { messages: event["promptMessages"] });
    },
    onObjectStepEnd(event: Report): void {
      const { objectText: text, finishReason } = event;
      endInner(event, MODEL, { text, finishReason });
    },
    onEmbedStart: (event: Report & { embedCallId: string; operationId: string }) =>
      startInner(event, event.embedCallId, event.operationId, event["values"]),
    onEmbedEnd: (event: Report & { embedCallId: string }) => endInner(event, event.embedCallId, event["embeddings"]),
    onToolExecutionStart(event: Report): void {
      const { toolCallId, toolName, input } = fieldsOf(event["toolCall"]);
      startInner(event, String(toolCallId), "ai.toolCall", input, { toolCallId, toolName });
    },
    onToolExecutionEnd(event: Report): void {
      const { output, error } = fieldsOf(event["toolOutput"]);
      endInner(event, String(fieldsOf(event["toolCall"])["toolCallId"]), output, error);
    },
    onStepError: (event: Report) => endInner(event, MODEL, undefined, event["error"]),
    onEnd({ callId, ...event }: Report): void {
      endCall(callId, event["object"] ?? event["embedding"] ?? event["embeddings"] ?? event["text"]);
    },
    onAbort({ callId, reason }: Report): void {
      calls.get(callId)?.root.span.addEvent({ name: "abort", attributes: { reason } });
      endCall(callId, undefined);
    },
    onError(event: unknown): void {
      const { callId, error } = fieldsOf(event);
      endCall(String(callId), undefined, error ?? event);
    },
  });
  return {
    ...report,
    executeLanguageModelCall: ({ callId, execute }) => within(callId, MODEL, execute),
    executeTool: ({ callId, toolCallId, execute }) => within(callId, toolCallId, execute),
  };
}

const doOperation = (id = ""): string => `${id}.${id.includes("stream") ? "doStream" : "doGenerate"}`;

function systemMessages(instructions: unknown): unknown[] {
  if (Array.isArray(instructions)) return instructions;
  return typeof instructions === "string"
    ? [{ role: "system", content: instructions }]
    : [instructions].filter(Boolean);
}

/** The parts of an answer, as the attributes of versions 5 and 6 have them. */
function contentOf(content: unknown): Fields {
  const parts = (content as Fields[] | undefined) ?? [];
  const textOf = (type: string): string | undefined =>
    parts
      .filter((part) => part["type"] === type)
      .map((part) => part["text"])
      .join("") || undefined;
  const toolCalls = parts.filter((part) => part["type"] === "tool-call");
  return {
    text: textOf("text"),
    reasoning: textOf("reasoning"),
    toolCalls: toolCalls.length > 0 ? toolCalls : undefined,
  };
}
