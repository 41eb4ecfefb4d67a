//! The chain's drawings by keyboard and for screen readers, odd chains, and ids that are no chains.

use egui::Key;
use egui_kittest::kittest::Queryable as _;
use eventglass::analysis::trace::CONSTANT_FROM;
use eventglass::store::testing::{Builder, TestEvent};

use crate::chain::{Harness, mode, opened, selected};
use crate::harness::{World, click_at, settle};
use crate::journeys::journeys;

fn press(harness: &mut Harness, key: Key) {
    harness.key_press(key);
    settle(harness);
}

/// A hundred thousand events take a moment.
fn found(harness: &mut Harness) {
    assert!(harness.state().jobs.chain.wait(std::time::Duration::from_mins(1)));
    settle(harness);
}

fn event(id: &str, ms: i64, service: &str, causes: &[&str]) -> TestEvent {
    TestEvent {
        time: Some(1_771_237_800_000_000_000 + ms * 1_000_000),
        type_name: format!("Event{}", id.to_uppercase()),
        service: service.to_owned(),
        id: id.to_owned(),
        entities: vec!["order:1".to_owned()],
        correlations: vec!["c".to_owned()],
        causes: causes.iter().map(|&cause| cause.to_owned()).collect(),
        ..TestEvent::default()
    }
}

/// All that is odd in one chain: a circle, a self-cause, a lost cause, long arrows, clocks that differ.
fn odd() -> World {
    let events = [
        event("a", 0, "web", &["c"]),
        event("b", 100, "shop", &["a"]),
        event("c", 200, "shop", &["b"]),
        event("d", 300, "mail", &["c", "a", "lost", "gone"]),
        event("e", 250, "stock", &["d"]),
        event("f", 400, "mail", &["f", "e", "b"]),
        TestEvent { time: None, ..event("g", 0, "mail", &["f"]) },
    ];
    World::new("chain", events.into_iter().fold(Builder::new(), Builder::event).build())
}

#[test]
fn arrows_follow_causes_and_effects_in_every_drawing() {
    for view in ["Waterfall", "Graph", "Sequence"] {
        let mut harness = opened(World::new("chain", journeys()), 2, [640.0, 520.0], true);
        mode(&mut harness, view);
        harness.get_by_label_contains("PaymentRequested, ").focus();
        settle(&mut harness);
        press(&mut harness, Key::ArrowRight);
        assert_eq!(selected(&harness), Some(2), "{view}: the focus moves alone");
        press(&mut harness, Key::Enter);
        assert_eq!(selected(&harness), Some(3), "{view}: Enter selects");
        for (keys, expected) in [
            (&[Key::ArrowLeft, Key::ArrowLeft][..], 1),
            (&[Key::Home], 0),
            (&[Key::ArrowDown, Key::ArrowDown], 2),
            (&[Key::End], 6),
            // The shipment follows the confirmation, as the mail above it does.
            (&[Key::ArrowLeft], 4),
            (&[Key::ArrowUp], 3),
        ] {
            keys.iter().for_each(|&key| press(&mut harness, key));
            press(&mut harness, Key::Enter);
            assert_eq!(selected(&harness), Some(expected), "{view}: {keys:?}");
        }
    }
}

#[test]
fn every_event_is_a_node_that_a_click_selects() {
    let mut harness = opened(World::new("chain", journeys()), 2, [1700.0, 520.0], true);
    let clicks = [("Waterfall", "EmailSent, ", 5), ("Graph", "StockReserved, ", 1), ("Sequence", "OrderPlaced, ", 0)];
    for (view, name, expected) in clicks {
        mode(&mut harness, view);
        harness.get_by_label_contains(name).click();
        settle(&mut harness);
        assert_eq!(selected(&harness), Some(expected), "{view}");
    }
}

#[test]
fn findings_are_told_at_their_events_and_events_without_a_time_are_counted() {
    let mut harness = opened(odd(), 3, [1700.0, 520.0], true);
    for _ in 0..40 {
        settle(&mut harness);
        if harness.state().jobs.lints.slot.answer().is_some() {
            break;
        }
    }
    mode(&mut harness, "Waterfall");
    assert!(harness.query_by_label_contains("1 event has no time and no place here").is_some());
    for view in ["Waterfall", "Graph", "Sequence"] {
        mode(&mut harness, view);
        let told = harness.query_by_label_contains("EventE, ").expect("it is a node");
        let label = format!("{told:?}");
        assert!(label.contains("come before their cause"), "{view}: {label}");
    }
}

