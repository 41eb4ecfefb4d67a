//! Plans without a log, for tests of what carries them out.

use super::ids;
use super::plan::{FORM, Item, Plan, Target};
use crate::model::message::Message;

/// `letter` as it is, back to `target`.
#[must_use]
pub fn item(letter: Message, target: Target) -> Item {
    Item {
        requeue_id: String::new(),
        letter_id: ids::letter_id(&letter),
        attempt: 1,
        fingerprint: "f".to_owned(),
        cause: "it failed".to_owned(),
        target,
        partition_why: String::new(),
        settles: true,
        has_twins: false,
        from_original: false,
        edited: false,
        stripped: Vec::new(),
        warnings: Vec::new(),
        message: letter.clone(),
        letter,
    }
}

/// All at once, without waiting; sealed.
#[must_use]
pub fn plan(system: &str, items: Vec<Item>) -> Plan {
    let mut plan = Plan {
        eventglass_plan: FORM,
        id: String::new(),
        made_at: "2026-02-17T10:00:00Z".to_owned(),
        system: system.to_owned(),
        rate: None,
        canary: Vec::new(),
        observe_ms: 0,
        notes: Vec::new(),
        items,
        left_out: Vec::new(),
    };
    plan.seal();
    plan
}
