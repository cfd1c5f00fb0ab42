/** The active span, and its trace. */

import type { Scope } from "../agents/observe/observer.js";
import { loadError } from "../bridge/loader.js";
import { invalidValue } from "../util/errors.js";
import { guard } from "../util/guard.js";
import { checkOptions, type OptionRules } from "../util/options.js";
import { currentScope } from "../instrument/context.js";
import { isUnsampled, keyOf, nearestOpen, RemoteScope } from "../instrument/scopes.js";
import { isEnabled } from "../util/enablement.js";
import { warnOnce } from "../util/warn.js";
import { applyTraceFields, type TraceFields } from "../instrument/trace-fields.js";
import type { Span } from "../reading/trace.js";
import type { LiveSpan, SpanParent } from "./live-span.js";
import { RecordingSpan, spanOf } from "./recording-span.js";

/** The fields of a trace that can be updated. */
export interface TraceUpdate extends TraceFields {
  /** The request as shown in lists of traces. Default: the beginning of the root's inputs. */
  requestPreview?: string;
  /** The response as shown in lists of traces. Default: the beginning of the root's outputs. */
  responsePreview?: string;
  /**
   * The state of the trace once it has ended, in place of the status of its root: for a program that has
   * caught the error itself, or found the answer wrong. Default: the status of the root.
   */
  state?: "OK" | "ERROR";
}

/** The rules of the fields. */
const UPDATE_FIELDS: OptionRules<TraceUpdate> = {
  tags: "object",
  metadata: "object",
  clientRequestId: "any",
  sessionId: "any",
  userId: "any",
  requestPreview: "any",
  responsePreview: "any",
  state: "any",
};

/**
 * The active span: that of `withSpan` or of a traced function, or of an operation of agents (a tool call,
 * a reply, a chat), to set attributes and the like on it. Operations of agents end by themselves: `end()`
 * does nothing to their spans.
 *
 * @param context the `context` of an agents' callback, whose span is returned instead. In a page the active
 *   span is known only until the first `await`; after that `context` is needed.
 * @returns `null` where no recorded span is active, or it is not known.
 * @example
 * async function find({ query }: { query: string }, context: CallContext): Promise<string[]> {
 *   const hits = await search(query);
 *   getCurrentActiveSpan(context)?.setAttribute("hits", hits.length);
 *   return hits;
 * }
 */
export function getCurrentActiveSpan(context?: SpanParent): LiveSpan | null {
  const scope = activeScope(context);
  let span: LiveSpan | null = null;
  if (scope === undefined) return span;
  guard(() => {
    span = spanOf(scope) ?? new AgentSpan(scope, keyOf(scope)!, "");
  });
  return span;
}

/**
 * Updates the current trace. Fields that are set again are replaced; the others stay.
 *
 * @param context as for `getCurrentActiveSpan`.
 * @throws MlflowAg2Error `invalid_argument` for an unknown field, and for a `state` that is neither "OK" nor "ERROR";
 *   nothing else.
 * @example
 * await withSpan(async () => {
 *   updateCurrentTrace({ sessionId: "window 7", userId: "ada", tags: { release: "1.4" } });
 *   await user.initiateChat(assistant, { message: "How many are there?" });
 * }, { name: "question" });
 */
export function updateCurrentTrace(update: TraceUpdate, context?: SpanParent): void {
  checkOptions("updateCurrentTrace", update, UPDATE_FIELDS);
  if (![undefined, "OK", "ERROR"].includes(update.state)) throw invalidValue('"OK" or "ERROR"', "state", update.state);
  if (!isEnabled()) return;
  const scope = activeScope(context);
  if (scope === undefined) {
    if (isUnsampled(context?.scope ?? currentScope()) || loadError() !== undefined) return;
    warnOnce(
      "no_active_trace",
      "updateCurrentTrace was called where no trace is known: call it inside withSpan, " +
        "or give it the `context` of the agents' callback",
    );
    return;
  }
  const key = keyOf(scope)!;
  guard(() => applyTraceFields(key, update));
}

/** The nearest scope of this program with an open span: from the ambient scope, or from `context`. */
function activeScope(context: SpanParent | undefined): Scope | undefined {
  const found = nearestOpen(context?.scope ?? currentScope());
  return found instanceof RemoteScope ? undefined : found;
}

/**
 * The span of an operation of agents, which ends with the operation. Its name and parent are read from the
 * trace on demand, since agents have many spans and few are read.
 */
class AgentSpan extends RecordingSpan {
  #first: Span | LiveSpan | undefined;

  override get name(): string {
    return this.#known().name;
  }

  override get parentId(): string | null {
    return this.#known().parentId;
  }

  override end(): void {}

  /** The span as it was read first: what does not change. */
  #known(): Span | LiveSpan {
    return (this.#first ??= this.recorded());
  }
}
