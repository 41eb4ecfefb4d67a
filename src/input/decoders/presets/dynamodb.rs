//! DynamoDB streams: an item is known by the key values that its table has.

use serde_json::Value;

use super::{Preset, lookup};
use crate::model::mapping::TimeUnit::Auto;
use crate::model::mapping::{EntityField, Mapping};

pub const PRESET: Preset = Preset {
    name: "dynamodb",
    label: "DynamoDB stream",
    marks: &["/dynamodb/Keys", "/eventName"],
    type_name: &["/eventName"],
    id: &["/eventID"],
    time: &[("/dynamodb/ApproximateCreationDateTime", Auto)],
    service: &["/eventSourceARN", "/eventSource"],
    data: &["/dynamodb/NewImage", "/dynamodb/OldImage", "/dynamodb"],
    refine,
    ..Preset::NONE
};

/// `/dynamodb/Keys/Id/N`: an entity is named by all key columns together.
fn refine(records: &[Value], mapping: &mut Mapping) {
    let keys = records.iter().flat_map(|record| lookup::values(record, "/dynamodb/Keys"));
    let Some(Value::Object(columns)) = keys.map(std::borrow::Cow::into_owned).next() else { return };
    let parts: Vec<String> = columns
        .iter()
        .filter_map(|(column, typed)| {
            let kind = typed.as_object()?.keys().next()?;
            Some(format!("{{/dynamodb/Keys/{}/{}}}", lookup::escape(column), lookup::escape(kind)))
        })
        .collect();
    let id = parts.join("/");
    mapping.entities.push(EntityField { kind: "item".into(), id: id.as_str().into(), stream: true });
}
