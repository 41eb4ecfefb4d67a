//! Laws: rows equal those of the plain implementation, for any record, mapping and cut; and what is an
//! event is what `serde_json` takes for an object.

use proptest::prelude::*;

use super::naive::{self, Json};
use super::{Event, JsonFormat, Out, damage, events, read, whole};
use crate::input::decoders::plan::Plan;
use crate::model::mapping::{EntityField, Mapping, Template};

fn keys() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["a", "b", "c", "0", "1", "long-key-that-fits-in-no-literal-of-a-guess", "é\"\\", ""])
        .prop_map(str::to_owned)
}

fn json() -> impl Strategy<Value = Json> {
    let literals = vec!["null", "true", "false", "0", "-1.5e10", "12345678901234567890", "1e400"];
    let leaf = prop_oneof![
        prop::sample::select(literals).prop_map(Json::Literal),
        prop_oneof!["x[a-c]{0,3}", "x\\PC{0,40}", "x[\"\\\\\n/\u{1f600}é]{1,4}", Just(String::new())]
            .prop_map(Json::Text),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Json::Array),
            prop::collection::vec((keys(), inner.clone()), 0..6).prop_map(Json::Object),
            inner.prop_map(|json| Json::Inside(Box::new(json))),
        ]
    })
}

fn record() -> impl Strategy<Value = Json> {
    prop::collection::vec((keys(), json()), 0..7).prop_map(Json::Object)
}

/// Pointers over the same few names; `stars` of them have `*`.
fn pointer(stars: bool) -> impl Strategy<Value = String> {
    let mut segments = vec!["a", "b", "c", "0", "1", "long-key-that-fits-in-no-literal-of-a-guess", "é\"\\", "{}"];
    if stars {
        segments.extend(["*", "*"]);
    }
    prop::collection::vec(prop::sample::select(segments), 1..4).prop_map(|segments| format!("/{}", segments.join("/")))
}

fn template(stars: bool) -> impl Strategy<Value = Template> {
    prop_oneof![
        3 => pointer(stars).prop_map(Template),
        1 => (pointer(stars), pointer(false)).prop_map(|(a, b)| Template(format!("{{{a}}}-{{{b}}}"))),
    ]
}

fn mapping(stars: bool) -> impl Strategy<Value = Mapping> {
    let list = || prop::collection::vec(template(stars), 0..3);
    let kind = prop_oneof![Just(Template::from("kind")), template(false)];
    let entity = (kind, template(stars), any::<bool>()).prop_map(|(kind, id, stream)| EntityField { kind, id, stream });
    (list(), list(), list(), list(), prop::collection::vec(entity, 0..4)).prop_map(
        |(type_name, id, correlation, causation, entities)| Mapping {
            type_name,
            id,
            entities,
            correlation,
            causation,
            ..Mapping::default()
        },
    )
}

fn text(records: &[Json], spaces: bool, between: &str) -> String {
    let mut out = String::new();
    for (i, record) in records.iter().enumerate() {
        // Every other one, so that what was learned of one spacing meets another.
        record.write(spaces && i % 2 == 1, &mut out);
        out.push_str(between);
    }
    out
}

fn without_spans(outs: &[Out]) -> Vec<Event> {
    events(outs).into_iter().map(|event| Event { span: (0, 0), ..event.clone() }).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn rows_equal_those_of_the_plain_way(
        (records, mapping) in any::<bool>().prop_flat_map(|stars| (prop::collection::vec(record(), 1..5), mapping(stars))),
        spaces: bool,
        pieces in prop::collection::vec(1usize..200, 1..10),
    ) {
        let json_text = serde_json::to_string(&mapping).expect("a mapping");
        // Repeated members under `*` are two matches here and one there.
        let many = json_text.contains('*');
        let records: Vec<Json> = if many { records.into_iter().map(Json::without_repeats).collect() } else { records };
        let Ok(plan) = Plan::compile(mapping.clone(), "", None) else { return Ok(()) };
        let expected: Vec<Event> = records.iter().map(|record| naive::event(record, &mapping)).collect();
        let twice = [expected.clone(), expected].concat();
        let lines = text(&[records.clone(), records.clone()].concat(), spaces, "\n");
        let document = format!("{{\"x\":[1],\"events\":[{}]}}", text(&[records.clone(), records].concat(), spaces, ",").trim_end_matches(','));
        for (format, text) in [
            (JsonFormat::lines(plan.clone()), &lines),
            (JsonFormat::values(plan.clone()), &lines),
            (JsonFormat::document(plan.clone(), "/events").expect("a pointer"), &document),
        ] {
            let all = whole(&format, text.as_bytes());
            prop_assert_eq!(damage(&all), vec![]);
            prop_assert_eq!(&without_spans(&all), &twice, "{:?} {}", mapping, text);
            prop_assert_eq!(&read(&format, text.as_bytes(), &pieces), &all);
            for event in events(&all) {
                let record = &text.as_bytes()[event.span.0 as usize..][..event.span.1 as usize];
                let envelope = super::super::Format::decode(&format).envelope(record);
                prop_assert_eq!(&envelope.type_name, &event.type_name);
                prop_assert_eq!(&envelope.id, &event.id);
                let entities: Vec<String> = envelope.entities.iter().map(ToString::to_string).collect();
                prop_assert_eq!(&entities, &event.entities);
            }
        }
    }

    #[test]
    fn an_event_is_what_parses_as_an_object(
        record in record(),
        mapping in mapping(true),
        edits in prop::collection::vec((any::<prop::sample::Index>(), prop::sample::select(&b"{}[]\",:\\ 0-.eatrue\x01"[..]), 0u8..3), 0..3),
    ) {
        // Its shape is known from the lines before it.
        let known = text(&[record.clone(), record.clone(), record.clone()], false, "\n").into_bytes();
        let mut line = text(&[record], false, "").into_bytes();
        for (at, byte, what) in edits {
            if line.is_empty() { break; }
            let at = at.index(line.len());
            match what {
                0 => line[at] = byte,
                1 => line.insert(at, byte),
                _ => { line.remove(at); }
            }
        }
        line.push(b'\n');
        prop_assume!(std::str::from_utf8(&line).is_ok());
        let Ok(plan) = Plan::compile(mapping, "", None) else { return Ok(()) };
        let outs = whole(&JsonFormat::lines(plan), &[&*known, &*line, &*known].concat());
        let expected = match serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(&line) {
            Ok(_) => true,
            // Half a surrogate is bad text but no bad structure, and numbers may be any size.
            Err(error) if error.to_string().contains("surrogate") || error.to_string().contains("out of range") => {
                serde_json::from_slice::<serde::de::IgnoredAny>(&line).is_ok()
            }
            Err(_) => false,
        };
        prop_assert_eq!(events(&outs).len(), 6 + usize::from(expected), "{}", String::from_utf8_lossy(&line));
    }
}
