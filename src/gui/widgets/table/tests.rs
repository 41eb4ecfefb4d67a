//! The table's arithmetic at lengths where floats give up, and its clicks and keys.

use std::cell::RefCell;
use std::rc::Rc;

use egui_kittest::{Harness, kittest::Queryable as _};

use super::*;

#[test]
fn any_length_can_be_scrolled_from_end_to_end_row_by_row() {
    for rows in [0, 1, 9, 10, 11, 1_000, 10_000_000, 1 << 40, u64::MAX / 2] {
        let mut state = TableState::default();
        state.reveal(rows.saturating_sub(1));
        state.settle(rows, 10.5, 0.0);
        let seen = state.visible(rows, 10.5);
        assert_eq!(seen.end, rows);
        assert!(rows == 0 || seen.contains(&(rows - 1)), "{rows}: {seen:?}");
        let before = (state.first, state.part);
        state.scroll_rows(-3.25);
        state.scroll_rows(3.25);
        if rows > 20 {
            assert_eq!((state.first, state.part), before, "{rows}");
        }
        state.scroll_rows(-1e18 * 20.0);
        assert_eq!((state.first, state.part), (0, 0.0));
    }
}

#[test]
fn a_row_that_is_seen_is_not_moved() {
    let mut state = TableState { first: 100, ..TableState::default() };
    state.reveal(105);
    state.settle(1_000, 10.0, 0.0);
    assert_eq!(state.first, 100);
    state.reveal(500);
    state.settle(1_000, 10.0, 0.0);
    assert_eq!(state.first, 495);
}

struct Shared {
    table: TableState,
    selected: Option<u64>,
    header: Option<usize>,
}

fn harness(rows: u64) -> (Harness<'static>, Rc<RefCell<Shared>>) {
    let shared = Rc::new(RefCell::new(Shared { table: TableState::default(), selected: None, header: None }));
    let inside = Rc::clone(&shared);
    let harness = Harness::builder().with_size(egui::vec2(400.0, 22.0 * 11.0)).build_ui(move |ui| {
        if !ui.ctx().fonts(|f| f.definitions().families.contains_key(&egui::FontFamily::Name("semibold".into()))) {
            crate::gui::theme::install_fonts(ui.ctx());
            return;
        }
        let mut shared = inside.borrow_mut();
        let column = |title: &'static str, sortable| Column {
            title: title.into(),
            width: 150.0,
            right: false,
            mono: true,
            sorted: None,
            sortable,
        };
        let columns = [column("Time", true), column("Type", true)];
        let table = Table {
            id: egui::Id::unique("table"),
            label: "Events",
            columns: &columns,
            rows,
            selected: shared.selected,
            hovered: None,
        };
        let mut state = std::mem::take(&mut shared.table);
        let out = table.show(ui, &mut state, |row, column| Cell::text(format!("r{row}c{column}")));
        shared.table = state;
        shared.selected = out.selected.or(shared.selected);
        shared.header = out.header_clicked.or(shared.header);
    });
    (harness, shared)
}

#[test]
fn rows_and_headers_can_be_clicked_by_their_labels() {
    let (mut harness, shared) = harness(1_000_000);
    harness.run();
    harness.get_by_label("r3c0, r3c1").click();
    harness.run();
    assert_eq!(shared.borrow().selected, Some(3));
    harness.get_by_label("Type column").click();
    harness.run();
    assert_eq!(shared.borrow().header, Some(1));
}

#[test]
fn the_keyboard_moves_the_selection_and_the_page_with_it() {
    let (mut harness, shared) = harness(1 << 40);
    harness.run();
    harness.get_by_label("r0c0, r0c1").click();
    harness.run();
    for (key, expected) in [
        (egui::Key::ArrowDown, 1),
        (egui::Key::PageDown, 9),
        (egui::Key::PageDown, 17),
        (egui::Key::ArrowUp, 16),
        (egui::Key::End, (1 << 40) - 1),
        (egui::Key::Home, 0),
    ] {
        harness.key_press(key);
        harness.run();
        let shared = shared.borrow();
        assert_eq!(shared.selected, Some(expected), "{key:?}");
        assert!(shared.table.visible(1 << 40, 9.0).contains(&expected), "{key:?}");
    }
}
