//! What is said in the corner: one line, details folded, the next step. Errors stay until they are
//! dismissed; the rest goes by itself.

use std::time::{Duration, Instant};

use eframe::egui::{self, Align2, Area, Context, Frame, Order, RichText, Stroke, vec2};

use crate::app::Command;
use crate::app::command::WindowCommand;
use crate::gui::theme::{self, BODY, GRID, SMALL, Theme};
use crate::gui::widgets::parts;
use crate::gui::widgets::text::visible;
use crate::model::error::Error;

const STAYS: Duration = Duration::from_secs(6);

/// More than these are counted, not shown.
const SHOWN: usize = 4;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Weight {
    Word,
    Doubt,
    Failure,
}

#[derive(Clone, Debug)]
struct Notice {
    weight: Weight,
    error: Error,
    until: Option<Instant>,
    open: bool,
    times: u32,
}

#[derive(Clone, Debug, Default)]
pub struct Notices {
    list: Vec<Notice>,
}

impl Notices {
    pub fn say(&mut self, text: impl Into<String>) {
        let error = Error::new(text, crate::model::error::Place::Nowhere, "");
        self.add(Weight::Word, error, Some(Instant::now() + STAYS));
    }

    pub fn warning(&mut self, error: Error) {
        self.add(Weight::Doubt, error, None);
    }

    pub fn error(&mut self, error: Error) {
        self.add(Weight::Failure, error, None);
    }

    pub fn clear(&mut self) {
        self.list.clear();
    }

    /// The same thing again only counts.
    fn add(&mut self, weight: Weight, error: Error, until: Option<Instant>) {
        let same =
            |n: &&mut Notice| n.weight == weight && n.error.summary == error.summary && n.error.place == error.place;
        if let Some(notice) = self.list.iter_mut().find(same) {
            notice.times += 1;
            notice.until = until;
            return;
        }
        self.list.push(Notice { weight, error, until, open: false, times: 1 });
    }

    pub fn draw(&mut self, ctx: &Context, theme: &Theme, out: &mut Vec<Command>) {
        let now = Instant::now();
        self.list.retain(|n| n.until.is_none_or(|until| until > now));
        if let Some(next) = self.list.iter().filter_map(|n| n.until).min() {
            ctx.request_repaint_after(next.saturating_duration_since(now) + Duration::from_millis(10));
        }
        if self.list.is_empty() {
            return;
        }
        let mut gone = None;
        let hidden = self.list.len().saturating_sub(SHOWN);
        let corner = Area::new(egui::Id::unique("notices")).order(Order::Foreground);
        corner.anchor(Align2::RIGHT_BOTTOM, vec2(-12.0, -38.0)).show(ctx, |ui| {
            ui.spacing_mut().item_spacing.y = GRID * 2.0;
            if hidden > 0 {
                ui.horizontal(|ui| {
                    ui.label(RichText::new(format!("{hidden} more")).color(theme.muted));
                    if ui.button("Dismiss all").clicked() {
                        out.push(WindowCommand::DismissNotices.into());
                    }
                });
            }
            for (i, notice) in self.list.iter_mut().enumerate().skip(hidden) {
                if card(ui, theme, i, notice, out) {
                    gone = Some(i);
                }
            }
        });
        if let Some(i) = gone {
            self.list.remove(i);
        }
    }
}

/// Returns whether it was dismissed.
fn card(ui: &mut egui::Ui, theme: &Theme, i: usize, notice: &mut Notice, out: &mut Vec<Command>) -> bool {
    let sign = match notice.weight {
        Weight::Word => theme.outline,
        Weight::Doubt => theme.amber,
        Weight::Failure => theme.red,
    };
    let mut dismissed = false;
    let frame = Frame::new().fill(theme.raised).stroke(Stroke::new(1.0, sign)).corner_radius(6).inner_margin(12);
    let frame = frame.shadow(egui::Shadow { offset: [0, 4], blur: 12, spread: 0, color: theme.shadow });
    frame.show(ui, |ui| {
        ui.set_width(360.0);
        ui.push_id(i, |ui| {
            ui.horizontal_top(|ui| {
                ui.vertical(|ui| {
                    ui.set_width(328.0);
                    let times = if notice.times > 1 { format!("  ×{}", notice.times) } else { String::new() };
                    let text = format!("{}{times}", visible(&notice.error.summary));
                    ui.label(RichText::new(text).font(theme::semibold(BODY)));
                    let place = notice.error.place.to_string();
                    if !place.is_empty() {
                        ui.label(RichText::new(visible(&place)).font(theme::mono(SMALL)).color(theme.muted));
                    }
                    if !notice.error.next_step.is_empty() {
                        ui.label(RichText::new(&notice.error.next_step).color(theme.text));
                    }
                });
                dismissed = parts::icon_button(ui, "×", "Dismiss").clicked();
            });
            if !notice.error.details.is_empty() {
                if notice.open {
                    ui.label(RichText::new(visible(&notice.error.details)).font(theme::mono(SMALL)).color(theme.muted));
                }
                ui.horizontal(|ui| {
                    if ui.small_button(if notice.open { "Hide details" } else { "Details" }).clicked() {
                        notice.open = !notice.open;
                    }
                    if notice.open && ui.small_button("Copy").clicked() {
                        out.push(WindowCommand::Copy(format!("{}\n{}", notice.error, notice.error.details)).into());
                    }
                });
            }
        });
    });
    dismissed
}
