/** What the WebAssembly module offers, as TypeScript sees it; `src/js/entry/bindings.ts` puts it together. */

import type { WasmMemory } from "./webassembly.js";

/** What the core counts (src/export/stats.rs); spans unless said otherwise. */
export interface CoreStats {
  /** Begun, or taken over from an earlier life of the program. */
  readonly started: number;
  /** In progress. */
  readonly open: number;
  /** Finished, and waiting or on their way. */
  readonly buffered: number;
  /** Taken by the server; with "memory:", finished. */
  readonly delivered: number;
  /** Lost, by reason (docs/troubleshooting.md, "Lost spans"); once anything was recorded every reason is there, with 0 too. */
  readonly dropped: Readonly<Record<string, number>>;
  /** Requests made, of all kinds but reading back. */
  readonly requests: number;
  /** Answers after which the same was to be sent again. */
  readonly retries: number;
  /** Traces that were ended because nobody did for `traceTimeoutMs`. */
  readonly timedOut: number;
  /** Taken over from an earlier life of the program; they count as started too. */
  readonly restored: number;
  /** Traces whose root has ended. */
  readonly traces: number;
  /** Spans whose parent was not recorded any more, so that they began a trace of their own. */
  readonly orphans: number;
  /** Facts that the core could make nothing of. */
  readonly factErrors: number;
  /** The newest failure of a request. */
  readonly lastError: Notice | undefined;
}

/** Something a person should be told about. */
export interface Notice {
  /** Stable, meant for branching: a warning or an `ErrorCode` (docs/troubleshooting.md). */
  readonly code: string;
  /** For people; names the cure. */
  readonly message: string;
}

/** `true` and `false` cross as 1 and 0. */
type Flag = boolean | number;

/**
 * Functions that take and give numbers alone, called in the module itself, with no glue between. A `number`
 * with a `tag` before it is a value (`numbers/value-tags.ts`), `…Bytes` the length of a text in the scratch area. A
 * number beyond 2^31 comes out negative.
 */
export interface RawCore {
  readonly memory: WasmMemory;
  scratch(bytes: number): number;
  intern(lengthBytes: number): number;
  forgetNames(): void;
  message(lengthBytes: number): number;
  follow(before: number, message: number): number;
  hole(history: number, at: number): void;
  forgetMessages(): void;
  chatStarted(parent: number, inputsBytes: number, nowMs: number): number;
  chatEnded(chat: number, outputsBytes: number, nowMs: number): void;
  messageReceived(scope: number, sender: number, valid: Flag, tag: number, lengthBytes: number, nowMs: number): void;
  replyStarted(parent: number, agent: number, nowMs: number): number;
  replyEnded(reply: number, tag: number, lengthBytes: number, nowMs: number): void;
  modelCallStarted(
    parent: number,
    source: number,
    model: number,
    tag: number,
    number: number,
    inputsBytes: number,
    nowMs: number,
  ): number;
  modelCallEnded(
    call: number,
    outputsBytes: number,
    costUsd: number,
    cached: Flag,
    promptTokens: number,
    completionTokens: number,
    totalTokens: number,
    cacheReadTokens: number,
    cacheCreationTokens: number,
    nowMs: number,
  ): void;
  toolCallStarted(
    parent: number,
    name: number,
    description: number,
    tag: number,
    number: number,
    inputsBytes: number,
    callIdBytes: number,
    nowMs: number,
  ): number;
  toolCallEnded(call: number, tag: number, number: number, lengthBytes: number, nowMs: number): void;
  spanStarted(
    parent: number,
    name: number,
    type: number,
    tag: number,
    number: number,
    inputsBytes: number,
    nowMs: number,
  ): number;
  operationStarted(
    parent: number,
    kind: number,
    tag: number,
    number: number,
    inputsBytes: number,
    nowMs: number,
  ): number;
  spanEnded(span: number, tag: number, number: number, outputsBytes: number, nowMs: number): void;
  spanInputs(span: number, tag: number, number: number, lengthBytes: number): void;
  spanOutputs(span: number, tag: number, number: number, lengthBytes: number): void;
  spanAttribute(span: number, key: number, tag: number, number: number, lengthBytes: number): void;
  spanDetail(span: number, attributeId: number, tag: number, number: number, lengthBytes: number): void;
  firstToken(span: number, nowMs: number): void;
  spanStatus(span: number, isError: Flag, messageBytes: number): void;
  spanEvent(span: number, name: number, nowMs: number): void;
  eventAttribute(span: number, key: number, tag: number, number: number, lengthBytes: number): void;
  failed(span: number, kind: number, messageBytes: number, stackBytes: number, nowMs: number): void;
  exceptionRecorded(span: number, kind: number, messageBytes: number, stackBytes: number, nowMs: number): void;
  traceTag(span: number, key: number, lengthBytes: number): void;
  traceMetadata(span: number, key: number, lengthBytes: number): void;
  traceField(span: number, field: number, lengthBytes: number): void;
  closeOpen(nowMs: number): void;
  admitsTrace(ratio: number): number;
  setUnixOffset(offsetMs: number): void;
  /** What is NaN stays as it is. */
  setLimits(
    bufferSpans: number,
    bufferBytes: number,
    batchSpans: number,
    batchBytes: number,
    batchDelayMs: number,
    liveDelayMs: number,
    traceTimeoutMs: number,
  ): void;
  configurationChanged(): void;
  flushNow(): void;
  wake(): void;
  sendDue(): void;
  sendAll(): void;
  sendAgain(): void;
  sendBeforeUnload(): void;
  setExposure(inputs: Flag, outputs: Flag, onlyRedacted: Flag, nowMs: number): void;
  redactValue(span: number, event: number, index: number, tag: number, number: number, lengthBytes: number): void;
  redactAttribute(span: number, key: number, tag: number, number: number, lengthBytes: number): void;
  redactText(span: number, which: number, lengthBytes: number): void;
  redacted(span: number, failed: Flag): void;
  releaseRedacted(nowMs: number): void;
}

/** Functions that take and give texts, objects and promises. What gives `unknown` gives a view of src/wasm/views.rs. */
export interface Core {
  readonly raw: RawCore;
  startExporter(host: unknown): void;
  flush(timeoutMs: number): Promise<unknown>;
  shutdown(timeoutMs: number): Promise<unknown>;
  abortRequests(reason: string): void;
  /** `text` without any of `secrets`, of which the longest must be the first. */
  conceal(text: string, secrets: readonly string[]): string;
  /** Where a redirect of a response leads; `undefined` if that is another host. */
  redirectTarget(from: string, location: string): string | undefined;
  /** Gives what is wrong with it. */
  setTrackingUri(uri: string): string | undefined;
  /** Gives what is wrong with it. */
  setOtlpEndpoint(uri: string): string | undefined;
  setWorkspace(name: string): void;
  workspace(): string | undefined;
  trackingUri(): string;
  setExperiment(text: string, isName: boolean, isEnabled: boolean): Promise<unknown>;
  experiment(): unknown;
  stats(): CoreStats;
  spanContext(span: number): string | undefined;
  remoteParent(context: string): number;
  unrecordedContext(): string;
  lastTraceId(): string | undefined;
  recentTraceIds(): string[];
  trace(traceId: string): unknown;
  traceUrl(traceId: string): string | undefined;
  unredacted(): Iterable<number>;
  toBeRedacted(span: number): unknown;
  takeUnpersisted(): unknown;
  takeFinishedIds(): Iterable<number>;
  restore(record: Uint8Array): boolean;
}
