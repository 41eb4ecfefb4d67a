//! Facts of single files: counts, kinds, and the busiest entity with its first and last event.

use crate::log::{instant, open};

struct Fact {
    file: &'static str,
    envelope: &'static str,
    events: usize,
    undecodable: usize,
    timed: usize,
    types: usize,
    ids: usize,
    kinds: &'static [(&'static str, usize)],
    busiest: Option<Busiest>,
    /// Of all events with a time.
    range: Option<(&'static str, &'static str)>,
}

struct Busiest {
    kind: &'static str,
    id: &'static str,
    events: usize,
    first: (&'static str, &'static str),
    last: (&'static str, &'static str),
}

const NONE: Fact = Fact {
    file: "",
    envelope: "",
    events: 0,
    undecodable: 0,
    timed: 0,
    types: 0,
    ids: 0,
    kinds: &[],
    busiest: None,
    range: None,
};

const FACTS: &[Fact] = &[
    Fact {
        file: "ocel/example-log-ocel1.jsonocel",
        envelope: "ocel1",
        events: 23,
        timed: 23,
        types: 15,
        ids: 23,
        kinds: &[("delivery", 3), ("element", 9), ("order", 3)],
        busiest: Some(Busiest {
            kind: "order",
            id: "o3",
            events: 6,
            first: ("Create Order", "1981-01-04T00:00:00Z"),
            last: ("Send for Credit Collection", "1981-01-12T00:00:00Z"),
        }),
        ..NONE
    },
    Fact {
        file: "ocel/minimal.jsonocel",
        envelope: "ocel1",
        events: 3,
        timed: 3,
        types: 3,
        ids: 3,
        kinds: &[("item", 2), ("order", 1), ("package", 1), ("product", 1)],
        busiest: Some(Busiest {
            kind: "item",
            id: "i1",
            events: 2,
            first: ("place_order", "2020-07-09T08:20:01.527+01:00"),
            last: ("check_availability", "2020-07-09T08:21:01.527+01:00"),
        }),
        ..NONE
    },
    Fact {
        file: "ocel/minimal-nested.jsonocel",
        envelope: "ocel1",
        events: 3,
        timed: 3,
        types: 3,
        ids: 3,
        kinds: &[("item", 2), ("order", 1), ("package", 1), ("product", 1)],
        ..NONE
    },
    Fact {
        file: "ocel/ocel20-example.jsonocel",
        envelope: "ocel2",
        events: 13,
        timed: 13,
        types: 8,
        ids: 13,
        kinds: &[("Invoice", 3), ("Payment", 3), ("Purchase Order", 2), ("Purchase Requisition", 1)],
        busiest: Some(Busiest {
            kind: "Invoice",
            id: "R3",
            events: 5,
            first: ("Insert Invoice", "2022-02-02T08:00:00Z"),
            last: ("Insert Payment", "2022-02-28T22:00:00Z"),
        }),
        ..NONE
    },
    Fact {
        file: "caselogs/running-example.csv",
        envelope: "inferred",
        events: 42,
        timed: 42,
        types: 8,
        kinds: &[("case", 6)],
        busiest: Some(Busiest {
            kind: "case",
            id: "5",
            events: 13,
            first: ("register request", "2011-01-06T09:02:00+01:00"),
            last: ("reject request", "2011-01-24T14:56:00+01:00"),
        }),
        range: Some(("2010-12-30T11:02:00+01:00", "2011-01-24T14:56:00+01:00")),
        ..NONE
    },
    Fact {
        file: "cdc/debezium-postgres-products.ndjson",
        envelope: "debezium",
        events: 16,
        timed: 16,
        types: 4,
        kinds: &[("products", 11)],
        ..NONE
    },
    Fact {
        file: "cdc/debezium-many-tables.ndjson",
        envelope: "debezium",
        events: 4,
        undecodable: 17,
        timed: 4,
        types: 1,
        kinds: &[("flink", 1), ("ignore", 1), ("paimon_1", 1), ("paimon_2", 1)],
        ..NONE
    },
    Fact {
        file: "cdc/maxwell-products.ndjson",
        envelope: "maxwell",
        events: 20,
        timed: 20,
        types: 3,
        kinds: &[("product", 11)],
        ..NONE
    },
    Fact {
        file: "cloudevents/cdevents.ndjson",
        envelope: "cdevents",
        events: 24,
        timed: 24,
        types: 24,
        // The distinct pairs of source and id.
        ids: 5,
        ..NONE
    },
    Fact {
        file: "cloudevents/spec-json-format-examples.ndjson",
        envelope: "cloudevents",
        events: 6,
        timed: 5,
        types: 1,
        ids: 4,
        kinds: &[("source", 1)],
        ..NONE
    },
    Fact {
        file: "cloudtrail/aws.credential-access.secretsmanager-retrieve-secrets.json",
        envelope: "cloudtrail",
        events: 21,
        timed: 21,
        types: 2,
        ids: 21,
        kinds: &[("accessKey", 1)],
        busiest: Some(Busiest {
            kind: "accessKey",
            id: "AKIA1JMTHE9ZMZMWG0MG",
            events: 21,
            first: ("ListSecrets", "2024-07-31T12:36:48Z"),
            last: ("GetSecretValue", "2024-07-31T12:36:52Z"),
        }),
        ..NONE
    },
    Fact {
        file: "cloudtrail/ec2-proxy-s3.ndjson",
        envelope: "cloudtrail",
        events: 103,
        timed: 103,
        types: 26,
        ids: 103,
        // Five more calls were made by a service of AWS, which has no key: counted by caller there are three.
        kinds: &[("accessKey", 2)],
        busiest: Some(Busiest {
            kind: "accessKey",
            id: "ASIA5FLZVX4OI4ZDQJOL",
            events: 87,
            first: ("DescribeVolumes", "2020-09-14T00:44:20.000Z"),
            last: ("DescribeVolumes", "2020-09-14T00:57:44.000Z"),
        }),
        ..NONE
    },
    Fact {
        file: "webhooks/github-webhooks.ndjson.gz",
        envelope: "github",
        events: 197,
        // 182 hold a time as text; three more only as seconds (installations), which are times as well. The other
        // twelve have none.
        timed: 185,
        // Pairs of name and action.
        types: 99,
        kinds: &[("issue", 3), ("repository", 9)],
        ..NONE
    },
    Fact {
        file: "webhooks/stripe-events.ndjson",
        envelope: "stripe",
        events: 64,
        timed: 64,
        types: 62,
        ids: 2,
        range: Some(("2012-01-18T02:24:38Z", "2023-11-23T15:15:31Z")),
        ..NONE
    },
    Fact {
        file: "windows/smb-copy.ndjson.gz",
        envelope: "windows",
        events: 506,
        timed: 506,
        types: 23,
        ids: 506,
        kinds: &[("process", 20)],
        // By the time at which each record was logged (`@timestamp`); Sysmon's own `UtcTime` inside, by
        // which a process may also be ordered, is earlier by a second or two.
        range: Some(("2020-09-22T18:53:04.182Z", "2020-09-22T18:54:15.768Z")),
        ..NONE
    },
    Fact {
        file: "aws/dynamoStreamEvent.json",
        envelope: "dynamodb",
        events: 2,
        timed: 1,
        types: 2,
        ids: 2,
        kinds: &[("item", 1)],
        ..NONE
    },
    Fact {
        file: "aws/eventBridgeEvent.json",
        envelope: "eventbridge",
        events: 1,
        timed: 1,
        types: 1,
        ids: 1,
        kinds: &[("instance", 1)],
        range: Some(("2017-12-22T18:43:48Z", "2017-12-22T18:43:48Z")),
        ..NONE
    },
    Fact {
        file: "aws/s3EventBridgeNotificationObjectCreatedEvent.json",
        envelope: "eventbridge",
        events: 1,
        timed: 1,
        types: 1,
        ids: 1,
        kinds: &[("object", 1), ("bucket", 1)],
        busiest: Some(Busiest {
            kind: "object",
            id: "IMG_m7fzo3.jpg",
            events: 1,
            first: ("Object Created", "2023-03-08T17:50:14Z"),
            last: ("Object Created", "2023-03-08T17:50:14Z"),
        }),
        ..NONE
    },
    Fact { file: "aws/snsSqsEvent.json", envelope: "sqs", events: 1, timed: 1, types: 1, ids: 1, ..NONE },
    Fact { file: "aws/sqsDlqTriggerEvent.json", envelope: "sqs", events: 1, timed: 1, types: 1, ids: 1, ..NONE },
    Fact {
        file: "temporal/workflow1.json",
        envelope: "temporal",
        events: 25,
        timed: 25,
        types: 10,
        ids: 25,
        range: Some(("2020-07-30T00:30:02.971655189Z", "2020-07-30T00:30:03.070438610Z")),
        ..NONE
    },
    Fact {
        file: "traces/zipkin-yelp.json",
        envelope: "zipkin",
        events: 16,
        timed: 16,
        types: 12,
        ids: 13,
        kinds: &[("service", 6)],
        ..NONE
    },
    Fact { file: "traces/jaeger-flamegraph.json", envelope: "jaeger", events: 4, timed: 4, types: 4, ids: 4, ..NONE },
    Fact { file: "traces/otlp-single.json", envelope: "otlp_spans", events: 2, timed: 2, types: 1, ids: 1, ..NONE },
    Fact {
        file: "matrix/bootstrap-public-chat.json",
        envelope: "matrix",
        events: 8,
        timed: 8,
        types: 6,
        ids: 8,
        kinds: &[("room", 1), ("user", 2)],
        ..NONE
    },
    Fact {
        file: "atproto/deactivation.json",
        envelope: "atproto",
        events: 8,
        timed: 8,
        types: 2,
        ids: 8,
        kinds: &[("repo", 1)],
        ..NONE
    },
    Fact { file: "eiffel/build-avoidance.json", envelope: "eiffel", events: 16, timed: 16, types: 4, ids: 16, ..NONE },
];

