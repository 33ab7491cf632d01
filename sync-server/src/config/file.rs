//! Options in a TOML file.

use super::options::{ConfigOption, FILE, options};
use std::ffi::OsString;
use std::path::Path;
use toml::de::{DeTable, DeValue};

/// What a file says: each option, its value, and the line.
pub type Lines = Vec<(&'static ConfigOption, OsString, usize)>;

/// Reads a file; whatever in it is no option is an error that names it and its line.
pub fn read(path: &Path) -> Result<Lines, String> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| format!("the configuration {} cannot be read: {error}", path.display()))?;
    parse(&text).map_err(|(line, error)| format!("{}:{line}: {error}", path.display()))
}

pub fn parse(text: &str) -> Result<Lines, (usize, String)> {
    let line_of = |at: usize| 1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count();
    let table = DeTable::parse(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        (line_of(at), error.message().to_owned())
    })?;
    let mut lines = Lines::new();
    for (key, value) in table.get_ref() {
        let (line, name) = (line_of(key.span().start), key.get_ref());
        let option = options().find(|option| option.name == name && name != FILE);
        let option = option.ok_or_else(|| (line, format!("there is no option {name:?}")))?;
        let value = match value.get_ref() {
            DeValue::String(text) => text.to_string(),
            DeValue::Integer(number) if number.radix() == 10 => number.as_str().to_owned(),
            DeValue::Boolean(is_on) if option.is_switch() => is_on.to_string(),
            _ => return Err((line, format!("{name} takes a text in quotes, or a number"))),
        };
        lines.push((option, value.into(), line));
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_is_an_option_and_each_line_is_known() {
        let text = "# ours\nlisten = \"[::1]:80\"\n\nmax-connections = 1_000\n";
        let lines = parse(text).unwrap();
        let said = |name: &str| {
            let line = lines.iter().find(|(option, ..)| option.name == name);
            line.map(|(_, value, line)| (value.to_str().unwrap(), *line))
        };
        assert_eq!(said("listen"), Some(("[::1]:80", 2)));
        assert_eq!(said("max-connections"), Some(("1000", 4)));
    }

    #[test]
    fn what_is_no_option_is_named_with_its_line() {
        for (text, line, found) in [
            ("\nprot = 1", 2, "there is no option \"prot\""),
            ("data = \"here\"\n[limits]\nidle-timeout = \"1s\"", 2, "no option \"limits\""),
            ("config = \"other\"", 1, "there is no option \"config\""),
            ("max-connections = true", 1, "takes a text in quotes, or a number"),
            ("max-connections = 0x10", 1, "takes a text in quotes, or a number"),
            ("data = \"a\"\ndata = \"b\"", 2, "duplicate key"),
            ("\n\ndata = here", 3, ""),
        ] {
            let (found_line, error) = parse(text).unwrap_err();
            assert_eq!(found_line, line, "{text}: {error}");
            assert!(error.contains(found), "{text}: {error}");
        }
    }
}
