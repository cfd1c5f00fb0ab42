/**
 * Synchronous gzip, for a page that is being unloaded: the host's own compression is asynchronous. Plain
 * DEFLATE (RFC 1951) with the fixed code, in a gzip frame (RFC 1952): it makes the JSON of a conversation,
 * which is repeated in every span, many times smaller.
 */

const MIN_MATCH = 3;
const MAX_MATCH = 258;
const MAX_DISTANCE = 32_768;
const HASH_BITS = 14;
const GZIP_HEADER = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];

/** `bytes` as a gzip file, which is a few bytes longer than they are if nothing is repeated. */
export function gzipSync(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  // The fixed code takes at most nine bits for a byte.
  const out = new BitWriter(bytes.length + (bytes.length >> 3) + 64);
  for (const byte of GZIP_HEADER) out.bits(byte, 8);
  out.bits(0b011, 3); // the last block, of the fixed code
  // The last position of three bytes with that hash, plus one.
  const lastPositions = new Int32Array(1 << HASH_BITS);
  for (let at = 0; at < bytes.length; ) {
    const hash = (((bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!) * 0x9e3779b1) >>> (32 - HASH_BITS);
    const before = lastPositions[hash]! - 1;
    lastPositions[hash] = at + 1;
    const length = before >= 0 && at - before <= MAX_DISTANCE ? matchLength(bytes, before, at) : 0;
    if (length < MIN_MATCH) {
      writeSymbol(out, bytes[at]!);
      at += 1;
    } else {
      writeLength(out, length);
      writeDistance(out, at - before);
      at += length;
    }
  }
  writeSymbol(out, 256);
  out.fillByte();
  for (const word of [crc32(bytes), bytes.length]) {
    out.bits(word & 0xffff, 16);
    out.bits(word >>> 16, 16);
  }
  return out.result();
}

/** Writes bits from the lowest to the highest, as DEFLATE packs them. */
class BitWriter {
  readonly #bytes: Uint8Array<ArrayBuffer>;
  #length = 0;
  #pending = 0;
  #pendingBits = 0;

  constructor(capacity: number) {
    this.#bytes = new Uint8Array(capacity);
  }

  /** Writes at most 16 bits. */
  bits(value: number, count: number): void {
    this.#pending |= value << this.#pendingBits;
    this.#pendingBits += count;
    for (; this.#pendingBits >= 8; this.#pendingBits -= 8) {
      this.#bytes[this.#length++] = this.#pending & 0xff;
      this.#pending >>>= 8;
    }
  }

  /** Writes a Huffman code, which is packed from its highest bit. */
  code(value: number, count: number): void {
    let reversed = 0;
    for (let bit = 0; bit < count; bit += 1) reversed |= ((value >> bit) & 1) << (count - 1 - bit);
    this.bits(reversed, count);
  }

  fillByte(): void {
    if (this.#pendingBits > 0) this.bits(0, 8 - this.#pendingBits);
  }

  result(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length);
  }
}

function matchLength(bytes: Uint8Array, before: number, at: number): number {
  const most = Math.min(MAX_MATCH, bytes.length - at);
  let length = 0;
  while (length < most && bytes[before + length] === bytes[at + length]) length += 1;
  return length;
}

/** RFC 1951, section 3.2.6. */
function writeSymbol(out: BitWriter, symbol: number): void {
  if (symbol < 144) out.code(0x30 + symbol, 8);
  else if (symbol < 256) out.code(0x190 + symbol - 144, 9);
  else if (symbol < 280) out.code(symbol - 256, 7);
  else out.code(0xc0 + symbol - 280, 8);
}

/** RFC 1951, section 3.2.5: four lengths share a number of extra bits, that of the longest has none. */
function writeLength(out: BitWriter, length: number): void {
  if (length === MAX_MATCH) return writeSymbol(out, 285);
  const past = length - MIN_MATCH;
  const extra = Math.max(29 - Math.clz32(past), 0);
  writeSymbol(out, 257 + (extra << 2) + (past >> extra));
  out.bits(past & ((1 << extra) - 1), extra);
}

/** As for lengths, but two distances share a number of extra bits. */
function writeDistance(out: BitWriter, distance: number): void {
  const past = distance - 1;
  const extra = Math.max(30 - Math.clz32(past), 0);
  out.code((extra << 1) + (past >> extra), 5);
  out.bits(past & ((1 << extra) - 1), extra);
}

function crc32(bytes: Uint8Array): number {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (-(crc & 1) & 0xedb88320);
  }
  return ~crc >>> 0;
}
