//! The chain of the selected event: four views of one selection.

use egui_kittest::kittest::Queryable as _;
use eventglass::app::command::SelectCommand;
use eventglass::model::ids::EventIx;
use eventglass::store::testing::{Builder, TestEvent};

use crate::harness::{World, click_at, settle, window};
use crate::journeys::journeys;

pub type Harness = egui_kittest::Harness<'static, World>;

/// A window with the chain of this event.
pub fn opened(world: World, event: u64, size: [f32; 2], dark: bool) -> Harness {
    let mut world = world;
    world.ask(SelectCommand::Event(EventIx(event)).into());
    let mut harness = window(world, size, dark);
    settle(&mut harness);
    harness
}

pub fn mode(harness: &mut Harness, label: &str) {
    harness.get_by_label(label).click();
    settle(harness);
}

pub fn selected(harness: &Harness) -> Option<u64> {
    harness.state().state.selection.event.map(|event| event.0)
}

#[test]
fn an_order_is_followed_in_all_four_views() {
    let mut harness = opened(World::new("chain", journeys()), 2, [560.0, 520.0], true);
    assert!(harness.query_by_label_contains("7 events of 5 services in 15 min").is_some());
    assert!(harness.query_by_label_contains("req-000").is_some());
    // The third row of the list below two lines of tools and the titles.
    click_at(&mut harness, 240.0, 132.0);
    let there = selected(&harness).expect("a row was clicked");
    assert_ne!(there, 2);
    for view in ["Waterfall", "Graph", "Sequence"] {
        mode(&mut harness, view);
        assert_eq!(selected(&harness), Some(there), "{view} shows the same selection");
    }
    // The sequence's first message.
    click_at(&mut harness, 300.0, 148.0);
    assert!(selected(&harness).is_some_and(|event| event < 7), "{:?}", selected(&harness));
}

#[test]
fn the_chain_stays_while_its_events_are_selected() {
    let mut harness = opened(World::new("chain", journeys()), 2, [560.0, 400.0], true);
    harness.state_mut().ask(SelectCommand::Event(EventIx(4)).into());
    settle(&mut harness);
    let start = |harness: &Harness| harness.state().jobs.chain.answer().map(|answer| answer.start.0);
    assert_eq!(start(&harness), Some(2));
    harness.get_by_label("Follow from here").click();
    settle(&mut harness);
    assert_eq!(start(&harness), Some(4));
    harness.state_mut().ask(SelectCommand::Event(EventIx(9)).into());
    settle(&mut harness);
    assert_eq!(start(&harness), Some(9), "another chain");
}

#[test]
fn repetitions_are_folded_and_counted() {
    let mut builder = Builder::new();
    for n in 0..12 {
        builder.push(TestEvent {
            time: Some(n * 1_000_000),
            type_name: if n == 0 { "Asked" } else { "Retried" }.to_owned(),
            service: "web".to_owned(),
            id: format!("e{n}"),
            correlations: vec!["c".to_owned()],
            causes: if n == 0 { vec!["lost".to_owned()] } else { vec![format!("e{}", n - 1)] },
            ..TestEvent::default()
        });
    }
    let mut harness = opened(World::new("chain", builder.build()), 0, [560.0, 420.0], true);
    harness.get_by_label("1 cause is not in this log").click();
    settle(&mut harness);
    assert!(harness.query_by_label_contains("lost, named by").is_some());
    mode(&mut harness, "Sequence");
    mode(&mut harness, "Fold repetitions");
    assert!(harness.query_by_label("10 of 12 events are folded").is_some());
    harness.get_by_label("Show all").click();
    settle(&mut harness);
    assert!(harness.query_by_label("10 of 12 events are folded").is_none());
}

#[cfg(feature = "image-tests")]
#[test]
fn pictures() {
    let mut results = egui_kittest::SnapshotResults::new();
    for dark in [true, false] {
        let theme = if dark { "dark" } else { "light" };
        let mut harness = opened(World::new("chain", journeys()), 4, [720.0, 420.0], dark);
        harness.snapshot(format!("chain_list_{theme}"));
        for view in ["Waterfall", "Graph", "Sequence"] {
            mode(&mut harness, view);
            harness.snapshot(format!("chain_{}_{theme}", view.to_lowercase()));
        }
        results.extend_harness(&mut harness);
    }
    let mut harness = window(World::new("chain", journeys()), [420.0, 300.0], true);
    harness.snapshot("chain_empty");
    results.extend_harness(&mut harness);
}
