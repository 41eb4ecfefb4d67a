//! The window without a display: pages, keys, palette, errors. Reads real files through the real
//! threads, so each step waits until it is there.

use std::time::{Duration, Instant};

use eframe::egui::{self, Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;

use super::window::{Start, Window};
use crate::app::settings::{Settings, ThemeChoice};
use crate::app::state::Overlay;
use crate::input::sources::broker::Url;

/// A window that draws as eframe would make it.
fn window(start: Start) -> Harness<'static, Window> {
    let ctx = egui::Context::default();
    let window = Window::new(&ctx, start);
    let mut dressed = false;
    let app = move |ui: &mut egui::Ui, window: &mut Window| {
        if !std::mem::replace(&mut dressed, true) {
            // Fonts and styles belong to the context that draws.
            crate::gui::theme::install_fonts(ui.ctx());
            crate::gui::theme::apply(ui.ctx());
            ui.ctx().request_repaint();
            return;
        }
        let ctx = ui.ctx().clone();
        window.take_in(&ctx);
        window.draw(ui);
    };
    let size = egui::vec2(1280.0, 800.0);
    let builder = Harness::builder().with_size(size).with_max_steps(30).with_accessibility_check(false);
    builder.build_ui_state(app, window)
}

/// Draws until it is so.
fn until(harness: &mut Harness<'_, Window>, what: &str, is_so: impl Fn(&Harness<'_, Window>) -> bool) {
    let end = Instant::now() + Duration::from_secs(30);
    while !is_so(harness) {
        assert!(Instant::now() < end, "{what}");
        std::thread::sleep(Duration::from_millis(5));
        harness.step();
    }
}

fn log_file() -> (tempfile::TempDir, String) {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let path = dir.path().join("orders.ndjson");
    let line = |i: u32| {
        let kind = if i.is_multiple_of(3) { "OrderPlaced" } else { "OrderPaid" };
        let time = format!("2026-02-16T10:{:02}:00Z", i % 60);
        format!(
            "{{\"eventType\":\"{kind}\",\"eventId\":\"e{i}\",\"timestamp\":\"{time}\",\"data\":{{\"orderId\":\"o{}\"}}}}\n",
            i % 4
        )
    };
    std::fs::write(&path, (0..30).map(line).collect::<String>()).expect("can be written");
    (dir, path.display().to_string())
}

fn opened() -> (tempfile::TempDir, Harness<'static, Window>) {
    let (dir, path) = log_file();
    let how = crate::app::session::How { no_cache: true, ..Default::default() };
    let mut harness = window(Start { paths: vec![path], how, ..Start::default() });
    until(&mut harness, "the log is read", |h| h.state().snapshot.len() == 30 && !h.state().is_reading());
    harness.step();
    (dir, harness)
}

#[test]
fn the_start_page_offers_files_and_samples() {
    let mut harness = window(Start::default());
    harness.step();
    harness.step();
    harness.get_by_label("Open files…");
    harness.get_by_label("Path");
    harness.get_by_label("Open A shop").click();
    until(&mut harness, "the sample is read", |h| h.state().snapshot.len() > 100);
    assert!(harness.state().session.is_some());
}

#[test]
fn a_file_that_is_not_there_is_said_with_the_next_step() {
    let mut harness = window(Start { paths: vec!["/no/such/file.ndjson".to_owned()], ..Start::default() });
    until(&mut harness, "the failure is told", |h| !h.state().failures.is_empty());
    harness.step();
    harness.step();
    harness.get_by_label("Try again");
    harness.get_by_label("Back to the start page").click();
    harness.step();
    harness.step();
    harness.get_by_label("Open files…");
}

#[test]
fn files_of_a_folder_that_are_no_logs_are_one_notice() {
    let (dir, _log) = log_file();
    for name in ["README.md", "state.json"] {
        std::fs::write(dir.path().join(name), "{\"quota\": 5}").expect("a file");
    }
    let how = crate::app::session::How { no_cache: true, ..Default::default() };
    let paths = vec![dir.path().to_string_lossy().into_owned()];
    let mut harness = window(Start { paths, how, ..Start::default() });
    until(&mut harness, "the log is read", |h| h.state().snapshot.len() == 30 && !h.state().is_reading());
    harness.step();
    harness.step();
    assert!(harness.state().failures.is_empty(), "{:?}", harness.state().failures);
    harness.get_by_label_contains("Skipped 2 files in which nothing looks like an event: README.md, state.json");
}

