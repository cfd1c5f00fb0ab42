/** The tracer of versions 5 and 6 of `ai`: a `Tracer` of OpenTelemetry's API that records the spans of `ai`. */

import { getCurrentActiveSpan, type SpanParent, withActiveSpan } from "../../index.js";
import { type Fields, parsedJson } from "../data.js";
import { recordFailure, recordTokens } from "../model-calls.js";
import { isModelCall, type Operation, startOperation } from "./operation.js";

/** The ids of a span (`SpanContext` of OpenTelemetry's API). */
export interface AiSpanContext {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
  /** 1: the span is sampled. */
  readonly traceFlags: number;
}

/** A span as `ai` uses it (`Span` of OpenTelemetry's API). */
export interface AiSpan {
  /** The ids of the span. */
  spanContext(): AiSpanContext;
  /** Whether the span is recorded. */
  isRecording(): boolean;
  /** Sets one attribute. */
  setAttribute(key: string, value: unknown): this;
  /** Sets several attributes. */
  setAttributes(attributes: Readonly<Record<string, unknown>>): this;
  /** Adds an event. */
  addEvent(name: string, attributes?: unknown): this;
  /** Has no effect. */
  addLink(link: unknown): this;
  /** Has no effect. */
  addLinks(links: unknown): this;
  /** Has no effect: the name is that of the operation. */
  updateName(name: string): this;
  /** Sets the status. */
  setStatus(status: { code: number; message?: string }): this;
  /** Adds an exception. */
  recordException(exception: unknown): void;
  /** Ends the span. */
  end(): void;
}

/** A tracer as `ai` uses it (`Tracer` of OpenTelemetry's API). */
export interface AiTracer {
  /** Starts a span. */
  startSpan(name: string, options?: { attributes?: Readonly<Record<string, unknown>> }): AiSpan;
  /**
   * Starts a span and calls the last argument with it as the active span.
   *
   * @typeParam F - the function that is called with the span
   */
  startActiveSpan<F extends (span: AiSpan) => unknown>(
    name: string,
    ...more: [F] | [unknown, F] | [unknown, unknown, F]
  ): ReturnType<F>;
}

/** A tracer, which knows its calls in progress. */
export function tracer(parent: SpanParent | null | undefined): AiTracer {
  const open = new Map<string, Operation & { readonly caller: unknown }>();

  /** What is inside a call but not known to be, in a page: it belongs to the only call that it can belong to. */
  function parentOf(id: string, caller: unknown): SpanParent | null | undefined {
    const active = getCurrentActiveSpan();
    if (!isModelCall(id) && id !== "ai.toolCall") return parent;
    if (active !== null && open.has(active.spanId)) return active;
    const calls = [...open.values()].filter((call) =>
      isModelCall(id)
        ? id.startsWith(`${call.id}.`)
        : !isModelCall(call.id) && call.id !== "ai.toolCall" && call.caller === caller,
    );
    return calls.length === 1 ? calls[0]?.span : parent;
  }

  function start(name: string, options: { attributes?: Fields } = {}): { operation: Operation; span: AiSpan } {
    const given = options.attributes ?? {};
    const id = String(given["ai.operationId"] ?? name);
    const caller = given["ai.telemetry.functionId"];
    const operation = startOperation({
      id,
      inputs: inputsOf(id, given),
      model: given["ai.model.id"],
      provider: given["ai.model.provider"],
      toolName: given["ai.toolCall.name"],
      toolCallId: given["ai.toolCall.id"],
      tools: parsedJson(given["ai.prompt.tools"]),
      attributes: without(given, INPUT),
      parent: parentOf(id, caller),
    });
    open.set(operation.span.spanId, { ...operation, caller });
    return { operation, span: spanOf(operation, () => open.delete(operation.span.spanId)) };
  }

  return {
    startSpan: (name, options) => start(name, options).span,
    startActiveSpan(name, ...more) {
      const { operation, span } = start(name, more.length > 1 ? (more[0] as { attributes?: Fields }) : undefined);
      const call = more.at(-1) as (span: AiSpan) => never;
      return withActiveSpan(operation.span, () => call(span));
    },
  };
}

function spanOf(operation: Operation, ended: () => void): AiSpan {
  const { id, span } = operation;
  let outputs: Record<string, unknown> = {};
  const api: AiSpan = {
    spanContext: () => ({ traceId: span.traceId.replace("tr-", ""), spanId: span.spanId, traceFlags: 1 }),
    isRecording: () => true,
    setAttribute: (key, value) => api.setAttributes({ [key]: value }),
    setAttributes(attributes) {
      outputs = { ...outputs, ...withPrefix(attributes, "ai.response.") };
      const output = parsedJson(
        attributes["ai.toolCall.result"] ?? attributes["ai.embedding"] ?? attributes["ai.embeddings"],
      );
      if (output !== undefined) span.setOutputs(output);
      else if (isModelCall(id)) span.setOutputs(outputs);
      else if ((outputs["text"] ?? outputs["object"]) !== undefined)
        span.setOutputs(outputs["text"] ?? outputs["object"]);
      if (isModelCall(id)) recordTokens(span, withPrefix(attributes, "ai.usage."));
      span.setAttributes(without(attributes, OUTPUT));
      return api;
    },
    addEvent(name, attributes) {
      span.addEvent({ name, attributes: typeof attributes === "object" ? (attributes as Fields) : {} });
      return api;
    },
    addLink: () => api,
    addLinks: () => api,
    updateName: () => api,
    setStatus({ code, message }) {
      if (code === 2) span.setStatus("ERROR", message);
      return api;
    },
    recordException: (exception) => recordFailure(span, exception),
    end() {
      ended();
      span.end();
    },
  };
  return api;
}

const INPUT = ["ai.prompt", "ai.toolCall.args", "ai.value"];
const OUTPUT = [
  "ai.response.text",
  "ai.response.object",
  "ai.response.toolCalls",
  "ai.toolCall.result",
  "ai.embedding",
];

function inputsOf(id: string, given: Fields): unknown {
  if (isModelCall(id) && given["ai.prompt.messages"] !== undefined) return withPrefix(given, "ai.prompt.");
  return parsedJson(given["ai.prompt"] ?? given["ai.toolCall.args"] ?? given["ai.value"] ?? given["ai.values"]);
}

/** Values are not written twice, as attributes and as inputs or outputs. */
function without(attributes: Fields, prefixes: readonly string[]): Fields {
  return Object.fromEntries(
    Object.entries(attributes).filter(([key]) => !prefixes.some((prefix) => key.startsWith(prefix))),
  );
}

function withPrefix(attributes: Fields, prefix: string): Record<string, unknown> {
  const entries = Object.entries(attributes).filter(([key]) => key.startsWith(prefix));
  return Object.fromEntries(
    entries.map(([key, value]) => [key.slice(prefix.length), key.endsWith(".text") ? value : parsedJson(value)]),
  );
}
