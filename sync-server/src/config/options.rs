//! Every option of the program, once: its flag, its variable, its key in the file and what `--help`
//! and `docs/operations.md` say of it.

use super::values::{address, algorithms, amount, bytes, count, switch, text, time};
use super::{AuthMode, Config, LogFormat, MetricsAt, StoreKind};
use std::ffi::OsStr;
use std::fmt::Write;
use std::net::IpAddr;

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
    pub(super) set: fn(&mut Config, &OsStr) -> Result<(), String>,
}

impl ConfigOption {
    /// The variable of the environment that sets it.
    ///
    /// ```
    /// let option = sync_server::config::OPTIONS.iter().find(|option| option.name == "min-free");
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
pub const OPTIONS: &[ConfigOption] = &[
    ConfigOption {
        name: FILE,
        value: "FILE",
        default: "",
        what: "take options from a TOML file: their names without the dashes, as in data = \"/srv/boards\"",
        why: "nothing is read that was not asked for",
        set: |_, _| Ok(()),
    },
    ConfigOption {
        name: "listen",
        value: "ADDRESS",
        default: "127.0.0.1:3030",
        what: "where to listen for WebSockets and HTTP; port 0 takes a free one",
        why: "other machines come with --auth, or where --public says that everybody may",
        set: |config, value| address(value).map(|address| config.listen = address),
    },
    ConfigOption {
        name: "auth",
        value: "MODE",
        default: "open",
        what: "who may connect. open: everybody; accounts: who has signed in, to open what is theirs or was shared with them; jwt: who brings a JSON Web Token of your identity provider, as a header, a cookie or a protocol of the WebSocket, or in the address (docs/operations.md)",
        why: "nothing to set up on one's own machine",
        set: |config, value| {
            config.auth.mode = match text(value)? {
                "open" => AuthMode::Open,
                "accounts" => AuthMode::Accounts,
                "jwt" => AuthMode::Jwt,
                other => return Err(format!("it is open, accounts or jwt, not {other:?}")),
            };
            Ok(())
        },
    },
    ConfigOption {
        name: "public",
        value: "",
        default: "false",
        what: "with --auth open: listen for other machines all the same",
        why: "everybody who reaches it may then read and change every document whose id they know",
        set: |config, value| switch(value).map(|is_on| config.auth.is_public = is_on),
    },
    ConfigOption {
        name: "sign-up",
        value: "WHO",
        default: "invited",
        what: "with --auth accounts: who may make an account. invited: who has an invitation of an administrator; everybody",
        why: "strangers would fill the disk",
        set: |config, value| {
            config.auth.by_invitation = match text(value)? {
                "invited" => true,
                "everybody" => false,
                other => return Err(format!("it is invited or everybody, not {other:?}")),
            };
            Ok(())
        },
    },
    ConfigOption {
        name: "documents-per-user",
        value: "COUNT",
        default: "1000",
        what: "with --auth accounts or jwt: how many documents one user may own",
        why: "more than people make in years of work, and no program fills the disk with them",
        set: |config, value| count(value).map(|most| config.auth.documents_per_user = most),
    },
    ConfigOption {
        name: "jwt-key",
        value: "FILE",
        default: "",
        what: "the key to check tokens with: a public key in PEM, or a secret if --jwt-algorithm names only such",
        why: "only you know it",
        set: |config, value| {
            config.auth.jwt.key = Some(value.into());
            Ok(())
        },
    },
    ConfigOption {
        name: "jwt-keys",
        value: "FILE",
        default: "",
        what: "a set of keys (JWKS, RFC 7517) instead; read again when a token names a key that is not in it",
        why: "providers exchange their keys now and then",
        set: |config, value| {
            config.auth.jwt.keys = Some(value.into());
            Ok(())
        },
    },
    ConfigOption {
        name: "jwt-algorithm",
        value: "NAMES",
        default: "EdDSA,ES256,RS256",
        what: "how tokens may be signed, separated by commas; HS256 and other secrets not beside public keys",
        why: "a public key must never pass for a secret",
        set: |config, value| {
            config.auth.jwt.algorithms = algorithms(text(value)?)?;
            Ok(())
        },
    },
    ConfigOption {
        name: "jwt-audience",
        value: "NAME",
        default: "",
        what: "for whom tokens must be: their aud",
        why: "what your provider calls the relay",
        set: |config, value| {
            config.auth.jwt.audience = Some(text(value)?.to_owned());
            Ok(())
        },
    },
    ConfigOption {
        name: "jwt-issuer",
        value: "NAME",
        default: "",
        what: "by whom tokens must be: their iss",
        why: "a key of your own already says so",
        set: |config, value| {
            config.auth.jwt.issuer = Some(text(value)?.to_owned());
            Ok(())
        },
    },
    ConfigOption {
        name: "origins",
        value: "ORIGINS",
        default: "same",
        what: "other pages from which browsers may connect, separated by commas, as in https://boards.example; *: all",
        why: "any page can ask a browser to connect, with its visitor's cookies and from inside their network",
        set: |config, value| {
            config.origins = text(value)?.parse()?;
            Ok(())
        },
    },
    ConfigOption {
        name: "tls-cert",
        value: "FILE",
        default: "",
        what: "speak TLS with this certificate, and those that signed it, in PEM; with --tls-key",
        why: "a proxy often does that; read again when it has changed",
        set: |config, value| {
            config.tls.get_or_insert_default().certificate = value.into();
            Ok(())
        },
    },
    ConfigOption {
        name: "tls-key",
        value: "FILE",
        default: "",
        what: "the certificate's private key, in PEM",
        why: "it goes with --tls-cert",
        set: |config, value| {
            config.tls.get_or_insert_default().key = value.into();
            Ok(())
        },
    },
    ConfigOption {
        name: "data",
        value: "DIRECTORY",
        default: "./data",
        what: "where to keep the documents",
        why: "visible where it was started",
        set: |config, value| {
            config.data = value.into();
            Ok(())
        },
    },
    ConfigOption {
        name: "store",
        value: "KIND",
        default: "durable",
        what: "durable: on the disk; memory: until it ends, for trying things out",
        why: "what is acknowledged has to survive a power cut",
        set: |config, value| {
            config.store = match text(value)? {
                "durable" => StoreKind::Durable,
                "memory" => StoreKind::Memory,
                other => return Err(format!("it is durable or memory, not {other:?}")),
            };
            Ok(())
        },
    },
    ConfigOption {
        name: "min-free",
        value: "AMOUNT",
        default: "256M and 2%",
        what: "take no changes when less is free on the disk, in bytes (512M) or hundredths (5%)",
        why: "the database grows by 16 MiB at a time, and cannot be opened on a full disk",
        set: |config, value| amount(value).map(|amount| config.min_free = amount),
    },
    ConfigOption {
        name: "admission",
        value: "SWITCH",
        default: "on",
        what: "on: check every change before it is stored and passed on (docs/security.md); off: where every client is yours, or to measure what it costs",
        why: "one crafted change would crash every client of its document",
        set: |config, value| {
            config.admits = match text(value)? {
                "on" => true,
                "off" => false,
                other => return Err(format!("it is on or off, not {other:?}")),
            };
            Ok(())
        },
    },
    ConfigOption {
        name: "compact-at",
        value: "BYTES",
        default: "64K",
        what: "make a snapshot of a document after so many bytes of changes, or as many as its last one has, whichever is more, in a quiet moment",
        why: "below, a snapshot saves less than it costs",
        set: |config, value| bytes(value).map(|bytes| config.compact_bytes_min = bytes),
    },
    ConfigOption {
        name: "web-dir",
        value: "DIRECTORY",
        default: "",
        what: "files to serve to browsers, index.html first",
        why: "the program has no page of its own",
        set: |config, value| {
            config.web_dir = Some(value.into());
            Ok(())
        },
    },
    ConfigOption {
        name: "metrics",
        value: "ADDRESS",
        default: "127.0.0.1:3039",
        what: "where to answer /metrics, /health and /ready; off: nowhere",
        why: "what they tell is not for everybody; if another program has the default address, the relay warns and serves without",
        set: |config, value| {
            config.metrics = match text(value)? {
                "off" => MetricsAt::Off,
                _ => MetricsAt::Address(address(value)?),
            };
            Ok(())
        },
    },
    ConfigOption {
        name: "log",
        value: "FILTER",
        default: "info",
        what: "what to log: error, warn, info, debug, trace or off, also by part, as in info,sync_server=debug",
        why: "a line for what went wrong and for who was refused, none for each connection",
        set: |config, value| {
            let filter = text(value)?;
            tracing_subscriber::EnvFilter::builder()
                .parse(filter)
                .map_err(|error| format!("{filter:?} is no filter: {error}"))?;
            config.log = filter.to_owned();
            Ok(())
        },
    },
    ConfigOption {
        name: "log-format",
        value: "FORMAT",
        default: "text",
        what: "text: for people; json: one object a line",
        why: "whoever starts it by hand reads it",
        set: |config, value| {
            config.log_format = match text(value)? {
                "text" => LogFormat::Text,
                "json" => LogFormat::Json,
                other => return Err(format!("it is text or json, not {other:?}")),
            };
            Ok(())
        },
    },
    ConfigOption {
        name: "header-timeout",
        value: "TIME",
        default: "5s",
        what: "how long the head of a request may take, and a socket may wait between two",
        why: "a browser on a bad network sends one in less than two seconds",
        set: |config, value| time(value).map(|time| config.limits.header_timeout = time),
    },
    ConfigOption {
        name: "handshake-timeout",
        value: "TIME",
        default: "5s",
        what: "how long a client may take to introduce itself once its WebSocket is open; closes with 4408",
        why: "clients do so at once",
        set: |config, value| time(value).map(|time| config.limits.handshake_timeout = time),
    },
    ConfigOption {
        name: "first-frame-max",
        value: "BYTES",
        default: "64K",
        what: "how long its introduction may be; closes with 1009",
        why: "it has some hundred bytes, and nobody knows yet who sends it",
        set: |config, value| bytes(value).map(|bytes| config.limits.first_frame_bytes_max = bytes),
    },
    ConfigOption {
        name: "max-connections",
        value: "COUNT",
        default: "10000",
        what: "how many WebSockets may be open; who comes then is closed with 1013",
        why: "an idle one takes 24 KB, so this is 240 MB; each needs a file descriptor",
        set: |config, value| count(value).map(|count| config.limits.connections_max = count),
    },
    ConfigOption {
        name: "max-connections-per-address",
        value: "COUNT",
        default: "256",
        what: "how many of them may come from one address, or one /64 of IPv6, loopback excepted; closes with 1013",
        why: "an office behind one address has dozens of people with several boards each",
        set: |config, value| {
            count(value).map(|count| config.limits.connections_per_address_max = count)
        },
    },
    ConfigOption {
        name: "proxy",
        value: "ADDRESSES",
        default: "",
        what: "reverse proxies, by their IP addresses, separated by commas: the last entry of their X-Forwarded-For says whose connection it is",
        why: "anybody can send that header",
        set: |config, value| {
            let one = |proxy: &str| proxy.trim().parse::<IpAddr>();
            let proxies = text(value)?.split(',').map(one).collect::<Result<_, _>>();
            config.limits.proxies =
                proxies.map_err(|_| "they are IP addresses, as in 127.0.0.1,::1".to_owned())?;
            Ok(())
        },
    },
    ConfigOption {
        name: "idle-timeout",
        value: "TIME",
        default: "65s",
        what: "after so much silence, answers to pings included, a client is gone; closes with 4408",
        why: "two pings and the time for an answer",
        set: |config, value| time(value).map(|time| config.limits.idle_timeout = time),
    },
    ConfigOption {
        name: "ping-every",
        value: "TIME",
        default: "25s",
        what: "how often a client is asked whether it is there",
        why: "proxies and mobile networks drop what is silent for 30 to 60 seconds",
        set: |config, value| time(value).map(|time| config.limits.ping_every = time),
    },
    ConfigOption {
        name: "ephemeral-per-second",
        value: "COUNT",
        default: "20",
        what: "how many ephemeral messages a connection may send in a second, and twice as many at once; what is beyond goes to nobody",
        why: "a pointer that others watch moves smoothly, and each is sent to everybody who has the document open",
        set: |config, value| {
            let count = count(value)?.try_into();
            config.limits.ephemeral_per_second =
                count.map_err(|_| format!("{value:?} is more than anybody sends"))?;
            Ok(())
        },
    },
    ConfigOption {
        name: "ephemeral-max",
        value: "BYTES",
        default: "16K",
        what: "how long the content of one may be; a longer one goes to nobody",
        why: "a selection or a name has less",
        set: |config, value| bytes(value).map(|bytes| config.limits.ephemeral_bytes_max = bytes),
    },
];

/// The options as lines of `--help`.
pub(super) fn help() -> String {
    let mut lines = String::new();
    for option in OPTIONS {
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
    use std::time::Duration;

    #[test]
    fn the_default_that_is_told_is_the_one_that_holds() {
        for option in OPTIONS.iter().filter(|option| !option.default.is_empty()) {
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
            let option = OPTIONS.iter().find(|option| option.name == name).unwrap();
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
