//! What the program serves, from where, and what it says of itself.

use super::{ConfigOption, FILE};
use crate::config::values::{address, amount, bytes, text};
use crate::config::{LogFormat, MetricsAt, StoreKind};

pub const SERVING: &[ConfigOption] = &[
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
        why: "a program that was built with a page serves that",
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
];
