/**
 * Inflates what was deflated (RFC 1951), synchronously: by the host's own zlib where there is one,
 * else by hand. Nothing is prepared at import, as the libraries for it do.
 */

import { hostModule } from "../host.js";

interface Zlib {
  inflateRawSync?(deflated: Uint8Array): Uint8Array<ArrayBuffer>;
}

/** The `lengthBytes` bytes that `deflated` stands for. Throws if it stands for none. */
export function inflate(deflated: Uint8Array, lengthBytes: number): Uint8Array<ArrayBuffer> {
  return byHost(deflated, lengthBytes) ?? byHand(deflated, lengthBytes);
}

function byHost(deflated: Uint8Array, lengthBytes: number): Uint8Array<ArrayBuffer> | undefined {
  try {
    const bytes = (hostModule("node:zlib") as Zlib | undefined)?.inflateRawSync?.(deflated);
    return bytes?.length === lengthBytes ? bytes : undefined;
  } catch {
    return undefined;
  }
}

const MOST_BITS = 15;
/** Codes of so many bits at most are looked up, longer and rarer ones worked out. */
const FAST_BITS = 9;
const END_OF_BLOCK = 256;
/** In which order the lengths of the codes for lengths stand (RFC 1951, section 3.2.7). */
const LENGTHS_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/** A Huffman code: those of its symbols that have short codes by their bits, and all by length and order. */
interface Code {
  readonly fast: Uint16Array;
  readonly counts: Uint16Array;
  readonly symbols: Uint16Array;
}

/** The code whose symbols have codes of these many bits, 0: none (RFC 1951, section 3.2.2). */
function codeOf(lengths: Uint8Array): Code {
  const counts = new Uint16Array(MOST_BITS + 1);
  for (const length of lengths) if (length > 0) counts[length]! += 1;
  const places = new Uint16Array(MOST_BITS + 2);
  const next = new Uint16Array(MOST_BITS + 2);
  for (let bits = 1; bits <= MOST_BITS; bits++) {
    places[bits + 1] = places[bits]! + counts[bits]!;
    next[bits + 1] = (next[bits]! + counts[bits]!) << 1;
  }
  const fast = new Uint16Array(1 << FAST_BITS);
  const symbols = new Uint16Array(lengths.length);
  for (let symbol = 0; symbol < lengths.length; symbol++) {
    const length = lengths[symbol]!;
    if (length === 0) continue;
    symbols[places[length]!++] = symbol;
    const code = next[length]!++;
    if (length > FAST_BITS) continue;
    // Codes come from their highest bit on.
    let turned = 0;
    for (let bit = 0; bit < length; bit++) turned |= ((code >> bit) & 1) << (length - 1 - bit);
    for (let at = turned; at < fast.length; at += 1 << length) fast[at] = (length << FAST_BITS) | symbol;
  }
  return { fast, counts, symbols };
}

/** Codes of the lengths that `runs` gives: so many symbols of so many bits, one run after the other. */
function fixedCode(...runs: readonly (readonly [count: number, bits: number])[]): Code {
  return codeOf(Uint8Array.from(runs.flatMap(([count, bits]) => Array<number>(count).fill(bits))));
}

/** By hand. For tests, where the host could do it. */
export function byHand(deflated: Uint8Array, lengthBytes: number): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(lengthBytes);
  let written = 0;
  let read = 0;
  let held = 0;
  let heldBits = 0;

  const bits = (count: number): number => {
    while (heldBits < count) {
      held |= (deflated[read++] ?? 0) << heldBits;
      heldBits += 8;
    }
    const taken = held & ((1 << count) - 1);
    held >>>= count;
    heldBits -= count;
    return taken;
  };

  const symbolOf = ({ fast, counts, symbols }: Code): number => {
    while (heldBits < MOST_BITS) {
      held |= (deflated[read++] ?? 0) << heldBits;
      heldBits += 8;
    }
    const found = fast[held & ((1 << FAST_BITS) - 1)]!;
    if (found !== 0) {
      const length = found >> FAST_BITS;
      held >>>= length;
      heldBits -= length;
      return found & ((1 << FAST_BITS) - 1);
    }
    let code = 0;
    let first = 0;
    let place = 0;
    for (let length = 1; length <= MOST_BITS; length++) {
      code |= (held >> (length - 1)) & 1;
      const count = counts[length]!;
      if (code - first < count) {
        held >>>= length;
        heldBits -= length;
        return symbols[place + code - first]!;
      }
      place += count;
      first = (first + count) << 1;
      code <<= 1;
    }
    throw new Error("what was packed is damaged");
  };

  const readCodes = (): [Code, Code] => {
    const literals = bits(5) + 257;
    const distances = bits(5) + 1;
    const given = bits(4) + 4;
    const ofLengths = new Uint8Array(LENGTHS_ORDER.length);
    for (let at = 0; at < given; at++) ofLengths[LENGTHS_ORDER[at]!] = bits(3);
    const code = codeOf(ofLengths);
    const lengths = new Uint8Array(literals + distances);
    for (let at = 0; at < lengths.length; ) {
      const symbol = symbolOf(code);
      if (symbol < 16) lengths[at++] = symbol;
      else if (symbol === 16) for (let again = 3 + bits(2); again > 0; again--, at++) lengths[at] = lengths[at - 1]!;
      else at += symbol === 17 ? 3 + bits(3) : 11 + bits(7);
    }
    return [codeOf(lengths.subarray(0, literals)), codeOf(lengths.subarray(literals))];
  };

  const damaged = (): Error => new Error("what was packed is damaged");
  for (let isLast = 0; isLast === 0; ) {
    isLast = bits(1);
    const kind = bits(2);
    if (kind === 0) {
      // Stored as it is, from the next whole byte on.
      read -= heldBits >> 3;
      held = heldBits = 0;
      const length = deflated[read]! | (deflated[read + 1]! << 8);
      out.set(deflated.subarray(read + 4, read + 4 + length), written);
      read += 4 + length;
      written += length;
      continue;
    }
    const [literals, distances] = kind === 1 ? [fixedCode([144, 8], [112, 9], [24, 7], [8, 8]), fixedCode([30, 5])] : readCodes();
    for (;;) {
      // Beyond its end nothing says where to stop.
      if (read > deflated.length + 4 || written > lengthBytes) throw damaged();
      const symbol = symbolOf(literals);
      if (symbol < END_OF_BLOCK) {
        out[written++] = symbol;
        continue;
      }
      if (symbol === END_OF_BLOCK) break;
      const extra = symbol < 265 || symbol === 285 ? 0 : (symbol - 261) >> 2;
      const length = symbol === 285 ? 258 : symbol < 265 ? symbol - 254 : ((4 + ((symbol - 265) & 3)) << extra) + 3 + bits(extra);
      const far = symbolOf(distances);
      const farExtra = far < 4 ? 0 : (far >> 1) - 1;
      const distance = far < 4 ? far + 1 : ((2 + (far & 1)) << farExtra) + 1 + bits(farExtra);
      for (const end = written + length; written < end; written++) out[written] = out[written - distance]!;
    }
  }
  if (written !== lengthBytes) throw damaged();
  return out;
}
