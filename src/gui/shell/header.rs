//! The line at the top: what is open, the filter, how much of it is seen. And the page that stands in
//! for a log of which nothing is there (yet).

use eframe::egui::{self, Align, Label, Layout, RichText, Sense, Ui, vec2};

use super::window::Window;
use crate::app::Command;
use crate::app::command::{LayoutCommand, OpenCommand};
use crate::base::text::{bytes, count, plural};
use crate::gui::panels::parts::preview::one_line;
use crate::gui::panels::{Area, PANELS, PanelCtx};
use crate::gui::theme::{self, BODY, GRID, SMALL, Theme};
use crate::gui::widgets::parts;
use crate::input::ingest::progress::State as Reading;
use crate::input::sources::broker::is_url;
use crate::model::error::Error;

pub const HEIGHT: f32 = 44.0;

pub fn draw(ui: &mut Ui, theme: &'static Theme, window: &mut Window, out: &mut Vec<Command>) {
    let rect = ui.max_rect();
    ui.painter().hline(rect.x_range().expand(12.0), rect.bottom() - 0.5, egui::Stroke::new(1.0, theme.line));
    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
        sources(ui, theme, window, out);
        let coverage_width = coverage(ui, theme, window, out);
        let reading = window.is_reading();
        let Window { panels, state, jobs, looks, snapshot, waker, .. } = window;
        let ctx = PanelCtx { snapshot, state, jobs, theme, looks, waker, reading };
        let space = ui.available_rect_before_wrap();
        let right = rect.right() - coverage_width - GRID * 3.0;
        let slot = egui::Rect::from_min_max(
            egui::pos2(space.left(), rect.top() + 6.0),
            egui::pos2(right.max(space.left() + 80.0), rect.bottom() - 6.0),
        );
        let builder = egui::UiBuilder::new().max_rect(slot).layout(Layout::left_to_right(Align::Center));
        let mut bar = ui.new_child(builder);
        for entry in PANELS.iter().filter(|e| e.area == Area::Header) {
            if let Some(panel) = panels.get_mut(entry.id) {
                panel.ui(&mut bar, &ctx, out);
            }
        }
    });
}

/// `shop.ndjson`, `3 sources: a.ndjson, b.ndjson, …`.
pub fn names(paths: &[String]) -> String {
    // What an address says of how it is read is no part of its name.
    let named = |p: &str| if is_url(p) { p.split('?').next().unwrap_or(p).to_owned() } else { p.to_owned() };
    let last = |p: &str| p.trim_end_matches('/').rsplit(['/', '\\']).next().unwrap_or(p).to_owned();
    let short = |p: &String| last(&named(p));
    match paths {
        [] => "nothing".to_owned(),
        [one] => short(one),
        [first, rest @ ..] => format!("{} + {}", short(first), rest.len()),
    }
}

/// The name of what is open; a click lists the sources.
fn sources(ui: &mut Ui, theme: &Theme, window: &Window, out: &mut Vec<Command>) {
    let Some(session) = &window.session else { return };
    let name = names(&session.paths);
    let label = RichText::new(format!("{}  ▾", crate::gui::widgets::text::visible(&name))).font(theme::semibold(BODY));
    let width = ui.available_width();
    ui.scope(|ui| {
        ui.set_max_width((width * 0.3).clamp(80.0, 320.0));
        ui.visuals_mut().widgets.inactive.bg_stroke = egui::Stroke::NONE;
        let button = ui.add(egui::Button::new(label).truncate());
        let button = button.on_hover_text("What is open");
        let popup = egui::Popup::menu(&button).width(420.0).gap(4.0);
        let popup = popup.close_behavior(egui::PopupCloseBehavior::CloseOnClickOutside);
        popup.show(|ui| {
            ui.set_style(ui.ctx().global_style());
            // Lines of a menu are as wide as the menu, and what is wrapped in them would be spread.
            ui.with_layout(Layout::top_down(Align::Min), |ui| {
                egui::Frame::new().inner_margin(8).show(ui, |ui| source_list(ui, theme, window, out));
            });
        });
    });
}

fn source_list(ui: &mut Ui, theme: &Theme, window: &Window, out: &mut Vec<Command>) {
    ui.set_max_width(520.0);
    egui::ScrollArea::vertical().max_height(360.0).show(ui, |ui| {
        for (i, source) in window.snapshot.sources().iter().enumerate() {
            let progress = window.progress.sources.get(i);
            ui.horizontal(|ui| {
                let (dot, _) = ui.allocate_exact_size(vec2(10.0, 18.0), Sense::hover());
                let (color, _) = progress.map_or((theme.faint, ""), |p| reading_sign(theme, &p.state));
                ui.painter().circle_filled(dot.center(), 3.5, color);
                ui.add(Label::new(RichText::new(&source.name).font(theme::semibold(BODY))).truncate());
            });
            let mut detail = source.format.clone();
            if let Some(p) = progress {
                let (_, state) = reading_sign(theme, &p.state);
                let events = plural(p.rows, "event", "events");
                detail = format!("{detail} · {state} · {events} · {}", bytes(p.bytes_total));
            }
            ui.label(RichText::new(detail).font(theme::sans(SMALL)).color(theme.muted));
            ui.label(RichText::new(&source.address).font(theme::mono(SMALL)).color(theme.faint));
            warnings(ui, theme, progress.map_or(&[], |p| &p.warnings));
            ui.add_space(GRID);
        }
    });
    ui.separator();
    ui.horizontal(|ui| {
        for (label, command) in [
            ("Open other files…", OpenCommand::Pick),
            ("Read again", OpenCommand::Reload),
            ("Close", OpenCommand::Close),
        ] {
            if ui.button(label).clicked() {
                out.push(command.into());
                ui.close();
            }
        }
        if ui.button("Fields and encoding…").clicked() {
            out.push(LayoutCommand::Show("mapping").into());
            ui.close();
        }
    });
}

