//! Trace ids inside of fields that carry more than the id: W3C's `traceparent`, B3's single header, X-Ray's.
//! What they name as parent is a span of the sender, no event; so they group and cause nothing.

use super::names::fold;

/// The filters of a template that take the trace id out of a field of this name and such a value.
///
/// - W3C trace context: `{version}-{trace id}-{parent id}-{flags}`; Wolverine's `parent-id` holds the same
/// - B3 single: `{trace id}-{span id}-{sampled}-{parent span id}`, the last two optional
/// - AWS X-Ray: `Root={trace id};Parent={span id};Sampled={flag}`
pub fn trace_in(name: &str, value: &str) -> Option<&'static str> {
    match fold(name).as_str() {
        "traceparent" => Some("|after:-|before:-"),
        "parentid" if is_traceparent(value) => Some("|after:-|before:-"),
        "b3" if value.contains('-') => Some("|before:-"),
        "awstraceheader" | "amzntraceid" if value.contains("Root=") => Some("|after:Root=|before:;"),
        _ => None,
    }
}

/// `00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01`
pub fn is_traceparent(value: &str) -> bool {
    let mut parts = value.split('-');
    let mut hex =
        |len: usize| parts.next().is_some_and(|part| part.len() == len && part.bytes().all(|b| b.is_ascii_hexdigit()));
    hex(2) && hex(32) && hex(16) && hex(2)
}
