/**
 * `mlflow-ag2/langchain`: a callback handler that records the runs of LangChain and LangGraph.
 *
 * @module mlflow-ag2/langchain
 */

import { type LiveSpan, type SpanParent, SpanType, startSpan, updateCurrentTrace } from "../../index.js";
import { type Fields, fieldsOf, parsed, guardAll, textOf } from "../data.js";
import { checkedOptions, PARENT_OPTION } from "../options.js";
import { recordFailure } from "../model-calls.js";
import { documentOf, plain, recordCall, recordResult } from "./values.js";

/** The options of `langchain`. */
export interface LangchainOptions {
  /** The parent of runs that are not part of another run. Default: the active span, as for `startSpan`. */
  parent?: SpanParent | null | undefined;
}

/** A callback handler of LangChain, for the `callbacks` of a run or of a component. */
export interface LangchainHandler {
  /** The name that LangChain knows it by. */
  readonly name: string;
  /** LangChain calls it when something happens, not later from a queue, so that times and parents are right. */
  readonly awaitHandlers: true;
  /** Records a text that a chain has reported. */
  handleText(text: string, runId: string): void;
  /** The other listeners of LangChain's `BaseCallbackHandler`. */
  readonly [listener: `handle${string}`]: (...report: never[]) => void;
}

interface Run {
  readonly span: LiveSpan;
  readonly outer: Run | undefined;
  /** The ids of the open runs inside it. */
  readonly inner: Set<string>;
  /** The text that the model has streamed so far. */
  streamed: string;
}

/** What LangChain tells of the start of a run; `more` depends on the kind of run. */
type Start = [component: unknown, inputs: unknown, runId: string, parentRunId?: string, ...more: unknown[]];

/** The open runs by their ids. All handlers share them, so that a run that tells two handlers is recorded once. */
const openRuns = new Map<string, Run>();

/** What LangGraph marks as not to be shown, such as the writing of its channels, and the runs these are part of. */
const HIDDEN = "langsmith:hidden";
const hiddenRuns = new Map<string, string | undefined>();

/** The open run with this id, or that which a hidden run of this id is part of. */
function runOf(id: string | undefined): Run | undefined {
  if (id === undefined) return undefined;
  return openRuns.get(id) ?? runOf(hiddenRuns.get(id));
}

const TOOL_CALL_ID = "gen_ai.tool.call.id";

/**
 * The span of the run that a tool, a node or a lambda is called in: the `parent` of spans and the `context` of agents
 * inside it. LangChain reports a run to its listeners but does not call it within them, so it is not the active span.
 *
 * @param config what LangChain calls the tool, node or lambda with, after its input.
 * @returns `undefined` if the run is not recorded.
 * @example
 * const weather = async ({ city }: { city: string }, config: { callbacks?: unknown }): Promise<string> => {
 *   startSpan({ name: "look up", parent: langchainSpan(config), inputs: city }).end({ outputs: "Sun" });
 *   return "Sun";
 * };
 */
export function langchainSpan(config: { readonly callbacks?: unknown } | undefined): LiveSpan | undefined {
  const manager = config?.callbacks as { getParentRunId?: () => string | undefined } | undefined;
  return runOf(manager?.getParentRunId?.())?.span;
}

/**
 * A callback handler that records each run that is reported to it: chains, nodes of graphs, models, tools and
 * retrievers, with the names, types and values of MLflow's handlers (mlflow/langchain/langchain_tracer.py, and the
 * integration `langchain` of its TypeScript SDK).
 *
 * @throws MlflowAg2Error `invalid_argument` for an unknown option, and a `parent` that is none.
 * @example
 * declare const graph: { invoke(input: unknown, config: { callbacks: LangchainHandler[] }): Promise<unknown> };
 * await graph.invoke({ messages: ["Hello"] }, { callbacks: [langchain()] });
 */
