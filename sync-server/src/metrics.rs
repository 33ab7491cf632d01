//! What the relay counts, for those who look after it.
//!
//! Counting is one atomic addition, for what many frames do together where they are handled together.
//! No label says whose something was: there are as many label values as the code has.

use crate::build_info::{REVISION, VERSION};
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// How long commits may take: from a fast disk to one that people feel.
const COMMIT_SECONDS: [f64; 12] =
    [0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1.0, 5.0];

/// The close codes of established connections, so that each is there before it is first seen.
const CODES: [&str; 7] = ["1002", "1008", "1011", "1012", "1013", "4401", "4408"];

type Labelled = Family<[(&'static str, String); 1], Counter>;

/// Why a connection was not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The head of its request took too long.
    Header,
    /// There are too many.
    Full,
    /// There are too many from its address.
    Address,
    /// There are too many of its user.
    User,
    /// It did not introduce itself in time.
    Late,
    /// Its first frame is too long.
    Long,
    /// Its first frame is no introduction that the relay can take.
    Handshake,
    /// Nobody knows who it is.
    Unknown,
    /// It may not.
    Forbidden,
    /// It comes from a page that may not connect.
    Origin,
}

impl Reason {
    const ALL: [Self; 10] = [
        Self::Header,
        Self::Full,
        Self::Address,
        Self::User,
        Self::Late,
        Self::Long,
        Self::Handshake,
        Self::Unknown,
        Self::Forbidden,
        Self::Origin,
    ];

    fn label(self) -> &'static str {
        match self {
            Self::Header => "header_timeout",
            Self::Full => "full",
            Self::Address => "address",
            Self::User => "user",
            Self::Late => "handshake_timeout",
            Self::Long => "first_frame",
            Self::Handshake => "handshake",
            Self::Unknown => "unknown",
            Self::Forbidden => "forbidden",
            Self::Origin => "origin",
        }
    }
}

/// Frames in one direction.
#[derive(Debug, Default)]
pub struct Traffic {
    frames: Counter,
    bytes: Counter,
}

impl Traffic {
    /// Counts frames that have so many bytes together.
    pub fn add(&self, frames: usize, bytes: usize) {
        self.frames.inc_by(frames as u64);
        self.bytes.inc_by(bytes as u64);
    }
}

/// All counters of one relay.
#[derive(Debug)]
pub struct Metrics {
    pub connections_open: Gauge,
    pub connections_opened: Counter,
    pub accept_failures: Counter,
    pub received: Traffic,
    pub sent: Traffic,
    pub rooms_open: Gauge,
    pub changes_stored: Counter,
    pub changes_acknowledged: Counter,
    pub compactions: Counter,
    pub compaction_failures: Counter,
    pub ephemeral_dropped: Counter,
    pub ephemeral_refused: Counter,
    /// Changes that were not admitted.
    pub changes_refused: Counter,
    /// Times that a document was found to be as large as one may be.
    pub documents_full: Counter,
    /// Times that a client was read from more slowly.
    pub clients_slowed: Counter,
    /// Messages about documents that their sender may not open, or that are not there.
    pub documents_denied: Counter,
    pub documents_damaged: Counter,
    pub full_checks: Counter,
    pub documents_set_aside: Counter,
    pub read_only: Gauge,
    pub store_failures: Counter,
    refused: Labelled,
    closed: Labelled,
    commit_seconds: Histogram,
    registry: Registry,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut metrics = Self {
            connections_open: Gauge::default(),
            connections_opened: Counter::default(),
            accept_failures: Counter::default(),
            received: Traffic::default(),
            sent: Traffic::default(),
            rooms_open: Gauge::default(),
            changes_stored: Counter::default(),
            changes_acknowledged: Counter::default(),
            compactions: Counter::default(),
            compaction_failures: Counter::default(),
            ephemeral_dropped: Counter::default(),
            ephemeral_refused: Counter::default(),
            documents_denied: Counter::default(),
            changes_refused: Counter::default(),
            documents_full: Counter::default(),
            clients_slowed: Counter::default(),
            documents_damaged: Counter::default(),
            full_checks: Counter::default(),
            documents_set_aside: Counter::default(),
            read_only: Gauge::default(),
            store_failures: Counter::default(),
            refused: Labelled::default(),
            closed: Labelled::default(),
            commit_seconds: Histogram::new(COMMIT_SECONDS),
            registry: Registry::default(),
        };
        metrics.register();
        metrics
    }
}

