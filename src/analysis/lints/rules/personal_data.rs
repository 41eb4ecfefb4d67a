//! People's data in the clear: mail addresses and card numbers.

use std::collections::BTreeMap;

use crate::analysis::lints::found::Examples;
use crate::analysis::lints::payload::{Field, Secret, SecretSeen};
use crate::analysis::lints::{Context, Found, Lint, Need, Severity};
use crate::base::text::plural;
use crate::base::words::words;

pub static LINT: Lint = Lint {
    name: "personal-data",
    severity: Severity::Warning,
    what: "Mail addresses and card numbers in the clear",
    why: "An event log is kept, copied and read by many; what is in it cannot be taken back when a person asks for it",
    mend: "Publish an id and keep the data where it can be erased, or encrypt it with a key per person",
    needs: &[Need::Payloads],
    look,
};

/// One run of digits in ten has the right check digit by chance.
const SURE: u64 = 3;

fn look(context: &Context<'_>, found: &mut Found<'_>) -> Option<()> {
    each(context, found, |field, seen| match seen.secret {
        Secret::Mail => Some(Severity::Note),
        Secret::Card => {
            let named =
                words(&field.name).iter().any(|word| ["card", "pan", "cc", "cardnumber"].contains(&word.as_str()));
            let sure = seen.examples.count > field.cold.no_cards && (named || seen.examples.count >= SURE);
            sure.then_some(Severity::Warning)
        }
        Secret::Token | Secret::Password => None,
    })
}

/// Tells all secrets that `told` gives a severity: what lies at one place is told once for all types.
pub(super) fn each(
    context: &Context<'_>,
    found: &mut Found<'_>,
    told: impl Fn(&Field, &SecretSeen) -> Option<Severity>,
) -> Option<()> {
    let mut places: BTreeMap<(&str, &str), Place<'_>> = BTreeMap::new();
    for (of, facts) in context.payloads()?.types() {
        for field in &facts.fields {
            for seen in &field.cold.secrets {
                let Some(severity) = told(field, seen) else { continue };
                let place = places.entry((&field.path, seen.label)).or_insert_with(|| Place {
                    severity,
                    sample: &seen.sample,
                    events: Examples::default(),
                    types: Vec::new(),
                });
                place.events.merge(&seen.examples);
                place.types.push(context.log.type_name(of));
            }
        }
    }
    for ((path, label), place) in places {
        let times = plural(place.events.count, "event", "events");
        let of = match place.types.as_slice() {
            [only] => format!("of {only} "),
            several => format!("of {} types ", several.len()),
        };
        let finding = found.push(format!("{path} {of}holds {label} in {times} ({})", place.sample), &place.events);
        finding.severity = place.severity;
        finding.of_field(path);
        if let [only] = place.types.as_slice() {
            finding.of_type(only);
        }
    }
    Some(())
}

struct Place<'a> {
    severity: Severity,
    sample: &'a str,
    events: Examples,
    types: Vec<&'a str>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::lints::rules::testing::{check, event};
    use crate::store::testing::TestEvent;

    #[test]
    fn fires_with_the_place_and_without_the_data() {
        let with = |data: &str| TestEvent { data: data.to_owned(), ..event("Paid", 1) };
        let events = vec![
            with(r#"{"by":{"mail":"jane@example.org"},"cardNumber":"4111 1111 1111 1111"}"#),
            with(r#"{"by":{"mail":"none"},"cardNumber":4111111111111111}"#),
        ];
        check(
            &LINT,
            events,
            &[
                "warning 2 /data/cardNumber of Paid holds a card number in 2 events (…1111)",
                "note 1 /data/by/mail of Paid holds a mail address in 1 event (j…@e….org)",
            ],
        );
        // Numbers that only sometimes pass are numbers.
        let numbers =
            ["4111111111111111", "4111111111111112", "4111111111111113"].map(|n| with(&format!("{{\"n\":{n}}}")));
        check(&LINT, numbers.into(), &[]);
        check(&LINT, vec![with(r#"{"to":"git@github.com:a/b.git","user":"@alice:example"}"#)], &[]);
    }
}
