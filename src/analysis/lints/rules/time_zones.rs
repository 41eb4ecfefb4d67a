//! Times that do not say their zone.

use crate::analysis::lints::payload::{Field, Written};
use crate::analysis::lints::{Context, Found, Lint, Need, Severity};
use crate::base::text::{count, plural};
use crate::base::words::words;
use crate::model::ids::TypeIx;

pub static LINT: Lint = Lint {
    name: "time-zones",
    severity: Severity::Note,
    what: "Times without a zone, or with one only now and then",
    why: "Every reader guesses: the same event is hours apart for two of them, and twice a year an hour repeats",
    mend: "Write times in UTC with a Z, or with their offset; until then name the zone in the field mapping",
    needs: &[Need::Payloads],
    look,
};

fn look(context: &Context<'_>, found: &mut Found<'_>) -> Option<()> {
    let payloads = context.payloads()?;
    let fields = || payloads.types().flat_map(|(of, facts)| facts.fields.iter().map(move |field| (of, field)));
    let seen = |field: &Field, written: Written| field.cold.times.get(written as usize).map_or(0, |seen| seen.count);
    let zoned = |field: &Field| seen(field, Written::Utc) + seen(field, Written::Offset);
    // What all fields of one name do is told once.
    let mut bare: Vec<(&str, Vec<(TypeIx, &Field)>)> = Vec::new();
    let says_utc = |field: &Field| words(&field.name).iter().any(|word| word == "utc" || word == "gmt");
    for (of, field) in fields().filter(|(_, field)| seen(field, Written::NoZone) > 0 && !says_utc(field)) {
        let Some(examples) = field.cold.times.get(Written::NoZone as usize) else { continue };
        if zoned(field) > 0 {
            let name = context.log.type_name(of);
            let (without, with) = (plural(examples.count, "event", "events"), count(zoned(field)));
            let message = format!("{} of {name} has no zone in {without}, and one in {with}", field.path);
            let finding = found.push(message, examples);
            finding.severity = Severity::Warning;
            finding.of_type(name).of_field(&field.path);
        } else {
            match bare.iter_mut().find(|(path, _)| *path == field.path) {
                Some((_, list)) => list.push((of, field)),
                None => bare.push((&field.path, vec![(of, field)])),
            }
        }
    }
    for (path, list) in bare {
        let mut examples = crate::analysis::lints::found::Examples::default();
        list.iter()
            .filter_map(|(_, field)| field.cold.times.get(Written::NoZone as usize))
            .for_each(|own| examples.merge(own));
        let others = fields().filter(|(_, field)| field.path != path && zoned(field) > 0).count();
        let unlike = if others > 0 { ", where other fields have one" } else { "" };
        let finding = found.push(format!("{path} never says its zone{unlike}"), &examples).of_field(path);
        if let [(of, _)] = list.as_slice() {
            finding.of_type(context.log.type_name(*of));
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::lints::rules::testing::{check, event};
    use crate::store::testing::TestEvent;

    #[test]
    fn fires_on_times_that_leave_it_open() {
        let with = |at: &str| TestEvent { data: format!("{{\"at\":\"{at}\"}}"), ..event("A", 1) };
        let told = "warning 1 /data/at of A has no zone in 1 event, and one in 2";
        let (utc, offset) = (with("2026-01-01T10:00:00Z"), with("2026-01-01T10:00:00.5+01:00"));
        let bare = with("2026-01-01 10:00:00");
        check(&LINT, vec![utc.clone(), offset.clone(), bare.clone()], &[told]);
        check(&LINT, vec![bare.clone(), bare], &["note 2 /data/at never says its zone"]);
        check(&LINT, vec![utc, offset, with("2026-01-01"), with("noon, or so, or later")], &[]);
    }
}
