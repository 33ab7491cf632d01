//! Writes the TypeScript declarations of the npm package to the standard output.

fn main() {
    print!("{}", wasm_bindings::typescript::declarations());
}
