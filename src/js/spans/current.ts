/** What is going on just now: the active span, and the trace it is part of. */

import type { Scope } from "../agents/observe/observer.js";
import { loadedBridge } from "../bridge/loader.js";
import { mustBe } from "../util/errors.js";
import { guard } from "../util/guard.js";
import { currentScope } from "../instrument/context.js";
import { isUnsampled, keyOf, nearestOpen, RemoteScope } from "../instrument/scopes.js";
import { isEnabled } from "../util/switch.js";
import { warnOnce } from "../util/warn.js";
import * as traceFields from "../bridge/numbers/trace-fields.js";
import * as facts from "./facts.js";
import type { LiveSpan, SpanParent } from "./live-span.js";
import { RecordingSpan, spanOf } from "./recording-span.js";

/** What can be said about a trace as a whole. */
export interface TraceUpdate {
  /** Labels, which can be changed later, in MLflow too. */
  tags?: Readonly<Record<string, string>>;
  /** Facts that stay, such as the version of the program. */
  metadata?: Readonly<Record<string, string>>;
  /** The id by which your own system knows the request. */
  clientRequestId?: string;
  /** The conversation over several traces: MLflow's session view shows them together. */
  sessionId?: string;
  /** On whose behalf all this happens. */
  userId?: string;
  /** What lists of traces show of the request; not given: the beginning of the root's inputs. */
  requestPreview?: string;
  /** What lists of traces show of the response; not given: the beginning of the root's outputs. */
  responsePreview?: string;
  /**
   * How the trace counts once it has ended, whatever became of its root: for a program that has
   * caught the error itself, or found the answer wrong. Not given: as its root ends.
   */
  state?: "OK" | "ERROR";
}

/** Metadata that MLflow has fields for, which need no second request (mlflow/tracing/constant.py, `TraceMetadataKey`). */
const FIELD_OF_METADATA: Readonly<Record<string, keyof typeof traceFields>> = {
  "mlflow.trace.session": "sessionId",
  "mlflow.trace.user": "userId",
};

/**
 * The span that runs here: one of `withSpan` or of a traced function, or an agents' operation (a
 * tool call, a reply, a chat), about which more may be said through it; agents' operations end by
 * themselves, `end()` does nothing to them.
 *
 * @param context where to look instead: the `context` of an agents' callback. A page forgets what
 *   runs at the first `await`, so there only this tells after that.
 * @returns `undefined` where nothing that is recorded runs, or it cannot be known.
 * @example
 * async function find({ query }: { query: string }, context: CallContext): Promise<string[]> {
 *   const hits = await search(query);
 *   getCurrentActiveSpan(context)?.setAttribute("hits", hits.length);
 *   return hits;
 * }
 */
export function getCurrentActiveSpan(context?: SpanParent): LiveSpan | undefined {
  const scope = activeScope(context);
  if (scope === undefined) return undefined;
  let span: LiveSpan | undefined;
  guard(() => {
    span = spanOf(scope) ?? new AgentSpan(scope, keyOf(scope)!, "");
  });
  return span;
}

/**
 * Says something about the trace that is going on here. What is said again is replaced; the rest stays.
 *
 * @param context as for `getCurrentActiveSpan`.
 * @throws MlflowAg2Error `invalid_argument` for a `state` that is neither "OK" nor "ERROR", and nothing else.
 * @example
 * await withSpan(async () => {
 *   updateCurrentTrace({ sessionId: "window 7", userId: "ada", tags: { release: "1.4" } });
 *   await user.initiateChat(assistant, { message: "How many are there?" });
 * }, { name: "question" });
 */
export function updateCurrentTrace(update: TraceUpdate, context?: SpanParent): void {
  if (![undefined, "OK", "ERROR"].includes(update.state)) throw mustBe('"OK" or "ERROR"', "state", update.state);
  if (!isEnabled()) return;
  const scope = activeScope(context);
  if (scope === undefined) {
    if (isUnsampled(context?.scope ?? currentScope())) return;
    warnOnce(
      "no_active_trace",
      "updateCurrentTrace was called where no trace is known: call it inside withSpan, or give it the `context` of the agents' callback",
    );
    return;
  }
  const key = keyOf(scope)!;
  const { tags = {}, metadata = {}, ...fields } = update;
  guard(() => {
    for (const [name, value] of Object.entries(tags)) facts.traceTag(key, name, String(value));
    for (const [name, value] of Object.entries(metadata)) {
      const field = FIELD_OF_METADATA[name];
      if (field === undefined) facts.traceMetadata(key, name, String(value));
      else facts.traceField(key, field, String(value));
    }
    for (const [field, value] of Object.entries(fields)) {
      if (field in traceFields && value !== undefined)
        facts.traceField(key, field as keyof typeof traceFields, String(value));
    }
  });
}

/** The nearest scope of this program whose span runs: around the running code, or where `context` says. */
function activeScope(context: SpanParent | undefined): Scope | undefined {
  const found = nearestOpen(context?.scope ?? currentScope());
  return found instanceof RemoteScope ? undefined : found;
}

/**
 * The span of an agents' operation, which ends when that does. Name and parent are read off the trace,
 * and only when somebody asks, since agents make many spans and few are looked at.
 */
class AgentSpan extends RecordingSpan {
  #found: About | undefined;

  override get name(): string {
    return this.#look()?.name ?? "";
  }

  override get parentId(): string | undefined {
    return this.#look()?.parentId;
  }

  override end(): void {}

  #look(): About | undefined {
    const bridge = loadedBridge();
    if (this.#found !== undefined || bridge === undefined) return this.#found;
    guard(() => {
      const held = bridge.core.trace(this.traceId) as { spans: readonly About[] } | undefined;
      this.#found = held?.spans.find(({ spanId }) => spanId === this.spanId);
    });
    return this.#found;
  }
}

interface About {
  readonly name: string;
  readonly spanId: string;
  readonly parentId: string | undefined;
}