#[test]
fn keys_follow_the_table_of_actions() {
    let (_dir, mut harness) = opened();
    harness.key_press_modifiers(Modifiers::COMMAND, Key::K);
    harness.step();
    assert_eq!(harness.state().state.overlay, Overlay::Palette);
    harness.key_press(Key::Escape);
    harness.step();
    assert_eq!(harness.state().state.overlay, Overlay::None);
    harness.key_press(Key::F1);
    harness.step();
    assert_eq!(harness.state().state.overlay, Overlay::Keys);
    harness.key_press(Key::F1);
    harness.step();
    assert_eq!(harness.state().state.overlay, Overlay::None);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Plus);
    harness.step();
    assert_eq!(harness.state().state.settings.zoom_percent, 110);
}

#[test]
fn the_palette_finds_by_a_few_letters_and_enter_does_it() {
    let (_dir, mut harness) = opened();
    harness.key_press_modifiers(Modifiers::COMMAND, Key::K);
    harness.step();
    harness.step();
    harness.get_by_label("Command").type_text("light th");
    harness.step();
    harness.step();
    harness.key_press(Key::Enter);
    harness.step();
    harness.step();
    assert_eq!(harness.state().state.settings.theme, ThemeChoice::Light);
    assert_eq!(harness.state().state.overlay, Overlay::None);
}

#[test]
fn typing_in_a_field_presses_no_keys_of_the_table() {
    let mut harness = window(Start::default());
    harness.step();
    harness.step();
    harness.get_by_label("Path").focus();
    harness.step();
    harness.key_press(Key::Questionmark);
    harness.key_press(Key::Z);
    harness.step();
    assert_eq!(harness.state().state.overlay, Overlay::None);
    assert_eq!(harness.state().state.settings.zone, Settings::default().zone);
}

#[test]
fn arrows_step_through_the_entity_of_the_selected_event() {
    let (_dir, mut harness) = opened();
    harness.state_mut().carry_out_for_test(crate::app::command::SelectCommand::Event(crate::model::ids::EventIx(1)));
    harness.key_press(Key::ArrowRight);
    harness.step();
    let selected = harness.state().state.selection.event;
    assert_eq!(selected, Some(crate::model::ids::EventIx(5)), "every fourth event belongs to the same order");
    harness.key_press(Key::End);
    harness.step();
    assert_eq!(harness.state().state.selection.event, Some(crate::model::ids::EventIx(29)));
    harness.key_press(Key::OpenBracket);
    harness.step();
    assert_eq!(harness.state().state.selection.event, selected);
}

#[test]
fn a_window_at_rest_asks_for_no_more_frames() {
    let (_dir, mut harness) = opened();
    until(&mut harness, "checks are done", |h| !h.state().progress.is_validating());
    until(&mut harness, "nothing is repainted", |h| {
        let delay = h.output().viewport_output.values().map(|v| v.repaint_delay).min();
        delay.is_some_and(|d| d > Duration::from_secs(10))
    });
}

#[test]
fn a_broker_is_described_in_a_dialog() {
    let mut harness = window(Start::default());
    harness.step();
    harness.step();
    harness.get_by_label("Connect to a broker…").click();
    until(&mut harness, "the dialog is there", |h| h.query_by_label("Name a host").is_some());
    harness.get_by_label("Name a host");
    harness.get_by_role_and_label(egui::accesskit::Role::TextInput, "Hosts").focus();
    harness.step();
    harness.get_by_role_and_label(egui::accesskit::Role::TextInput, "Hosts").type_text("localhost:1");
    harness.step();
    harness.get_by_role_and_label(egui::accesskit::Role::TextInput, "Names").focus();
    harness.step();
    harness.get_by_role_and_label(egui::accesskit::Role::TextInput, "Names").type_text("orders");
    harness.step();
    harness.step();
    harness.get_by_label("kafka://localhost:1/orders?newest=10000");
    harness.get_by_label("Save as…").click();
    harness.step();
    harness.step();
    harness.get_by_label("Save").click();
    until(&mut harness, "the address is kept", |h| !h.state().state.settings.connections.is_empty());
    assert_eq!(harness.state().state.settings.connections[0].url, "kafka://localhost:1/orders?newest=10000");
    harness.get_by_label("Open topic").click();
    until(&mut harness, "the dialog is gone", |h| h.state().state.overlay == Overlay::None);
    assert_eq!(harness.state().state.settings.recent[0].paths, ["kafka://localhost:1/orders?newest=10000"]);
}