impl Metrics {
    fn register(&mut self) {
        // An alert on what has never happened would otherwise find nothing to look at.
        for reason in Reason::ALL {
            drop(self.refused.get_or_create(&[("reason", reason.label().to_owned())]));
        }
        for code in CODES {
            drop(self.closed.get_or_create(&[("code", code.to_owned())]));
        }
        let registry = &mut self.registry;
        let mut gauge = |name, help, gauge: &Gauge| registry.register(name, help, gauge.clone());
        gauge("kanban_connections_open", "WebSockets that are open", &self.connections_open);
        gauge("kanban_rooms_open", "Documents that somebody has open", &self.rooms_open);
        gauge("kanban_read_only", "1 while the disk is too full to take changes", &self.read_only);
        for (name, help, counter) in [
            ("connections_opened", "WebSockets that were opened", &self.connections_opened),
            (
                "accept_failures",
                "Times that the system could not accept a socket",
                &self.accept_failures,
            ),
            ("frames_received", "Frames from clients", &self.received.frames),
            ("frame_bytes_received", "Bytes of frames from clients", &self.received.bytes),
            ("frames_sent", "Frames that were written to clients", &self.sent.frames),
            ("frame_bytes_sent", "Bytes of frames that were written to clients", &self.sent.bytes),
            ("changes_stored", "Changes that were written to the store", &self.changes_stored),
            (
                "changes_acknowledged",
                "Changes whose authors were told that they are stored",
                &self.changes_acknowledged,
            ),
            ("compactions", "Snapshots that were made", &self.compactions),
            ("compaction_failures", "Snapshots that could not be made", &self.compaction_failures),
            (
                "ephemeral_dropped",
                "Ephemeral messages that gave way at a slow client",
                &self.ephemeral_dropped,
            ),
            (
                "ephemeral_refused",
                "Ephemeral messages that were too long, or too many from one client",
                &self.ephemeral_refused,
            ),
            ("changes_refused", "Changes that were not admitted", &self.changes_refused),
            (
                "documents_full",
                "Times that a document was found to be as large as one may be",
                &self.documents_full,
            ),
            (
                "clients_slowed",
                "Times that a client that sent many changes was read from more slowly",
                &self.clients_slowed,
            ),
            (
                "documents_denied",
                "Messages about documents that their sender may not open",
                &self.documents_denied,
            ),
            (
                "documents_damaged",
                "Times that a document could not be opened",
                &self.documents_damaged,
            ),
            ("full_checks", "Times that a document was checked in full", &self.full_checks),
            (
                "documents_set_aside",
                "Documents that did not pass the full check and were set aside",
                &self.documents_set_aside,
            ),
            (
                "store_failures",
                "Times that the store failed, which ends the relay",
                &self.store_failures,
            ),
        ] {
            registry.register(format!("kanban_{name}"), help, counter.clone());
        }
        registry.register(
            "kanban_connections_refused",
            "Connections that were not let in",
            self.refused.clone(),
        );
        registry.register(
            "kanban_connections_closed",
            "Established connections that the relay closed",
            self.closed.clone(),
        );
        registry.register(
            "kanban_commit_seconds",
            "How long commits to the store took",
            self.commit_seconds.clone(),
        );
        registry.register(
            "kanban_build",
            "What the program is",
            Info::new([("version", VERSION), ("revision", REVISION)]),
        );
        let started: Gauge<f64, std::sync::atomic::AtomicU64> = Gauge::default();
        // A clock before 1970 is set wrong; then the start is told as 0.
        started.set(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64());
        registry.register(
            "process_start_time_seconds",
            "When the relay started, in seconds since 1970",
            started,
        );
    }

    /// A connection was not let in.
    pub fn refused(&self, reason: Reason) {
        self.refused.get_or_create(&[("reason", reason.label().to_owned())]).inc();
    }

    /// The relay closed an established connection.
    pub fn closed(&self, code: u16) {
        self.closed.get_or_create(&[("code", code.to_string())]).inc();
    }

    /// So many changes went to the disk together.
    pub fn committed(&self, changes: usize, took: Duration) {
        self.changes_stored.inc_by(changes as u64);
        self.commit_seconds.observe(took.as_secs_f64());
    }

    /// All of it, as Prometheus reads it.
    pub fn text(&self) -> Result<String, std::fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}
