/** Inflates what was deflated, synchronously: the engine's own way of doing it is not. */

import { inflateSync } from "fflate";

/** The `lengthBytes` bytes that `deflated` stands for. */
export function inflate(deflated: Uint8Array, lengthBytes: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(lengthBytes);
  inflateSync(deflated, { out: bytes });
  return bytes;
}
