/** A span that is recorded: every method hands what it is told to the core at once. */

import type { Scope } from "../agents/observer.js";
import { capture, JSON_TEXT } from "../capture.js";
import { nowMs } from "../clock.js";
import { guard } from "../guard.js";
import { exceptionRecorded, failed } from "../instrument/facts.js";
import { ended, keyOf } from "../instrument/scopes.js";
import { deliverSoon } from "../lifecycle/deliver.js";
import * as facts from "./facts.js";
import type { EndOptions, LiveSpan, LiveSpanEvent } from "./live-span.js";
import { NO_TRACE_ID } from "./live-span.js";
import type { SpanStatusCode, SpanType } from "./names.js";

const NS_PER_MS = 1e6;
const TRACE_ID_LENGTH = 32;

/** The span of each scope that has one in the program's hands. */
const spans = new WeakMap<Scope, RecordingSpan>();

/** The span in the program's hands that stands for `scope`. */
export function spanOf(scope: Scope): RecordingSpan | undefined {
  return spans.get(scope);
}

/** What never changes about a span. */
export interface About {
  readonly name: string;
  readonly parentId: string | undefined;
}

/** A span that is recorded. */
export class RecordingSpan implements LiveSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly scope: Scope;
  readonly #key: number;
  readonly #about: About;
  #isOpen = true;
  #hasOutputs = false;

  /** For the span `key`, which `scope` stands for. */
  constructor(scope: Scope, key: number, about: About) {
    // Asked for now, since the core forgets a trace that has arrived.
    const context = facts.spanContext(key);
    this.traceId = context === undefined ? NO_TRACE_ID : traceIdIn(context);
    this.spanId = context === undefined ? "" : spanIdIn(context);
    this.scope = scope;
    this.#key = key;
    this.#about = about;
    spans.set(scope, this);
  }

  get name(): string {
    return this.#about.name;
  }

  get parentId(): string | undefined {
    return this.#about.parentId;
  }

  setInputs(inputs: unknown): void {
    this.#tell((key) => facts.spanInputs(key, inputs));
  }

  setOutputs(outputs: unknown): void {
    this.#tell((key) => {
      facts.spanOutputs(key, capture(outputs));
      this.#hasOutputs = true;
    });
  }

  setSpanType(spanType: SpanType): void {
    this.#tell((key) => facts.spanAttribute(key, "mlflow.spanType", String(spanType)));
  }

  setAttribute(key: string, value: unknown): void {
    this.#tell((span) => facts.spanAttribute(span, key, value));
  }

  setAttributes(attributes: Readonly<Record<string, unknown>>): void {
    this.#tell((span) => {
      for (const [key, value] of Object.entries(attributes)) facts.spanAttribute(span, key, value);
    });
  }

  setStatus(status: SpanStatusCode, description = ""): void {
    const isError = status === "ERROR" || status === "STATUS_CODE_ERROR";
    const isOk = status === "OK" || status === "STATUS_CODE_OK";
    if (isError || isOk) this.#tell((key) => facts.spanStatus(key, isError, String(description)));
  }

  addEvent(event: LiveSpanEvent): void {
    this.#tell((key) => facts.spanEvent(key, String(event.name), event.attributes ?? {}, msOf(event.timestamp)));
  }

  recordException(error: unknown): void {
    this.#tell((key) => exceptionRecorded(key, error));
  }

  end(options?: EndOptions): void {
    const { outputs, attributes, status, endTimeNs } = options ?? {};
    if (outputs !== undefined) this.setOutputs(outputs);
    if (attributes !== undefined) this.setAttributes(attributes);
    if (status !== undefined) this.setStatus(status);
    this.#close((key) => facts.spanEnded(key, msOf(endTimeNs)));
  }

  /** Ends the span of work that gave `outputs`, unless the work has said itself what came out. */
  succeed(outputs: unknown): void {
    this.end(this.#hasOutputs ? undefined : { outputs });
  }

  /** As `succeed`, for outputs that are JSON text already. */
  succeedWithJson(json: string): void {
    this.#setUnlessSet(json);
    this.end();
  }

  /** Ends the span of work that threw `error`; `json` is what came out before that, as JSON text. */
  fail(error: unknown, json?: string): void {
    if (json !== undefined) this.#setUnlessSet(json);
    this.#close((key) => failed(key, error));
  }

  /** Tells of the end, once. */
  #close(tell: (key: number) => void): void {
    this.#tell((key) => {
      this.#isOpen = false;
      const isRoot = ended(this.scope);
      tell(key);
      if (isRoot) deliverSoon();
    });
  }

  #setUnlessSet(json: string): void {
    if (!this.#hasOutputs) this.#tell((key) => facts.spanOutputs(key, { tag: JSON_TEXT, text: json }));
  }

  #tell(tell: (key: number) => void): void {
    // Forgotten scopes were closed when tracing was switched off.
    if (this.#isOpen && keyOf(this.scope) === this.#key) guard(() => tell(this.#key));
  }
}

/** The trace's id in what `spanContext` gives, as MLflow spells it. */
export function traceIdIn(context: string): string {
  return `tr-${context.slice(0, TRACE_ID_LENGTH)}`;
}

/** The span's id in what `spanContext` gives. */
export function spanIdIn(context: string): string {
  return context.slice(TRACE_ID_LENGTH + 1);
}

/** Nanoseconds, or now, as the milliseconds that the core takes. */
export function msOf(timeNs: number | bigint | undefined): number {
  return timeNs === undefined ? nowMs() : Number(timeNs) / NS_PER_MS;
}
