//! Every option of the program, once: its flag, its variable, its key in the file and what `--help`
//! and `docs/operations.md` say of it.

mod limits;
mod serving;
mod who;

use super::Config;
use limits::LIMITS;
use serving::SERVING;
use std::ffi::OsStr;
use std::fmt::Write;
use who::WHO;

/// An option.
#[derive(Debug)]
pub struct ConfigOption {
    /// The flag without its dashes, and the key in the file.
    pub name: &'static str,
    /// What kind of value it takes; empty if its flag takes none, and its variable `true` or `false`.
    pub value: &'static str,
    /// What holds if nobody says anything, as one would write it; empty if that is nothing.
    pub default: &'static str,
    /// What it does.
    pub what: &'static str,
    /// Why the default is what it is.
    pub why: &'static str,
    pub(in crate::config) set: fn(&mut Config, &OsStr) -> Result<(), String>,
}

impl ConfigOption {
    /// The variable of the environment that sets it.
    ///
    /// ```
    /// let option = sync_server::config::options().find(|option| option.name == "min-free");
    /// assert_eq!(option.unwrap().environment(), "KANBAN_MIN_FREE");
    /// ```
    pub fn environment(&self) -> String {
        format!("KANBAN_{}", self.name.to_uppercase().replace('-', "_"))
    }

    /// Whether its flag stands alone.
    pub(super) fn is_switch(&self) -> bool {
        self.value.is_empty()
    }
}

/// The option that names the file. It is not in the file, and sets nothing by itself.
pub(super) const FILE: &str = "config";

/// All options.
///
/// ```
/// let mut options = sync_server::config::options();
/// assert_eq!(options.next().unwrap().name, "config");
/// ```
pub fn options() -> impl Iterator<Item = &'static ConfigOption> {
    [SERVING, WHO, LIMITS].into_iter().flatten()
}

/// The options as lines of `--help`.
pub(super) fn help() -> String {
    let mut lines = String::new();
    for option in options() {
        let ConfigOption { name, value, default, what, why, .. } = option;
        let default = if default.is_empty() { "none" } else { default };
        let text = format!("{what} [{default}: {why}; {}]", option.environment());
        _ = writeln!(lines, "{}", format!("  --{name} {value}").trim_end());
        let mut line = String::from("     ");
        for word in text.split(' ') {
            if line.len() + 1 + word.len() > 96 {
                _ = writeln!(lines, "{line}");
                line = String::from("     ");
            }
            line.push(' ');
            line.push_str(word);
        }
        _ = writeln!(lines, "{line}");
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::MetricsAt;
    use std::time::Duration;

    #[test]
    fn the_default_that_is_told_is_the_one_that_holds() {
        for option in options().filter(|option| !option.default.is_empty()) {
            let mut config = Config::default();
            (option.set)(&mut config, OsStr::new(option.default)).unwrap();
            if let MetricsAt::Address(address) = config.metrics {
                config.metrics = MetricsAt::IfFree(address);
            }
            assert_eq!(config, Config::default(), "--{}", option.name);
        }
    }

    #[test]
    fn values_have_units_and_anything_else_is_refused() {
        let mut config = Config::default();
        for (name, right, wrong) in [
            ("idle-timeout", "5m", &["5", "0s", "5 s", "-1s", "99999999999s", "", "é"][..]),
            ("ping-every", "1500ms", &["ms", "1h"]),
            ("first-frame-max", "1K", &["5%", "much", "99999999999T"]),
            ("max-connections", "1", &["0", "-1", "64K"]),
            ("proxy", "10.0.0.1, ::1", &["", "10.0.0.0/8", "proxy"]),
            ("metrics", "off", &["on", "3039"]),
            ("log", "warn,sync_server=trace", &["sync_server=loud", "a=b=c"]),
            ("log-format", "json", &["xml"]),
            ("auth", "jwt", &["none", ""]),
            ("sign-up", "everybody", &["nobody", ""]),
            ("documents-per-user", "5", &["many", "-1"]),
            ("public", "true", &["yes", "1"]),
            ("jwt-algorithm", "HS256", &["", "none", "RS256,HS256", "rs256"]),
            ("origins", "https://a.example", &["a.example", "https://a.example/board"]),
        ] {
            let option = options().find(|option| option.name == name).unwrap();
            (option.set)(&mut config, OsStr::new(right)).unwrap();
            let before = config.clone();
            for wrong in wrong {
                let refused = (option.set)(&mut config, OsStr::new(wrong));
                assert!(refused.is_err(), "--{name} {wrong:?}");
                assert_eq!(config, before);
            }
        }
        assert_eq!(config.limits.idle_timeout, Duration::from_secs(300));
        assert_eq!(config.limits.ping_every, Duration::from_millis(1500));
        assert_eq!(config.limits.proxies.len(), 2);
    }
}
