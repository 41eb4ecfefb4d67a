//! Names of fields: words, folding, and which names stand for an entity.

pub use crate::base::words::{singular, words};

/// Lower case without separators and without the prefixes under which conventions carry a field:
/// `NServiceBus.CorrelationId`, `ce_correlationid`, `$correlationId` and `correlation_id` are one.
pub fn fold(name: &str) -> String {
    let lower = name.to_lowercase();
    let mut rest = lower.as_str();
    for prefix in [
        "nservicebus.",
        "cloudevents:",
        "cloudevents_",
        "ce_",
        "ce-",
        "x-",
        "mt-",
        "rbs2-",
        "kafka_",
        "messaging.message.",
        "messaging.",
    ] {
        rest = rest.strip_prefix(prefix).unwrap_or(rest);
    }
    rest.chars().filter(|c| c.is_alphanumeric()).collect()
}

/// The kind that an id's name speaks of: `orderId` → `order`, `customer_id` → `customer`,
/// `product_ids` → `product`. `None` for names without such a suffix, and for a bare `id`.
pub fn entity_kind(name: &str) -> Option<String> {
    let words = words(name);
    let (last, before) = words.split_last()?;
    if before.is_empty() || !is_id_word(last) {
        return None;
    }
    // The field's own letters without the suffix and what separates it: `unit_price_id` → `unit_price`.
    let suffix = last.chars().count();
    let letters: Vec<char> = name.trim_end_matches(|c: char| !c.is_alphanumeric()).chars().collect();
    let kind: String = letters.get(..letters.len().checked_sub(suffix)?)?.iter().collect();
    let kind = kind.trim_matches(|c: char| !c.is_alphanumeric());
    if kind.is_empty() || kind.chars().all(|c| c.is_ascii_digit()) {
        return None;
    }
    Some(first_lower(kind))
}

fn is_id_word(word: &str) -> bool {
    matches!(word, "id" | "ids" | "guid" | "guids" | "uuid" | "uuids")
}

/// `Order` → `order`, `ORDER` → `order`, `OrderLine` → `orderLine`.
fn first_lower(kind: &str) -> String {
    if !kind.chars().any(char::is_lowercase) {
        return kind.to_lowercase();
    }
    let mut chars = kind.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

/// Ids of messages and of work, not of things: they tell events apart or join them.
const NOT_ENTITIES: &[&str] = &[
    "event",
    "correlation",
    "causation",
    "cause",
    "trace",
    "span",
    "message",
    "msg",
    "request",
    "session",
    "parent",
    "conversation",
    "initiator",
    "idempotency",
    "dedup",
    "deduplication",
    "command",
    "schema",
    "partition",
    "offset",
    "log",
    "record",
    "row",
    "thread",
    "invocation",
    "chain",
    "operation",
    "reply",
    "tx",
    "xid",
    "sequence",
    "version",
    "checkpoint",
    "envelope",
    "provider",
    "key",
    "type",
    "frame",
    "revision",
];

/// Whether the kind speaks of messages or work: `event`, `parentSpan`, `requestTrace`.
pub fn is_plumbing(kind: &str) -> bool {
    let words = words(kind);
    let Some(last) = words.last() else { return true };
    NOT_ENTITIES.contains(&last.as_str())
}

/// Places whose own name says nothing of the thing with an `id` in them.
const CONTAINERS: &[&str] = &[
    "data",
    "payload",
    "body",
    "event",
    "events",
    "message",
    "value",
    "detail",
    "details",
    "content",
    "context",
    "meta",
    "metadata",
    "header",
    "headers",
    "envelope",
    "attributes",
    "properties",
    "fields",
    "object",
    "resource",
    "record",
    "records",
    "after",
    "before",
    "new",
    "old",
    "state",
    "result",
    "results",
    "source",
    "info",
    "params",
    "trace",
    "span",
    "request",
    "response",
    "args",
    "arguments",
    "item",
    "root",
    "extra",
    "links",
    "link",
    "parent",
];

/// The kind of a bare `id` inside an object: the object's name, in the singular for lists.
pub fn kind_of_parent(parent: &str) -> Option<String> {
    let kind = first_lower(&singular(parent));
    let usable = !kind.is_empty()
        && kind.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-')
        && kind.chars().any(char::is_alphabetic)
        && !is_plumbing(&kind);
    // Lists are named after what is in them, even where one of it would be called an item.
    (usable && (!CONTAINERS.contains(&fold(parent).as_str()) || fold(parent) == "items")).then_some(kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_names_without_their_id_suffix() {
        for (name, expected) in [
            ("orderId", Some("order")),
            ("customer_id", Some("customer")),
            ("OrderID", Some("order")),
            ("ORDER_ID", Some("order")),
            ("orderGuid", Some("order")),
            ("shippingOrderId", Some("shippingOrder")),
            ("unit_price_id", Some("unit_price")),
            ("product-id", Some("product")),
            ("productIds", Some("product")),
            ("orderIDs", Some("order")),
            ("case id", Some("case")),
            ("id", None),
            ("Id", None),
            ("paid", None),
            ("valid", None),
            ("android", None),
            ("grid_uuid", Some("grid")),
            ("", None),
            ("_id", None),
        ] {
            assert_eq!(entity_kind(name).as_deref(), expected, "{name}");
        }
    }

    #[test]
    fn names_of_one_convention_fold_to_one() {
        for name in [
            "correlationId",
            "correlation_id",
            "$correlationId",
            "ce_correlationid",
            "NServiceBus.CorrelationId",
            "X-Correlation-ID",
        ] {
            assert_eq!(fold(name), "correlationid", "{name}");
        }
    }

    #[test]
    fn things_in_objects_and_lists_are_named_after_them() {
        for (parent, expected) in [
            ("customer", Some("customer")),
            ("items", Some("item")),
            ("entries", Some("entry")),
            ("address", Some("address")),
            ("data", None),
            ("event", None),
        ] {
            assert_eq!(kind_of_parent(parent).as_deref(), expected, "{parent}");
        }
    }

    #[test]
    fn plumbing_is_no_entity() {
        for (kind, expected) in [("event", true), ("parentSpan", true), ("order", false), ("eventOrder", false)] {
            assert_eq!(is_plumbing(kind), expected, "{kind}");
        }
    }
}
