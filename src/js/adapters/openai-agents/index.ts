/**
 * `mlflow-ag2/openai-agents`: the runs of `@openai/agents` as traces, in the shape of MLflow's integration in Python
 * (mlflow/openai/_agent_tracer.py).
 *
 * @module mlflow-ag2/openai-agents
 */

import {
  closeTrace,
  flush,
  type LiveSpan,
  MlflowAg2Error,
  provideActiveSpan,
  type SpanParent,
  startSpan,
  updateCurrentTrace,
} from "../../index.js";
import { type Fields, fieldsOf, openAiUsage, parsed, guard } from "../data.js";
import type { AgentsLibrary, AgentsSpan, AgentsTrace, AgentsTracingProcessor } from "./types.js";

export type { AgentsLibrary, AgentsSpan, AgentsSpanError, AgentsTrace, AgentsTracingProcessor } from "./types.js";

/** A trace in progress. */
interface Run {
  readonly root: LiveSpan;
  /** By the library's ids. Tasks and turns have no span: what is below them belongs to their parent. */
  readonly spans: Map<string, { readonly live: LiveSpan; readonly isOwn: boolean }>;
  input?: unknown;
  output?: unknown;
  /** The error of the outermost span that failed last. */
  failure?: string;
  fail: () => void;
}

const TYPES: Readonly<Record<string, string>> = {
  agent: "AGENT",
  function: "TOOL",
  generation: "CHAT_MODEL",
  response: "CHAT_MODEL",
  guardrail: "GUARDRAIL",
};
const NAMES: Readonly<Record<string, string>> = {
  generation: "Generation",
  response: "Response",
  handoff: "Handoff",
  mcp_tools: "MCP tools",
};
/** How often a trace whose run has thrown is looked at, until the program has left it. */
const LEFT_MS = 1_000;

/**
 * Records the runs of `@openai/agents` from now on. In a page, where the library switches its tracing off, call its
 * `setTracingDisabled(false)` too.
 *
 * @param library the module (`import * as agents from "@openai/agents"`), or an object with the three functions.
 * @returns the processor, which is added already: for `setTraceProcessors`, to have no other.
 * @throws MlflowAg2Error `invalid_argument` if a function is missing, and for options: it has none.
 * @example
 * declare const agents: AgentsLibrary; // import * as agents from "@openai/agents";
 * openaiAgents(agents);
 */
