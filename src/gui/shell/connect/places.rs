//! The topics or queues that a broker holds, to choose from.

use eframe::egui::{Id, RichText, TextEdit, Ui, Widget as _, vec2};

use super::draw::failure;
use super::{Connect, label};
use crate::base::text;
use crate::gui::theme::{self, BODY, GRID, ROW, SMALL, Theme};
use crate::gui::widgets::table::{Cell, Column, Table, TableState};
use crate::input::sources::broker::{Overview, PlaceInfo, Reader};

/// Of how many chosen ones all is told, and of how many readers of each.
const CHOSEN: usize = 3;
const READERS: usize = 6;

/// Rows that are seen at once.
const ROWS: usize = 8;

/// What is looked for in the list, and where it stands.
#[derive(Default)]
pub struct Places {
    search: String,
    internal: bool,
    table: TableState,
    shown: Shown,
}

/// Which places pass the search, found again only where something changed.
#[derive(Default)]
struct Shown {
    /// The press of the button that the list answers, the search, and whether internal ones are shown.
    of: Option<(u64, String, bool)>,
    rows: Vec<usize>,
}

impl Connect {
    pub(super) fn listed(&mut self, ui: &mut Ui, theme: &Theme) {
        if let Some(said) = self.overviews.failed() {
            ui.label(RichText::new(said).color(theme.red));
        }
        let Some(answer) = self.overviews.answer() else { return };
        let overview = match &answer.value {
            Ok(overview) => overview,
            Err(error) => {
                failure(ui, theme, &error.to_string(), error);
                return;
            }
        };
        self.search(ui, theme, overview);
        self.find(answer.key.1, overview);
        self.table(ui, theme, overview);
        self.chosen(ui, theme, overview);
        for note in &overview.notes {
            ui.label(RichText::new(note).font(theme::sans(SMALL)).color(theme.muted));
        }
    }

    fn search(&mut self, ui: &mut Ui, theme: &Theme, overview: &Overview) {
        ui.horizontal(|ui| {
            let hint = format!("Search {}", self.form.system.places().1);
            let edit = TextEdit::singleline(&mut self.places.search).font(theme::mono(BODY - 1.0)).hint_text(hint);
            edit.desired_width(200.0).ui(ui).accessible_name("Search the list");
            if overview.places.iter().any(|place| place.internal) {
                ui.checkbox(&mut self.places.internal, "Internal ones");
            }
            label(ui, theme, &overview.system);
        });
    }

    fn find(&mut self, asked: u64, overview: &Overview) {
        let of = Some((asked, self.places.search.clone(), self.places.internal));
        if self.places.shown.of == of {
            return;
        }
        let wanted = self.places.search.to_lowercase();
        let passes = |place: &PlaceInfo| {
            (self.places.internal || !place.internal) && place.name.to_lowercase().contains(wanted.trim())
        };
        let rows = overview.places.iter().enumerate().filter(|(_, place)| passes(place)).map(|(at, _)| at).collect();
        self.places.shown = Shown { of, rows };
    }

    /// Those that are chosen, with their readers.
    fn chosen(&self, ui: &mut Ui, theme: &Theme, overview: &Overview) {
        for place in overview.places.iter().filter(|place| self.form.has(&place.name)).take(CHOSEN) {
            ui.label(RichText::new(told(place)).font(theme::sans(SMALL)).color(theme.muted));
        }
    }

    fn table(&mut self, ui: &mut Ui, theme: &Theme, overview: &Overview) {
        let Self { form, places, .. } = self;
        let right = |title, width| Column { right: true, ..Column::plain(title, width, true) };
        let kafka = form.system == super::form::System::Kafka;
        let name = (ui.available_width() - 448.0).max(160.0);
        let columns = [
            Column::plain("", 24.0, false),
            Column::plain("name", name, true),
            right("messages", 88.0),
            right("size", 80.0),
            right(if kafka { "partitions" } else { "" }, if kafka { 72.0 } else { 8.0 }),
            Column::plain("kept", if kafka { 88.0 } else { 152.0 }, false),
            right("lag", 84.0),
        ];
        let rows = &places.shown.rows;
        let table = Table {
            id: Id::unique("places"),
            label: "Topics or queues",
            columns: &columns,
            rows: rows.len() as u64,
            selected: None,
            hovered: None,
        };
        let height = ROW * (rows.len().clamp(1, ROWS) + 1) as f32;
        let place = |row: u64| rows.get(usize::try_from(row).ok()?).and_then(|at| overview.places.get(*at));
        let number = |number: Option<u64>| number.map_or_else(|| "–".to_owned(), text::count);
        let clicked = ui.allocate_ui(vec2(ui.available_width(), height), |ui| {
            table
                .show(ui, &mut places.table, |row, column| {
                    let Some(place) = place(row) else { return Cell::default() };
                    match column {
                        0 => Cell::text(if form.has(&place.name) { "●" } else { "" }).color(theme.accent),
                        1 if place.dead_letters => Cell::text(format!("{}  · dead letters", place.name)),
                        1 => Cell::text(place.name.clone()),
                        2 => Cell::text(number(place.messages)),
                        3 => Cell::text(place.bytes.map_or_else(|| "–".to_owned(), text::bytes)),
                        4 => Cell::text(place.partitions.map(|count| count.to_string()).unwrap_or_default()),
                        5 => Cell::text(place.keeps.clone()).color(theme.muted),
                        _ => Cell::text(lag(place)).color(theme.muted),
                    }
                })
                .selected
        });
        if rows.is_empty() {
            ui.add_space(GRID);
            ui.label(
                RichText::new(if places.search.is_empty() { "There are none" } else { "None of this name" })
                    .color(theme.muted),
            );
        }
        if let Some(place) = clicked.inner.and_then(place) {
            let name = place.name.clone();
            form.toggle(&name);
        }
    }
}

/// What a place keeps and who reads it: `orders: 1 day · billing: 2 members, lag 7, Stable`.
fn told(place: &PlaceInfo) -> String {
    let reader = |reader: &Reader| {
        let members = text::plural(reader.members.into(), "member", "members");
        let lag = reader.lag.map(|lag| format!(", lag {}", text::count(lag))).unwrap_or_default();
        let state = if reader.state.is_empty() { String::new() } else { format!(", {}", reader.state) };
        format!("{}: {members}{lag}{state}", reader.name)
    };
    let mut words = vec![format!("{}: {}", place.name, place.keeps)];
    words.extend(place.readers.iter().take(READERS).map(reader));
    if place.readers.len() > READERS {
        words.push(format!("and {} more readers", place.readers.len() - READERS));
    }
    words.join(" · ")
}

/// The largest lag of those who read it, with how many they are.
fn lag(place: &PlaceInfo) -> String {
    match (place.readers.len(), place.readers.iter().filter_map(|reader| reader.lag).max()) {
        (0, _) => "no reader".to_owned(),
        (_, None) => "–".to_owned(),
        (1, Some(lag)) => text::count(lag),
        (readers, Some(lag)) => format!("{} of {readers}", text::count(lag)),
    }
}
