//! What an event's name says: `OrderPartiallyShipped` → something was done (`partially shipped`) to a
//! thing (`order`). Names in other styles too: `com.shop.order.shipped.v2`, `ORDER_SHIPPED`.

use crate::base::words::{singular, words};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Phrase {
    /// Lower case: `purchase`, `order`.
    pub noun: Vec<String>,
    /// What was done, in the past: `partially`, `shipped`. Empty where the name says nothing of it.
    pub verb: Vec<String>,
}

/// How a noun stands to a kind of entity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    Itself,
    /// `userEmail` of a user: `email`.
    Aspect(Vec<String>),
    Other,
}

pub fn phrase(type_name: &str) -> Phrase {
    let is_version =
        |segment: &str| segment.strip_prefix(['v', 'V']).unwrap_or(segment).bytes().all(|b| b.is_ascii_digit());
    let segments: Vec<&str> = type_name
        .split(['.', ':', '/', '#', '+'])
        .filter(|segment| !segment.is_empty() && !is_version(segment))
        .collect();
    let mut all = segments.last().map(|last| words(last)).unwrap_or_default();
    while all.len() > 1
        && all.last().is_some_and(|word| matches!(word.as_str(), "event" | "evt" | "message") || is_version(word))
    {
        all.pop();
    }
    if let ([_], [.., before, _]) = (all.as_slice(), segments.as_slice()) {
        let last = all;
        all = words(before);
        all.extend(last);
    }
    let small = |word: &String| {
        matches!(word.as_str(), "in" | "out" | "up" | "off" | "on" | "to" | "from" | "by" | "back" | "down")
    };
    let tail = all.iter().rev().take_while(|word| small(word)).count();
    let Some(at) = all.len().checked_sub(tail + 1).filter(|at| all.get(*at).is_some_and(|word| is_past(word))) else {
        return Phrase { noun: all, verb: Vec::new() };
    };
    let adverb = |word: &String| word.ends_with("ly") || matches!(word.as_str(), "not" | "auto" | "re" | "un");
    let before = all.iter().take(at).rev().take_while(|word| adverb(word)).count();
    let verb = all.split_off(at - before);
    Phrase { noun: all, verb }
}

impl Phrase {
    /// `partially shipped`.
    pub fn status(&self) -> String {
        self.verb.join(" ")
    }

    /// The verb without its adverbs and particles.
    pub fn root(&self) -> &str {
        self.verb.iter().find(|word| is_past(word)).map_or("", String::as_str)
    }

    /// The noun as a member's name.
    pub fn member(&self) -> String {
        camel(&self.noun)
    }

    pub fn about(&self, kind: &str) -> About {
        let mut kind = words(kind);
        if let Some(last) = kind.last_mut() {
            *last = singular(last);
        }
        let mut noun = self.noun.clone();
        if let Some(last) = noun.last_mut() {
            *last = singular(last);
        }
        if kind.is_empty() || noun.is_empty() {
            return About::Other;
        }
        if noun.ends_with(&kind) || kind.ends_with(&noun) {
            return About::Itself;
        }
        match noun.strip_prefix(kind.as_slice()) {
            Some(_) => About::Aspect(self.noun.get(kind.len()..).unwrap_or_default().to_vec()),
            None => About::Other,
        }
    }
}

pub fn camel(words: &[String]) -> String {
    let mut name = String::new();
    for (i, word) in words.iter().enumerate() {
        let mut chars = word.chars();
        match chars.next() {
            Some(first) if i > 0 => name.extend(first.to_uppercase().chain(chars)),
            _ => name.push_str(word),
        }
    }
    name
}

fn is_past(word: &str) -> bool {
    const IRREGULAR: [&str; 40] = [
        "sent",
        "paid",
        "sold",
        "won",
        "lost",
        "left",
        "built",
        "made",
        "begun",
        "bought",
        "broken",
        "chosen",
        "done",
        "given",
        "gone",
        "held",
        "kept",
        "known",
        "met",
        "put",
        "run",
        "set",
        "shown",
        "shut",
        "spent",
        "split",
        "taken",
        "told",
        "withdrawn",
        "withdrew",
        "written",
        "frozen",
        "hidden",
        "stolen",
        "thrown",
        "found",
        "caught",
        "overdrawn",
        "undone",
        "forgotten",
    ];
    const NOT: [&str; 9] = ["need", "feed", "seed", "speed", "shed", "bed", "embed", "exceed", "proceed"];
    (word.len() > 3 && word.ends_with("ed") && !NOT.contains(&word)) || IRREGULAR.contains(&word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_what_was_done_to_what() {
        for (name, noun, verb) in [
            ("OrderPlaced", "order", "placed"),
            ("com.shop.order.shipped.v2", "order", "shipped"),
            ("ORDER_PARTIALLY_SHIPPED", "order", "partially shipped"),
            ("MoneyWithdrawnEvent", "money", "withdrawn"),
            ("UserLoggedIn", "user", "logged in"),
            ("Account.Deposited", "account", "deposited"),
            ("Opened", "", "opened"),
            ("ItemAddedToCart", "item added to cart", ""),
            ("register request", "register request", ""),
            ("m.room.member", "room member", ""),
            ("", "", ""),
        ] {
            let phrase = phrase(name);
            assert_eq!((phrase.noun.join(" ").as_str(), phrase.status().as_str()), (noun, verb), "{name}");
        }
    }

    #[test]
    fn nouns_are_held_against_kinds() {
        for (name, kind, about) in [
            ("OrderPlaced", "order", About::Itself),
            ("OrderPlaced", "orders", About::Itself),
            ("PurchaseOrderPlaced", "order", About::Itself),
            ("CartOpened", "shoppingCart", About::Itself),
            ("UserEmailVerified", "user", About::Aspect(vec!["email".to_owned()])),
            ("PaymentCaptured", "order", About::Other),
            ("Opened", "order", About::Other),
        ] {
            assert_eq!(phrase(name).about(kind), about, "{name} {kind}");
        }
    }
}
