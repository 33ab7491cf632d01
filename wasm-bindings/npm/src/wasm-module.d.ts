// What an import of the program is where that can be written.
declare module "*.wasm" {
  const program: WebAssembly.Module;
  export default program;
}