export function openaiAgents(library: AgentsLibrary): AgentsTracingProcessor {
  if (arguments.length > 1)
    throw new MlflowAg2Error(
      "invalid_argument",
      "`openaiAgents` takes the library alone: write `openaiAgents(agents)`",
    );
  for (const name of ["addTraceProcessor", "getCurrentTrace", "getCurrentSpan"] as const)
    if (typeof fieldsOf(library)[name] !== "function")
      throw new MlflowAg2Error(
        "invalid_argument",
        `openaiAgents needs \`@openai/agents\`, whose \`${name}\` is missing`,
      );
  const runs = new Map<string, Run>();

  function activeSpan(): SpanParent | undefined {
    // In a page the library's context is a guess.
    if (fieldsOf(fieldsOf(fieldsOf(globalThis)["process"])["versions"])["node"] === undefined) return undefined;
    const span = library.getCurrentSpan();
    const run = runs.get((span ?? library.getCurrentTrace())?.traceId ?? "");
    return run && (run.spans.get(span?.spanId ?? "")?.live ?? run.root);
  }

  function endTrace(traceId: string): void {
    const run = runs.get(traceId);
    runs.delete(traceId);
    run?.root.end({ ...(run.output !== undefined && { outputs: run.output }) });
  }

  /** A run that throws reports no end of its trace: once the program has left it, it is closed. */
  function closeOnceLeft(traceId: string, run: Run, waitMs: number): void {
    setTimeout(() => {
      if (runs.get(traceId) !== run) return;
      if (library.getCurrentTrace()?.traceId === traceId) return closeOnceLeft(traceId, run, LEFT_MS);
      runs.delete(traceId);
      run.root.setStatus("ERROR", run.failure);
      closeTrace(run.root.traceId);
    }, waitMs);
  }

  function startTrace({ traceId, name, groupId, metadata = {} }: AgentsTrace): void {
    const root = startSpan({ name, spanType: "AGENT", attributes: metadata });
    const run: Run = { root, spans: new Map(), fail: () => undefined };
    runs.set(traceId, run);
    // The context of this call, which is kept by `then`, is the one that the library ends with the trace.
    void new Promise<void>((resolve) => (run.fail = resolve)).then(() => closeOnceLeft(traceId, run, 0));
    if (groupId) updateCurrentTrace({ sessionId: groupId, tags: { group_id: groupId } }, root);
  }

  function startOne({ traceId, spanId, parentId, spanData }: AgentsSpan): void {
    const run = runs.get(traceId);
    if (run === undefined) return;
    const { type, name } = spanData as { type: string; name?: string };
    const parent = run.spans.get(parentId ?? "")?.live ?? run.root;
    const isOwn = type !== "task" && type !== "turn";
    const options = { name: name ?? NAMES[type] ?? type, spanType: TYPES[type] ?? "CHAIN", parent };
    run.spans.set(spanId, { live: isOwn ? startSpan(options) : parent, isOwn });
  }

  function endOne({ traceId, spanId, parentId, spanData, error }: AgentsSpan): void {
    const run = runs.get(traceId);
    const span = run?.spans.get(spanId);
    if (run === undefined || span === undefined) return;
    run.spans.delete(spanId);
    const detail = error && fieldsOf(error.data)["error"];
    const description = error ? [error.message, detail].filter(Boolean).join(": ") : "";
    if (span.isOwn) {
      guard(() => report(spanData, span.live, run));
      if (error) {
        const attributes = {
          "exception.message": description,
          "exception.stacktrace": JSON.stringify(error.data ?? {}),
        };
        span.live.addEvent({ name: "exception", attributes });
      }
      span.live.end(error ? { status: { code: "ERROR", description } } : {});
    }
    if (!error || parentId) return;
    run.failure = description;
    run.fail();
  }

  const on =
    <Reported>(listener: (reported: Reported) => void) =>
    async (reported: Reported): Promise<void> =>
      guard(() => listener(reported));
  const sent = async (): Promise<void> => void (await flush());
  const processor: AgentsTracingProcessor = {
    onTraceStart: on(startTrace),
    onTraceEnd: on(({ traceId }: AgentsTrace) => endTrace(traceId)),
    onSpanStart: on(startOne),
    onSpanEnd: on(endOne),
    forceFlush: sent,
    shutdown: sent,
  };
  provideActiveSpan(activeSpan);
  library.addTraceProcessor(processor);
  return processor;
}

/** Reports what a span that has ended was about. */
function report(data: Fields, live: LiveSpan, run: Run): void {
  const { type } = data;
  let { input, output } = data;
  if (type === "agent") {
    const { handoffs, tools, output_type } = data;
    live.setAttributes({ handoffs, tools, output_type });
    output = { output_type };
  } else if (type === "response") {
    const { output: items, ...rest } = fieldsOf(data["_response"]);
    [input, output] = [data["_input"], items];
    live.setAttributes(rest);
    reportModel(rest, live);
  } else if (type === "generation") {
    live.setAttribute("model_config", data["model_config"]);
    // Chat completions come whole, where Python's have messages alone.
    const completions = Array.isArray(output) ? output.map(fieldsOf) : [];
    reportModel({ usage: completions[0]?.["usage"], ...data }, live);
    const choices = completions.flatMap((completion) => completion["choices"] ?? []).map(fieldsOf);
    if (choices.length > 0) output = choices.map((choice) => choice["message"]);
  } else if (type === "handoff") [input, output] = [{ from_agent: data["from_agent"] }, { to_agent: data["to_agent"] }];
  else if (type === "guardrail") output = { triggered: data["triggered"] };
  else if (type === "custom") output = data["data"];
  else if (type === "mcp_tools") [input, output] = [{ server: data["server"] }, data["result"]];
  else if (data["mcp_data"] !== undefined) live.setAttribute("mcp_data", parsed(data["mcp_data"]));
  if (input !== undefined) live.setInputs(parsed(input));
  if (output !== undefined) live.setOutputs(output);
  if (type !== "response" && type !== "generation") return;
  // The root has neither: the first question and the last answer stand for them.
  if (run.input === undefined && input !== undefined) run.root.setInputs((run.input = input));
  run.output = output;
}

function reportModel({ model, usage, tools }: Fields, live: LiveSpan): void {
  if (typeof model === "string") live.setModel(model, "openai");
  live.setAttribute("mlflow.message.format", "openai-agent");
  if (Array.isArray(tools))
    live.setAttribute(
      "mlflow.chat.tools",
      tools.map((tool) => ({ type: "function", function: tool as unknown })),
    );
  live.setTokenUsage(openAiUsage(usage));
}
