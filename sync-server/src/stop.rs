//! How a relay with open connections comes to an end.

use crate::switch::Switch;
use std::sync::Arc;
use tokio::sync::watch;

/// Whether the relay stops, and how many connections it has.
#[derive(Debug, Clone, Default)]
pub struct Stop {
    stops: Arc<Switch>,
    open: Arc<watch::Sender<usize>>,
}

/// One open connection, until it is dropped.
#[derive(Debug)]
pub struct Open {
    stop: Stop,
}

impl Stop {
    /// Asks all connections to end.
    pub fn begin(&self) {
        self.stops.turn(true);
    }

    /// Whether that was asked.
    pub fn is_asked(&self) -> bool {
        self.stops.is_on()
    }

    /// Waits until that is asked.
    pub async fn asked(&self) {
        self.stops.turned(false).await;
    }

    /// Counts a connection.
    pub fn opened(&self) -> Open {
        self.open.send_modify(|open| *open += 1);
        Open { stop: self.clone() }
    }

    /// Waits until no connection is open.
    pub async fn all_gone(&self) {
        // The sender is part of `self`, so waiting cannot fail.
        _ = self.open.subscribe().wait_for(|open| *open == 0).await;
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.stop.open.send_modify(|open| *open -= 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_relay_waits_for_the_last_connection() {
        let stop = Stop::default();
        let connection = stop.opened();
        let serving = tokio::spawn({
            let stop = stop.clone();
            async move {
                stop.asked().await;
                drop(connection);
            }
        });
        stop.begin();
        stop.all_gone().await;
        serving.await.unwrap();
    }
}
