//! Keys that are not the entity's.

use crate::analysis::lints::{Context, Found, Lint, Need, Severity};
use crate::analysis::query::term;
use crate::base::text::count;
use crate::model::filter::NameKey;

pub static LINT: Lint = Lint {
    name: "partition-key",
    severity: Severity::Note,
    what: "Events whose key is not the id of the entity that they belong to",
    why: "The key decides the partition, so the entity's events may end up in several and lose their order; compaction \
          keeps the last event of each key, not of each entity",
    mend: "Use the id of the stream as the key; if another key is meant, check that it never changes for an entity",
    needs: &[Need::Payloads],
    look,
};

fn look(context: &Context<'_>, found: &mut Found<'_>) -> Option<()> {
    for (of, keys) in &context.payloads()?.placed.keys {
        if keys.differ.count > 0 {
            let name = context.log.type_name(*of);
            let (differ, all) = (count(keys.differ.count), count(keys.keyed));
            let message = format!("{differ} of {all} {name} events have a key other than their entity's id");
            let finding = found.push(message, &keys.differ).of_type(name);
            if keys.differ.count == keys.keyed {
                finding.found_by(term(NameKey::Type, name));
            }
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::lints::rules::testing::{check_records, event};

    #[test]
    fn fires_on_another_key() {
        let with = |key: &str| (event("A", 1), format!("\"key\":{key}"));
        let told = "note 1 1 of 2 A events have a key other than their entity's id";
        check_records(&LINT, vec![with("\"1\""), with("\"customer-7\""), with("null")], &[told]);
        check_records(&LINT, vec![with("\"1\""), with("1")], &[]);
    }
}
