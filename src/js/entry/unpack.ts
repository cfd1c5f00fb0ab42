/**
 * Text to the bytes of the WebAssembly module: one character for each of its most frequent bytes, two for
 * the others (xtask/src/inline.rs writes it so). Whatever compresses a download finds in such text what
 * repeats in the module, so that nothing has to be inflated here, which takes a cold engine ten times as long.
 */

/** Characters that stand for a byte: printable ASCII from here on, without what ends a string or a script. */
const FIRST = 35;
const LAST = 126;
const LEFT_OUT = "<\\";
/** The character before the first is a space: it and the next one say that a second follows. */
const PREFIX = 32;
/** Room for every character. */
const PAGE = 128;
const PAGES = 3;

/** The `lengthBytes` bytes that `text` stands for; `frequent` are those with one character each, in hexadecimal. */
export function unpack(text: string, frequent: string, lengthBytes: number): Uint8Array<ArrayBuffer> {
  const table = tableOf(frequent);
  const bytes = new Uint8Array(lengthBytes);
  for (let at = 0, to = 0; to < lengthBytes; to++) {
    let code = text.charCodeAt(at++);
    if (code < FIRST) code = (code - PREFIX + 1) * PAGE + text.charCodeAt(at++);
    bytes[to] = table[code]!;
  }
  return bytes;
}

/** Bytes by character, and behind that by the character after each prefix. */
function tableOf(frequent: string): Uint8Array {
  const bytes = new Set<number>();
  for (let at = 0; at < frequent.length; at += 2) bytes.add(parseInt(frequent.slice(at, at + 2), 16));
  for (let byte = 0; byte < 256; byte++) bytes.add(byte);
  const table = new Uint8Array(PAGES * PAGE);
  const left = bytes.values();
  for (let page = 0; page < PAGES; page++) {
    for (let code = FIRST; code <= LAST; code++) {
      if (!LEFT_OUT.includes(String.fromCharCode(code))) table[page * PAGE + code] = left.next().value ?? 0;
    }
  }
  return table;
}