#[test]
fn a_broker_that_is_tried_says_what_failed_and_nothing_moves() {
    let mut harness = window(Start::default());
    harness.run_steps(2);
    harness.get_by_label("Connect to a broker…").click();
    until(&mut harness, "the dialog is there", |h| h.query_by_label("Name a host").is_some());
    harness.run_steps(2);
    let before = harness.get_by_label("RabbitMQ").rect();
    harness.get_by_role_and_label(egui::accesskit::Role::TextInput, "Hosts").focus();
    harness.step();
    harness.get_by_role_and_label(egui::accesskit::Role::TextInput, "Hosts").type_text("localhost:1");
    harness.run_steps(2);
    harness.get_by_label("Test").click();
    until(&mut harness, "nobody is there", |h| h.query_by_label("Nothing answers at localhost port 1").is_some());
    harness.run_steps(2);
    let left = |label: &str| harness.get_by_label(label).rect().left();
    let advice = "Check that Kafka runs there, the port, and firewalls";
    assert!((left(advice) - left("Nothing answers at localhost port 1")).abs() < 0.5);
    harness.get_by_label("Redis Streams").click();
    harness.run_steps(3);
    assert_eq!(harness.get_by_label("RabbitMQ").rect(), before);
}

#[test]
fn bodies_have_fields_that_become_options_of_the_address() {
    let mut harness = window(Start::default());
    harness.run_steps(2);
    harness.get_by_label("Connect to a broker…").click();
    until(&mut harness, "the dialog is there", |h| h.query_by_label("Name a host").is_some());
    harness.get_by_label("Bodies").click();
    harness.run_steps(3);
    let typed = [("Hosts", "localhost:1"), ("Names", "orders"), ("Schema registry", "http://localhost:8081")];
    for (name, text) in
        typed.into_iter().chain([("User of the registry", "me"), ("Password of the registry", "canary")])
    {
        let password = name.starts_with("Password");
        let role = if password { egui::accesskit::Role::PasswordInput } else { egui::accesskit::Role::TextInput };
        harness.get_by_role_and_label(role, name).focus();
        harness.step();
        harness.get_by_role_and_label(role, name).type_text(text);
        harness.run_steps(2);
    }
    let address = "kafka://localhost:1/orders?newest=10000&registry=http%3A%2F%2Fme%40localhost%3A8081";
    harness.get_by_label(address);
    harness.get_by_label("Open topic").click();
    until(&mut harness, "the dialog is gone", |h| h.state().state.overlay == Overlay::None);
    let settings = serde_json::to_string(&harness.state().state.settings).expect("JSON");
    assert!(settings.contains("me%40localhost") && !settings.contains("canary"), "{settings}");
    let completed = harness.state().how.passwords.complete(Url::parse(address).expect("an address"));
    assert_eq!(completed.bodies.registry_password.map(|secret| secret.reveal().to_owned()).as_deref(), Some("canary"));
}

#[test]
fn passwords_are_in_no_address_that_is_kept_or_shown() {
    let start = Start { paths: vec!["amqp://me:hunter2@localhost:1/v/orders".to_owned()], ..Start::default() };
    let mut harness = window(start);
    until(&mut harness, "it cannot be reached", |h| !h.state().failures.is_empty());
    let settings = serde_json::to_string(&harness.state().state.settings).expect("JSON");
    assert!(settings.contains("amqp://me@localhost:1/v/orders"), "{settings}");
    assert!(!settings.contains("hunter2"));
    let url = Url::parse("amqp://me@localhost:1/v/orders").expect("an address");
    assert!(harness.state().how.passwords.complete(url).password.is_some(), "reading again does not ask");
}

#[test]
fn a_log_is_named_after_its_last_part() {
    let name = |paths: &[&str]| super::header::names(&paths.iter().map(|path| (*path).to_owned()).collect::<Vec<_>>());
    assert_eq!(name(&["/var/log/shop.ndjson"]), "shop.ndjson");
    assert_eq!(name(&["amqp://me@host/%2F/orders.dlq?management=15690"]), "orders.dlq");
    assert_eq!(name(&["kafka://a,b/orders?newest=5", "shop.db?table=events"]), "orders + 1");
    assert_eq!(name(&["shop.db?table=events"]), "shop.db?table=events");
}
