//! Ends what a server still works on when nobody waits for it any more: a person who closes a log that scans a big
//! table leaves no scan behind on somebody's production server.

use std::sync::{Arc, Weak};
use std::thread;
use std::time::Duration;

use postgres::CancelToken;
use postgres_native_tls::MakeTlsConnector;

/// How soon the server hears of it.
const TICK: Duration = Duration::from_millis(100);

/// Watches for as long as it lives.
#[derive(Debug)]
pub(super) struct Stop {
    _alive: Arc<()>,
}

impl Stop {
    /// Cancels the question on its way as soon as `stopped` says so. Without a thread to be had nobody watches, and
    /// the server's own time limit has to do.
    pub fn watch(token: CancelToken, tls: MakeTlsConnector, stopped: impl Fn() -> bool + Send + 'static) -> Self {
        let alive = Arc::new(());
        let watched = Arc::downgrade(&alive);
        let watch = move || until_gone(&watched, &token, &tls, &stopped);
        let _thread = thread::Builder::new().name("postgres stop".to_owned()).spawn(watch);
        Self { _alive: alive }
    }
}

fn until_gone(watched: &Weak<()>, token: &CancelToken, tls: &MakeTlsConnector, stopped: &dyn Fn() -> bool) {
    while watched.strong_count() > 0 {
        if stopped() {
            // Between two questions there is nothing to cancel, so the next round says it again.
            let _ = token.cancel_query(tls.clone());
        }
        thread::sleep(TICK);
    }
}
