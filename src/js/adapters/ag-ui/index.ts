/**
 * `mlflow-ag2/ag-ui`: a subscriber that records the runs of a remote agent, for pages that talk to AG2's back ends by
 * the AG-UI protocol (`@ag-ui/client`).
 *
 * @module mlflow-ag2/ag-ui
 */

import {
  getTracingContextHeadersForHttpRequest,
  type LiveSpan,
  type SpanParent,
  SpanType,
  startSpan,
  updateCurrentTrace,
} from "../../index.js";
import { type Fields, guardAll } from "../data.js";
import { checkedOptions, PARENT_OPTION } from "../options.js";
import { recordFailure } from "../model-calls.js";
import { type AgUiMessage, chatMessages, runIdIn } from "./messages.js";

/** The options of `agUi`. */
export interface AgUiOptions {
  /** The parent of runs. Default: the active span, as for `startSpan`. */
  parent?: SpanParent | null | undefined;
}

/** A subscriber for the `subscribe` of an agent. */
export interface AgUiSubscriber {
  /**
   * The `fetch` of an `HttpAgent`: it sends `traceparent`, so that the spans of the back end become part of the run.
   */
  readonly fetch: (url: string, request: RequestInit) => Promise<Response>;
  /** Ends the span of a run that has failed. */
  onRunFailed(params: never): void;
  /** The other listeners of AG-UI's `AgentSubscriber`. */
  readonly [listener: `on${string}`]: (params: never) => void;
}

/** What AG-UI tells with each event. */
interface Report {
  readonly event: Fields & { readonly type: string };
  readonly agent: Fields & { readonly threadId?: string };
  readonly input: { readonly runId: string; readonly tools?: readonly Fields[] };
  readonly messages: readonly AgUiMessage[];
}

/**
 * An answer of the agent: a run, with those that continue it once the page has executed the tools that it asked for.
 */
interface Answer {
  readonly span: LiveSpan;
  /** How many messages there were before. */
  readonly known: number;
  /** The open spans inside: steps by their names, messages and calls of tools by their ids. */
  readonly inner: Map<string, LiveSpan>;
  /** The ids of the tool calls without a result. */
  readonly unanswered: Set<string>;
}

/**
 * A subscriber that records each run of an agent as a span of type AGENT, and in it the steps, messages and calls of
 * tools, also of those that the page executes: the run that is given their results continues the span. Changes of the
 * state are events of the span.
 *
 * @throws MlflowAg2Error `invalid_argument` for an unknown option, and a `parent` that is none.
 * @example
 * declare class HttpAgent {
 *   constructor(config: { url: string; fetch: AgUiSubscriber["fetch"] });
 *   subscribe(subscriber: AgUiSubscriber): unknown;
 * }
 * const subscriber = agUi();
 * new HttpAgent({ url: "/agent", fetch: subscriber.fetch }).subscribe(subscriber);
 */