#[test]
fn files_hold_what_was_counted_in_them() {
    for fact in FACTS {
        let file = fact.file;
        let (log, _) = open(file).unwrap_or_else(|error| panic!("{file}: {error}\n{}", error.details));
        assert_eq!(log.envelope, fact.envelope, "{file}");
        assert_eq!((log.events.len(), log.undecodable), (fact.events, fact.undecodable), "{file}");
        let times: Vec<i64> = log.events.iter().filter_map(|event| event.time).collect();
        assert_eq!(times.len(), fact.timed, "events with a time in {file}");
        assert_eq!(log.types().len(), fact.types, "types in {file}: {:?}", log.types());
        assert_eq!(log.count_distinct(|event| event.id.clone().into_iter().collect()), fact.ids, "ids in {file}");
        for (kind, ids) in fact.kinds {
            assert_eq!(log.ids_of_kind(kind), *ids, "{kind} in {file}");
        }
        if let Some((first, last)) = fact.range {
            let range = (times.iter().min().copied(), times.iter().max().copied());
            assert_eq!(range, (Some(instant(first)), Some(instant(last))), "{file}");
        }
        if let Some(busiest) = &fact.busiest {
            assert_eq!(log.busiest(busiest.kind), (busiest.id.to_owned(), busiest.events), "{file}");
            let events = log.events_of(busiest.kind, busiest.id);
            let ends = [events.first(), events.last()];
            for (event, (type_name, time)) in ends.into_iter().flatten().zip([busiest.first, busiest.last]) {
                assert_eq!(event.time, Some(instant(time)), "{file}");
                // Events of one instant have no order of their own.
                let at_once = events.iter().any(|other| other.time == event.time && other.type_name == type_name);
                assert!(at_once, "{file}: {} instead of {type_name}", event.type_name);
            }
        }
    }
}

