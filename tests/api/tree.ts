/** Traces as people read them: one line per span, indented by depth. */

import { getTrace, type LiveSpan, type Trace } from "mlflow-ag2";

/** The trace as lines such as `  LLM chat_completion OK`, in order of start. */
export function outline(trace: Trace): string[] {
  const { spans } = trace.data;
  const depth = (id: string | null | undefined): number =>
    id == null ? 0 : 1 + depth(spans.find((span) => span.spanId === id)?.parentId);
  return spans.map((span) => `${"  ".repeat(depth(span.parentId))}${span.spanType} ${span.name} ${span.status.code}`);
}

/** The trace that a span is part of. */
export async function traceOf(span: LiveSpan): Promise<Trace> {
  const trace = await getTrace(span.traceId);
  if (trace === null) throw new Error(`no trace ${span.traceId} was recorded`);
  return trace;
}

/** Resolves in the host's next task, after all tasks that were queued before. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
