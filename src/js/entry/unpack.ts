/**
 * Decodes the inlined text to the bytes of the WebAssembly module: one character for each of its most
 * frequent bytes, two for the others (xtask/src/inline.rs encodes it). HTTP compression works well on such
 * text, so that nothing has to be inflated here, which takes a cold engine ten times as long.
 */

/** The range of characters that encode a byte: printable ASCII, without those that end a string or a script. */
const FIRST = 35;
const LAST = 126;
const EXCLUDED = "<\\";
/** The prefixes of two-character codes: the space, and the character after it. */
const PREFIX = 32;
/** The number of table entries per prefix: one for every ASCII character. */
const PAGE = 128;
const PAGES = 3;

/** The `lengthBytes` bytes encoded by `text`; `frequent` are those with one-character codes, in hexadecimal. */
export function unpack(text: string, frequent: string, lengthBytes: number): Uint8Array<ArrayBuffer> {
  const table = decodingTable(frequent);
  const bytes = new Uint8Array(lengthBytes);
  for (let at = 0, to = 0; to < lengthBytes; to++) {
    let code = text.charCodeAt(at++);
    if (code < FIRST) code = (code - PREFIX + 1) * PAGE + text.charCodeAt(at++);
    bytes[to] = table[code]!;
  }
  return bytes;
}

/** The bytes by character, and after those by the character after each prefix. */
function decodingTable(frequent: string): Uint8Array {
  const bytes = new Set<number>();
  for (let at = 0; at < frequent.length; at += 2) bytes.add(parseInt(frequent.slice(at, at + 2), 16));
  for (let byte = 0; byte < 256; byte++) bytes.add(byte);
  const table = new Uint8Array(PAGES * PAGE);
  const remaining = bytes.values();
  for (let page = 0; page < PAGES; page++) {
    for (let code = FIRST; code <= LAST; code++) {
      if (!EXCLUDED.includes(String.fromCharCode(code))) table[page * PAGE + code] = remaining.next().value ?? 0;
    }
  }
  return table;
}
