/** The formatting of spans as text, for pages and terminals. */

import type { Span, TokenUsage } from "../reading/trace.js";

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

/** The state of a span. */
export function spanState(span: Span): "running" | "failed" | "done" {
  if (span.status.code === "ERROR") return "failed";
  return span.endTimeNs === undefined ? "running" : "done";
}

/** A value as text; never throws. */
export function formatValue(value: unknown): string {
  if (typeof value === "string") return value;
  try {
    return (
      JSON.stringify(value, (_, inner: unknown) => (typeof inner === "bigint" ? String(inner) : inner), 2) ??
      String(value)
    );
  } catch {
    return String(value);
  }
}
