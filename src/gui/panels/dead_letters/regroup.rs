//! Groups as a person wants them: named, merged into another, split, grouped by something else than the cause.
//! What is chosen here makes the groups anew; it is kept in the settings and can be undone.

use egui::{Button, Key, RichText, Ui};

use crate::analysis::dead_letters::{Group, Key as By, Regroup};
use crate::app::Command;
use crate::app::command::LettersCommand;
use crate::gui::panels::PanelCtx;
use crate::gui::panels::parts::line_row::LineRow;
use crate::gui::panels::parts::preview::one_line;
use crate::gui::theme::SMALL;

/// Groups that can be merged into, as many as fit into a menu.
const OFFERED: usize = 16;

const PLAIN: [(By, &str); 5] = [
    (By::Class, "Exception's class"),
    (By::Origin, "Origin"),
    (By::Consumer, "Consumer"),
    (By::Dialect, "Producer of the letter"),
    (By::Reason, "Broker's reason"),
];

/// What is being typed.
#[derive(Clone, Debug, PartialEq)]
enum Typing {
    Name(String),
    /// A header to split this group by.
    SplitBy(String),
    /// A header to group all letters by.
    GroupBy,
}

/// See the module's documentation.
#[derive(Default)]
pub struct Sorting {
    typing: Option<(Typing, String, bool)>,
}

impl Sorting {
    /// The menu of one group, beside its other buttons.
    pub fn menu(&mut self, ui: &mut Ui, ctx: &PanelCtx<'_>, groups: &[Group], group: &Group, out: &mut Vec<Command>) {
        let now = &ctx.state.settings.dead_letters.groups;
        let id = &group.fingerprint.id;
        ui.menu_button("Group", |ui| {
            if ui.button("Rename…").clicked() {
                let name = now.names.get(id).cloned().unwrap_or_else(|| one_line(&group.cause, 200));
                self.typing = Some((Typing::Name(id.clone()), name, true));
                ui.close();
            }
            if now.names.contains_key(id) && ui.button("Take the name off").clicked() {
                change(now, out, |groups| drop(groups.names.remove(id)));
                ui.close();
            }
            ui.menu_button("Merge into", |ui| {
                for other in groups.iter().filter(|other| other.fingerprint.id != *id).take(OFFERED) {
                    if ui.button(one_line(&other.cause, 60)).clicked() {
                        let into = other.fingerprint.id.clone();
                        change(now, out, |groups| drop(groups.merged.insert(id.clone(), into)));
                        ui.close();
                    }
                }
            });
            if now.merged.values().any(|into| into == id) && ui.button("Take merged groups apart").clicked() {
                change(now, out, |groups| groups.merged.retain(|_, into| into != id));
                ui.close();
            }
            ui.menu_button("Split by", |ui| {
                for (key, words) in &PLAIN {
                    if ui.button(*words).clicked() {
                        change(now, out, |groups| groups.split.entry(id.clone()).or_default().push(key.clone()));
                        ui.close();
                    }
                }
                if ui.button("A header…").clicked() {
                    self.typing = Some((Typing::SplitBy(id.clone()), String::new(), true));
                    ui.close();
                }
            });
        });
    }

    /// What all letters are grouped by, and the way back.
    pub fn overall(&mut self, ui: &mut Ui, ctx: &PanelCtx<'_>, out: &mut Vec<Command>) {
        let now = &ctx.state.settings.dead_letters.groups;
        let small = |text: &str| RichText::new(text.to_owned()).size(SMALL);
        ui.menu_button(small("Group by"), |ui| {
            let mut cause = !now.without_cause;
            if ui.checkbox(&mut cause, "Cause").changed() {
                change(now, out, |groups| groups.without_cause = !cause);
            }
            for (key, words) in &PLAIN {
                let mut on = now.keys.contains(key);
                if ui.checkbox(&mut on, *words).changed() {
                    change(now, out, |groups| toggle(&mut groups.keys, key, on));
                }
            }
            for key in now.keys.iter().filter(|key| matches!(key, By::Header(_))) {
                let By::Header(name) = key else { continue };
                let mut on = true;
                if ui.checkbox(&mut on, format!("Header {}", one_line(name, 40))).changed() {
                    change(now, out, |groups| toggle(&mut groups.keys, key, false));
                }
            }
            if ui.button("A header…").clicked() {
                self.typing = Some((Typing::GroupBy, String::new(), true));
                ui.close();
            }
            if !now.split.is_empty() && ui.button("Undo all splits").clicked() {
                change(now, out, |groups| groups.split.clear());
                ui.close();
            }
            if *now != Regroup::default() && ui.button("As they were found").clicked() {
                out.push(LettersCommand::Regroup(Box::default()).into());
                ui.close();
            }
        });
        if !ctx.state.regroups.is_empty() {
            let undo = Button::new(small("Undo grouping")).frame(false);
            if ui.add(undo).on_hover_text("The groups as they were before the last change").clicked() {
                out.push(LettersCommand::UndoRegroup.into());
            }
        }
    }

    /// The line for a name, where one is being typed for this group, or for all of them where there is none.
    pub fn line(&mut self, ui: &mut Ui, ctx: &PanelCtx<'_>, group: Option<&Group>, out: &mut Vec<Command>) {
        let Some((typing, text, focus)) = &mut self.typing else { return };
        let (label, hint) = match (&*typing, group) {
            (Typing::Name(id), Some(group)) if *id == group.fingerprint.id => {
                ("Name of the group", "what it is called")
            }
            (Typing::SplitBy(id), Some(group)) if *id == group.fingerprint.id => ("Header to split by", "tenant"),
            (Typing::GroupBy, None) => ("Header to group by", "tenant"),
            _ => return,
        };
        let mut done = false;
        ui.horizontal(|ui| {
            let button = match typing {
                Typing::Name(_) => "Rename",
                Typing::SplitBy(_) => "Split",
                Typing::GroupBy => "Group",
            };
            let line = LineRow { label, hint, button, about: "", width: 360.0, beside: 144.0 };
            if line.ui(ui, text, std::mem::take(focus)) {
                let text = text.trim().to_owned();
                let now = &ctx.state.settings.dead_letters.groups;
                change(now, out, |groups| match typing {
                    Typing::Name(id) => drop(groups.names.insert(id.clone(), text)),
                    Typing::SplitBy(id) => groups.split.entry(id.clone()).or_default().push(By::Header(text)),
                    Typing::GroupBy => toggle(&mut groups.keys, &By::Header(text), true),
                });
                done = true;
            }
            done |= ui.button("Cancel").clicked() || ui.input(|input| input.key_pressed(Key::Escape));
        });
        if done {
            self.typing = None;
        }
    }
}

fn change(now: &Regroup, out: &mut Vec<Command>, change: impl FnOnce(&mut Regroup)) {
    let mut groups = now.clone();
    change(&mut groups);
    out.push(LettersCommand::Regroup(Box::new(groups)).into());
}

fn toggle(keys: &mut Vec<By>, key: &By, on: bool) {
    keys.retain(|known| known != key);
    if on {
        keys.push(key.clone());
    }
}
