//! The npm package `kanban-crdt`: `wasm-bindings` and the TypeScript around it.

use crate::licences;
use crate::shell::{cargo_command, command, output_of, root, run, target_directory};
use crate::tools::{self, ensure_npm_packages};
use crate::wasm::{generate, wasm};
use flate2::{Compression, write::ZlibEncoder};
use serde_json::Value;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Where it stands.
pub const PACKAGE: &str = "wasm-bindings/npm";

/// Applications that install it from its tarball.
pub const CONSUMERS: &str = "wasm-bindings/npm/tests/consumers";

/// What of them is too large to install for every change.
pub const WIDE: &str = "wasm-bindings/npm/tests/consumers/wide";

/// What wasm-bindgen writes beside the program, and TypeScript takes in.
const GLUE: [&str; 2] = ["kanban.js", "kanban.d.ts"];
const WASM: &str = "kanban_bg.wasm";

/// Beside the licences of this repository.
const THIRD_PARTIES: &str = "THIRD-PARTY-LICENSES";

/// What TypeScript needs to know of the copy of the program, which it is not to compile.
const INLINE_DECLARATION: &str = "\
// Written by `cargo xtask npm`.

/** The program inside. */
export declare function bytes(): Promise<ArrayBuffer>;
";

/// Builds the package and returns its directory, which `npm pack` makes a file of.
pub fn build() -> Result<PathBuf, String> {
    let package = root().join(PACKAGE);
    let (sources, built) = (package.join("src"), package.join("dist"));
    // First: what does not compile leaves the package of before.
    let program = wasm()?;
    if built.exists() {
        std::fs::remove_dir_all(&built).map_err(|error| failed("removing", &built, &error))?;
    }
    let bindings = package.join("dist/.bindings");
    generate(&program, &bindings)?;
    for name in GLUE {
        copy(&bindings.join(name), &sources.join(name))?;
        copy(&bindings.join(name), &built.join(name))?;
    }
    copy(&bindings.join(WASM), &built.join(WASM))?;
    write(&sources.join("model.ts"), &declarations()?)?;
    let inline = inline(&built.join(WASM))?;
    for directory in [&sources, &built] {
        write(&directory.join("inline.js"), &inline)?;
        write(&directory.join("inline.d.ts"), INLINE_DECLARATION)?;
    }
    write(&package.join(THIRD_PARTIES), &licences::third_parties()?)?;
    std::fs::remove_dir_all(&bindings).map_err(|error| failed("removing", &bindings, &error))?;
    for licence in ["LICENSE-APACHE", "LICENSE-MIT"] {
        copy(&root().join(licence), &package.join(licence))?;
    }
    ensure_npm_packages(PACKAGE)?;
    let mut compiler = command("npx");
    compiler.current_dir(&package).args(["--no-install", "tsc"]);
    run(compiler)?;
    Ok(package)
}

/// Builds it from what there is and then from nothing: what would be published must be the same to the last
/// byte.
pub fn twice() -> Result<(), String> {
    let first = integrity(&build()?)?;
    let compiled = target_directory()?.join(tools::WASM).join("wasm");
    std::fs::remove_dir_all(&compiled).map_err(|error| failed("removing", &compiled, &error))?;
    let second = integrity(&build()?)?;
    println!("\n{first}\n{second}");
    if first == second { Ok(()) } else { Err("the second package is another".to_owned()) }
}

/// The hash of the file that npm would publish, which has no times in it.
fn integrity(package: &Path) -> Result<String, String> {
    let mut npm = command("npm");
    npm.current_dir(package).args(["pack", "--dry-run", "--json", "--silent"]);
    let packed = output_of(npm)?;
    let packed: Value =
        serde_json::from_str(&packed).map_err(|error| format!("npm pack: {error}"))?;
    let integrity = packed.pointer("/0/integrity").and_then(Value::as_str);
    integrity.map(str::to_owned).ok_or_else(|| "npm pack says no hash".to_owned())
}

/// The types that cross as JSON, by the types themselves.
fn declarations() -> Result<String, String> {
    let program =
        "run --quiet --package wasm-bindings --features typescript --bin kanban-typescript";
    output_of(cargo_command(program))
}

/// The program as text, for where it cannot be fetched: loaded only there. Compressed, because bundlers
/// read all of it.
fn inline(wasm: &Path) -> Result<String, String> {
    let bytes = std::fs::read(wasm).map_err(|error| failed("reading", wasm, &error))?;
    let mut compressed = ZlibEncoder::new(Vec::new(), Compression::best());
    let compressed = compressed.write_all(&bytes).and_then(|()| compressed.finish());
    let compressed = compressed.map_err(|error| failed("compressing", wasm, &error))?;
    Ok(format!(
        "// Written by `cargo xtask npm`.\n\nconst text =\n  \"{}\";\n\n\
         export async function bytes() {{\n  \
         const packed = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));\n  \
         const unpacked = new Blob([packed]).stream().pipeThrough(new DecompressionStream(\"deflate\"));\n  \
         return new Response(unpacked).arrayBuffer();\n}}\n",
        base64(&compressed)
    ))
}

/// RFC 4648.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digit = |bits: u32| DIGITS.get(bits as usize & 63).map_or('=', |digit| char::from(*digit));
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let byte = |index: usize| three.get(index).map_or(0, |byte| u32::from(*byte));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        text.extend([digit(bits >> 18), digit(bits >> 12)]);
        text.push(if three.len() > 1 { digit(bits >> 6) } else { '=' });
        text.push(if three.len() > 2 { digit(bits) } else { '=' });
    }
    text
}

fn copy(from: &Path, to: &Path) -> Result<(), String> {
    std::fs::copy(from, to).map(drop).map_err(|error| failed("copying", from, &error))
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    std::fs::write(path, text).map_err(|error| failed("writing", path, &error))
}

fn failed(what: &str, path: &Path, error: &std::io::Error) -> String {
    format!("{what} {}: {error}", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_rfc_4648() {
        let examples = ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"];
        for (length, text) in examples.into_iter().enumerate() {
            assert_eq!(base64(&b"foobar"[..length]), text);
        }
    }
}
