/** WebAssembly that the host has compiled, as asked for with `?module`. */
declare module "*.wasm?module" {
  const module: WebAssembly.Module;
  export default module;
}
