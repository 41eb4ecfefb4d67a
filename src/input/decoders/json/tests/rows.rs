//! What rows are made of well-formed records.

use super::{Event, JsonFormat, Out, SHOP, events, plan, whole};

fn row(mapping: &str, record: &str) -> Event {
    let outs = whole(&JsonFormat::lines(plan(mapping)), record.as_bytes());
    let [Out::Event(event)] = outs.as_slice() else { panic!("one event expected: {outs:?}") };
    event.clone()
}

#[test]
fn all_roles_of_an_event() {
    let record = r#"{"eventType":"OrderPlaced","eventId":"e1","timestamp":"2026-02-16T10:30:00Z","entityType":"order","aggregateId":"o1","version":7,"correlationId":"c1","causationId":null,"service":"shop","data":{"orderId":"o2","items":[{"productId":"p1"},{"n":1},{"productId":"p2"},{"productId":"p1"}]}}"#;
    let event = row(SHOP, record);
    assert_eq!(event.type_name, "OrderPlaced");
    assert_eq!(event.id.as_deref(), Some("e1"));
    assert_eq!(event.time, Some(1_771_237_800_000_000_000));
    assert_eq!(event.service.as_deref(), Some("shop"));
    assert_eq!(event.version, Some(7));
    assert_eq!(event.entities, ["order:o1", "order:o2", "product:p1", "product:p2"], "the stream first, no repeats");
    assert_eq!((event.correlations, event.causes), (vec!["c1".to_owned()], vec![]));
    assert_eq!(event.span, (0, record.len() as u32));
}

