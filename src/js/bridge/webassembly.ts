/**
 * WebAssembly's types, written so that programs compiled without the DOM's types can use those of this
 * package: Node's types have no `WebAssembly`, and naming it would be an error there.
 */

type Instance<Name extends string, Otherwise> = typeof globalThis extends {
  WebAssembly: Record<Name, abstract new (...values: never) => infer Made>;
}
  ? Made
  : Otherwise;

/** `WebAssembly.Memory`. */
export type WasmMemory = Instance<"Memory", { readonly buffer: ArrayBuffer }>;

/** `WebAssembly.Module`. */
export type WasmModule = Instance<"Module", object>;

/** The WebAssembly as a program may bring it: its bytes, or compiled. */
export type WasmSource = ArrayBuffer | ArrayBufferView | (WasmModule & object);