#[test]
fn a_constant_is_a_list_and_another_id_may_be_chosen() {
    let mut builder = Builder::new();
    for n in 0..CONSTANT_FROM as i64 {
        let correlations: &[&str] = if n < 3 { &["same", "trace-1"] } else { &["same"] };
        let correlations = correlations.iter().map(|&id| id.to_owned()).collect();
        builder.push(TestEvent { correlations, ..event(&format!("e{n}"), n, "shop", &[]) });
    }
    let mut harness = opened(World::new("chain", builder.build()), 90_000, [720.0, 420.0], true);
    found(&mut harness);
    assert!(harness.query_by_label_contains("100,000 events have the correlation id same").is_some());
    click_at(&mut harness, 300.0, 140.0);
    found(&mut harness);
    let there = selected(&harness).expect("a row was clicked");
    assert_ne!(there, 90_000);
    assert!(harness.query_by_label("Show only these events").is_some(), "it is still the list");
    harness.state_mut().ask(eventglass::app::command::SelectCommand::Clear.into());
    let mut harness = opened(World::new("chain", harness.state().snapshot.clone()), 1, [720.0, 420.0], true);
    found(&mut harness);
    assert!(harness.query_by_label_contains("3 events of 1 service").is_some());
    harness.get_by_label("by all 2 ids").click();
    settle(&mut harness);
    #[cfg(feature = "image-tests")]
    harness.snapshot("chain_choice");
    harness.get_by_label("same").click();
    settle(&mut harness);
    found(&mut harness);
    assert!(harness.query_by_label("Show only these events").is_some());
    #[cfg(feature = "image-tests")]
    harness.snapshot("chain_constant");
    harness.get_by_label("by same").click();
    settle(&mut harness);
    harness.get_by_label("trace-1").click();
    settle(&mut harness);
    found(&mut harness);
    assert!(harness.query_by_label_contains("3 events of 1 service").is_some());
}

#[test]
fn the_ending_of_a_path_says_what_is_saved() {
    use eventglass::app::Command;
    use eventglass::app::command::WindowCommand;
    let mut harness = opened(World::new("chain", journeys()), 2, [900.0, 520.0], true);
    mode(&mut harness, "Waterfall");
    let mut saved = |ending: &str| {
        harness.get_by_label("Export").click();
        settle(&mut harness);
        harness.get_by_label("Save as SVG, PNG or text…").click();
        settle(&mut harness);
        harness.get_by_label("Path of the diagram").type_text(ending);
        settle(&mut harness);
        harness.get_by_label("Save").click();
        settle(&mut harness);
        harness.state().commands.last().cloned()
    };
    let Some(Command::Window(WindowCommand::Save { path, text, .. })) = saved("") else { panic!("nothing is saved") };
    assert!(path == "waterfall.svg" && text.starts_with("<svg ") && text.contains("<circle "), "{path}");
    let Some(Command::Window(WindowCommand::SavePicture { path, part, .. })) = saved(".png") else {
        panic!("no picture is saved")
    };
    let [left, top, right, bottom] = part;
    assert_eq!(path, "waterfall.svg.png");
    assert!(right - left > 800.0 && bottom - top > 300.0 && top > 60.0, "the drawing alone: {part:?}");
}

#[cfg(feature = "image-tests")]
#[test]
fn pictures_of_odd_chains() {
    let mut results = egui_kittest::SnapshotResults::new();
    for dark in [true, false] {
        let theme = if dark { "dark" } else { "light" };
        let mut harness = opened(odd(), 3, [1024.0, 420.0], dark);
        settle(&mut harness);
        for view in ["List", "Waterfall", "Graph", "Sequence"] {
            mode(&mut harness, view);
            harness.snapshot(format!("chain_odd_{}_{theme}", view.to_lowercase()));
        }
        results.extend_harness(&mut harness);
    }
}
