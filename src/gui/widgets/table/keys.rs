//! The keyboard in a table: it has the arrows while it has the focus.

use egui::{Event, EventFilter, Key, Modifiers, Response, Ui};

use super::{Table, TableOutput, TableState};

/// From the selected row and the rows of a page to the row that a key goes to.
type Step = fn(u64, u64) -> u64;

pub(super) fn handle(
    ui: &Ui,
    response: &Response,
    table: &Table<'_>,
    rows_high: f64,
    state: &mut TableState,
    out: &mut TableOutput,
) {
    if response.clicked() {
        response.request_focus();
    }
    if !response.has_focus() {
        return;
    }
    let filter = EventFilter { vertical_arrows: true, horizontal_arrows: true, tab: false, escape: false };
    ui.memory_mut(|m| m.set_focus_lock_filter(response.id, filter));
    let Some(last) = table.rows.checked_sub(1) else { return };
    let page = (rows_high.floor() as u64).max(2) - 1;
    let now = table.selected.filter(|&row| row <= last);
    let moved = ui.input_mut(|i| {
        let mut at = now;
        let keys: [(Key, Step); 6] = [
            (Key::ArrowDown, |row, _| row.saturating_add(1)),
            (Key::ArrowUp, |row, _| row.saturating_sub(1)),
            (Key::PageDown, u64::saturating_add),
            (Key::PageUp, u64::saturating_sub),
            (Key::Home, |_, _| 0),
            (Key::End, |_, _| u64::MAX),
        ];
        for (key, step) in keys {
            for _ in 0..i.count_and_consume_key(Modifiers::NONE, key) {
                at = Some(match at {
                    Some(row) => step(row, page).min(last),
                    None if key == Key::End => last,
                    None => state.first.min(last),
                });
            }
        }
        at
    });
    if moved != now
        && let Some(row) = moved
    {
        out.selected = Some(row);
        state.keep_visible(row, rows_high);
    }
    out.copy = ui.input(|i| i.events.iter().any(|e| matches!(e, Event::Copy)));
}
