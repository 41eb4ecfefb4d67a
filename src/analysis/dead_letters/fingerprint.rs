//! What makes two failures the same: the root cause's class and its message without what differs from
//! letter to letter. Each thing taken out is said, so that a group can be understood and disputed.

use std::sync::LazyLock;

use regex::Regex;

use super::letter::Letter;
use super::stack;
use crate::base::hash::hash64;

/// See the module's documentation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fingerprint {
    /// Stable across runs and machines: twelve hexadecimal digits of a hash of `class` and `shape`.
    pub id: String,
    pub class: Option<String>,
    /// The message with placeholders; where there is none, what else tells failures apart.
    pub shape: String,
    /// What was taken out, by its placeholder.
    pub stripped: Vec<(&'static str, String)>,
    /// Which part of the letter the shape was made of.
    pub from: &'static str,
}

impl Fingerprint {
    /// As a group's heading: `java.lang.IllegalStateException: customer <id> has no address`.
    #[must_use]
    pub fn cause(&self) -> String {
        match &self.class {
            Some(class) if self.shape.is_empty() => class.clone(),
            Some(class) => format!("{class}: {}", self.shape),
            None => self.shape.clone(),
        }
    }

    /// The same cause under a narrower key.
    #[must_use]
    pub fn with(mut self, values: &[String]) -> Self {
        if !values.is_empty() {
            self.id =
                id_of(&[&[self.id.as_str()], &values.iter().map(String::as_str).collect::<Vec<_>>()[..]].concat());
        }
        self
    }
}

/// Longest shape, in characters.
const MOST: usize = 300;

#[must_use]
pub fn fingerprint(letter: &Letter) -> Fingerprint {
    let cause = &letter.cause;
    let class = cause.class().map(str::to_owned);
    let place = letter.origin.as_ref().or(letter.location.as_ref()).map(super::Location::name);
    let (text, from) = if let Some(message) = &cause.message {
        (message.clone(), "the root cause's message")
    } else if let Some(frame) = cause.stack.as_deref().and_then(stack::frame).filter(|_| class.is_some()) {
        (format!("at {frame}"), "the place in the code: there is no message")
    } else if class.is_some() {
        (String::new(), "the class alone: there is no message")
    } else {
        // The same reason in two queues is two causes more often than one.
        let reason = cause.reason.as_deref().unwrap_or("no cause is recorded");
        let whole = place.map_or_else(|| reason.to_owned(), |place| format!("{reason}, from {place}"));
        let from = "the broker's reason and the place: no cause is recorded";
        let id = id_of(&["", &whole]);
        return Fingerprint { id, class: None, shape: whole, stripped: Vec::new(), from };
    };
    let (shape, stripped) = shape(&text);
    let id = id_of(&[class.as_deref().unwrap_or_default(), &shape]);
    Fingerprint { id, class, shape, stripped, from }
}

fn id_of(parts: &[&str]) -> String {
    let text = parts.join("\n");
    format!("{:016x}", hash64(text.as_bytes())).chars().take(12).collect()
}

/// What is taken out, most particular first.
const STRIPPED: [(&str, &str); 10] = [
    ("<uuid>", r"\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\b"),
    ("<time>", r"\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,:]\d+)?)?(?: ?Z|[+-]\d\d:?\d\d)?)?"),
    ("<address>", r#"\b[a-z][a-z0-9+.-]*://[^\s'"<>)\]]+"#),
    ("<address>", r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
    ("<address>", r"\b(?:\d{1,3}\.){3}\d{1,3}(?::\d+)?\b|\b[a-zA-Z][\w-]*(?:\.[\w-]+)+:\d{2,5}\b"),
    ("<quoted>", r#"'[^'\n]{0,200}'\B|"[^"\n]{0,400}"|`[^`\n]{0,200}`"#),
    ("@<hash>", r"@[0-9a-f]{5,16}\b"),
    ("<hex>", r"\b0x[0-9a-fA-F]+\b|\b[0-9a-fA-F]*\d[0-9a-fA-F]{7,}\b"),
    ("<id>", r"\b[A-Za-z]+(?:[-_][A-Za-z]+)*[-_]?\d[\w-]*\b"),
    ("<n>", r"\d+(?:[.,]\d+)*"),
];

fn shape(text: &str) -> (String, Vec<(&'static str, String)>) {
    static RULES: LazyLock<Vec<(&str, Regex)>> = LazyLock::new(|| {
        STRIPPED.iter().map(|(what, rule)| (*what, Regex::new(rule).expect("a valid expression"))).collect()
    });
    let mut shape: String = text.chars().take(MOST * 4).collect();
    let mut stripped = Vec::new();
    for (what, rule) in RULES.iter() {
        let mut whole = String::with_capacity(shape.len());
        let mut at = 0;
        for found in rule.find_iter(&shape) {
            // An apostrophe inside a word opens no quotation.
            let before = shape.get(..found.start()).and_then(|text| text.chars().next_back());
            if found.as_str().starts_with('\'') && before.is_some_and(char::is_alphanumeric) {
                continue;
            }
            whole.push_str(shape.get(at..found.start()).unwrap_or_default());
            whole.push_str(what);
            stripped.push((*what, found.as_str().to_owned()));
            at = found.end();
        }
        whole.push_str(shape.get(at..).unwrap_or_default());
        shape = whole;
    }
    let mut shape = shape.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some((end, _)) = shape.char_indices().nth(MOST) {
        shape.truncate(end);
        shape.push('…');
    }
    (shape, stripped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_from_letter_to_letter_is_taken_out() {
        for (text, expected) in [
            ("customer cust-812 has no address", "customer <id> has no address"),
            (
                "Read timed out after 5000 ms: https://gateway.example/charges/17?x=1",
                "Read timed out after <n> ms: <address>",
            ),
            ("no order 3f2504e0-4f89-11d3-9a0c-0305e82c3301", "no order <uuid>"),
            ("connect to db-1.shop.internal:5432 failed", "connect to <address> failed"),
            ("10.0.3.17:9092 refused", "<address> refused"),
            ("can't read 'total' of \"order 7\"", "can't read <quoted> of <quoted>"),
            ("deadline 2026-02-16T15:56:42.487Z passed", "deadline <time> passed"),
            ("at 0x7ffde0 in com.shop.Order@1b6d3586", "at <hex> in com.shop.Order@<hash>"),
            ("balance 1,204.50 is below 0", "balance <n> is below <n>"),
            ("mail to ann@shop.example bounced", "mail to <address> bounced"),
            ("  two\n lines ", "two lines"),
            ("card declined", "card declined"),
        ] {
            assert_eq!(shape(text).0, expected);
        }
        let (_, stripped) = shape("order order-7 of cust-8: 2 items");
        assert_eq!(stripped, [("<id>", "order-7".to_owned()), ("<id>", "cust-8".to_owned()), ("<n>", "2".to_owned())]);
    }

    #[test]
    fn long_messages_keep_their_beginning() {
        let (long, _) = shape(&"word ".repeat(5_000));
        assert!(long.chars().count() == MOST + 1 && long.ends_with('…'));
    }
}
