/** `withTraceContext`: user, session, tags and metadata of all traces that start in a callback. */

import { scopeToCarry, withScope } from "../instrument/context.js";
import { contextFields, enclosingContext, TraceContext } from "../instrument/trace-context.js";
import type { TraceFields } from "../instrument/trace-fields.js";
import { isEnabled } from "../util/enablement.js";
import { invalid } from "../util/errors.js";
import { checkOptions, type OptionRules } from "../util/options.js";
import type { SpanParent } from "./live-span.js";

/** The fields of the traces that start in `withTraceContext`. */
export interface TraceContextFields extends TraceFields {
  /** `false`: nothing that starts inside is recorded, `true`: it is, also inside of `false`. Default: as outside. */
  enabled?: boolean;
}

const FIELDS: OptionRules<TraceContextFields> = {
  tags: "object",
  metadata: "object",
  clientRequestId: "any",
  sessionId: "any",
  userId: "any",
  enabled: "flag",
};

/**
 * Runs `callback`, and returns or throws what it does. Every trace that starts in it has these fields: chats and other
 * calls of agents, traced functions, manual spans, spans of adapters. No span is added, and traces that are in progress
 * already stay as they are (`updateCurrentTrace`). As `mlflow.tracing.context` in Python (mlflow/tracing/context.py).
 *
 * Contexts nest: the fields, tags and metadata of the inner one are added to those of the outer one, and win.
 *
 * It applies across every `await` in hosts with an asynchronous context; in a page until the first `await`, which
 * suffices for a call of an agent that starts before it, and across those that `mlflow-ag2/unplugin` has rewritten.
 * After that, pass the `context` on: to `initiateChat` and the like as `context`, to `startSpan` as `parent`.
 *
 * @param callback receives the context of the traces.
 * @throws MlflowAg2Error `invalid_argument` for an unknown field, and if `callback` is not a function; else what it
 *   throws.
 * @example
 * const result = await withTraceContext({ userId: "ada", sessionId: "window 7", tags: { page: "help" } }, () =>
 *   user.initiateChat(assistant, { message: "How many are there?" }),
 * );
 * @example
 * // In a page, after an `await`.
 * await withTraceContext({ sessionId: "window 7" }, async (context) => {
 *   const message = await (await fetch("/question")).text();
 *   await user.initiateChat(assistant, { message, context });
 * });
 */
export function withTraceContext<Result>(
  fields: TraceContextFields,
  callback: (context: SpanParent) => Result,
): Result {
  checkOptions("withTraceContext", fields, FIELDS);
  if (typeof callback !== "function")
    throw invalid(
      'withTraceContext takes the fields first, then a function: `withTraceContext({ userId: "ada" }, fn)`',
    );
  if (!isEnabled()) return callback({});
  const around = scopeToCarry();
  const outer = enclosingContext(around);
  const { layers = [], enabled } = (outer && contextFields(outer)) ?? {};
  const { enabled: isWanted = enabled, ...own } = fields;
  const scope = new TraceContext({ layers: [...layers, own], enabled: isWanted }, around);
  return withScope(scope, () => callback({ scope }));
}
