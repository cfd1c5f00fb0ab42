/** The types of the WebAssembly module's exports; `src/js/entry/bindings.ts` assembles them. */

import type { CoreStats } from "./core-stats.js";
import type { WasmObject } from "./webassembly.js";

/** `WebAssembly.Memory`. */
export type WasmMemory = WasmObject<"Memory", { readonly buffer: ArrayBuffer }>;

/** `true` and `false` are passed as 1 and 0. */
type Flag = boolean | number;

/**
 * Functions with numbers alone, called in the module itself, without glue. A `number` with a `tag` before it
 * is a value (`numbers/value-tags.ts`), `…Bytes` the length of a text in the scratch area. A returned number
 * from 2^31 on is negative.
 */
export interface RawCore {
  readonly memory: WasmMemory;
  scratch(bytes: number): number;
  intern(lengthBytes: number): number;
  forgetNames(): void;
  message(lengthBytes: number): number;
  appendMessage(before: number, message: number): number;
  insertHistory(history: number, at: number): void;
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
    cacheCreationTokensAbove1h: number,
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
  spanUsage(
    span: number,
    promptTokens: number,
    completionTokens: number,
    totalTokens: number,
    cacheReadTokens: number,
    cacheCreationTokens: number,
    cacheCreationTokensAbove1h: number,
  ): void;
  firstToken(span: number, nowMs: number): void;
  spanStatus(span: number, isError: Flag, messageBytes: number): void;
  spanEvent(span: number, name: number, nowMs: number): void;
  /** Whether the text is the ids of a span. */
  spanLink(span: number, contextBytes: number): Flag;
  spanTime(span: number, which: number, unixMs: number, nanos: number): void;
  eventAttribute(span: number, key: number, tag: number, number: number, lengthBytes: number): void;
  failed(span: number, kind: number, messageBytes: number, stackBytes: number, nowMs: number): void;
  exceptionRecorded(span: number, kind: number, messageBytes: number, stackBytes: number, nowMs: number): void;
  traceTag(span: number, key: number, lengthBytes: number): void;
  traceMetadata(span: number, key: number, lengthBytes: number): void;
  traceField(span: number, field: number, lengthBytes: number): void;
  /** The next call starts its span, if any, under this key and with these ids; zeros: the core makes an id. */
  reserveSpan(
    key: number,
    trace0: number,
    trace1: number,
    trace2: number,
    trace3: number,
    span0: number,
    span1: number,
  ): void;
  closeOpen(nowMs: number): void;
  shouldSample(ratio: number): number;
  setUnixOffset(offsetMs: number): void;
  /** A limit that is NaN stays as it is. */
  setLimits(
    bufferSpans: number,
    bufferBytes: number,
    openBytes: number,
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
  setCapturePolicy(inputs: Flag, outputs: Flag, onlyRedacted: Flag, nowMs: number): void;
  redactValue(span: number, event: number, index: number, tag: number, number: number, lengthBytes: number): void;
  redactAttribute(span: number, key: number, tag: number, number: number, lengthBytes: number): void;
  redactText(span: number, which: number, lengthBytes: number): void;
  redacted(span: number, failed: Flag): void;
  dropRedacted(span: number): void;
  releaseRedacted(nowMs: number): void;
}

/** Functions with texts, objects and promises. A result of type `unknown` is a view of src/wasm/views.rs. */
export interface Core {
  readonly raw: RawCore;
  startExporter(host: unknown): void;
  flush(timeoutMs: number, waitsForOpen: boolean): Promise<unknown>;
  shutdown(timeoutMs: number): Promise<unknown>;
  /** Resolves once `experiment` is not "waiting" any more: a failed attempt ends the wait, too. */
  awaitExperiment(timeoutMs: number): Promise<unknown>;
  abortRequests(reason: string): void;
  /** `text` with all `secrets` removed; the longest must be the first. */
  conceal(text: string, secrets: readonly string[]): string;
  /** The target of a redirect; `undefined` if that is another host. */
  redirectTarget(from: string, location: string): string | undefined;
  /** Returns an error message if it is invalid. */
  setTrackingUri(uri: string): string | undefined;
  /** Returns an error message if it is invalid. */
  setOtlpEndpoint(uri: string): string | undefined;
  setWorkspace(name: string): void;
  workspace(): string | undefined;
  trackingUri(): string;
  setExperiment(text: string, isName: boolean, isEnabled: boolean): Promise<unknown>;
  experiment(): unknown;
  stats(): CoreStats;
  spanContext(span: number): string | undefined;
  remoteParent(context: string): number;
  joinSession(traceId: string, sessionId: string): void;
  unrecordedContext(): string;
  /** Returns the keys of the spans that were still open. */
  closeTrace(traceId: string, nowMs: number): Iterable<number>;
  lastTraceId(): string | undefined;
  recentTraceIds(): string[];
  /** `spanId`: the only span to be shown; "": all of them. */
  trace(traceId: string, spanId: string): unknown;
  traceUrl(traceId: string): string | undefined;
  unredacted(): Iterable<number>;
  toBeRedacted(span: number): unknown;
  takeUnpersisted(): unknown;
  takeFinishedIds(): Iterable<number>;
  isRecord(record: Uint8Array): boolean;
  restore(record: Uint8Array): number;
}
