//! Which headers go back with a message. What dead-lettering added stays behind, or the next failure could
//! not be told from this one, and Spring would think its attempts used up; three of ours say whence it came.

use crate::analysis::dead_letters::config::Config;
use crate::analysis::dead_letters::dialects;
use crate::analysis::dead_letters::seen::Seen;
use crate::input::sources::outlet::ID_HEADER;
use crate::model::message::{HeaderValue, Message, Place};

/// Which attempt it is, from 1.
pub const ATTEMPT_HEADER: &str = "eventglass-requeue-attempt";
/// Where its letter lay: `orders-dlt/3@1041`.
pub const FROM_HEADER: &str = "eventglass-requeue-from";

/// Ours never begin with `x-`: RabbitMQ 4 takes such headers for its own.
pub(super) const OURS: [&str; 3] = [ID_HEADER, ATTEMPT_HEADER, FROM_HEADER];

/// Headers by which RabbitMQ would send a message to more queues than the one it is meant for.
const ROUTING: [&str; 2] = ["CC", "BCC"];

/// Properties that RabbitMQ would refuse or that would let the message die again at once.
const PROPERTIES: [&str; 2] = ["user_id", "expiration"];

/// What RabbitMQ itself keeps of a message's deaths.
fn is_death_history(name: &str) -> bool {
    ["x-death", "x-first-death-", "x-last-death-"].iter().any(|start| name.starts_with(start))
}

/// The letter's headers that stay behind: by every dialect that recognises the letter, since a message may
/// have failed in several ways. RabbitMQ's death history goes back where it is asked for: up to 3.x it is
/// continued, and some consumers count with it.
pub fn added<'a>(seen: &'a Seen, config: &'a Config, keep_death_history: bool) -> impl Fn(&str) -> bool + 'a {
    let added = dialects::added(seen, config);
    move |name| {
        let kept = keep_death_history && is_death_history(name);
        OURS.contains(&name) || ROUTING.contains(&name) || added(name) && !kept
    }
}

/// Takes headers and properties off that must not go back; their names, in order.
pub fn strip(message: &mut Message, is_added: impl Fn(&str) -> bool) -> Vec<String> {
    let mut stripped = Vec::new();
    let mut gone = Vec::new();
    let mut at = 0;
    message.headers.retain(|(name, _)| {
        let stays = !is_added(name);
        if !stays {
            stripped.push(name.clone());
            gone.push(at);
        }
        at += 1;
        stays
    });
    if let Place::Redis(place) = &mut message.place {
        gone.iter().rev().for_each(|at| place.forget_header(*at));
    }
    if let Place::Amqp(place) = &mut message.place {
        place.properties.retain(|(name, _)| {
            let stays = !PROPERTIES.contains(&name.as_str());
            if !stays {
                stripped.push(name.clone());
            }
            stays
        });
    }
    stripped
}

/// Adds ours.
pub fn mark(message: &mut Message, requeue_id: &str, attempt: u32, from: &str) {
    message.headers.retain(|(name, _)| !OURS.contains(&name.as_str()));
    for (name, value) in [(ID_HEADER, requeue_id), (ATTEMPT_HEADER, &attempt.to_string()), (FROM_HEADER, from)] {
        message.headers.push((name.to_owned(), HeaderValue::from(value)));
    }
}
