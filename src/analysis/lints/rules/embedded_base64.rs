//! Files inside of events.

use crate::analysis::lints::{Context, Found, Lint, Need, Severity};
use crate::base::text::{bytes, count};

pub static LINT: Lint = Lint {
    name: "embedded-base64",
    severity: Severity::Warning,
    what: "Files that are carried inside of events, as base64",
    why: "Every consumer and every replica pays for a third more than the file's size, also those that never open it",
    mend: "Keep the file in a store and publish its address, size and digest",
    needs: &[Need::Payloads],
    look,
};

fn look(context: &Context<'_>, found: &mut Found<'_>) -> Option<()> {
    for (of, facts) in context.payloads()?.types() {
        for field in facts.fields.iter().filter(|field| field.cold.base64.count > 0) {
            let (name, seen) = (context.log.type_name(of), &field.cold.base64);
            let size = bytes(field.cold.base64_bytes / seen.count.max(1));
            let times = count(seen.count);
            let message = format!("{} of {name} holds encoded files: {times} of about {size}", field.path);
            found.push(message, seen).of_type(name).of_field(&field.path);
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
    fn fires_on_encoded_files() {
        let with = |text: String| TestEvent { data: format!("{{\"scan\":\"{text}\"}}"), ..event("Scanned", 1) };
        check(&LINT, vec![with("iVBORw0".to_owned())], &[]);
        let file = "iVBORw0KGgoAAAANSUhEUg0+/".repeat(60);
        let told = "warning 2 /data/scan of Scanned holds encoded files: 2 of about 1.48 KiB";
        check(&LINT, vec![with(file.clone()), with(format!("data:image/png;base64,{file}"))], &[told]);
        check(
            &LINT,
            vec![with("deadbeef".repeat(400)), with("A sentence of words. ".repeat(200)), with("iVBORw0".into())],
            &[],
        );
    }
}
