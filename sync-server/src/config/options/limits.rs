//! What sockets and documents may cost.

use super::ConfigOption;
use crate::config::values::{bytes, count, text, time};
use std::net::IpAddr;

pub const LIMITS: &[ConfigOption] = &[
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
        why: "an idle one with a document takes 16 to 21 KB, so this is 200 MB; each needs a file descriptor",
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
        name: "max-connections-per-user",
        value: "COUNT",
        default: "64",
        what: "with --auth accounts or jwt: how many of them one user may have open; closes with 1013",
        why: "a few devices with a dozen tabs each",
        set: |config, value| {
            count(value).map(|count| config.limits.connections_per_user_max = count)
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
    ConfigOption {
        name: "changes-per-minute",
        value: "COUNT",
        default: "600000",
        what: "how many changes a connection may send in a minute, and so many at once; who sends more is read from more slowly, and loses nothing",
        why: "months of work offline come at once, and nobody takes all of a processor for long",
        set: |config, value| {
            let count = count(value)?.try_into();
            config.limits.changes_per_minute =
                count.map_err(|_| format!("{value:?} is more than anybody sends"))?;
            Ok(())
        },
    },
    ConfigOption {
        name: "work-per-minute",
        value: "TIME",
        default: "30s",
        what: "how long the relay may work on what a connection sends in a minute, and so long at once; who asks for more is read from more slowly",
        why: "half a processor for one connection; a board of ten thousand cards is taken in in less than a second",
        set: |config, value| time(value).map(|time| config.limits.work_per_minute = time),
    },
    ConfigOption {
        name: "sent-per-minute",
        value: "BYTES",
        default: "1024M",
        what: "how many bytes a connection that goes on asking may be sent in a minute, and so many at once; then its questions wait",
        why: "hundreds of boards of ten thousand cards; beyond that somebody only wants the relay to send",
        set: |config, value| bytes(value).map(|most| config.limits.sent_bytes_per_minute = most),
    },
    ConfigOption {
        name: "full-replies",
        value: "COUNT",
        default: "64",
        what: "how often a connection may be sent again what it was sent of a document already; closes with 1008",
        why: "TCP loses nothing, so a client asks again only after it has dropped the document and opened it anew",
        set: |config, value| {
            let count = count(value)?.try_into();
            config.limits.full_replies_max =
                count.map_err(|_| format!("{value:?} is more than anybody asks for"))?;
            Ok(())
        },
    },
    ConfigOption {
        name: "changes-per-document",
        value: "COUNT",
        default: "1000000",
        what: "how many changes a document may have; then its members may read it and not change it",
        why: "opening so many takes a client seconds and a gigabyte",
        set: |config, value| count(value).map(|most| config.limits.changes_per_document_max = most),
    },
    ConfigOption {
        name: "bytes-per-document",
        value: "BYTES",
        default: "512M",
        what: "the same for its bytes, compressed as they are stored",
        why: "a board of ten thousand cards with years of history has a few megabytes",
        set: |config, value| bytes(value).map(|most| config.limits.bytes_per_document_max = most),
    },
];