export function agUi(options: AgUiOptions = {}): AgUiSubscriber {
  const { parent } = checkedOptions("agUi", options, PARENT_OPTION);
  const running = new Map<string, Answer>();
  const waiting = new WeakMap<object, Answer>();

  function end(answer: Answer, messages: readonly AgUiMessage[], error?: unknown): void {
    for (const [id, span] of answer.inner)
      span.end({ outputs: messages.find((message) => message["id"] === id)?.content });
    const added = messages.slice(answer.known);
    if (error !== undefined) recordFailure(answer.span, error);
    answer.span.setChatMessages(chatMessages(messages));
    answer.span.end({ outputs: added.length > 0 ? { messages: chatMessages(added) } : undefined });
  }

  function start({ agent, input, messages }: Report): void {
    const before = waiting.get(agent);
    waiting.delete(agent);
    if (before !== undefined && messages.at(-1)?.role === "tool") return void running.set(input.runId, before);
    if (before !== undefined) end(before, messages.slice(0, -1));
    const { threadId } = agent;
    const name = [agent["agentId"], agent["description"]].find((text) => typeof text === "string" && text !== "");
    const span = startSpan({
      name: String(name ?? "agent"),
      spanType: SpanType.AGENT,
      inputs: { messages: chatMessages(messages) },
      attributes: { "ag_ui.thread_id": threadId, "ag_ui.run_id": input.runId },
      parent,
    });
    if (threadId !== undefined && span.parentId === null) updateCurrentTrace({ sessionId: threadId }, span);
    running.set(input.runId, { span, known: messages.length, inner: new Map(), unanswered: new Set() });
  }

  /** Starts a span in the open step, or in the answer where no step is open, or several are. */
  function startInner({ input }: Report, key: unknown, name: unknown, spanType: SpanType, attributes?: Fields): void {
    const answer = running.get(input.runId);
    if (answer === undefined) return;
    const steps = [...answer.inner].filter(([id]) => id.startsWith("step "));
    const outer = steps.length === 1 ? steps[0]?.[1] : undefined;
    answer.inner.set(
      String(key),
      startSpan({ name: String(name), spanType, parent: outer ?? answer.span, attributes: { ...attributes } }),
    );
  }

  function endInner({ inner }: Answer, key: unknown, outputs?: unknown): void {
    inner.get(String(key))?.end({ outputs });
    inner.delete(String(key));
  }

  const endReported = ({ input }: Report, key: unknown, outputs?: unknown): void => {
    const answer = running.get(input.runId);
    if (answer !== undefined) endInner(answer, key, outputs);
  };
  const happened = ({ input }: Report, name: string, attributes: Fields): void =>
    running.get(input.runId)?.span.addEvent({ name, attributes });

  const listeners = guardAll({
    onRunInitialized: start,
    onRunErrorEvent(report: Report): void {
      const { message, code } = report.event;
      happened(report, "run_error", { message, code });
      if (code !== "abort") running.get(report.input.runId)?.span.setStatus("ERROR", String(message));
    },
    onRunFailed({ error, input, messages }: Report & { error: unknown }): void {
      const answer = running.get(input.runId);
      running.delete(input.runId);
      if (answer !== undefined) end(answer, messages, error);
    },
    onRunFinishedEvent(report: Report): void {
      const { outcome, result } = report.event;
      if (outcome !== undefined) happened(report, "run_finished", { outcome, result });
    },
    onRunFinalized({ agent, input, messages }: Report): void {
      const answer = running.get(input.runId);
      running.delete(input.runId);
      if (answer === undefined) return;
      const ofPage = new Set(input.tools?.map(({ name }) => name));
      if ([...answer.unanswered].some((id) => ofPage.has(answer.inner.get(id)?.name))) waiting.set(agent, answer);
      else end(answer, messages);
    },
    onStepStartedEvent: (report: Report) =>
      startInner(report, `step ${String(report.event["stepName"])}`, report.event["stepName"], SpanType.CHAIN),
    onStepFinishedEvent: (report: Report) => endReported(report, `step ${String(report.event["stepName"])}`),
    onTextMessageStartEvent: (report: Report) => startInner(report, report.event["messageId"], "message", "MESSAGE"),
    onTextMessageEndEvent: (report: Report & { textMessageBuffer: string }) =>
      endReported(report, report.event["messageId"], report.textMessageBuffer),
    onToolCallStartEvent(report: Report): void {
      const { toolCallId, toolCallName } = report.event;
      startInner(report, toolCallId, toolCallName, SpanType.TOOL, { "gen_ai.tool.call.id": toolCallId });
      running.get(report.input.runId)?.unanswered.add(String(toolCallId));
    },
    onToolCallEndEvent({ event, input, toolCallArgs }: Report & { toolCallArgs: unknown }): void {
      running.get(input.runId)?.inner.get(String(event["toolCallId"]))?.setInputs(toolCallArgs);
    },
    onToolCallResultEvent(report: Report): void {
      running.get(report.input.runId)?.unanswered.delete(String(report.event["toolCallId"]));
      endReported(report, report.event["toolCallId"], report.event["content"]);
    },
    onNewMessage({ agent, message }: Report & { message: AgUiMessage }): void {
      const answer = waiting.get(agent);
      if (answer === undefined || message.role !== "tool") return;
      answer.unanswered.delete(String(message["toolCallId"]));
      endInner(answer, message["toolCallId"], message.content);
    },
    onReasoningMessageEndEvent: (report: Report & { reasoningMessageBuffer: string }) =>
      happened(report, "reasoning", { content: report.reasoningMessageBuffer }),
    onStateSnapshotEvent: (report: Report) =>
      happened(report, "state_snapshot", { snapshot: report.event["snapshot"] }),
    onStateDeltaEvent: (report: Report) => happened(report, "state_delta", { delta: report.event["delta"] }),
    onCustomEvent: (report: Report) => happened(report, String(report.event["name"]), { value: report.event["value"] }),
  });
  return {
    ...listeners,
    fetch(url, request) {
      const span = running.get(runIdIn(request.body))?.span;
      const headers = new Headers(request.headers);
      const sent = span === undefined ? {} : getTracingContextHeadersForHttpRequest(span);
      for (const [name, value] of Object.entries(sent)) headers.set(name, value);
      return fetch(url, { ...request, headers });
    },
  };
}