export function langchain(options: LangchainOptions = {}): LangchainHandler {
  const { parent: outerParent } = checkedOptions("langchain", options, PARENT_OPTION);
  function start(
    type: SpanType,
    report: Start,
    tags: unknown,
    metadata: unknown,
    runName: unknown,
  ): LiveSpan | undefined {
    const [component, inputs, runId, parentRunId] = report;
    const tagged = (tags as readonly string[] | undefined) ?? [];
    if (tagged.includes(HIDDEN)) hiddenRuns.set(runId, parentRunId);
    if (openRuns.has(runId) || hiddenRuns.has(runId)) return undefined;
    const outer = runOf(parentRunId);
    const { name, id } = fieldsOf(component);
    const span = startSpan({
      name: textOf(runName) ?? textOf(name) ?? textOf((id as unknown[] | undefined)?.at(-1)) ?? type.toLowerCase(),
      spanType: type,
      inputs: plain(inputs),
      attributes: { ...fieldsOf(metadata), ...(tagged.length > 0 ? { tags } : undefined) },
      parent: outer === undefined ? outerParent : outer.span,
    });
    const { thread_id: sessionId } = fieldsOf(metadata);
    if (outer === undefined && typeof sessionId === "string") updateCurrentTrace({ sessionId }, span);
    openRuns.set(runId, { span, outer, inner: new Set(), streamed: "" });
    outer?.inner.add(runId);
    return span;
  }

  /**
   * Ends a run, and those inside it of which LangChain tells no end: it does not when the reader of a stream leaves.
   */
  function end(runId: string, outputs?: unknown, error?: unknown): void {
    const run = openRuns.get(runId);
    hiddenRuns.delete(runId);
    if (run === undefined) return;
    for (const id of run.inner) end(id);
    openRuns.delete(runId);
    run.outer?.inner.delete(runId);
    const { is_bubble_up: isNoFailure, name, interrupts } = fieldsOf(error);
    if (isNoFailure === true) run.span.addEvent({ name: String(name), attributes: { interrupts } });
    else if (error !== undefined) recordFailure(run.span, error);
    run.span.end({ outputs: plain(outputs ?? (run.streamed || undefined)) });
  }

  const fail = (error: unknown, runId: string): void => end(runId, undefined, error ?? new Error("unknown"));
  const event = (runId: string, name: string, attributes: Fields): void =>
    openRuns.get(runId)?.span.addEvent({ name, attributes });
  const startModel =
    (type: SpanType) =>
    (...report: Start): void => {
      const [, , , , parameters, tags, metadata, runName] = report;
      recordCall(start(type, report, tags, metadata, runName), parameters, metadata);
    };

  return guardAll({
    name: "mlflow_ag2",
    awaitHandlers: true as const,
    handleChainStart: (...report: Start) => void start(SpanType.CHAIN, report, report[4], report[5], report[7]),
    handleChainEnd(
      outputs: unknown,
      runId: string,
      _parent?: string,
      _tags?: string[],
      more?: { inputs?: Fields },
    ): void {
      // A chain that reads a stream knows its inputs only now.
      if (more?.inputs !== undefined) openRuns.get(runId)?.span.setInputs(plain(more.inputs));
      end(runId, outputs);
    },
    handleChainError: fail,
    handleChatModelStart: startModel(SpanType.CHAT_MODEL),
    handleLLMStart: startModel(SpanType.LLM),
    handleLLMNewToken(token: string, _index: unknown, runId: string): void {
      const run = openRuns.get(runId);
      if (run !== undefined) run.streamed += token;
    },
    handleLLMEnd: (result: unknown, runId: string) => end(runId, recordResult(openRuns.get(runId)?.span, result)),
    handleLLMError: fail,
    handleToolStart(...report: Start): void {
      report[1] = parsed(report[1]);
      const span = start(SpanType.TOOL, report, report[4], report[5], report[6]);
      if (report[7] !== undefined) span?.setAttribute(TOOL_CALL_ID, report[7]);
    },
    handleToolEnd(output: unknown, runId: string): void {
      const { tool_call_id: id } = fieldsOf(output);
      if (id !== undefined) openRuns.get(runId)?.span.setAttribute(TOOL_CALL_ID, id);
      end(runId, output);
    },
    handleToolError: fail,
    handleRetrieverStart: (...report: Start) => void start(SpanType.RETRIEVER, report, report[4], report[5], report[6]),
    handleRetrieverEnd: (documents: readonly unknown[], runId: string) => end(runId, documents.map(documentOf)),
    handleRetrieverError: fail,
    handleAgentAction: (action: unknown, runId: string) => event(runId, "agent_action", fieldsOf(action)),
    handleAgentEnd: (finish: unknown, runId: string) => event(runId, "agent_finish", fieldsOf(finish)),
    handleCustomEvent: (name: string, data: unknown, runId: string) => event(runId, name, { data: plain(data) }),
    handleText: (text: string, runId: string) => event(runId, "text", { text }),
  });
}
