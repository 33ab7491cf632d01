//! Something that is on or off for everybody, and small to wait for.

use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::Notify;

/// Off at first.
///
/// Each connection and each room waits for one. To wait takes half the space that it takes with
/// tokio's `watch`, which counts versions so that no value in between is missed; here only the last
/// one matters.
#[derive(Debug, Default)]
pub struct Switch {
    is_on: AtomicBool,
    turned: Notify,
}

impl Switch {
    /// Turns it on or off, and wakes those who wait for that.
    pub fn turn(&self, is_on: bool) {
        self.is_on.store(is_on, Ordering::SeqCst);
        self.turned.notify_waiters();
    }

    /// Whether it is on.
    pub fn is_on(&self) -> bool {
        self.is_on.load(Ordering::SeqCst)
    }

    /// Waits until it is no longer as it `was`.
    pub async fn turned(&self, was: bool) {
        loop {
            // Before the look, or what happens between the two would be missed. Pinned here: moved
            // to where it is waited for, it would take its space twice.
            let turned = pin!(self.turned.notified());
            if self.is_on() != was {
                return;
            }
            turned.await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::Future;
    use std::task::{Context, Poll, Waker};

    #[test]
    fn who_waits_is_woken_and_sees_what_was_turned_before_it_came() {
        let switch = Switch::default();
        let context = &mut Context::from_waker(Waker::noop());
        let mut on = pin!(switch.turned(false));
        assert_eq!(on.as_mut().poll(context), Poll::Pending);
        switch.turn(true);
        assert_eq!(on.poll(context), Poll::Ready(()));
        assert_eq!(pin!(switch.turned(false)).poll(context), Poll::Ready(()));
        let mut off = pin!(switch.turned(true));
        assert_eq!(off.as_mut().poll(context), Poll::Pending);
        switch.turn(false);
        switch.turn(true);
        assert_eq!(off.poll(context), Poll::Pending, "it is as it was");
    }
}
