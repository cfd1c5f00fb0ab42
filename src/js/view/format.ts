/** The formatting of spans as text, for pages and terminals. */

import type { Span, TokenUsage, Trace, TraceInfo } from "../reading/trace.js";

const NS_PER_MS = 1e6;

/** A duration, such as "12.34 ms", "1.20 s" or "2 min 5 s"; `undefined` for a running span. */
export function durationText(startNs: bigint, endNs: bigint | undefined): string | undefined {
  if (endNs === undefined) return undefined;
  const ms = Number(endNs - startNs) / NS_PER_MS;
  if (ms < 1000) return `${ms.toFixed(2)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(2)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** Token counts as text. */
export function usageText({ input_tokens, output_tokens, total_tokens }: TokenUsage): string {
  return `${input_tokens} input + ${output_tokens} output = ${total_tokens} tokens`;
}

/** The token usage of a span; `undefined` if it has none. */
export function usageOf(span: Span): TokenUsage | undefined {
  const usage = span.attributes["mlflow.chat.tokenUsage"];
  return typeof usage === "object" && usage !== null && typeof (usage as TokenUsage).total_tokens === "number"
    ? (usage as TokenUsage)
    : undefined;
}

/** The model that a span called; `undefined` if it names none. */
export function modelOf({ attributes }: Span): string | undefined {
  const model = attributes["mlflow.llm.model"] ?? attributes["gen_ai.request.model"];
  return typeof model === "string" && model !== "" ? model : undefined;
}

/** What a span cost, in US dollars, as MLflow or AG2 recorded it; `undefined` if neither did. */
export function costOf({ attributes }: Span): number | undefined {
  return totalCost(attributes["mlflow.llm.cost"]) ?? numberOf(attributes["gen_ai.usage.cost"]);
}

/** What a trace cost, in US dollars: as MLflow recorded it, else the sum of its model calls. */
export function traceCost({ traceMetadata }: TraceInfo, spans: readonly Span[]): number | undefined {
  const recorded = totalCost(parsedJson(traceMetadata["mlflow.trace.cost"]));
  if (recorded !== undefined) return recorded;
  const costs = spans.filter((span) => kindOf(span) === "model").map(costOf);
  return costs.reduce((sum, cost) => (cost === undefined ? sum : (sum ?? 0) + cost), undefined);
}

/** A number of US dollars as text. */
export function costText(dollars: number): string {
  if (dollars >= 1) return `$${dollars.toFixed(2)}`;
  return dollars > 0 && dollars < 1e-6 ? "<$0.000001" : `$${Number(dollars.toFixed(6))}`;
}

function totalCost(cost: unknown): number | undefined {
  return isFields(cost) ? numberOf(cost["total_cost"]) : undefined;
}

function numberOf(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

/** What JSON text means; `undefined` for other text. */
export function parsedJson(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : (JSON.parse(text) as unknown);
  } catch {
    return undefined;
  }
}

/** Values by key. */
export type Fields = Readonly<Record<string, unknown>>;

/** Whether a value is an object that is no list. */
export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const KINDS: Readonly<Record<string, string>> = { AGENT: "agent", CHAT_MODEL: "model", LLM: "model", TOOL: "tool" };

/** The kind of a span, which determines its colour. */
export function kindOf({ spanType }: Span): string {
  return KINDS[spanType] ?? "other";
}

/** "1 span", "2 spans" and so on. */
export function countText(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** The name of a trace. */
export function nameOf({ info, data: { spans } }: Trace): string {
  return info.tags["mlflow.traceName"] ?? spans[0]?.name ?? "trace";
}

/** The state of a trace as it is shown. */
export function traceState({ state }: TraceInfo): "failed" | "done" | "running" {
  return state === "ERROR" ? "failed" : state === "OK" ? "done" : "running";
}

/** How many spans of a trace failed, behind its state; "" for none, or if the state says it already. */
export function failuresText({ info, data: { spans } }: Trace): string {
  const count = spans.filter((span) => spanState(span) === "failed").length;
  return count === 0 || (info.state === "ERROR" && count === 1) ? "" : `, ${count} failed`;
}

/** The duration of a trace as text; "" while it runs. */
export function traceDuration({ executionDurationMs }: TraceInfo): string {
  return executionDurationMs === undefined
    ? ""
    : durationText(0n, BigInt(Math.round(executionDurationMs * NS_PER_MS)))!;
}

/** The state of a span. */
export function spanState(span: Span): "running" | "failed" | "done" {
  if (span.status.code === "ERROR") return "failed";
  return span.endTimeNs === undefined ? "running" : "done";
}

/** A value as text, JSON with this indentation; never throws. */
export function formatValue(value: unknown, indentation = 2): string {
  if (typeof value === "string") return value;
  try {
    return (
      JSON.stringify(value, (_, inner: unknown) => (typeof inner === "bigint" ? String(inner) : inner), indentation) ??
      String(value)
    );
  } catch {
    return String(value);
  }
}
