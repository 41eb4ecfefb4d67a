//! Versions of a stream that occur twice with the same content.

use crate::analysis::lints::found::Examples;
use crate::analysis::lints::streams::Repeat;
use crate::analysis::lints::{Context, Found, Lint, Need, Severity};
use crate::base::text::plural;
use crate::model::ids::EventIx;

pub static LINT: Lint = Lint {
    name: "version-repeat",
    severity: Severity::Warning,
    what: "Streams that have an event twice, under different ids",
    why: "A retry that made a new id was appended again: consumers that remember ids take it for another event",
    mend: "Make the id when the event is made, not when it is sent; append with an expected version",
    needs: &[Need::Streams],
    look,
};

fn look(context: &Context<'_>, found: &mut Found<'_>) -> Option<()> {
    let (mut again, mut first) = (Examples::default(), None);
    for repeat in &context.streams()?.repeats {
        if context.cancel.is_cancelled() {
            return None;
        }
        if twin(context, repeat).is_some_and(|twin| same_payload(context, repeat.event, twin)) {
            again.add(repeat.event);
            first.get_or_insert(repeat);
        }
    }
    if let Some(Repeat { entity, version, .. }) = first {
        let stream = context.entity_name(*entity);
        let times = plural(again.count, "event", "events");
        let message =
            format!("{times} with a version that the stream has with the same payload: {stream} has {version} twice");
        found.push(message, &again);
    }
    Some(())
}

/// The first event of the stream with this version and another id; none where the repeat is the same
/// event delivered again, which is another rule's business.
pub(super) fn twin(context: &Context<'_>, repeat: &Repeat) -> Option<EventIx> {
    let id = |event| context.log.id_hash_of(event);
    let own = id(repeat.event);
    let events = || context.log.entity_events(repeat.entity).filter(|event| *event < repeat.event);
    let mut same = events().filter(|event| context.log.version(*event) == Some(repeat.version));
    let first = same.next()?;
    (own.is_none() || (id(first) != own && same.all(|event| id(event) != own))).then_some(first)
}

/// Whether two events say the same, whatever their envelopes say.
pub(super) fn same_payload(context: &Context<'_>, a: EventIx, b: EventIx) -> bool {
    let payload = |event| {
        let record = context.log.record(event).ok()?;
        let (source, _) = context.log.source_of(event)?;
        let payload = context.log.sources().get(source.at())?.decode.data_json(&record);
        payload.map(|payload| (context.log.type_ix(event), payload))
    };
    payload(a).is_some_and(|of_a| payload(b).is_some_and(|of_b| of_a == of_b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::lints::rules::testing::{check, versioned};
    use crate::store::testing::TestEvent;

    #[test]
    fn fires_on_the_same_event_under_another_id() {
        let with = |id: &str, version, data: &str| TestEvent {
            id: id.to_owned(),
            data: data.to_owned(),
            ..versioned(version)
        };
        let told = "warning 1 1 event with a version that the stream has with the same payload: o:1 has 1 twice";
        check(&LINT, vec![with("a", 1, "{\"n\":1}"), with("b", 2, "{}"), with("c", 1, "{\"n\":1}")], &[told]);
        check(&LINT, vec![with("a", 1, "{\"n\":1}"), with("b", 1, "{\"n\":2}"), with("a", 1, "{\"n\":1}")], &[]);
    }
}
