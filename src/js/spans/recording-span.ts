/** A span that is recorded: every method passes its arguments to the core at once. */

import type { Scope } from "../agents/observe/observer.js";
import type { SpanIds } from "../bridge/bridge.js";
import { traceChanged } from "../export/trace-changes.js";
import { countFailure, guard } from "../util/guard.js";
import { exceptionRecorded, failed } from "../instrument/events.js";
import { scopeStateOf, ensureScopeState } from "../instrument/scope-state.js";
import { spanListener } from "../instrument/span-listener.js";
import { errorMessage } from "../util/safe-access.js";
import { endSpan, keyOf } from "../instrument/scopes.js";
import { traceEnded } from "../export/exporter.js";
import * as spanCalls from "../instrument/span-calls.js";
import { spanFromMemory } from "../reading/from-memory.js";
import type { HrTime, Span, SpanEvent, SpanLink, SpanStatus, TokenUsage } from "../reading/trace.js";
import type { ChatMessagesOptions, EndOptions, LiveSpan, LiveSpanEvent, SpanChatMessage } from "./live-span.js";
import { checkEndOptions, NO_TRACE_ID, noopSpan } from "./live-span.js";
import { checkedLogLevel, type SpanLogLevel, type SpanLogLevelName } from "./log-level.js";
import type { SpanStatusCode, SpanStatusObject, SpanType } from "./names.js";
import { checkedStatus } from "./status.js";
import type { WorkSpan } from "./work-span.js";

/** MLflow's attribute of the log level of a span, and the level of errors (mlflow/entities/span_log_level.py). */
const LOG_LEVEL = "mlflow.spanLogLevel";
const ERROR_LEVEL = 40;
/** The number of 32-bit words of a trace id, which the words of the span id follow. */
const TRACE_ID_WORDS = 4;

const NO_OPTIONS: EndOptions = {};

/** The program's span of `scope`. */
export function spanOf(scope: Scope): RecordingSpan | undefined {
  return scopeStateOf(scope)?.span as RecordingSpan | undefined;
}

/** A span that is recorded. */
export class RecordingSpan implements WorkSpan {
  readonly isRecorded = true;
  readonly scope: Scope;
  readonly #key: number;
  /** Read at the start, since the core releases a trace once it is delivered. */
  readonly ids: SpanIds | undefined;
  readonly #name: string;
  readonly #parentIds: SpanIds | undefined;
  #isOpen = true;
  #hasOutputs = false;
  /** The log level that the program has set; NaN if none. */
  #logLevel = Number.NaN;

  /** The span of the core with this key, to which `scope` is bound. */
  constructor(
    scope: Scope,
    key: number,
    name: string,
    ids: SpanIds | undefined = spanCalls.spanIds(key),
    parentIds?: SpanIds,
  ) {
    this.ids = ids;
    this.scope = scope;
    this.#key = key;
    this.#name = name;
    this.#parentIds = parentIds;
    ensureScopeState(scope).span = this;
  }

  get traceId(): string {
    const { ids } = this;
    return ids === undefined ? NO_TRACE_ID : `tr-${hex(ids.slice(0, TRACE_ID_WORDS))}`;
  }

  get spanId(): string {
    return this.ids === undefined ? "" : hex(this.ids.slice(TRACE_ID_WORDS));
  }

  get name(): string {
    return this.#name;
  }

  get parentId(): string | null {
    const { ids } = this;
    const parent = this.#parentIds;
    // With a parent that is not recorded any more, this is the root of another trace.
    const isSameTrace = ids?.every((word, at) => at >= TRACE_ID_WORDS || word === parent?.[at]);
    return parent !== undefined && isSameTrace === true ? hex(parent.slice(TRACE_ID_WORDS)) : null;
  }

  /** The span as the core has recorded it so far. */
  protected recorded(): Span | LiveSpan {
    return spanFromMemory(this.traceId, this.spanId) ?? noopSpan;
  }

  get spanType(): string {
    return this.recorded().spanType;
  }

  get inputs(): unknown {
    return this.recorded().inputs;
  }

  get outputs(): unknown {
    return this.recorded().outputs;
  }

  get attributes(): Readonly<Record<string, unknown>> {
    return this.recorded().attributes;
  }

  get status(): SpanStatus {
    return this.recorded().status;
  }

  get events(): readonly SpanEvent[] {
    return this.recorded().events;
  }

  get links(): readonly SpanLink[] {
    return this.recorded().links;
  }

  get logLevel(): number | null {
    return this.recorded().logLevel;
  }

  get startTimeNs(): bigint {
    return this.recorded().startTimeNs;
  }

  get endTimeNs(): bigint | undefined {
    return this.recorded().endTimeNs;
  }

  get startTime(): HrTime {
    return this.recorded().startTime;
  }

  get endTime(): HrTime | null {
    return this.recorded().endTime;
  }

  getAttribute(key: string): unknown {
    return this.recorded().getAttribute(key);
  }

  setInputs(inputs: unknown): void {
    this.#call((key) => spanCalls.spanInputs(key, inputs));
  }

