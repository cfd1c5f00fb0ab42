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
const END_OF_BLOCK = 256;
/** In which order the lengths of the codes for lengths stand (RFC 1951, section 3.2.7). */
const LENGTHS_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/** What is read, the bits of it that wait to be used, how many, and what has been written. */
interface Work {
  readonly bytes: Uint8Array;
  readonly out: Uint8Array;
  read: number;
  held: number;
  heldBits: number;
  written: number;
}

const damaged = (): Error => new Error("what was packed is damaged");

/**
 * The code whose symbols have codes of these many bits, 0: none (RFC 1951, section 3.2.2), as a table by
 * the bits that are read next: each item is a symbol, times 16, and how many bits it takes.
 */
function codeOf(lengths: Uint8Array): Uint16Array {
  const counts = new Uint16Array(MOST_BITS + 1);
  for (let symbol = 0; symbol < lengths.length; symbol++) counts[lengths[symbol]!]! += 1;
  let most = MOST_BITS;
  while (most > 0 && counts[most] === 0) most--;
  const places = new Uint16Array(MOST_BITS + 2);
  for (let bits = 1; bits <= most; bits++) places[bits + 1] = places[bits]! + counts[bits]!;
  const sorted = new Uint16Array(lengths.length);
  for (let symbol = 0; symbol < lengths.length; symbol++) if (lengths[symbol]! > 0) sorted[places[lengths[symbol]!]!++] = symbol;
  const table = new Uint16Array(1 << most);
  let at = 0;
  let place = 0;
  for (let bits = 1, half = 1; bits <= most; bits++, half <<= 1) {
    // A shorter code is found whatever the bit behind it says.
    table.copyWithin(half, 0, half);
    for (let left = counts[bits]!; left > 0; left--) {
      table[at] = (sorted[place++]! << 4) | bits;
      // Codes come from their highest bit on, so the next one is counted up from that end.
      let bit = half;
      for (; at & bit; bit >>= 1) at ^= bit;
      at |= bit;
    }
  }
  return table;
}

function take(work: Work, count: number): number {
  while (work.heldBits < count) {
    work.held |= work.bytes[work.read++]! << work.heldBits;
    work.heldBits += 8;
  }
  const taken = work.held & ((1 << count) - 1);
  work.held >>>= count;
  work.heldBits -= count;
  return taken;
}

/** The codes that a block brings along: of literals and lengths, and of distances. */
function readCodes(work: Work): [literals: Uint16Array, distances: Uint16Array] {
  const literals = take(work, 5) + 257;
  const distances = take(work, 5) + 1;
  const given = take(work, 4) + 4;
  const ofLengths = new Uint8Array(LENGTHS_ORDER.length);
  for (let at = 0; at < given; at++) ofLengths[LENGTHS_ORDER[at]!] = take(work, 3);
  const code = codeOf(ofLengths);
  const lengths = new Uint8Array(literals + distances);
  for (let at = 0; at < lengths.length; ) {
    // One bit after the other: these codes are short and few.
    let bits = 0;
    let found = 0;
    do found |= take(work, 1) << bits++;
    while (bits < 7 && (code[found]! & 15) !== bits);
    const symbol = code[found]! >> 4;
    if (symbol < 16) lengths[at++] = symbol;
    else if (symbol === 16) for (let again = 3 + take(work, 2); again > 0; again--, at++) lengths[at] = lengths[at - 1]!;
    else at += symbol === 17 ? 3 + take(work, 3) : 11 + take(work, 7);
  }
  return [codeOf(lengths.subarray(0, literals)), codeOf(lengths.subarray(literals))];
}

/**
 * What a block holds. One loop on variables of its own, without a call for each symbol: this runs once,
 * in a cold engine, and an engine makes one hot loop fast long before it has looked at many functions.
 */
function readBlock(work: Work, literals: Uint16Array, distances: Uint16Array): void {
  const { bytes, out } = work;
  const ofLiterals = literals.length - 1;
  const ofDistances = distances.length - 1;
  let { read, held, heldBits, written } = work;
  for (;;) {
    // Beyond its end nothing says where to stop.
    if (written > out.length) throw damaged();
    if (heldBits < 16) {
      held |= (bytes[read]! | (bytes[read + 1]! << 8)) << heldBits;
      read += 2;
      heldBits += 16;
    }
    let found = literals[held & ofLiterals]!;
    held >>>= found & 15;
    heldBits -= found & 15;
    found >>= 4;
    if (found < END_OF_BLOCK) {
      out[written++] = found;
      continue;
    }
    if (found === END_OF_BLOCK) break;
    let length = found - 254;
    if (found === 285) length = 258;
    else if (found > 264) {
      const extra = (found - 261) >> 2;
      if (heldBits < extra) {
        held |= (bytes[read]! | (bytes[read + 1]! << 8)) << heldBits;
        read += 2;
        heldBits += 16;
      }
      length = ((4 + ((found - 265) & 3)) << extra) + 3 + (held & ((1 << extra) - 1));
      held >>>= extra;
      heldBits -= extra;
    }
    if (heldBits < 16) {
      held |= (bytes[read]! | (bytes[read + 1]! << 8)) << heldBits;
      read += 2;
      heldBits += 16;
    }
    found = distances[held & ofDistances]!;
    held >>>= found & 15;
    heldBits -= found & 15;
    found >>= 4;
    let from = written - found - 1;
    if (found > 3) {
      const extra = (found >> 1) - 1;
      if (heldBits < extra) {
        held |= (bytes[read]! | (bytes[read + 1]! << 8)) << heldBits;
        read += 2;
        heldBits += 16;
      }
      from = written - ((2 + (found & 1)) << extra) - 1 - (held & ((1 << extra) - 1));
      held >>>= extra;
      heldBits -= extra;
    }
    for (const end = written + length; written < end; ) out[written++] = out[from++]!;
  }
  work.read = read;
  work.held = held;
  work.heldBits = heldBits;
  work.written = written;
}

/** By hand. For tests, where the host could do it. */
export function byHand(deflated: Uint8Array, lengthBytes: number): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(lengthBytes);
  const work: Work = { bytes: deflated, out, read: 0, held: 0, heldBits: 0, written: 0 };
  for (let isLast = 0; isLast === 0; ) {
    if (work.read > deflated.length + 4) throw damaged();
    isLast = take(work, 1);
    const kind = take(work, 2);
    if (kind === 0) {
      // Stored as it is, from the next whole byte on.
      const from = work.read - (work.heldBits >> 3) + 4;
      work.held = work.heldBits = 0;
      work.read = from + (deflated[from - 4]! | (deflated[from - 3]! << 8));
      out.set(deflated.subarray(from, work.read), work.written);
      work.written += work.read - from;
    } else if (kind === 1) {
      // The codes that everybody knows (RFC 1951, section 3.2.6).
      readBlock(work, codeOf(new Uint8Array(288).fill(8).fill(9, 144, 256).fill(7, 256, 280)), codeOf(new Uint8Array(30).fill(5)));
    } else {
      readBlock(work, ...readCodes(work));
    }
  }
  if (work.written !== lengthBytes) throw damaged();
  return out;
}
