/**
 * What stands in for the core while its module is on the way (`mlflow-ag2/lazy`): it records the calls of hooks, and
 * the core gets them in the same order once it is loaded. The results of these calls stay valid: the keys of spans,
 * and the ids of spans and traces, are passed to the core with each call.
 */

import { Bridge, type EncodedValue, MAX_NAMES, type SpanIds } from "./bridge.js";
import type { Core, RawCore } from "./core.js";
import * as tags from "./numbers/value-tags.js";

/** Passes one recorded call to the core. */
export type Replay = (bridge: Bridge) => void;

/** Beyond either, no further span is started: a module that takes that long may never come. */
const MAX_CALLS = 100_000;
const MAX_CHARACTERS = 16 << 20;

/** Calls that have no meaning later: they ask for what is due now. */
const IMMEDIATE = new Set<string>([
  "flushNow",
  "releaseRedacted",
  "sendAgain",
  "sendAll",
  "sendBeforeUnload",
  "sendDue",
  "wake",
] satisfies (keyof RawCore)[]);

/** The numbers of a span's ids: four words of its trace's, two of its own. */
const ID_WORDS = 6;
const TRACE_ID_WORDS = 4;
/** Trace and span, as the core writes them (src/trace/id.rs, `write_context`). */
const CONTEXT = /^(?!0{32})([\da-f]{32})-(?!0{16})([\da-f]{16})$/;

interface RecordedSpan {
  readonly ids: SpanIds;
  readonly isRoot: boolean;
  isOpen: boolean;
}

/** The calls that are recorded, and their results. */
class Recording {
  readonly raw: RawCore;
  readonly #record: (replay: Replay) => void;
  readonly #encoder = new TextEncoder();
  readonly #spans = new Map<number, RecordedSpan>();
  /** The number of recorded calls. Each may start one span, whose key is the number of the call. */
  #calls = 0;
  #characters = 0;
  #newestText = "";
  #messages = 0;
  #histories = 0;
  /** The trace id that a sampling decision was made for. */
  #reservedIds: SpanIds | undefined;
  started = 0;
  refused = 0;
  newestIds: SpanIds = [];
  lastTraceId: string | undefined;

  constructor(record: (replay: Replay) => void) {
    this.#record = record;
    // Each function of the core is one entry of the recording.
    const functions = {
      get:
        (_: object, name: string) =>
        (...values: number[]) =>
          this.#call(name, values),
    };
    this.raw = new Proxy({}, functions) as RawCore;
  }

  /** Records a call of the bridge that writes texts; returns their lengths in bytes. */
  write(texts: readonly string[], replay: Replay): number[] {
    this.#record(replay);
    return texts.map((text) => {
      this.#characters += text.length;
      this.#newestText = text;
      return this.#encoder.encode(text).length;
    });
  }

  #call(name: string, values: number[]): number | undefined {
    if (IMMEDIATE.has(name)) return undefined;
    switch (name) {
      case "message":
        this.#replay(name, values);
        return (this.#messages += 1);
      case "appendMessage":
        this.#replay(name, values);
        return (this.#histories += 1);
      case "forgetMessages":
        this.#messages = this.#histories = 0;
        break;
      case "shouldSample":
        return Number(this.#shouldSample(values[0]!));
      case "closeOpen":
        for (const key of this.#spans.keys()) this.#ended(key);
        break;
      default:
        if (name.endsWith("Started")) return this.#start(name, values);
        if (name.endsWith("Ended") || name === "failed") this.#ended(values[0]!);
    }
    this.#replay(name, values);
    // Of `spanLink`: whether the text is the ids of a span.
    return Number(CONTEXT.test(this.#newestText));
  }

  #start(name: string, values: number[]): number {
    if (this.#calls >= MAX_CALLS || this.#characters >= MAX_CHARACTERS) {
      this.refused += 1;
      return 0;
    }
    const parent = this.#spans.get(values[0]!);
    const key = this.#calls + 1;
    const ids = randomWords(ID_WORDS);
    const trace = parent?.ids ?? this.#reservedIds ?? ids;
    this.#reservedIds = undefined;
    const own = ids.slice(TRACE_ID_WORDS);
    this.newestIds = [...trace.slice(0, TRACE_ID_WORDS), ...own];
    this.#spans.set(key, { ids: this.newestIds, isRoot: parent === undefined, isOpen: true });
    this.started += 1;
    // An id that the core does not use would be that of the next trace.
    this.#replay(name, values, parent === undefined ? this.newestIds : [0, 0, 0, 0, ...own]);
    return key;
  }

  #ended(key: number): void {
    const span = this.#spans.get(key);
    if (span === undefined) return;
    span.isOpen = false;
    if (span.isRoot) this.lastTraceId = `tr-${contextOf(span.ids).slice(0, 32)}`;
  }

  /** `ids`: of the span that the call starts. */
  #replay(name: string, values: number[], ids: SpanIds = NO_IDS): void {
    this.replayCall(({ tracer }) => {
      (tracer[name as keyof RawCore] as (...given: number[]) => void)(...values);
    }, ids);
  }

  /** Records a call of the core; returns its number, which is the key of a span that it starts. */
  replayCall(call: Replay, ids: SpanIds = NO_IDS): number {
    const key = (this.#calls += 1);
    this.#record((bridge) => {
      bridge.tracer.reserveSpan(key, ...(ids as [number, number, number, number, number, number]));
      call(bridge);
    });
    return key;
  }

  /** By the id of the trace that begins next, as the core decides (src/trace/sampling.rs). */
  #shouldSample(ratio: number): boolean {
    const ids = randomWords(ID_WORDS);
    const isSampled = ((ids[2]! >>> 0) * 2 ** 32 + (ids[3]! >>> 0)) / 2 ** 64 < ratio;
    this.#reservedIds = isSampled ? ids : undefined;
    return isSampled;
  }

