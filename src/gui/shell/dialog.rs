//! The system's file dialog, on a thread of its own: on Linux it is another program that may be
//! missing or may never answer.

use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::app::jobs::Waker;
use crate::app::session::Event;

/// Nobody closes a dialog this quickly: an answer before that means there was none.
const TOO_QUICK: Duration = Duration::from_millis(250);

/// After this long the window stops waiting; an answer that still comes is taken.
const PATIENCE: Duration = Duration::from_mins(2);

/// Asks for files; the answer comes as [`Event::Picked`] or [`Event::NoDialog`].
pub fn pick(events: SyncSender<Event>, waker: Waker) {
    let (answered, answer) = sync_channel::<()>(1);
    let (late_events, late_waker) = (events.clone(), waker.clone());
    let failed = (events.clone(), waker.clone());
    let spawned = thread::Builder::new().name("file dialog".to_owned()).spawn(move || {
        let began = Instant::now();
        let files = rfd::FileDialog::new().set_title("Open event logs").pick_files();
        let event = match files {
            Some(files) => Event::Picked(files.iter().map(|p| p.display().to_string()).collect()),
            None if began.elapsed() < TOO_QUICK => Event::NoDialog,
            None => Event::Picked(Vec::new()),
        };
        let _ = answered.try_send(());
        let _ = events.send(event);
        waker.wake();
    });
    if spawned.is_err() {
        let _ = failed.0.try_send(Event::NoDialog);
        failed.1.wake();
        return;
    }
    // Without this thread the button stays off until the dialog answers; no harm is done.
    let _ = thread::Builder::new().name("file dialog clock".to_owned()).spawn(move || {
        if answer.recv_timeout(PATIENCE).is_err() {
            let _ = late_events.send(Event::NoDialog);
            late_waker.wake();
        }
    });
}
