//! Personal data and secrets in texts: what they look like, and how they are shown without being told.
//!
//! Card numbers are those of ISO/IEC 7812: 13 to 19 digits, a known issuer's first ones, and the check
//! digit of Luhn. Tokens are known by the marks that their makers give them for this purpose.

use std::sync::LazyLock;

use regex::bytes::Regex;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Secret {
    Mail,
    Card,
    Token,
    /// A text under a name such as `password`.
    Password,
}

/// The public half of a key pair.
pub const AWS_KEY_ID: &str = "an AWS access key's id";

/// What only tokens hold: looked for in whole blocks, so that most records need no closer look.
pub(super) static TOKEN_MARKS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?-u)eyJ|AKIA|ASIA|gh[pousr]_|xox[abprs]-|sk_live_|AIza|-----BEGIN|earer ").expect("it is constant")
});

static TOKENS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?-u)(?:\b[Bb]earer )?(?P<jwt>\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*)",
        r"|(?P<aws>\b(?:AKIA|ASIA)[0-9A-Z]{16}\b)",
        r"|(?P<github>\bgh[pousr]_[A-Za-z0-9]{30,})",
        r"|(?P<slack>\bxox[abprs]-[A-Za-z0-9-]{10,})",
        r"|(?P<stripe>\bsk_live_[A-Za-z0-9]{16,})",
        r"|(?P<google>\bAIza[A-Za-z0-9_-]{35})",
        r"|(?P<key>-----BEGIN [A-Z ]*PRIVATE KEY-----)",
        r"|(?P<bearer>\b[Bb]earer [A-Za-z0-9._~+/=-]{16,})",
    ))
    .expect("it is constant")
});

/// A token's kind and its text.
pub(super) fn token(text: &[u8]) -> Option<(&'static str, &[u8])> {
    let found = TOKENS.captures(text)?;
    let kinds = [
        ("jwt", "a JSON web token"),
        ("aws", AWS_KEY_ID),
        ("github", "a GitHub token"),
        ("slack", "a Slack token"),
        ("stripe", "a Stripe key"),
        ("google", "a Google API key"),
        ("key", "a private key"),
        ("bearer", "a bearer token"),
    ];
    kinds.into_iter().find_map(|(name, label)| Some((label, found.name(name)?.as_bytes())))
}

/// Ends of names that no mail goes to.
const MACHINES: [&[u8]; 5] = [b"local", b"localdomain", b"internal", b"lan", b"test"];

/// The first mail address in a text.
pub(super) fn mail(text: &[u8]) -> Option<&[u8]> {
    memchr::memchr_iter(b'@', text).find_map(|at| {
        let (before, after) = (text.get(..at)?, text.get(at + 1..)?);
        let local = before.iter().rev().take_while(|b| b.is_ascii_alphanumeric() || b"._%+-".contains(b)).count();
        let domain = after.iter().take_while(|b| b.is_ascii_alphanumeric() || b".-".contains(b)).count();
        let name = after.get(..domain)?;
        // A full stop that ends the sentence is no part of it.
        let name = name.strip_suffix(b".").unwrap_or(name);
        let last = name.rsplit(|&b| b == b'.').next().unwrap_or_default();
        let is_domain = name.len() > last.len() + 1 && last.len() >= 2 && last.iter().all(u8::is_ascii_alphabetic);
        let start = at - local;
        // `git@github.com:…` and `user:password@host` name machines, as do names inside of a network.
        let behind = after.get(name.len());
        let is_remote = behind == Some(&b':') || text.get(start.wrapping_sub(1)) == Some(&b':');
        let is_machine = MACHINES.iter().any(|end| last.eq_ignore_ascii_case(end));
        (local > 0 && is_domain && !is_remote && !is_machine).then(|| text.get(start..at + 1 + name.len())).flatten()
    })
}

/// Between digits of a card number people write spaces or hyphens.
fn of_number(byte: u8) -> bool {
    byte.is_ascii_digit() || byte == b' ' || byte == b'-'
}

/// Runs of 13 to 19 digits that begin like a card number, the first of a text that passes Luhn first;
/// `Err` where there is only one that does not.
pub(super) fn card(text: &[u8]) -> Option<Result<&[u8], ()>> {
    let mut other = None;
    // A run of 13 bytes has one at every place that is a multiple of 13.
    let mut at = 12;
    while at < text.len() {
        if text.get(at).is_some_and(|&b| of_number(b)) {
            let before = text.get(..at)?.iter().rev().take_while(|b| of_number(**b)).count();
            let after = text.get(at..)?.iter().take_while(|b| of_number(**b)).count();
            let (start, end) = (at - before, at + after);
            let run = text.get(start..end)?;
            let head = run.len() - run.trim_ascii_start().len();
            let run = run.trim_ascii();
            let first = start + head;
            let is_word = |place: Option<usize>| {
                let byte = place.and_then(|place| text.get(place));
                byte.is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.'))
            };
            if !is_word(first.checked_sub(1)) && !is_word(Some(first + run.len())) {
                match number(run) {
                    Some(true) => return Some(Ok(run)),
                    Some(false) => other = Some(Err(())),
                    None => {}
                }
            }
            at = end;
        }
        at += 13;
    }
    other
}

