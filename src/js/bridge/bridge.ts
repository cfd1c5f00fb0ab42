/**
 * The shell's side of the door: carries names and text over the bridge into WebAssembly memory.
 *
 * Text crosses as UTF-8 bytes written by the engine's own `encodeInto`, names cross once and are
 * numbers from then on (reference: wasm-bindgen's generated string passing is 40 times slower for
 * 10 kB of text).
 */

import { type Captured } from "../capture/capture.js";
import type { Core, RawCore } from "./core.js";
import type { WasmMemory } from "./webassembly.js";
import * as tags from "./numbers/value-tags.js";

/** More different names than this in one program are data, not names: the table starts again. */
const MAX_NAMES = 4096;
/** A scratch area that grew beyond this for one large value is given back. */
const KEEP_SCRATCH_BYTES = 1 << 20;

/** What a captured value looks like in an argument list; its text, if any, waits in the scratch area. */
export interface Crossing {
  readonly tag: number;
  readonly number: number;
  readonly lengthBytes: number;
}

/** What `encodeInto` costs before its first character, in characters written by hand: pages ask much for it. */
const SHORT_CHARACTERS = typeof document === "object" ? 256 : 24;

/** The ids of a trace (four words of 32 bits) and of a span in it (two): few of them are ever shown. */
export type Ids = readonly number[];

/** The loaded core together with the means to hand it text. It is itself what it says of the value prepared last, since values are many. */
export class Bridge implements Crossing {
  tag = tags.nothing as number;
  number = 0;
  lengthBytes = 0;
  /** Functions that take texts and objects. */
  readonly core: Core;
  /** Functions that take numbers alone. */
  readonly tracer: RawCore;
  readonly #memory: WasmMemory;
  readonly #encoder = new TextEncoder();
  readonly #names = new Map<string, number>();
  #view = new Uint8Array(0);
  #words = new DataView(this.#view.buffer);
  #address = 0;
  #capacityBytes = 0;

  constructor(core: Core) {
    this.core = core;
    this.tracer = core.raw;
    this.#memory = core.raw.memory;
  }

  /** The number that stands for `name` inside the core; 0 stands for no name. */
  name(name: string | undefined): number {
    if (name === undefined) return 0;
    const known = this.#names.get(name);
    if (known !== undefined) return known;
    if (this.#names.size >= MAX_NAMES) {
      this.#names.clear();
      this.tracer.forgetNames();
    }
    const made = this.tracer.intern(this.text(name));
    this.#names.set(name, made);
    return made;
  }

  /** Where the span is that the call before this one has begun: names have crossed by then, so that there is an area. */
  newIds(): Ids {
    this.#watchMemory();
    const words = this.#words;
    return [
      words.getInt32(0),
      words.getInt32(4),
      words.getInt32(8),
      words.getInt32(12),
      words.getInt32(16),
      words.getInt32(20),
    ];
  }

  /** Writes `text` into the scratch area and returns its length in bytes. */
  text(text: string): number {
    // A UTF-16 unit takes at most three bytes of UTF-8.
    this.#reserve(text.length * 3);
    return this.#write(text, 0);
  }

  /** Writes two texts, one behind the other, and returns both lengths in bytes. */
  texts(first: string, second: string): [number, number] {
    // Room for both first: a new area between the two would lose the first.
    this.#reserve((first.length + second.length) * 3);
    const firstBytes = this.#write(first, 0);
    return [firstBytes, this.#write(second, firstBytes)];
  }

  /** Prepares a captured value for the next call, which must be the next one of all. */
  value(captured: Captured): Crossing {
    switch (captured.tag) {
      case tags.nothing:
        return this.cross(tags.nothing, 0, 0);
      case tags.bool:
      case tags.int:
      case tags.double:
        return this.cross(captured.tag, captured.number, 0);
      default:
        return this.cross(captured.tag, 0, this.text(captured.text));
    }
  }

  /** As `value`, for what is written already, or has crossed before and has a number. */
  cross(tag: number, number: number, lengthBytes: number): Crossing {
    this.tag = tag;
    this.number = number;
    this.lengthBytes = lengthBytes;
    return this;
  }

  /** As `value`, for JSON text in which lists are missing, one between each two pieces; the core knows them by these numbers. */
  lists(texts: readonly string[], histories: readonly number[]): Crossing {
    // Room for all first, as above.
    this.#reserve(texts.reduce((sum, { length }) => sum + length, 0) * 3);
    let lengthBytes = 0;
    const ends = texts.map((text) => (text === "" ? lengthBytes : (lengthBytes += this.#write(text, lengthBytes))));
    // Not before all is written: the core may need more memory for a hole, and then the view is gone.
    for (const [at, history] of histories.entries()) this.tracer.hole(history, ends[at]!);
    return this.cross(tags.jsonText, 0, lengthBytes);
  }

  #write(text: string, offset: number): number {
    return (
      (text.length <= SHORT_CHARACTERS && writeAscii(text, this.#view, offset)) ||
      this.#encoder.encodeInto(text, offset === 0 ? this.#view : this.#view.subarray(offset)).written
    );
  }

  #reserve(bytes: number): void {
    const tooSmall = bytes > this.#capacityBytes;
    const tooLarge = this.#capacityBytes > KEEP_SCRATCH_BYTES && bytes <= KEEP_SCRATCH_BYTES;
    if (tooSmall || tooLarge) {
      this.#capacityBytes = Math.max(bytes, 4096);
      this.#address = this.tracer.scratch(this.#capacityBytes) >>> 0;
      this.#look();
    } else {
      this.#watchMemory();
    }
  }

  /** Any growth of the memory detaches the old buffer. */
  #watchMemory(): void {
    if (this.#view.byteLength === 0) this.#look();
  }

  #look(): void {
    const { buffer } = this.#memory;
    this.#view = new Uint8Array(buffer, this.#address, this.#capacityBytes);
    this.#words = new DataView(buffer, this.#address, this.#capacityBytes);
  }
}

/** Writes a text of ASCII characters only, and returns its length; 0 if there are others. */
function writeAscii(text: string, bytes: Uint8Array, offset: number): number {
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit > 127) return 0;
    bytes[offset + at] = unit;
  }
  return text.length;
}
