//! One message of the plan: where and why, what is to be known, headers, the value before and after.

use egui::{Label, Margin, RichText, ScrollArea, Ui};
use similar::{ChangeTag, TextDiff};

use super::effect::EffectView;
use super::model::{header_words, read_text, value_text};
use crate::app::Command;
use crate::app::command::WindowCommand;
use crate::base::text::{capital, count};
use crate::gui::panels::PanelCtx;
use crate::gui::panels::parts::preview::one_line;
use crate::gui::theme::{BODY, GRID, SMALL, mono, semibold};
use crate::gui::widgets::hex;
use crate::gui::widgets::parts::link;
use crate::model::message::Message;
use crate::requeue::aim::View;
use crate::requeue::plan::Item;

/// Height of a row of bytes, and how many are shown at once.
const HEX_ROW: f32 = 20.0;
const HEX_ROWS: usize = 10;

/// The value of the message that was shown last, compared once.
#[derive(Default)]
pub struct Detail {
    /// Its requeue id, which is a hash of all that is compared.
    of: String,
    value: Shown,
    effect: EffectView,
}

#[derive(Default)]
enum Shown {
    #[default]
    Nothing,
    AsItIs(String),
    Changed(Vec<(ChangeTag, String)>),
}

impl Detail {
    /// `view` is what a codec reads in the value.
    pub fn ui(&mut self, ui: &mut Ui, ctx: &PanelCtx<'_>, item: &Item, view: Option<&View>, out: &mut Vec<Command>) {
        if self.of != item.requeue_id {
            self.of.clone_from(&item.requeue_id);
            self.value = Shown::of(item, view);
        }
        item_ui(ui, ctx, item, view, &self.value, &mut self.effect, out);
    }
}

impl Shown {
    fn of(item: &Item, view: Option<&View>) -> Self {
        let text = |message: &Message, read: fn(&View) -> &str| {
            view.map_or_else(|| value_text(message), |view| read_text(read(view)))
        };
        let after = text(&item.message, |view| &view.after);
        if item.letter.value == item.message.value {
            return Self::AsItIs(after);
        }
        let before = text(&item.letter, |view| &view.before);
        let diff = TextDiff::from_lines(before.as_str(), after.as_str());
        let line = |text: &str| text.trim_end_matches('\n').to_owned();
        Self::Changed(diff.iter_all_changes().map(|change| (change.tag(), line(change.value()))).collect())
    }
}

fn item_ui(
    ui: &mut Ui,
    ctx: &PanelCtx<'_>,
    item: &Item,
    view: Option<&View>,
    value: &Shown,
    effect: &mut EffectView,
    out: &mut Vec<Command>,
) {
    let theme = ctx.theme;
    ScrollArea::vertical().id_salt("item").auto_shrink(false).show(ui, |ui| {
        egui::Frame::new().inner_margin(Margin::symmetric(12, 8)).show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.spacing_mut().item_spacing = egui::vec2(GRID * 2.0, GRID);
            let small = |text: String| RichText::new(text).size(SMALL);
            let route = format!("{} → {}", item.letter.place, item.target);
            ui.add(Label::new(RichText::new(one_line(&route, 160)).font(mono(BODY))).wrap());
            if !item.partition_why.is_empty() {
                ui.add(Label::new(small(capital(&item.partition_why)).color(theme.muted)).wrap());
            }
            if item.attempt > 1 {
                ui.label(small(format!("Attempt {}", item.attempt)).color(theme.amber));
            }
            if item.from_original {
                ui.label(small("The original, found in this log, is sent in place of the letter".to_owned()));
            }
            for warning in &item.warnings {
                ui.add(Label::new(small(warning.words.clone()).color(theme.amber)).wrap());
            }
            heading(ui, ctx, if item.edited { "Value, changed" } else { "Value, as it is" });
            if let Some(view) = view {
                let parts = [view.written_in.as_str(), view.schema.as_str()];
                let words = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
                ui.add(Label::new(small(one_line(&words, 160)).color(theme.muted)).wrap());
            }
            match value {
                Shown::Nothing => {}
                Shown::AsItIs(text) => {
                    ui.add(Label::new(RichText::new(text).font(mono(12.0))).wrap());
                }
                Shown::Changed(lines) => changes_ui(ui, ctx, lines),
            }
            let bytes = item.message.value.as_deref().unwrap_or_default();
            if std::str::from_utf8(bytes).is_err() {
                heading(ui, ctx, &format!("Bytes sent, {}", count(bytes.len() as u64)));
                let height = HEX_ROW * bytes.len().div_ceil(16).clamp(1, HEX_ROWS) as f32;
                let size = egui::vec2(ui.available_width(), height + GRID * 2.0);
                ui.allocate_ui(size, |ui| ui.push_id("bytes", |ui| hex::show(ui, bytes, 0)));
            }
            effect.ui(ui, ctx, item);
            heading(ui, ctx, "Headers sent");
            for (name, value) in &item.message.headers {
                let line = format!("{}: {}", one_line(name, 80), header_words(value));
                ui.add(Label::new(RichText::new(line).font(mono(12.0))).wrap());
            }
            if !item.stripped.is_empty() {
                heading(ui, ctx, "Kept back, in the journal");
                let names = item.stripped.iter().map(|name| one_line(name, 80)).collect::<Vec<_>>().join(", ");
                ui.add(Label::new(RichText::new(names).font(mono(12.0)).color(theme.muted)).wrap());
            }
            heading(ui, ctx, "Requeue id");
            if link(ui, &item.requeue_id, mono(12.0), "Copy the id").clicked() {
                out.push(WindowCommand::Copy(item.requeue_id.clone()).into());
            }
        });
    });
}

fn heading(ui: &mut Ui, ctx: &PanelCtx<'_>, text: &str) {
    ui.add_space(GRID * 2.0);
    ui.label(RichText::new(text).font(semibold(SMALL)).color(ctx.theme.muted));
}

/// Line by line, with a sign before each that changed; colour is not the only sign.
fn changes_ui(ui: &mut Ui, ctx: &PanelCtx<'_>, lines: &[(ChangeTag, String)]) {
    for (tag, line) in lines {
        let (sign, color) = match tag {
            ChangeTag::Delete => ("−", ctx.theme.muted),
            ChangeTag::Insert => ("+", ctx.theme.accent),
            ChangeTag::Equal => (" ", ctx.theme.text),
        };
        let text = RichText::new(format!("{sign} {line}")).font(mono(12.0)).color(color);
        let text = if *tag == ChangeTag::Delete { text.strikethrough() } else { text };
        ui.add(Label::new(text).wrap());
    }
}
