/** Putting the tracer, which is one per program, into a known state and looking at what it recorded. */

import * as mlflow from "mlflow-ag2";

/** Requests as they are without any option. */
export const NO_REQUEST_OPTIONS: mlflow.InitOptions = {
  token: null,
  headers: null,
  workspace: null,
  credentials: null,
  fetch: null,
  timeoutMs: 10_000,
  compression: true,
};

/** Back to the state of a fresh program as far as that goes: off, to memory. */
export async function resetTracing(): Promise<void> {
  mlflow.autolog({ disable: true });
  // What an earlier test has left waits for the server of that test, and is dropped.
  await mlflow.shutdown({ timeoutMs: 0 });
  mlflow.enable();
  delete (globalThis as { MLFLOW_AG2_DISABLED?: boolean }).MLFLOW_AG2_DISABLED;
  mlflow.init({ ...NO_REQUEST_OPTIONS, trackingUri: "memory:" });
  await mlflow.flush({ timeoutMs: 1000 });
}

/** Flushes until a request has failed and is to be retried, however long that takes, or nothing waits any more. */
export async function flushUntilRetry(): Promise<mlflow.FlushResult> {
  const { retries } = mlflow.stats();
  let result;
  do result = await mlflow.flush({ timeoutMs: 300 });
  while (mlflow.stats().retries === retries && result.pending > 0);
  return result;
}

/** The trace that ended last. */
export async function lastTrace(): Promise<mlflow.Trace> {
  const trace = await mlflow.getTrace(mlflow.getLastActiveTraceId());
  if (trace === null) throw new Error("there is no last trace");
  return trace;
}

/** The trace as the server has it: memory is given other traces to hold first. */
export async function fromServer(traceId: string): Promise<mlflow.Trace> {
  const uri = mlflow.getTrackingUri();
  mlflow.setTrackingUri("memory:");
  for (let count = 0; count < 101; count += 1) mlflow.startSpan({ name: "filler", parent: null }).end();
  mlflow.setTrackingUri(uri);
  const trace = await mlflow.getTrace(traceId);
  if (trace === null) throw new Error(`the server has no trace ${traceId}`);
  return trace;
}

/** The span of that type; fails unless there is exactly one. */
export function spanOfType(trace: mlflow.Trace, type: string): mlflow.Span {
  const spans = trace.data.spans.filter((span) => span.spanType === type);
  const [span] = spans;
  if (span === undefined || spans.length !== 1) throw new Error(`the trace has ${spans.length} spans of type ${type}`);
  return span;
}

/** The trace as lines such as `  LLM chat_completion OK`, in order of start, indented by depth. */
export function outline(trace: mlflow.Trace): string[] {
  const depth = new Map<string, number>();
  return trace.data.spans.map((span) => {
    const level = span.parentId === null ? 0 : (depth.get(span.parentId) ?? 0) + 1;
    depth.set(span.spanId, level);
    return `${"  ".repeat(level)}${span.spanType} ${span.name} ${span.status.code}`;
  });
}

/** The texts of `console.warn` while `action` ran. */
export async function warningsDuring(action: () => Promise<unknown>): Promise<string[]> {
  const original = console.warn;
  const warnings: string[] = [];
  console.warn = (...parts: unknown[]) => void warnings.push(parts.join(" "));
  try {
    await action();
  } finally {
    console.warn = original;
  }
  return warnings;
}
