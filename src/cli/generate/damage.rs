//! The ways in which real writers spoil a line.

use super::line::Line;
use crate::base::rng::Rng;

/// What [`spoil`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Damage {
    /// The envelope itself is broken, or it is no JSON at all.
    Line,
    /// The envelope can be read; the payload cannot.
    Payload,
}

/// Turns an event's line into one that is no event any more. It stays one line.
pub(super) fn spoil(line: &mut Line, time_ms: i64, rng: &mut Rng) -> Damage {
    match rng.below(10) {
        0 => {
            if let Some(at) = memchr::memmem::find(&line.bytes, b",\"timestamp\"") {
                line.bytes.remove(at);
            }
            Damage::Line
        }
        1 | 2 => {
            line.clear();
            line.text("--- log rotated at ").time(time_ms).text(" ---\n");
            Damage::Line
        }
        3 => {
            const DATA: &[u8] = b"\"data\":{";
            if let Some(at) = memchr::memmem::find(&line.bytes, DATA) {
                let inside = at + DATA.len();
                line.bytes.splice(inside..inside, *b"\"n\":1.2.3,");
            }
            Damage::Payload
        }
        _ => {
            // A writer that died: half a line, cut between two characters.
            let mut half = line.bytes.len() / 2;
            while line.bytes.get(half).is_some_and(|byte| byte & 0xC0 == 0x80) {
                half -= 1;
            }
            line.bytes.truncate(half);
            line.text("\n");
            Damage::Line
        }
    }
}
