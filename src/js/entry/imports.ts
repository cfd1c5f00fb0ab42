/** What the core asks of its host (src/wasm/host.rs): the glue imports these two by the name of this file. */

/** Fills `bytes`, which lie in the module's memory, with random bytes. */
export function fillRandom(bytes: Uint8Array<ArrayBuffer>): void {
  try {
    crypto.getRandomValues(bytes);
  } catch {
    // Ids must differ, not be secret: where a page has removed `crypto`, `Math.random` will do.
    for (let at = 0; at < bytes.length; at++) bytes[at] = Math.random() * 256;
  }
}

/** Writes a number as JSON has it, in the fewest digits that read back as the same number; returns how many characters it took. */
export function writeDecimal(number: number, digits: Uint8Array): number {
  const text = JSON.stringify(number);
  for (let at = 0; at < text.length; at++) digits[at] = text.charCodeAt(at);
  return text.length;
}
