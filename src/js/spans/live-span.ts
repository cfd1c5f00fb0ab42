/**
 * A span while it runs: what the program holds in its hand to say something about its own work.
 * Names and meaning are those of `LiveSpan` in MLflow's TypeScript SDK (entities/span.ts).
 */

import type { Scope } from "../agents/observe/observer.js";
import type { SpanStatusCode, SpanType } from "./names.js";

/**
 * What can be named as the place where something belongs: a span made by hand, or the `context`
 * that tools and other callbacks of agents receive.
 */
export interface SpanParent {
  /** The operation that is meant; `undefined`: as if nothing had been named. */
  readonly scope?: Scope | undefined;
}

/** What may be said at the end of a span. */
export interface EndOptions {
  /** As for `setOutputs`. */
  outputs?: unknown;
  /** As for `setAttributes`. */
  attributes?: Readonly<Record<string, unknown>>;
  /** As for `setStatus`; not given: OK, unless an error was set before. */
  status?: SpanStatusCode;
  /** Nanoseconds since 1970; not given: now. */
  endTimeNs?: number | bigint;
}

/** Something that happened at one moment of a span. */
export interface LiveSpanEvent {
  /** What happened, such as "cache miss"; MLflow lists the events of a span by it. */
  readonly name: string;
  /** More about it, by key; values are recorded as they are now. */
  readonly attributes?: Readonly<Record<string, unknown>>;
  /** Nanoseconds since 1970; not given: now. */
  readonly timestamp?: number | bigint;
}

/**
 * A span that runs. No method ever throws, and after `end()` none does anything.
 *
 * A span is also a `context` for agents: what is started with it becomes part of it.
 *
 * @example
 * const span = startSpan({ name: "plan a trip" });
 * await user.initiateChat(guide, { message: "Two days in Lisbon.", context: span });
 * span.end({ outputs: "done" });
 */
export interface LiveSpan extends SpanParent {
  /** What it was called when it began; "" if nothing is recorded. */
  readonly name: string;
  /** "tr-" and 32 hexadecimal digits, good for `getTrace`. */
  readonly traceId: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
  /** The span this one is part of; `undefined` for the root of a trace. */
  readonly parentId: string | undefined;
  /** Its place, for agents (`context`) and for further spans (`parent`); `undefined` if nothing is recorded. */
  readonly scope: Scope | undefined;

  /** What goes in, in place of what was said before. Captured at once. */
  setInputs(inputs: unknown): void;
  /** What came out, in place of what was said before. Captured at once. */
  setOutputs(outputs: unknown): void;
  /** Its type, such as "RETRIEVER". */
  setSpanType(spanType: SpanType): void;
  /** One attribute, in place of what was said under this key before. Captured at once. */
  setAttribute(key: string, value: unknown): void;
  /** Several attributes at once, each as by `setAttribute`. */
  setAttributes(attributes: Readonly<Record<string, unknown>>): void;
  /** How it went; `description` says what was wrong. */
  setStatus(status: SpanStatusCode, description?: string): void;
  /** Something that happened just now. */
  addEvent(event: LiveSpanEvent): void;
  /** An error that was met, as an event; whether the span failed by it is for `setStatus`. */
  recordException(error: unknown): void;
  /** Ends the span, now or at the time given; it is delivered from then on. */
  end(options?: EndOptions): void;
}

/** The trace id of a span that records nothing, as in MLflow's TypeScript SDK. */
export const NO_TRACE_ID = "no-op-span-trace-id";

const nothing = (): void => {};

/** What everybody holds while nothing is recorded: the same methods, none of which does anything. */
export const noSpan: LiveSpan = Object.freeze({
  name: "",
  traceId: NO_TRACE_ID,
  spanId: "",
  parentId: undefined,
  scope: undefined,
  setInputs: nothing,
  setOutputs: nothing,
  setSpanType: nothing,
  setAttribute: nothing,
  setAttributes: nothing,
  setStatus: nothing,
  addEvent: nothing,
  recordException: nothing,
  end: nothing,
});
