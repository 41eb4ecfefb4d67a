//! Where a source's mapping has things, in the words of a [`Shape`](super::shape::Shape): what is payload,
//! which fields are times, which say where a broker keeps the event.

use super::facts::{Facts, Named, Part};
use super::shape::{NodeIx, Shape};
use crate::base::hash::hash64;
use crate::model::mapping::{Mapping, Template};

#[derive(Debug, Default)]
pub(super) struct Roles {
    /// Empty where the whole record is payload.
    data: Vec<String>,
    times: Vec<String>,
    keys: Vec<String>,
    /// What has a role of its own; it is no payload even where all the rest is.
    others: Vec<String>,
}

/// Deeper in a record, a field named `partition` is somebody's data.
const SHALLOW: usize = 3;

impl Roles {
    pub fn of(mapping: &Mapping) -> Self {
        let all = |list: &[Template]| list.iter().flat_map(pointers).collect::<Vec<_>>();
        let times: Vec<String> = mapping.time.iter().flat_map(|time| pointers(&time.field)).collect();
        let others = [&mapping.type_name, &mapping.id, &mapping.version, &mapping.correlation, &mapping.causation];
        let mut others: Vec<String> = others.into_iter().flat_map(|list| all(list)).collect();
        others.extend(all(&mapping.service));
        others.extend(mapping.headers.iter().flat_map(pointers));
        others.extend(times.iter().cloned());
        let data = all(&mapping.data).into_iter().filter(|pointer| !pointer.is_empty()).collect();
        Self { data, times, keys: all(&mapping.key), others }
    }

    /// For payloads that are told apart from their records.
    pub fn payload_only() -> Self {
        Self::default()
    }

    /// What is known of a field before anything was seen of it.
    pub fn facts(&self, shape: &Shape, of: NodeIx) -> Facts {
        let path = shape.path(of);
        let within = |list: &[String]| {
            list.iter()
                .any(|at| path.strip_prefix(at.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
        };
        let in_data = if self.data.is_empty() { !within(&self.others) } else { within(&self.data) };
        let named = shape.node(of).map(|node| Named::of(&node.step)).unwrap_or_default();
        let depth = path.matches('/').count();
        let part = if self.keys.contains(&path) {
            Some(Part::Key)
        } else if depth <= SHALLOW && (!in_data || depth == 1) {
            part_of(path.rsplit('/').next().unwrap_or_default())
        } else {
            None
        };
        let nested = self.data.iter().any(|at| *at == path || at.starts_with(&format!("{path}/{{}}")));
        Facts {
            mix: if in_data { hash64(path.as_bytes()).max(1) } else { 0 },
            is_time: named.time || self.times.contains(&path),
            is_password: named.password,
            part,
            nested,
            ..Facts::default()
        }
    }
}

fn part_of(name: &str) -> Option<Part> {
    let folded: String = name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    match folded.strip_prefix("kafka").unwrap_or(&folded) {
        "topic" | "receivedtopic" => Some(Part::Topic),
        "partition" | "partitionid" | "receivedpartition" | "receivedpartitionid" => Some(Part::Partition),
        "offset" => Some(Part::Offset),
        "messagekey" | "receivedmessagekey" | "receivedkey" => Some(Part::Key),
        _ if folded == "messagingdestinationpartitionid" => Some(Part::Partition),
        _ => None,
    }
}

/// The fields that a template names.
fn pointers(template: &Template) -> Vec<String> {
    let text = template.0.as_str();
    if text.starts_with('/') && !text.replace("/{}", "").contains('{') {
        return vec![text.to_owned()];
    }
    let mut found = Vec::new();
    for part in text.split('{').skip(1) {
        let inside = part.split(['}', '|']).next().unwrap_or_default();
        if inside.starts_with('/') {
            found.push(inside.to_owned());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_name_their_fields() {
        for (template, expected) in [
            ("/data", "/data"),
            ("/payload/{}/id", "/payload/{}/id"),
            ("{/source}#{/id}", "/source /id"),
            ("{/op|names:c=insert}", "/op"),
            ("order", ""),
            ("{@file}", ""),
        ] {
            assert_eq!(pointers(&template.into()).join(" "), expected, "{template}");
        }
    }
}
