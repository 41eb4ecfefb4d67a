//! Rules that were written for a domain, held against the states that the domain's authors expect.

use super::{Input, Value, history, json, opened, states};

/// Microsoft's metered billing: nine events and the state after each, of which the pings belong to no
/// entity, so that all events of the folder are folded.
#[test]
fn metered_billing_is_what_its_authors_expect_after_every_event() {
    let folder = crate::log::data("billing/RefreshIncludedQuantitiesMonthly");
    let mut names: Vec<String> = std::fs::read_dir(&folder)
        .expect("a folder of tests/data")
        .map(|entry| entry.expect("readable").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    let (expected, events): (Vec<String>, Vec<String>) =
        names.into_iter().partition(|name| name.ends_with("--state.json"));
    assert_eq!((events.len(), expected.len()), (9, 9));
    let paths: Vec<String> =
        events.iter().map(|name| format!("tests/data/billing/RefreshIncludedQuantitiesMonthly/{name}")).collect();
    let log = opened(&paths.iter().map(String::as_str).collect::<Vec<_>>());
    let events: Vec<Input> = (0..log.len()).map(|row| input(&log, row)).collect();
    let rules = std::fs::read_to_string(crate::log::data("rules/billing.rules")).expect("rules");
    let (states, said) = states(&rules, &events);
    assert!(said.is_empty(), "{said:?}");
    for (state, name) in states.iter().zip(expected) {
        let theirs = std::fs::read_to_string(folder.join(&name)).expect("a state");
        let theirs = json(&theirs);
        let meter = "meters/0/subscription/plan/billingDimensions/dimAsWeCallItAppInternally/meter";
        let at = |path: &str| eventglass::analysis::state::path::Path::parse(&format!("/{path}")).get(&theirs).cloned();
        assert_eq!(state.member("meter").cloned(), at(meter), "{name}");
        // Whole hours are beyond rules: what is reported is compared without its hour.
        let plain = |value: Option<Value>| value.map(|value| value.to_string()).unwrap_or_default();
        let [theirs, ours] = [at("meters/0/usageToBeReported/0/quantity"), first(state, "quantity")];
        assert_eq!(ours, theirs, "{name} {}", plain(ours.clone()));
        assert_eq!(first(state, "dimension"), at("meters/0/usageToBeReported/0/dimension"), "{name}");
    }
}

fn first(state: &Value, name: &str) -> Option<Value> {
    match state.member("usageToBeReported")? {
        Value::List(reported) => reported.get(0)?.member(name).cloned(),
        _ => None,
    }
}

fn input(log: &std::sync::Arc<eventglass::store::snapshot::Snapshot>, row: u64) -> Input {
    let event = eventglass::model::ids::EventIx(row);
    let record = log.record(event).expect("its record");
    let source = &log.sources()[log.source_of(event).expect("its source").0.at()];
    Input {
        type_name: log.types()[log.type_ix(event).at()].name.clone(),
        time: log.time(event),
        data: json(&source.decode.data_json(&record).expect("a payload")),
        ..Input::default()
    }
}

#[test]
fn the_sample_s_own_rules_make_the_account() {
    let log = opened(&["sample-data/bank.ndjson"]);
    let path = crate::log::data("../../sample-data/account.rules");
    let rules = std::fs::read_to_string(path).expect("the sample's rules");
    let (states, said) = states(&rules, &history(&log, "account", "account-123"));
    assert!(said.is_empty(), "{said:?}");
    let balances: Vec<String> = states.iter().filter_map(|state| Some(state.member("balance")?.to_string())).collect();
    assert_eq!(balances, ["0", "100", "70", "120"]);
}
