/** A trace as text: the tree of its spans with types, times and tokens. */

import type { Span, TokenUsage, Trace } from "mlflow-ag2";

/** One line per span, indented by depth, in order of start. */
export function spanTree(trace: Trace): string[] {
  const rows: { label: string; span: Span }[] = [];
  const add = (span: Span, before: string, branch: string, indent: string): void => {
    rows.push({ label: `${before}${branch}${span.spanType.padEnd(5)} ${span.name}`, span });
    const children = trace.data.spans.filter(({ parentId }) => parentId === span.spanId);
    children.forEach((child, index) => {
      const isLast = index === children.length - 1;
      add(child, before + indent, isLast ? "└─ " : "├─ ", isLast ? "   " : "│  ");
    });
  };
  for (const root of trace.data.spans.filter(({ parentId }) => parentId === undefined)) add(root, "", "", "");
  const width = Math.max(...rows.map(({ label }) => label.length));
  return rows.map(({ label, span }) => `${label.padEnd(width)}  ${latency(span).padStart(9)}${tokens(span)}${trouble(span)}`.trimEnd());
}

/** Token counts in words. */
export function usageText({ input_tokens, output_tokens, total_tokens }: TokenUsage): string {
  return `${input_tokens} input + ${output_tokens} output = ${total_tokens} tokens`;
}

function latency({ startTimeNs, endTimeNs }: Span): string {
  return endTimeNs === undefined ? "open" : `${(Number(endTimeNs - startTimeNs) / 1e6).toFixed(2)} ms`;
}

function tokens(span: Span): string {
  const usage = span.getAttribute("mlflow.chat.tokenUsage") as TokenUsage | undefined;
  return usage === undefined ? "" : `  ${usageText(usage)}`;
}

function trouble({ status }: Span): string {
  return status.code === "ERROR" ? `  ERROR: ${status.description}` : "";
}
