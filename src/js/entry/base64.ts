/** Base64 to bytes, by the engine where it can (`Uint8Array.fromBase64`, else Node's `Buffer`), else through `atob`. */

interface Decoders {
  Uint8Array: { fromBase64?: (text: string) => Uint8Array<ArrayBuffer> };
  Buffer?: { from?: (text: string, encoding: "base64") => Uint8Array<ArrayBuffer> };
}

/** The bytes that `text` stands for. */
export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const { Uint8Array: bytes, Buffer: buffer } = globalThis as unknown as Decoders;
  if (bytes.fromBase64 !== undefined) return bytes.fromBase64(text);
  // Pages have polyfills of this name, which do in JavaScript what `atob` does faster.
  if (typeof document === "undefined" && buffer?.from !== undefined) return buffer.from(text, "base64");
  const binary = atob(text);
  const made = new Uint8Array(binary.length);
  for (let index = 0; index < binary.length; index += 1) made[index] = binary.charCodeAt(index);
  return made;
}