#[test]
fn ids_as_templates_give_them() {
    let check = |template: &str, record: &str, expected: Option<&str>| {
        let mapping = serde_json::json!({ "id": [template] }).to_string();
        assert_eq!(row(&mapping, record).id.as_deref(), expected, "{template} of {record}");
    };
    check("/a", r#"{"a":"x"}"#, Some("x"));
    check("/a", r#"{"a":"x\u00e9\n\"y"}"#, Some("xé\n\"y"));
    check("/a", r#"{"a":9007199254740993}"#, Some("9007199254740993"));
    check("/a", r#"{"a":1e400}"#, Some("1e400"));
    check("/a", r#"{"a":true}"#, Some("true"));
    check("/a", r#"{"a":null}"#, None);
    check("/a", r#"{"a":""}"#, None);
    check("/a", r#"{"a":{"b":1}}"#, None);
    check("/a", r#"{"a":[1]}"#, None);
    check("/a", r#"{"b":1}"#, None);
    check("/a", r"{}", None);
    check("/a/b", r#"{"a":{"x":[{"b":2}],"b":1}}"#, Some("1"));
    check("/a/b", r#"{"a":[{"b":1}]}"#, None);
    check("/a/1/b", r#"{"a":[{"b":1},{"b":2}]}"#, Some("2"));
    check("/a/1/b", r#"{"a":{"1":{"b":3}}}"#, Some("3"));
    check("/a/*/b", r#"{"a":[{"c":1},{"b":2},{"b":3}]}"#, Some("2"));
    check("/a~1b/~0", r#"{"a/b":{"~":"t"}}"#, Some("t"));
    check("/a b/ü", r#"{"a\u0020b":{"\u00fc":"t"}}"#, Some("t"));
    check("/a/{}/b", r#"{"a":"{\"b\":\"x\\ny\"}"}"#, Some("x\ny"));
    check("/a/{}/b/{}/c", r#"{"a":"{\"b\":\"{\\\"c\\\":5}\"}"}"#, Some("5"));
    check("/a/{}/b", r#"{"a":"{\"b\":1} tail"}"#, None);
    check("/a/{}/b", r#"{"a":"no json"}"#, None);
    check("{/a}#{/b}", r#"{"a":"x","b":2}"#, Some("x#2"));
    check("{/a}#{/b}", r#"{"a":"x"}"#, None);
    check("{/a|before:-}", r#"{"a":"order-1-2"}"#, Some("order"));
    check("{/a|after:-}", r#"{"a":"order-1-2"}"#, Some("1-2"));
    check("{/a|before:-}", r#"{"a":"order"}"#, None);
    check("{/a|after:-}", r#"{"a":"order"}"#, Some("order"));
    check("{/a|after:://|before:/}", r#"{"a":"http://host/path"}"#, Some("host"));
    check("{/a|names:c=insert,d=delete}", r#"{"a":"d"}"#, Some("delete"));
    check("{/a|names:c=insert,d=delete}", r#"{"a":"x"}"#, Some("x"));
    check("{/a|else:none}", r#"{"b":"x"}"#, Some("none"));
    check("{/a|else:none}!", r#"{"a":"x"}"#, Some("x!"));
    check("{@file}", "{}", Some("file.json"));
    check("constant", "{}", Some("constant"));
    check("/body/{}/id", r#"{"body":"{\"id\":\"i\"}"}"#, Some("i"));
    check("{/body/{}/id|after:-}", r#"{"body":"{\"id\":\"o-i\"}"}"#, Some("i"));
}

#[test]
fn texts_that_are_put_together_come_where_nothing_else_is() {
    let mapping = r#"{"id":["/id","{/t}/{/o}","/n"],"service":["{/s|else:none}"],"type":["/type","{/t}!","word"],
        "entities":[{"kind":"order","id":"/order"},{"kind":"{/t|before:-}","id":"/order"}],
        "correlation":["/c","{/trace|after:=}"]}"#;
    let records = [
        (r#"{"id":"a","order":"1","c":"x","type":"T"}"#, "a T [order:1] [x]"),
        (r#"{"t":"t-1","o":2,"order":"1"}"#, "t-1/2 t-1! [order:1, t:1] []"),
        (r#"{"n":3,"trace":"r=y","c":"x"}"#, "3 word [] [x, y]"),
        (r#"{"n":4,"o":2,"id":"é\n"}"#, "é\n word [] []"),
        (r#"{"t":"t","n":5}"#, "5 t! [] []"),
        (r#"{"n":6,"order":"2"}"#, "6 word [order:2] []"),
        ("{}", " word [] []"),
    ];
    for service in ["{/s|else:none}", "/s"] {
        let log = records.map(|(record, _)| record).join("\n");
        let outs = whole(&JsonFormat::lines(plan(&mapping.replace("{/s|else:none}", service))), log.as_bytes());
        assert_eq!(outs.len(), records.len());
        for (out, (record, expected)) in outs.iter().zip(records) {
            let Out::Event(event) = out else { panic!("an event expected: {out:?}") };
            let (id, kind) = (event.id.as_deref().unwrap_or_default(), &event.type_name);
            let lists = [&event.entities, &event.correlations].map(|list| list.join(", "));
            assert_eq!(format!("{id} {kind} [{}] [{}]", lists[0], lists[1]), expected, "{service}: {record}");
        }
    }
}

#[test]
fn the_last_of_equal_keys_counts() {
    let mapping = r#"{"id": ["/a"], "type": ["/d/x"], "correlation": ["/d/l/*", "/d/y"]}"#;
    let event = row(mapping, r#"{"a":1,"d":{"x":"old","y":"old","l":[1,2]},"a":2,"d":{"x":"new","l":[3]}}"#);
    assert_eq!((event.id.as_deref(), event.type_name.as_str()), (Some("2"), "new"));
    assert_eq!(event.correlations, ["3"], "nothing is left of the first d");
    let event = row(mapping, r#"{"a":1,"d":{"x":"old"},"d":5,"a":null}"#);
    assert_eq!((event.id, event.type_name.as_str()), (None, ""));
}

#[test]
fn values_of_one_element_stay_together() {
    let mapping =
        r#"{"entities": [{"kind": "{/r/*/t}", "id": "/r/*/id"}], "correlation": ["{/r/*/t}/{/r/*/id}@{/z}"]}"#;
    let event = row(mapping, r#"{"r":[{"t":"a","id":"1"},{"id":"2"},{"t":"c"},{"id":"4","t":"d"}],"z":"end"}"#);
    assert_eq!(event.entities, ["a:1", "d:4"]);
    assert_eq!(event.correlations, ["a/1@end", "d/4@end"]);
}

#[test]
fn many_entities_are_without_repeats_too() {
    let items: Vec<String> = (0..1000).map(|i| format!(r#"{{"productId":{}}}"#, i % 300)).collect();
    let record = format!(r#"{{"data":{{"items":[{}]}}}}"#, items.join(","));
    let event = row(SHOP, &record);
    assert_eq!(event.entities.len(), 300);
    assert_eq!(event.entities.last().map(String::as_str), Some("product:299"));
}

#[test]
fn versions_are_whole_numbers_that_fit() {
    for (text, version) in [
        ("7", Some(7)),
        ("\"7\"", Some(7)),
        ("-1", None),
        ("1.0", None),
        ("4294967295", Some(u32::MAX)),
        ("4294967296", None),
    ] {
        assert_eq!(row(SHOP, &format!(r#"{{"version":{text}}}"#)).version, version, "{text}");
    }
}

#[test]
fn objects_kinds_come_from_the_table() {
    #[derive(Debug)]
    struct Table;
    impl crate::input::decoders::plan::ObjectKinds for Table {
        fn kind(&self, id: &[u8]) -> Option<&[u8]> {
            (id == b"o1").then_some(b"Order")
        }
    }
    let mapping = super::mapping(r#"{"entities": [{"kind": "{/r/*/objectId|object}", "id": "/r/*/objectId"}]}"#);
    let plan = super::Plan::compile(mapping, "", Some(std::sync::Arc::new(Table))).expect("a plan");
    let outs = whole(&JsonFormat::lines(plan), br#"{"r":[{"objectId":"o1"},{"objectId":"o2"}]}"#);
    assert_eq!(events(&outs)[0].entities, ["Order:o1"]);
}

#[test]
fn keys_in_any_order_and_any_spacing_are_found() {
    let lines = [
        r#"{"eventType":"A","eventId":"1","version":1,"service":"s","aggregateId":"x","entityType":"k"}"#,
        r#"{"service":"s","eventType":"B","eventId":"2","version":2,"aggregateId":"x","entityType":"k"}"#,
        r#"{ "eventType" : "C" , "extra" : {"eventId": 9, "a": ["]", "}", "\""]} , "eventId" : "3" , "service":"s", "version":3 ,"aggregateId":"x","entityType":"k"}  "#,
        r#"{"entityType": "k","aggregateId":  "x","version": 4,"eventId":"4","eventType":"D","service":"s"}"#,
    ];
    let text = [lines, lines, lines].concat().join("\r\n");
    let outs = whole(&JsonFormat::lines(plan(SHOP)), text.as_bytes());
    let found: Vec<_> = events(&outs).iter().map(|e| (e.type_name.clone(), e.version, e.entities.clone())).collect();
    assert_eq!(found.len(), 12);
    for (i, (name, version, entities)) in found.iter().enumerate() {
        assert_eq!(name.as_str(), ["A", "B", "C", "D"][i % 4]);
        assert_eq!((*version, entities.as_slice()), (Some(i as u32 % 4 + 1), &["k:x".to_owned()][..]));
    }
}

#[test]
fn more_than_64_fields_are_refused() {
    let ids: Vec<String> = (0..65).map(|i| format!("/f{i}")).collect();
    let mapping = serde_json::json!({ "correlation": ids }).to_string();
    let error = super::Plan::compile(super::mapping(&mapping), "", None).expect_err("too many");
    assert!(error.summary.contains("64 fields"), "{error}");
}
