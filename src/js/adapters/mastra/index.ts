/**
 * `mlflow-ag2/mastra`: an exporter of Mastra's observability, which records agents, workflows and tools.
 *
 * @module mlflow-ag2/mastra
 */

import { flush, type LiveSpan, MlflowAg2Error, SpanType, startSpan, updateCurrentTrace } from "../../index.js";
import { type Fields, guardAll } from "../data.js";
import { recordFailure, recordModel, recordTokens, toolsAttribute } from "../model-calls.js";

/** A span as Mastra exports it (`ExportedSpan` of `@mastra/core`). */
interface MastraSpan {
  readonly id: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly type: string;
  readonly startTime: Date;
  readonly endTime?: Date;
  readonly input?: unknown;
  readonly output?: unknown;
  readonly attributes?: Fields;
  readonly metadata?: Fields;
  readonly errorInfo?: { readonly message: string; readonly name?: string; readonly stack?: string };
  /** It has no duration, and no `span_started`. */
  readonly isEvent?: boolean;
}

/** An exporter for `exporters` in the configuration of Mastra's observability. */
export interface MastraExporter {
  /** The name that Mastra knows it by. */
  readonly name: string;
  /** Records the start or the end of a span. */
  exportTracingEvent(event: { readonly type: string; readonly exportedSpan: unknown }): Promise<void>;
  /** Delivers what was recorded, as `flush`. */
  flush(): Promise<void>;
  /** Delivers what was recorded; the exporter can still be used. */
  shutdown(): Promise<void>;
}

/** The types of Mastra's spans that are not `workflow_…`, which are tasks. */
const TYPES: Readonly<Record<string, SpanType>> = {
  agent_run: SpanType.AGENT,
  model_generation: SpanType.LLM,
  model_step: SpanType.CHAIN,
  model_inference: SpanType.CHAT_MODEL,
  tool_call: SpanType.TOOL,
  mcp_tool_call: SpanType.TOOL,
  client_tool_call: SpanType.TOOL,
  provider_tool_call: SpanType.TOOL,
  workflow_run: SpanType.WORKFLOW,
  processor_run: SpanType.GUARDRAIL,
  memory_operation: SpanType.MEMORY,
  rag_embedding: SpanType.EMBEDDING,
  rag_vector_operation: SpanType.RETRIEVER,
  scorer_run: SpanType.EVALUATOR,
};

/** The chunks of an answer: it is the output of the model's span too. */
const CHUNK = "model_chunk";

/** The open spans, by the ids that Mastra gives them. */
const open = new Map<string, LiveSpan>();

/**
 * The span of a step or tool of Mastra: the `parent` of spans and the `context` of agents inside it. Mastra tells its
 * exporters of a span but does not run the work within them, so that it is not the active span.
 *
 * @param context the `tracingContext` that Mastra calls the step or tool with.
 * @returns `undefined` if the span is not recorded.
 * @example
 * const execute = async (input: { city: string }, { tracingContext }: { tracingContext?: { currentSpan?: { id: string }
 *   } }) => startSpan({ name: "look up", parent: mastraSpan(tracingContext), inputs: input }).end({ outputs: "Sun" });
 */
export function mastraSpan(
  context: { readonly currentSpan?: { readonly id: string } } | undefined,
): LiveSpan | undefined {
  return open.get(context?.currentSpan?.id ?? "");
}

/**
 * An exporter that records the spans of Mastra with its names and times, and MLflow's types.
 *
 * @throws MlflowAg2Error `invalid_argument` for options: it has none.
 * @example
 * declare class Observability {
 *   constructor(config: { configs: { default: { serviceName: string; exporters: MastraExporter[] } } });
 * }
 * new Observability({ configs: { default: { serviceName: "my app", exporters: [mastra()] } } });
 */
export function mastra(): MastraExporter {
  if (arguments.length > 0) throw new MlflowAg2Error("invalid_argument", "`mastra` takes no options: write `mastra()`");
  return {
    name: "mlflow-ag2",
    exportTracingEvent(event): Promise<void> {
      recorder.record(event.type, event.exportedSpan as MastraSpan);
      return Promise.resolve();
    },
    flush: async () => void (await flush()),
    shutdown: async () => void (await flush()),
  };
}

const recorder = guardAll({
  record(event: string, report: MastraSpan): void {
    if (report.type === CHUNK) return;
    if (event === "span_started" || report.isEvent === true) start(report);
    if (event === "span_ended") end(report);
  },
});

function start({ id, parentSpanId, name, type, startTime, input, metadata }: MastraSpan): void {
  if (open.has(id)) return;
  const parent = open.get(parentSpanId ?? "");
  const span = startSpan({
    name,
    spanType: TYPES[type] ?? (type.startsWith("workflow_") ? SpanType.TASK : SpanType.UNKNOWN),
    inputs: input,
    startTimeNs: nanoseconds(startTime),
    parent,
  });
  const { threadId, sessionId = threadId } = metadata ?? {};
  if (parent === undefined && typeof sessionId === "string") updateCurrentTrace({ sessionId }, span);
  open.set(id, span);
}

function end({ id, type, input, output, attributes = {}, metadata, errorInfo, endTime, startTime }: MastraSpan): void {
  const span = open.get(id);
  if (span === undefined) return;
  open.delete(id);
  const { usage, model, provider, tools, toolCallId, ...more } = attributes;
  // What a model is given is known only at its end.
  if (input !== undefined) span.setInputs(input);
  recordModel(span, model, provider);
  span.setAttributes({
    "mastra.span.type": type,
    ...withPrefix("mastra.", more),
    ...withPrefix("mastra.metadata.", metadata ?? {}),
    ...(toolCallId === undefined ? undefined : { "gen_ai.tool.call.id": toolCallId }),
    ...toolsAttribute(tools),
  });
  recordTokens(span, usage);
  if (errorInfo === undefined && attributes["finishReason"] === "error")
    span.setStatus("ERROR", "the model has failed");
  if (errorInfo !== undefined) recordFailure(span, errorInfo);
  span.end({ outputs: output, endTimeNs: nanoseconds(endTime ?? startTime) });
}

const withPrefix = (prefix: string, fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).map(([key, value]) => [`${prefix}${key}`, value]));

const nanoseconds = (time: Date): bigint => BigInt(time.getTime()) * 1_000_000n;