  /** A span of another program as a parent. */
  remoteParent(context: string): number {
    const [, trace, span] = CONTEXT.exec(context) ?? [];
    if (trace === undefined) return 0;
    const ids = (trace + span).match(/.{8}/g)!.map((word) => parseInt(word, 16) | 0);
    const key = this.replayCall(({ core }) => void core.remoteParent(context));
    this.#spans.set(key, { ids, isRoot: false, isOpen: false });
    return key;
  }

  context(key: number): string | undefined {
    const span = this.#spans.get(key);
    return span && contextOf(span.ids);
  }

  closeTrace(traceId: string, nowMs: number): number[] {
    const open = [...this.#spans].filter(([, span]) => span.isOpen && `tr-${contextOf(span.ids)}`.startsWith(traceId));
    if (open.length > 0) this.replayCall(({ core }) => void core.closeTrace(traceId, nowMs));
    for (const [key] of open) this.#ended(key);
    return open.map(([key]) => key);
  }
}

const NO_IDS: SpanIds = [0, 0, 0, 0, 0, 0];

/** The functions with texts and objects that hooks call. All others wait for the core itself. */
function coreOf(recording: Recording): Core {
  const functions: Partial<Core> = {
    raw: recording.raw,
    spanContext: (key) => recording.context(key),
    remoteParent: (context) => recording.remoteParent(context),
    closeTrace: (traceId, nowMs) => recording.closeTrace(traceId, nowMs),
    joinSession: (traceId, sessionId) => void recording.replayCall(({ core }) => core.joinSession(traceId, sessionId)),
    unrecordedContext: () => contextOf(randomWords(ID_WORDS)),
    lastTraceId: () => recording.lastTraceId,
    trackingUri: () => "",
    unredacted: () => [],
  };
  return functions as Core;
}

/** Records the calls of hooks, each by one call of `record`. */
export class RecordingBridge extends Bridge {
  readonly #recording: Recording;
  readonly #nameNumbers = new Map<string, number>();

  constructor(record: (replay: Replay) => void) {
    const recording = new Recording(record);
    super(coreOf(recording));
    this.#recording = recording;
  }

  /** Spans that were started. */
  get started(): number {
    return this.#recording.started;
  }

  /** Spans that were not started, since too much was recorded already. */
  get refused(): number {
    return this.#recording.refused;
  }

  override intern(name: string | undefined): number {
    if (name === undefined) return 0;
    const known = this.#nameNumbers.get(name);
    if (known !== undefined) return known;
    // As the core's own bridge does.
    if (this.#nameNumbers.size >= MAX_NAMES) this.#nameNumbers.clear();
    const number = this.#nameNumbers.size + 1;
    this.#nameNumbers.set(name, number);
    this.#recording.write([name], (bridge) => void bridge.intern(name));
    return number;
  }

  override readSpanIds(): SpanIds {
    return this.#recording.newestIds;
  }

  override writeText(text: string): number {
    return this.#recording.write([text], (bridge) => void bridge.writeText(text))[0]!;
  }

  override writeTexts(first: string, second: string): [number, number] {
    const lengths = this.#recording.write([first, second], (bridge) => void bridge.writeTexts(first, second));
    return lengths as [number, number];
  }

  override encodeWithHistories(texts: readonly string[], historyIds: readonly number[]): EncodedValue {
    const lengths = this.#recording.write(texts, (bridge) => void bridge.encodeWithHistories(texts, historyIds));
    return this.encodeAs(
      tags.jsonText,
      0,
      lengths.reduce((sum, length) => sum + length, 0),
    );
  }
}

function randomWords(count: number): SpanIds {
  const words = new Int32Array(count);
  try {
    crypto.getRandomValues(words);
  } catch {
    // As where the core asks for random bytes (src/js/entry/host-imports.ts).
    for (let at = 0; at < count; at++) words[at] = Math.random() * 2 ** 32;
  }
  return [...words];
}

function contextOf(ids: SpanIds): string {
  const digits = ids.map((word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
  return `${digits.slice(0, 32)}-${digits.slice(32)}`;
}
