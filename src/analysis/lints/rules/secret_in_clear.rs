//! Tokens, keys and passwords in events.

use super::personal_data::each;
use crate::analysis::lints::payload::{AWS_KEY_ID, Secret};
use crate::analysis::lints::{Context, Found, Lint, Need, Severity};

pub static LINT: Lint = Lint {
    name: "secret-in-clear",
    severity: Severity::Error,
    what: "Tokens, keys and passwords in the clear",
    why: "Whoever reads the log can act as somebody else, for as long as the secret is valid",
    mend: "Revoke what is found; leave secrets out of events, or publish a reference to where they are kept",
    needs: &[Need::Payloads],
    look,
};

fn look(context: &Context<'_>, found: &mut Found<'_>) -> Option<()> {
    each(context, found, |field, seen| match seen.secret {
        // An audit log says which key was used; that is its purpose.
        Secret::Token if seen.label == AWS_KEY_ID && is_key_id(&field.path) => Some(Severity::Note),
        // An id alone opens nothing, but says whose account it is.
        Secret::Token if seen.label == AWS_KEY_ID => Some(Severity::Warning),
        Secret::Token => Some(Severity::Error),
        // A name alone may mean something else.
        Secret::Password => Some(Severity::Warning),
        Secret::Mail | Secret::Card => None,
    })
}

/// `/userIdentity/accessKeyId`
fn is_key_id(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    let letters = name.chars().filter(char::is_ascii_alphanumeric);
    letters.map(|c| c.to_ascii_lowercase()).eq("accesskeyid".chars())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::lints::rules::testing::{check, event};
    use crate::store::testing::TestEvent;

    #[test]
    fn fires_on_tokens_and_passwords() {
        let with = |data: &str| TestEvent { data: data.to_owned(), ..event("Called", 1) };
        let token = "Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl";
        check(
            &LINT,
            vec![
                with(&format!(r#"{{"headers":{{"authorization":"{token}"}}}}"#)),
                with(r#"{"user":{"password":"hunter2"}}"#),
            ],
            &[
                "error 1 /data/headers/authorization of Called holds a JSON web token in 1 event (eyJh…)",
                "warning 1 /data/user/password of Called holds a secret, by its name, in 1 event (…)",
            ],
        );
        let id = "AKIAIOSFODNN7EXAMPLE";
        check(
            &LINT,
            vec![with(&format!(r#"{{"userIdentity":{{"accessKeyId":"{id}"}},"url":"https://x/?credential={id}&a"}}"#))],
            &[
                "warning 1 /data/url of Called holds an AWS access key's id in 1 event (AKIA…)",
                "note 1 /data/userIdentity/accessKeyId of Called holds an AWS access key's id in 1 event (AKIA…)",
            ],
        );
        check(&LINT, vec![with(r#"{"password":"****","note":"the bearer of this","eyJ":"eyJ"}"#)], &[]);
    }
}
