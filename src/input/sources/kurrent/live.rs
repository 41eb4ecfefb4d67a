//! Following a stream by a subscription that catches up from where reading ended. What is lost in between connections
//! is not: each begins behind the last event or checkpoint of the one before.
//!
//! The surprise is [`Guard`]. Where a server ends a subscription without an error, client 1.2.0 asks the ended stream
//! for more, for ever and without waiting, and all it does is to log a warning each time. So its log is listened to.

use std::panic::resume_unwind;
use std::time::Duration;

use kurrentdb::{SubscribeToAllOptions, SubscribeToStreamOptions, SubscriptionEvent, SubscriptionFilter};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::{Interest, with_default};
use tracing::{Event, Level, Metadata, Subscriber};

use super::fill::Writing;
use super::link::{Answer, Failure, Link, Reader as _, Start, caught, wait};
use super::plan::Lane;
use super::settings::ALL;
use crate::input::sources::pump::SpoolWriter;
use crate::model::error::Result;
use crate::model::message::LogPosition;

/// What [`Guard`] unwinds with.
pub(super) struct Ended;

/// Longest wait before a lost connection is tried again.
const LONGEST: Duration = Duration::from_secs(10);

/// Until nobody looks any more.
///
/// # Errors
/// When the server refuses for good, or the spool is full.
pub(super) fn follow(
    link: &mut Link,
    lane: &Lane,
    filter: Option<&SubscriptionFilter>,
    out: &mut SpoolWriter,
) -> Result<()> {
    let open = Lane { end: None, until: None, ..lane.clone() };
    let window = link.settings.window.clone();
    let mut writing = Writing { out, window, lane: open, progress: None, last: None, dangling: 0, nothing: 0 };
    let mut from = lane.last;
    let mut pause = Duration::from_millis(100);
    loop {
        let before = from;
        let Err(failure) = subscription(link, &mut from, filter, &mut writing) else { return Ok(()) };
        match failure {
            Failure::Stopped => return Ok(()),
            Failure::Ours(error) => return Err(error),
            failure if failure.may_pass() => {}
            failure => return Err(link.explain(&format!("follow {}", lane.stream), &failure)),
        }
        pause = if from == before { (pause * 2).min(LONGEST) } else { Duration::from_millis(100) };
        if !rest(pause, &mut writing) {
            return Ok(());
        }
        // Where there is no connection yet, subscribing fails again.
        let _again = link.reconnect();
    }
}

/// Whether anybody still looks afterwards.
fn rest(pause: Duration, writing: &mut Writing<'_>) -> bool {
    const STEP: Duration = Duration::from_millis(50);
    let mut left = pause;
    while !left.is_zero() && writing.tick() {
        std::thread::sleep(STEP.min(left));
        left = left.saturating_sub(STEP);
    }
    writing.tick()
}

/// One subscription until it ends, which is always a failure, or nobody looks any more. `from` is kept behind what
/// has come.
fn subscription(
    link: &Link,
    from: &mut Start,
    filter: Option<&SubscriptionFilter>,
    writing: &mut Writing<'_>,
) -> Answer<()> {
    let (client, login, runtime) = link.parts();
    let resolve = link.settings.window.resolve;
    let all = writing.lane.stream == ALL;
    let work = async {
        let mut subscription = if all {
            let mut options = SubscribeToAllOptions::default().position(from.position());
            options = if resolve { options.resolve_link_tos() } else { options };
            options = if let Some(filter) = filter { options.filter(filter.clone()) } else { options };
            options = if let Some(login) = login { options.authenticated(login) } else { options };
            client.subscribe_to_all(&options).await
        } else {
            let mut options = SubscribeToStreamOptions::default().start_from(from.revision());
            options = if resolve { options.resolve_link_tos() } else { options };
            options = if let Some(login) = login { options.authenticated(login) } else { options };
            client.subscribe_to_stream(writing.lane.stream.as_str(), &options).await
        };
        loop {
            match wait(subscription.next_subscription_event(), None, writing).await? {
                SubscriptionEvent::EventAppeared(read) => {
                    if !writing.event(read).map_err(Failure::Ours)? {
                        return Ok(());
                    }
                    if let Some(last) = writing.last {
                        *from = if all { Start::Position(last.position) } else { Start::Revision(last.revision) };
                    }
                }
                SubscriptionEvent::Checkpoint(kurrentdb::Position { commit, prepare }) if all => {
                    *from = Start::Position(LogPosition { commit, prepare }).later(*from);
                }
                _ => {}
            }
        }
    };
    caught(|| with_default(Guard, || runtime.block_on(work)))
}

/// See the module's documentation.
struct Guard;

/// What the client says when it asks an ended stream for more.
const ENDED: &str = "unknown subscription message";

impl Guard {
    fn is_meant(metadata: &Metadata<'_>) -> bool {
        *metadata.level() == Level::WARN && metadata.target().starts_with("kurrentdb")
    }
}

impl Subscriber for Guard {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if Self::is_meant(metadata) { Interest::sometimes() } else { Interest::never() }
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        Self::is_meant(metadata)
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        struct Words(bool);
        impl Visit for Words {
            fn record_debug(&mut self, _: &Field, value: &dyn std::fmt::Debug) {
                self.0 |= format!("{value:?}").contains(ENDED);
            }
        }
        let mut words = Words(false);
        event.record(&mut words);
        if words.0 {
            // Out of the endless loop, through the client, to `caught`; without a word on the terminal.
            resume_unwind(Box::new(Ended));
        }
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}