/// Most warnings that a source is listed with, the newest ones.
const WARNINGS: usize = 5;

/// What went wrong so far: the notices that told it are gone after a while.
fn warnings(ui: &mut Ui, theme: &Theme, all: &[Error]) {
    let line = |ui: &mut Ui, text: &str| {
        ui.add(Label::new(RichText::new(text).font(theme::sans(SMALL)).color(theme.amber)).wrap())
    };
    let more = all.len().saturating_sub(WARNINGS);
    for warning in all.iter().skip(more) {
        let said = [&warning.details, &warning.next_step].map(String::as_str).join("\n");
        line(ui, &one_line(&warning.summary, 200)).on_hover_text(said.trim());
    }
    if more > 0 {
        line(ui, &format!("and {} before", plural(more as u64, "warning", "warnings")));
    }
}

fn reading_sign(theme: &Theme, state: &Reading) -> (egui::Color32, &'static str) {
    match state {
        Reading::Indexing => (theme.accent, "still reading"),
        Reading::Validating => (theme.accent, "checking payloads"),
        Reading::Settled => (theme.faint, "read"),
        Reading::Following => (theme.accent, "following"),
        Reading::Failed(_) => (theme.red, "failed"),
        Reading::Cancelled => (theme.amber, "stopped"),
    }
}

/// How much is seen, at the right end; returns its width.
fn coverage(ui: &mut Ui, theme: &Theme, window: &Window, out: &mut Vec<Command>) -> f32 {
    let (all, undecodable) = (window.snapshot.len(), window.snapshot.undecodable());
    let answer = window.jobs.rows.answer();
    let shown = answer.as_ref().and_then(|a| Some((a.key.filter.as_str(), a.value.as_ref()?.rows().len())));
    let text = match shown {
        Some((filter, rows)) if !filter.is_empty() => format!("{} of {}", count(rows), count(all)),
        _ => plural(all, "event", "events"),
    };
    let rect = ui.max_rect();
    let builder = egui::UiBuilder::new().max_rect(rect).layout(Layout::right_to_left(Align::Center));
    let mut right = ui.new_child(builder);
    right.spacing_mut().item_spacing.x = GRID * 3.0;
    if undecodable > 0 {
        let label = RichText::new(format!("{} undecodable", count(undecodable))).font(theme::mono(BODY - 1.0));
        let button = egui::Button::new(label.color(theme.amber)).frame_when_inactive(false);
        if right.add(button).on_hover_text("Show each with its place and reason").clicked() {
            out.push(LayoutCommand::Show("problems").into());
        }
    }
    let label = right.label(RichText::new(text).font(theme::mono(BODY - 1.0)).color(theme.text));
    if let Some((first, last)) = window.snapshot.time_range() {
        let zone = window.state.settings.zone;
        label.on_hover_text(format!("From {}\nto {}\n{}", zone.format(first), zone.format(last), zone.name_at(first)));
    }
    if window.is_reading() {
        let share = window.progress.share();
        let label = format!("{:.0} % read", share * 100.0);
        right.label(RichText::new(label).font(theme::mono(BODY - 1.0)).color(theme.muted));
    }
    rect.right() - right.min_rect().left()
}

/// In place of all panels while there is no source: opening, or why there is none.
pub fn nothing_yet(ui: &mut Ui, theme: &Theme, window: &Window, reading: bool, out: &mut Vec<Command>) {
    if reading {
        parts::empty_state(ui, "Opening…", "Recognising what the source holds", None);
        return;
    }
    let Some(first) = window.failures.first() else {
        parts::empty_state(ui, "Opening…", "", None);
        return;
    };
    ui.vertical_centered(|ui| {
        ui.add_space((ui.available_height() * 0.3 - 40.0).max(GRID * 4.0));
        ui.label(RichText::new(&first.summary).font(theme::semibold(theme::LARGE)).color(theme.red));
        ui.label(RichText::new(first.place.to_string()).font(theme::mono(BODY)).color(theme.muted));
        if !first.details.is_empty() {
            ui.label(RichText::new(&first.details).color(theme.muted));
        }
        ui.add_space(GRID * 2.0);
        ui.label(RichText::new(&first.next_step).color(theme.text));
        if window.failures.len() > 1 {
            let more = plural(window.failures.len() as u64 - 1, "other source", "other sources");
            ui.label(RichText::new(format!("{more} could not be opened either")).color(theme.muted));
        }
        ui.add_space(GRID * 4.0);
        ui.horizontal(|ui| {
            let width = 366.0;
            ui.add_space(((ui.available_width() - width) / 2.0).max(0.0));
            for (label, command) in [
                ("Open other files…", OpenCommand::Pick),
                ("Try again", OpenCommand::Reload),
                ("Back to the start page", OpenCommand::Close),
            ] {
                if ui.button(label).clicked() {
                    out.push(command.into());
                }
            }
        });
    });
}