#[test]
fn changes_are_named_as_people_name_them() {
    let named = |file: &str| open(file).map(|(log, _)| log.types()).unwrap_or_default();
    let expected = |list: &[(&str, usize)]| list.iter().map(|(n, c)| ((*n).to_owned(), *c)).collect::<Vec<_>>();
    assert_eq!(
        named("cdc/debezium-postgres-products.ndjson"),
        expected(&[("delete", 1), ("insert", 2), ("snapshot", 9), ("update", 4)])
    );
    assert_eq!(named("cdc/maxwell-products.ndjson"), expected(&[("delete", 3), ("insert", 11), ("update", 6)]));
}

#[test]
fn an_issue_and_a_pull_request_share_their_number() {
    let (log, _) = open("webhooks/github-webhooks.ndjson.gz").expect("opens");
    assert_eq!(log.busiest("issue"), ("Codertocat/Hello-World#2".to_owned(), 38));
}

#[test]
fn causes_and_chains_are_found() {
    let links = |file: &str| {
        let (log, _) = open(file).expect("opens");
        log.events.iter().map(|event| event.causes.len()).sum::<usize>()
    };
    assert_eq!(links("temporal/workflow1.json"), 27);
    assert_eq!(links("matrix/bootstrap-public-chat.json"), 7);
    assert_eq!(links("eiffel/build-avoidance.json"), 30);
    let (log, _) = open("cloudevents/cdevents.ndjson").expect("opens");
    assert_eq!(log.events.iter().filter(|event| !event.correlations.is_empty()).count(), 22);
    assert_eq!(log.count_distinct(|event| event.correlations.clone()), 1);
}

#[test]
fn a_list_of_state_is_no_log() {
    let error = open("matrix/resolved-minimal_public_chat.json").err().expect("no events in it");
    assert!(error.summary.contains("Nothing in this document looks like an event"), "{error}");
    assert!(!error.next_step.is_empty());
}
