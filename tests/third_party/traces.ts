/** Reads the traces that a program left in memory, as outlines. */

import { getLastActiveTraceId, getTrace, type Span, type Trace } from "mlflow-ag2";

/** The trace whose root ended last. */
export async function lastTrace(): Promise<Trace> {
  const id = getLastActiveTraceId();
  const trace = id === undefined ? null : await getTrace(id);
  if (trace === null) throw new Error("no trace was recorded");
  return trace;
}

/** Such as `    TOOL add OK`: a line for every span, indented by its depth, children in the order of their starts. */
export function outline(trace: Trace): string[] {
  const lines: string[] = [];
  const add = (span: Span, depth: number): void => {
    lines.push(
      `${"  ".repeat(depth)}${span.spanType} ${span.name}${span.status.code === "OK" ? "" : ` ${span.status.code}`}`,
    );
    for (const child of trace.data.spans.filter(({ parentId }) => parentId === span.spanId)) add(child, depth + 1);
  };
  for (const root of trace.data.spans.filter(({ parentId }) => parentId === null)) add(root, 0);
  return lines;
}

/** The inputs and outputs of agents, in the order of the spans. */
export function agentOutputs(trace: Trace): string[] {
  return trace.data.spans
    .filter(({ spanType }) => spanType === "AGENT")
    .map(({ name, inputs, outputs }) => `${name}: ${wordsOf(inputs)} -> ${wordsOf(outputs)}`);
}

/** The spans of that name. */
export function spansNamed(trace: Trace, name: string): Span[] {
  return trace.data.spans.filter((span) => span.name === name);
}

function wordsOf(event: unknown): string {
  const { message, sender } = (event ?? {}) as { message?: unknown; sender?: unknown };
  const words =
    typeof message === "string"
      ? message
      : ((message as { content?: unknown } | undefined)?.content ?? JSON.stringify(message ?? null));
  return `${String(sender)}/${String(words)}`;
}
