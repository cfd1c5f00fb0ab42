/**
 * WebAssembly's types, written so that programs compiled without the DOM's types can use those of this
 * package: Node's types have no `WebAssembly`, and naming it would be an error there.
 */

/** An object of the host's `WebAssembly`; `Otherwise` where the program has no types of it. */
export type WasmObject<Name extends string, Otherwise> = typeof globalThis extends {
  WebAssembly: Record<Name, abstract new (...values: never) => infer Made>;
}
  ? Made
  : Otherwise;

/** `WebAssembly.Module`. */
export type WasmModule = WasmObject<"Module", object>;

/** The WebAssembly as a program may bring it: its bytes, or compiled. */
export type WasmSource = ArrayBuffer | ArrayBufferView | (WasmModule & object);
