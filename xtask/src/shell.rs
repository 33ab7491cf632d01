//! Running programs, and where things are.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The workspace.
pub fn root() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().unwrap_or(package).to_owned()
}

/// Where cargo puts what it builds: this program is in its `debug`.
pub fn target_directory() -> Result<PathBuf, String> {
    let program = std::env::current_exe()
        .map_err(|error| format!("cannot tell where this program is: {error}"))?;
    let directory = program.ancestors().nth(2);
    directory.map(Path::to_owned).ok_or_else(|| "this program is in no directory".to_owned())
}

/// Runs cargo with arguments that are separated by spaces.
pub fn cargo(arguments: &str) -> Result<(), String> {
    run(cargo_command(arguments))
}

/// Cargo with arguments that are separated by spaces, to be given more and then [`run`].
pub fn cargo_command(arguments: &str) -> Command {
    let mut command = command(std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")));
    command.args(arguments.split(' '));
    command
}

/// A program that works in the workspace.
pub fn command(program: impl Into<OsString>) -> Command {
    let mut command = Command::new(program.into());
    command.current_dir(root());
    command
}

/// Shows the command, runs it, and waits for its end.
pub fn run(mut command: Command) -> Result<(), String> {
    let line = line(&command);
    println!("\n→ {line}");
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("`{line}` failed ({status})")),
        Err(error) => Err(format!("`{line}` does not start: {error}")),
    }
}

/// Runs a command while something else is done, and then shows what it printed: never one between the
/// lines of the other. Fails when either does, after both have ended.
pub fn beside(
    mut command: Command,
    meanwhile: impl FnOnce() -> Result<(), String>,
) -> Result<(), String> {
    let line = line(&command);
    println!("\n→ {line} (shown when it has ended)");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let (outcome, other) = std::thread::scope(|scope| {
        let other = scope.spawn(|| command.output());
        (meanwhile(), other.join())
    });
    let other = match other {
        Ok(Ok(output)) => output,
        Ok(Err(error)) => return Err(format!("`{line}` does not start: {error}")),
        Err(_) => return Err(format!("waiting for `{line}` panicked")),
    };
    println!("\n→ {line}\n{}", String::from_utf8_lossy(&other.stdout));
    eprintln!("{}", String::from_utf8_lossy(&other.stderr));
    outcome?;
    if other.status.success() { Ok(()) } else { Err(format!("`{line}` failed ({})", other.status)) }
}

/// What a program prints, without the white space around it.
pub fn output_of(mut command: Command) -> Result<String, String> {
    let line = line(&command);
    match command.output() {
        Ok(output) if output.status.success() => {
            Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
        }
        Ok(output) => Err(format!("`{line}` failed ({})", output.status)),
        Err(error) => Err(format!("`{line}` does not start: {error}")),
    }
}

fn line(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_stem().unwrap_or_default();
    let mut line = program.to_string_lossy().into_owned();
    for argument in command.get_args() {
        line.push(' ');
        line.push_str(&argument.to_string_lossy());
    }
    line
}
