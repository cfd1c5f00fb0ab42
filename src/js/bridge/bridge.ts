/**
 * The JavaScript side of the bindings' hot path: writes values into the scratch area, a buffer in
 * WebAssembly memory from which the next call of the core reads.
 *
 * Text is written as UTF-8 by the engine's own `encodeInto`; names are interned once and passed as
 * numbers from then on. (wasm-bindgen's generated string passing is 40 times slower for 10 kB of text.)
 */

import type { Captured } from "../capture/capture.js";
import type { Core, RawCore, WasmMemory } from "./core.js";
import * as tags from "./numbers/value-tags.js";

/** More different names than this are data, not names: the table of interned names is cleared. */
export const MAX_NAMES = 4096;
/** A scratch area that grew beyond this for one large value is shrunk again. */
const MAX_IDLE_SCRATCH_BYTES = 1 << 20;

/** A value as the arguments of the core's next call; its text, if any, is in the scratch area. */
export interface EncodedValue {
  readonly tag: number;
  readonly number: number;
  readonly lengthBytes: number;
}

/** Up to this length a loop in JavaScript is faster than `encodeInto`, whose fixed cost is high in pages. */
const MAX_HAND_WRITTEN_CHARACTERS = typeof document === "object" ? 256 : 24;

/** A trace id (four words of 32 bits) and the id of a span in it (two); few are ever formatted as text. */
export type SpanIds = readonly number[];

/**
 * The loaded core, and the methods that encode arguments for it. The bridge itself is the value encoded last: no
 * object is made per value.
 */
export class Bridge implements EncodedValue {
  tag = tags.nothing as number;
  number = 0;
  lengthBytes = 0;
  /** Functions with texts and objects. */
  readonly core: Core;
  /** Functions with numbers alone. */
  readonly tracer: RawCore;
  readonly #memory: WasmMemory;
  readonly #encoder = new TextEncoder();
  readonly #names = new Map<string, number>();
  #view = new Uint8Array(0);
  #idWords = new DataView(this.#view.buffer);
  #address = 0;
  #capacityBytes = 0;

  constructor(core: Core) {
    this.core = core;
    this.tracer = core.raw;
    this.#memory = core.raw.memory;
  }

  /** The core's number of `name`; 0 for none. */
  intern(name: string | undefined): number {
    if (name === undefined) return 0;
    const known = this.#names.get(name);
    if (known !== undefined) return known;
    if (this.#names.size >= MAX_NAMES) {
      this.#names.clear();
      this.tracer.forgetNames();
    }
    const number = this.tracer.intern(this.writeText(name));
    this.#names.set(name, number);
    return number;
  }

  /** The ids of the span that the previous call started. That call has interned a name, so there is a scratch area. */
  readSpanIds(): SpanIds {
    this.#refreshViewsIfDetached();
    const words = this.#idWords;
    return [
      words.getInt32(0),
      words.getInt32(4),
      words.getInt32(8),
      words.getInt32(12),
      words.getInt32(16),
      words.getInt32(20),
    ];
  }

  /** Writes `text` into the scratch area; returns its length in bytes. */
  writeText(text: string): number {
    // A UTF-16 unit takes at most three bytes of UTF-8.
    this.#reserve(text.length * 3);
    return this.#write(text, 0);
  }

  /** Writes two texts, one after the other; returns both lengths in bytes. */
  writeTexts(first: string, second: string): [number, number] {
    // Reserve for both first: a new area between the two would lose the first.
    this.#reserve((first.length + second.length) * 3);
    const firstBytes = this.#write(first, 0);
    return [firstBytes, this.#write(second, firstBytes)];
  }

  /** Encodes a captured value for the next call of the core, before which nothing else may be encoded. */
  encode(captured: Captured): EncodedValue {
    switch (captured.tag) {
      case tags.nothing:
        return this.encodeAs(tags.nothing, 0, 0);
      case tags.bool:
      case tags.int:
      case tags.double:
        return this.encodeAs(captured.tag, captured.number, 0);
      default:
        return this.encodeAs(captured.tag, 0, this.writeText(captured.text));
    }
  }

  /** As `encode`, for a text that is written already, or a value that the core holds under a number. */
  encodeAs(tag: number, number: number, lengthBytes: number): EncodedValue {
    this.tag = tag;
    this.number = number;
    this.lengthBytes = lengthBytes;
    return this;
  }

  /**
   * As `encode`, for JSON text with a gap between each two of `texts`, where the core inserts the history with
   * that id.
   */
  encodeWithHistories(texts: readonly string[], historyIds: readonly number[]): EncodedValue {
    // Reserve for all first, as above.
    this.#reserve(texts.reduce((sum, { length }) => sum + length, 0) * 3);
    let lengthBytes = 0;
    const ends = texts.map((text) => (text === "" ? lengthBytes : (lengthBytes += this.#write(text, lengthBytes))));
    // Only after all is written: the core may grow its memory for an insertion, which detaches the view.
    for (const [at, historyId] of historyIds.entries()) this.tracer.insertHistory(historyId, ends[at]!);
    return this.encodeAs(tags.jsonText, 0, lengthBytes);
  }

  #write(text: string, offset: number): number {
    return (
      (text.length <= MAX_HAND_WRITTEN_CHARACTERS && writeAscii(text, this.#view, offset)) ||
      this.#encoder.encodeInto(text, offset === 0 ? this.#view : this.#view.subarray(offset)).written
    );
  }

  #reserve(bytes: number): void {
    const tooSmall = bytes > this.#capacityBytes;
    const tooLarge = this.#capacityBytes > MAX_IDLE_SCRATCH_BYTES && bytes <= MAX_IDLE_SCRATCH_BYTES;
    if (tooSmall || tooLarge) {
      this.#capacityBytes = Math.max(bytes, 4096);
      this.#address = this.tracer.scratch(this.#capacityBytes) >>> 0;
      this.#refreshViews();
    } else {
      this.#refreshViewsIfDetached();
    }
  }

  /** Growth of the memory detaches the old buffer. */
  #refreshViewsIfDetached(): void {
    if (this.#view.byteLength === 0) this.#refreshViews();
  }

  #refreshViews(): void {
    const { buffer } = this.#memory;
    this.#view = new Uint8Array(buffer, this.#address, this.#capacityBytes);
    this.#idWords = new DataView(buffer, this.#address, this.#capacityBytes);
  }
}

/** Writes a text if all its characters are ASCII; returns its length, or 0 if they are not. */
function writeAscii(text: string, bytes: Uint8Array, offset: number): number {
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit > 127) return 0;
    bytes[offset + at] = unit;
  }
  return text.length;
}
