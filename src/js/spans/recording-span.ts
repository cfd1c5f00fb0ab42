/** A span that is recorded: every method hands what it is told to the core at once. */

import type { Scope } from "../agents/observe/observer.js";
import type { Ids } from "../bridge/bridge.js";
import { monotonicMs, monotonicOf } from "../util/clock.js";
import { traceChanged } from "../export/changes.js";
import { countFailure, guard } from "../util/guard.js";
import { exceptionRecorded, failed } from "../instrument/facts.js";
import { notesOf, openNotes } from "../instrument/scope-notes.js";
import { ended, keyOf } from "../instrument/scopes.js";
import { traceEnded } from "../export/exporter.js";
import * as facts from "./facts.js";
import type { EndOptions, LiveSpanEvent } from "./live-span.js";
import { NO_TRACE_ID } from "./live-span.js";
import type { SpanStatusCode, SpanType } from "./names.js";
import type { SpanOfWork } from "./unsampled-span.js";

const NS_PER_MS = 1e6;
/** Words of 32 bits of the id of a trace; what is behind them is the id of a span. */
const TRACE_WORDS = 4;

const NOTHING_SAID: EndOptions = {};

/** The span in the program's hands that stands for `scope`. */
export function spanOf(scope: Scope): RecordingSpan | undefined {
  return notesOf(scope)?.span as RecordingSpan | undefined;
}

/** A span that is recorded. */
export class RecordingSpan implements SpanOfWork {
  readonly isRecorded = true;
  readonly scope: Scope;
  readonly #key: number;
  /** Asked for at the beginning, since the core forgets a trace that has arrived. */
  readonly ids: Ids | undefined;
  readonly #name: string;
  readonly #parentIds: Ids | undefined;
  #isOpen = true;
  #hasOutputs = false;

  /** For the span `key`, which `scope` stands for. */
  constructor(scope: Scope, key: number, name: string, ids = facts.spanIds(key), parentIds?: Ids) {
    this.ids = ids;
    this.scope = scope;
    this.#key = key;
    this.#name = name;
    this.#parentIds = parentIds;
    openNotes(scope).span = this;
  }

  get traceId(): string {
    const { ids } = this;
    return ids === undefined ? NO_TRACE_ID : `tr-${hex(ids.slice(0, TRACE_WORDS))}`;
  }

  get spanId(): string {
    return this.ids === undefined ? "" : hex(this.ids.slice(TRACE_WORDS));
  }

  get name(): string {
    return this.#name;
  }

  get parentId(): string | undefined {
    const { ids } = this;
    const parent = this.#parentIds;
    // A parent that is not recorded any more made this the root of a trace of its own.
    const isSameTrace = ids?.every((word, at) => at >= TRACE_WORDS || word === parent?.[at]);
    return parent !== undefined && isSameTrace === true ? hex(parent.slice(TRACE_WORDS)) : undefined;
  }

  setInputs(inputs: unknown): void {
    this.#tell((key) => facts.spanInputs(key, inputs));
  }

  setOutputs(outputs: unknown): void {
    this.#tell((key) => {
      facts.spanOutputs(key, outputs);
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
    this.#tell((span) => facts.spanAttributes(span, attributes));
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
    const { outputs, attributes, status, endTimeNs } = options ?? NOTHING_SAID;
    if (attributes !== undefined) this.setAttributes(attributes);
    if (status !== undefined) this.setStatus(status);
    this.#end(outputs, endTimeNs);
  }

  /** Apart from what reads the program's own object, whose shape is forgotten with the last of its kind, and with it the machine code. */
  #end(outputs: unknown, endTimeNs: number | bigint | undefined): void {
    if (!this.#isTold()) return;
    try {
      this.#isOpen = false;
      const isRoot = ended(this.scope);
      facts.spanEnded(this.#key, outputs, msOf(endTimeNs));
      if (isRoot) traceEnded();
    } catch {
      countFailure();
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

  leaveOutResult(): void {
    this.#hasOutputs = true;
  }

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
      if (isRoot) traceEnded();
    });
  }

  #setUnlessSet(json: string): void {
    if (!this.#hasOutputs) this.#tell((key) => facts.spanOutputsJson(key, json));
  }

  #tell(tell: (key: number) => void): void {
    if (!this.#isTold()) return;
    guard(() => tell(this.#key));
    traceChanged(this.#key);
  }

  /** Forgotten scopes were closed when tracing was switched off. */
  #isTold(): boolean {
    return this.#isOpen && keyOf(this.scope) === this.#key;
  }
}

function hex(words: Ids): string {
  return words.map((word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
}

/** The time in nanoseconds since 1970, or now, as the milliseconds that the core takes. */
export function msOf(timeNs: number | bigint | undefined): number {
  return timeNs === undefined ? monotonicMs() : monotonicOf(Number(timeNs) / NS_PER_MS);
}
