//! Oracle GoldenGate's JSON: table, `op_type` and images before and after.

use super::{Preset, debezium, lookup};
use crate::model::mapping::EntityField;
use crate::model::mapping::TimeUnit::Text;

pub const PRESET: Preset = Preset {
    name: "goldengate",
    label: "GoldenGate",
    marks: &["/table", "/op_type", "/op_ts", "/after /before"],
    type_name: &["{/op_type|names:I=insert,U=update,D=delete,T=truncate}"],
    id: &["/pos"],
    time: &[("/op_ts", Text), ("/current_ts", Text)],
    correlation: &["/xid", "/csn"],
    data: &["/after", "/before"],
    payloads: &["/after", "/before"],
    refine: |records, mapping| {
        let images = ["/after".to_owned(), "/before".to_owned()];
        let named = records.iter().find_map(|record| lookup::text(record, "/primary_keys/0"));
        let Some(key) = named.or_else(|| debezium::key_column(records, &images)) else { return };
        for image in images {
            let id = format!("{image}/{}", lookup::escape(&key));
            mapping.entities.push(EntityField { kind: "{/table}".into(), id: id.as_str().into(), stream: true });
        }
    },
    ..Preset::NONE
};
