/** A WebAssembly file that the host imports as a compiled module, by the suffix `?module`. */
declare module "*.wasm?module" {
  const module: WebAssembly.Module;
  export default module;
}
