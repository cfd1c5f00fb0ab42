/**
 * The little that a program needs to run unchanged in Node, Deno and a page: its settings come as a
 * query (`?trackingUri=…`) from the page's address or the command line, and its result goes to the console.
 */

import * as mlflow from "mlflow-ag2";
import type { ChatResult } from "mlflow-ag2/agents";

/** Where a program sends its traces and finds its model. */
export interface Settings {
  /** How long a program lives on that ends without `flush()`; empty: it ends at once. */
  liveMs: string;
  trackingUri: string;
  experiment: string;
  baseUrl: string;
  /** The trace to read, for `read_back`. */
  traceId: string;
  /** For `calculator_signed_in`. */
  password: string;
  /** What to do, for `under_faults`. */
  plan: string;
}

/** The settings this program was started with. */
export function settings(): Settings {
  const host = globalThis as { location?: { search: string }; process?: { argv: string[] } };
  const query = new URLSearchParams(host.location?.search ?? host.process?.argv[2] ?? "");
  const value = (name: string): string => query.get(name) ?? "";
  return {
    trackingUri: value("trackingUri"),
    experiment: value("experiment"),
    baseUrl: value("baseUrl"),
    traceId: value("traceId"),
    password: value("password"),
    plan: value("plan"),
    liveMs: value("liveMs"),
  };
}

/** Prints `value` as the program's result; BigInts become text. */
export function report(value: unknown): void {
  console.log(
    `RESULT ${JSON.stringify(value, (_key, item: unknown) => (typeof item === "bigint" ? item.toString() : item))}`,
  );
}

/** Delivers everything, then reports what each chat gave and how the last trace looks from inside. */
export async function reportChats(chats: Record<string, ChatResult>, trace: mlflow.Trace | null): Promise<void> {
  const flushed = await mlflow.flush();
  const results = Object.entries(chats).map(([label, { chatHistory, summary, cost, humanInput }]) => {
    return [label, { chat_history: chatHistory, summary, cost, human_input: humanInput }];
  });
  report({
    results: Object.fromEntries(results) as Record<string, unknown>,
    trace: describeTrace(trace),
    flushed,
    stats: mlflow.stats(),
  });
}

/** A trace as plain data. */
export function describeTrace(trace: mlflow.Trace | null): unknown {
  if (trace === null) return null;
  const { info } = trace;
  return {
    traceId: info.traceId,
    state: info.state,
    tokenUsage: info.tokenUsage,
    spans: trace.data.spans.map((span) => ({
      name: span.name,
      spanId: span.spanId,
      parentId: span.parentId ?? null,
      type: span.spanType,
      status: span.status.code,
      startTimeNs: span.startTimeNs,
      endTimeNs: span.endTimeNs,
      inputs: span.inputs,
      outputs: span.outputs,
      tokenUsage: span.getAttribute("mlflow.chat.tokenUsage") ?? null,
    })),
  };
}
