//! What the commands need besides cargo, and how they get it.

use crate::shell::{cargo_command, command, output_of, root, run, target_directory};
use std::path::{Path, PathBuf};

pub const WASM: &str = "wasm32-unknown-unknown";

pub const NIGHTLY: &str = "nightly";

/// The oldest Node.js that the JavaScript tests run on, as major and minor version.
const NODE_OLDEST: (u32, u32) = (20, 19);

/// Where systems put a browser that Playwright can drive.
const BROWSERS: [&str; 5] = [
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
    "/usr/bin/google-chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

/// Adds the wasm target if it is missing: rustup adds what `rust-toolchain.toml` names only when
/// it installs the toolchain itself.
pub fn ensure_wasm_target() -> Result<(), String> {
    let mut rustc = command("rustc");
    rustc.args(["--print", "sysroot"]);
    if Path::new(&output_of(rustc)?).join("lib/rustlib").join(WASM).join("lib").is_dir() {
        return Ok(());
    }
    let mut rustup = command("rustup");
    rustup.args(["target", "add", WASM]);
    run(rustup)
        .map_err(|error| format!("{error}; install rustup (https://rustup.rs) and try again"))
}

/// Installs a toolchain if it is missing.
pub fn ensure_toolchain(name: &str) -> Result<(), String> {
    let mut list = command("rustup");
    list.args(["toolchain", "list"]);
    if output_of(list)?.lines().any(|line| line.starts_with(&format!("{name}-"))) {
        return Ok(());
    }
    let mut install = command("rustup");
    install.args(["toolchain", "install", name, "--profile", "minimal"]);
    run(install)
}

/// Installs a program from the registry beside what is built here, if this version of it is missing.
pub fn ensure_cargo_tool(name: &str, version: &str) -> Result<PathBuf, String> {
    let tools = target_directory()?.join("tools").join(format!("{name}-{version}"));
    let tool = tools.join("bin").join(name);
    if !tool.is_file() {
        // It runs for seconds, and optimising it takes minutes.
        let mut install = cargo_command("install --debug --locked --version");
        install.args([version, "--root"]).arg(&tools).arg(name);
        run(install)?;
    }
    Ok(tool)
}

/// Refuses a Node.js that is missing or too old.
pub fn ensure_node() -> Result<(), String> {
    let (major, minor) = NODE_OLDEST;
    let wanted =
        format!("install Node.js {major}.{minor} or later (https://nodejs.org) and try again");
    let mut node = command("node");
    node.arg("--version");
    let version = output_of(node).map_err(|error| format!("{error}; {wanted}"))?;
    match node_version(&version) {
        Some(found) if found >= NODE_OLDEST => Ok(()),
        _ => Err(format!("this is Node.js {version}; {wanted}")),
    }
}

/// Reads `v20.20.2`.
fn node_version(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.strip_prefix('v')?.split('.');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

/// Installs what `package-lock.json` in `directory` lists, unless that is what was installed last.
pub fn ensure_npm_packages(directory: &str) -> Result<(), String> {
    let directory = root().join(directory);
    let wanted = directory.join("package-lock.json");
    let wanted =
        std::fs::read(&wanted).map_err(|error| format!("{}: {error}", wanted.display()))?;
    // npm rewrites the copy that it keeps for itself, so this one is ours.
    let installed = directory.join("node_modules/.installed-lock.json");
    if std::fs::read(&installed).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    let mut npm = command("npm");
    // No package of ours needs its install script; the ones there only compile a faster variant.
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(&directory);
    run(npm)?;
    std::fs::write(&installed, wanted).map_err(|error| format!("{}: {error}", installed.display()))
}

/// The browser that the page is tested in: the one that `CHROMIUM` names, or an installed one, or
/// Debian's, which is installed if this is a Debian and we may.
pub fn ensure_chromium() -> Result<PathBuf, String> {
    if let Some(named) = std::env::var_os("CHROMIUM").map(PathBuf::from) {
        return match named.is_file() {
            true => Ok(named),
            false => Err(format!("CHROMIUM names {}, which is no file", named.display())),
        };
    }
    if let Some(found) = installed_chromium() {
        return Ok(found);
    }
    let missing = "the page is tested in Chromium: install it (Debian: `apt-get install chromium`), \
                   or set CHROMIUM to the path of Chromium or Chrome";
    if !Path::new("/usr/bin/apt-get").is_file() || !is_root() {
        return Err(missing.to_owned());
    }
    for arguments in ["update", "install --yes --no-install-recommends chromium"] {
        let mut apt = command("apt-get");
        apt.args(arguments.split(' ')).env("DEBIAN_FRONTEND", "noninteractive");
        run(apt).map_err(|error| format!("{error}; {missing}"))?;
    }
    installed_chromium().ok_or_else(|| missing.to_owned())
}

fn installed_chromium() -> Option<PathBuf> {
    BROWSERS.iter().map(PathBuf::from).find(|path| path.is_file())
}

fn is_root() -> bool {
    let mut id = command("id");
    id.arg("-u");
    output_of(id).is_ok_and(|user| user == "0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_node_are_compared_as_numbers() {
        assert_eq!(node_version("v20.20.2"), Some((20, 20)));
        assert!(node_version("v9.11.0") < Some(NODE_OLDEST));
        assert!(node_version("v100.0.0") > Some(NODE_OLDEST));
        assert_eq!(node_version("20"), None);
    }
}