/// Whether digits in groups are a card number; `None` where they do not look like one.
fn number(run: &[u8]) -> Option<bool> {
    let mut digits = [0_u8; 19];
    let mut len = 0;
    let mut groups = 0;
    for (place, byte) in run.iter().enumerate() {
        if byte.is_ascii_digit() {
            *digits.get_mut(len)? = byte - b'0';
            len += 1;
        } else {
            // Groups are at least four digits, apart by one sign: `2024-05-06` is none.
            groups += 1;
            let group = run.get(..place)?.iter().rev().take_while(|b| b.is_ascii_digit()).count();
            if group < 4 {
                return None;
            }
        }
    }
    let digits = digits.get(..len)?;
    if len < 13 || groups > 4 {
        return None;
    }
    let first = |n: usize| digits.iter().take(n).fold(0_u32, |sum, digit| sum * 10 + u32::from(*digit));
    // Visa, Mastercard, American Express, Discover, Diners, JCB, with the lengths that they have.
    let issued = match len {
        16 => {
            first(1) == 4
                || (51..=55).contains(&first(2))
                || (2221..=2720).contains(&first(4))
                || first(4) == 6011
                || (first(2) == 65 || (644..=649).contains(&first(3)))
                || (3528..=3589).contains(&first(4))
        }
        15 => matches!(first(2), 34 | 37),
        14 => matches!(first(2), 36 | 38) || (300..=305).contains(&first(3)),
        13 | 19 => first(1) == 4,
        _ => false,
    };
    issued.then(|| luhn(digits))
}

fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, &digit)| {
            let doubled = u32::from(digit) << (place % 2);
            if doubled > 9 { doubled - 9 } else { doubled }
        })
        .sum();
    // Zeros only pass, too.
    sum > 0 && sum.is_multiple_of(10)
}

/// How a secret is shown: its ends, so that whoever knows it finds it again, and nobody else learns it.
#[must_use]
pub(super) fn masked(secret: Secret, text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    let chars: Vec<char> = text.chars().collect();
    let ends = |head: usize, tail: usize| {
        let head: String = chars.iter().take(head).collect();
        let tail: String = chars.iter().rev().take(tail).rev().collect();
        format!("{head}…{tail}")
    };
    match secret {
        Secret::Mail => match text.split_once('@') {
            Some((local, domain)) => {
                let tld = domain.rsplit_once('.').map_or("", |(_, tld)| tld);
                let first = |text: &str| text.chars().take(1).collect::<String>();
                format!("{}…@{}….{tld}", first(local), first(domain))
            }
            None => "…".to_owned(),
        },
        Secret::Card => ends(0, 4),
        Secret::Token => ends(4, 0),
        Secret::Password => "…".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mail_addresses_are_told_from_other_at_signs() {
        for (text, expected) in [
            ("jane.doe+x@mail.example.org", Some("jane.doe+x@mail.example.org")),
            ("write to <jd@example.com>.", Some("jd@example.com")),
            ("ask jd@example.com.", Some("jd@example.com")),
            ("@alice:example", None),
            ("git@github.com:a/b.git", None),
            ("pkg@1.2.3", None),
            ("a@b", None),
            ("4711@Janes-Laptop.local", None),
            ("https://user:pw@host.example/x", None),
            ("no at sign", None),
        ] {
            assert_eq!(mail(text.as_bytes()), expected.map(str::as_bytes), "{text}");
        }
    }

    #[test]
    fn card_numbers_have_an_issuer_and_a_check_digit() {
        for (text, expected) in [
            ("4111111111111111", Some(Ok("4111111111111111"))),
            ("5500 0055 5555 5559", Some(Ok("5500 0055 5555 5559"))),
            ("paid with 3782-822463-10005, thanks", Some(Ok("3782-822463-10005"))),
            ("4111111111111112", Some(Err(()))),
            ("1700000000000000", None),
            ("ord-4111111111111111x", None),
            ("2026-01-04T23:59:59.788Z", None),
            ("41111111-1111-1111-1111-111111111111", None),
            ("0000000000000000", None),
        ] {
            assert_eq!(card(text.as_bytes()), expected.map(|found| found.map(str::as_bytes)), "{text}");
        }
    }

    #[test]
    fn tokens_are_known_by_their_marks() {
        for (text, expected) in [
            ("Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl", Some("a JSON web token")),
            ("AKIAIOSFODNN7EXAMPLE", Some(AWS_KEY_ID)),
            ("Authorization: Bearer 0123456789abcdef0123", Some("a bearer token")),
            ("-----BEGIN RSA PRIVATE KEY-----\\nMIIE", Some("a private key")),
            ("eyJhbGciOiJIUzI1NiJ9", None),
            ("the bearer of this letter", None),
        ] {
            assert_eq!(token(text.as_bytes()).map(|(kind, _)| kind), expected, "{text}");
            assert!(expected.is_none() || TOKEN_MARKS.is_match(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn nothing_is_shown_in_full() {
        for (secret, text, expected) in [
            (Secret::Mail, "jane@example.org", "j…@e….org"),
            (Secret::Card, "4111111111111111", "…1111"),
            (Secret::Token, "AKIAIOSFODNN7EXAMPLE", "AKIA…"),
            (Secret::Password, "hunter2", "…"),
        ] {
            assert_eq!(masked(secret, text.as_bytes()), expected);
        }
    }
}