  setOutputs(outputs: unknown): void {
    this.#call((key) => {
      spanCalls.spanOutputs(key, outputs);
      this.#hasOutputs = true;
    });
  }

  setSpanType(spanType: SpanType): void {
    this.#call((key) => spanCalls.spanAttribute(key, "mlflow.spanType", String(spanType)));
  }

  setAttribute(key: string, value: unknown): void {
    if (key === LOG_LEVEL) this.#logLevel = Number(value);
    this.#call((span) => spanCalls.spanAttribute(span, key, value));
  }

  setAttributes(attributes: Readonly<Record<string, unknown>>): void {
    this.#call((span) => {
      if (Object.hasOwn(attributes, LOG_LEVEL)) this.#logLevel = Number(attributes[LOG_LEVEL]);
      spanCalls.spanAttributes(span, attributes);
    });
  }

  setTokenUsage(usage: Readonly<Partial<TokenUsage>>): void {
    this.#call((key) => spanCalls.spanUsage(key, { ...usage }));
  }

  setModel(model: string, provider?: string): void {
    this.#call((key) => spanCalls.spanModel(key, model, provider));
  }

  setChatMessages(messages: readonly SpanChatMessage[], { tools, format }: ChatMessagesOptions = {}): void {
    this.#call((key) => spanCalls.spanMessages(key, messages, tools, format));
  }

  setStatus(status: SpanStatusCode | SpanStatusObject, message?: string): void {
    const { code, description } = checkedStatus(status, message);
    if (code !== "UNSET") this.#call((key) => spanCalls.spanStatus(key, code === "ERROR", description));
  }

  addEvent(event: LiveSpanEvent): void {
    this.#call((key) => {
      // An error, of any realm, has a name, and so passes for an event.
      if (typeof (event as Partial<Error>).stack === "string") return this.recordException(event);
      const { name, attributes = {}, timestamp } = event;
      spanCalls.spanEvent(key, String(name), attributes, timestamp);
      if (name === "exception") this.#raiseLogLevel();
    });
  }

  addLink({ traceId, spanId, attributes = {} }: SpanLink): void {
    this.#call((key) => spanCalls.spanLink(key, traceId, spanId, attributes));
  }

  setLogLevel(level: SpanLogLevel | SpanLogLevelName): void {
    this.setAttribute(LOG_LEVEL, checkedLogLevel(level));
  }

  recordException(error: unknown): void {
    this.#call((key) => exceptionRecorded(key, error));
    this.#raiseLogLevel();
  }

  /** An exception raises the log level that the program has set; the core knows only the default one. */
  #raiseLogLevel(): void {
    if (this.#logLevel < ERROR_LEVEL) this.setAttribute(LOG_LEVEL, ERROR_LEVEL);
  }

  end(options?: EndOptions): void {
    const { outputs, attributes, status, endTimeNs } = options ?? NO_OPTIONS;
    if (options) checkEndOptions(options);
    if (attributes !== undefined) this.setAttributes(attributes);
    if (status !== undefined) this.setStatus(status);
    this.#end(outputs, endTimeNs);
  }

  /**
   * A function of its own, without access to the options: engines drop compiled code that depends on the shape
   * of a collected object.
   */
  #end(outputs: unknown, endTimeNs: number | bigint | undefined): void {
    if (!this.#isWritable()) return;
    const listener = spanListener();
    if (listener !== undefined && outputs !== undefined) this.setOutputs(outputs);
    listener?.(this.scope, true);
    try {
      this.#isOpen = false;
      const isRoot = endSpan(this.scope);
      // A hook may have changed the outputs.
      spanCalls.spanEnded(this.#key, listener === undefined ? outputs : undefined, endTimeNs);
      if (isRoot) traceEnded();
    } catch (error) {
      countFailure(error);
    }
    traceChanged(this.#key);
  }

  succeed(outputs: unknown): void {
    this.end(this.#hasOutputs ? undefined : { outputs });
  }

  succeedWithJson(json: string): void {
    this.#setUnlessSet(json);
    this.end();
  }

  omitOutputs(): void {
    this.#hasOutputs = true;
  }

  fail(error: unknown, json?: string): void {
    if (json !== undefined) this.#setUnlessSet(json);
    this.#raiseLogLevel();
    const listener = spanListener();
    if (listener !== undefined) this.setStatus("ERROR", errorMessage(error));
    listener?.(this.scope, true);
    this.#finish((key) => failed(key, error));
  }

  /** Reports the end, once. */
  #finish(report: (key: number) => void): void {
    this.#call((key) => {
      this.#isOpen = false;
      const isRoot = endSpan(this.scope);
      report(key);
      if (isRoot) traceEnded();
    });
  }

  #setUnlessSet(json: string): void {
    if (!this.#hasOutputs) this.#call((key) => spanCalls.spanOutputsJson(key, json));
  }

  #call(report: (key: number) => void): void {
    if (!this.#isWritable()) return;
    guard(() => report(this.#key));
    traceChanged(this.#key);
  }

  /** Whether the span is open. Disabling tracing ends spans by unbinding their scopes. */
  #isWritable(): boolean {
    return this.#isOpen && keyOf(this.scope) === this.#key;
  }
}

function hex(words: SpanIds): string {
  return words.map((word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
}
