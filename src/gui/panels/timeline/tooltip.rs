//! What hovering a mark says: the event, or how many there are.

use egui::{RichText, Ui};

use super::cells::Cell;
use crate::app::zone::Zone;
use crate::base::text::{duration_ns, plural};
use crate::gui::panels::PanelCtx;
use crate::gui::panels::parts::answers;
use crate::gui::panels::parts::flags::Flag;
use crate::gui::theme::{BODY, GRID, Looks, SMALL, Theme, mono, strong};
use crate::gui::widgets::chip;
use crate::model::ids::{EntityIx, EventIx};
use crate::model::time::TimeNs;
use crate::store::snapshot::Snapshot;

/// An event under the pointer, read on the timeline's own thread.
#[derive(Clone, Debug, PartialEq)]
pub struct Hovered {
    pub type_name: String,
    pub id: String,
    pub time: Option<TimeNs>,
    /// Since the event of the same lane before it.
    pub since: Option<i64>,
    pub entities: Vec<String>,
    pub service: String,
    /// The payload's first fields, a line each.
    pub fields: Vec<(String, String)>,
}

/// Fields shown of a payload.
const FIELDS: usize = 6;

/// Findings shown of an event.
const FINDINGS: usize = 4;

impl Hovered {
    #[must_use]
    pub fn read(snapshot: &Snapshot, event: EventIx, lane: EntityIx) -> Self {
        use crate::gui::panels::parts::preview::{named, one_line, preview};
        let time = snapshot.time(event);
        let before = snapshot.entity_events(lane).take_while(|&e| e < event).last().and_then(|e| snapshot.time(e));
        let since = time.zip(before).map(|(t, b)| t.0.saturating_sub(b.0));
        let name = |names: &[crate::store::names::Name], at: usize| {
            names.get(at).map_or_else(String::new, |n| one_line(&n.name, 60))
        };
        let mut out = Self {
            type_name: named(&name(snapshot.types(), snapshot.type_ix(event).at())),
            id: String::new(),
            time,
            since,
            entities: Vec::new(),
            service: name(snapshot.services(), snapshot.service_ix(event).at()),
            fields: Vec::new(),
        };
        let source = snapshot.source_of(event).and_then(|(ix, _)| snapshot.sources().get(ix.at()));
        let (Ok(record), Some(source)) = (snapshot.record(event), source) else { return out };
        let envelope = source.decode.envelope(&record);
        out.id = envelope.id.as_deref().map_or_else(String::new, |id| one_line(id, 60));
        out.entities = envelope.entities.iter().take(4).map(|e| one_line(&e.to_string(), 60)).collect();
        let data =
            source.decode.data_json(&record).and_then(|json| serde_json::from_str::<serde_json::Value>(&json).ok());
        match data {
            Some(serde_json::Value::Object(map)) => {
                out.fields = map
                    .iter()
                    .take(FIELDS)
                    .map(|(key, value)| (one_line(key, 40), preview(short(value).as_bytes(), 60)))
                    .collect();
            }
            _ => {
                let bytes = record.get(envelope.data).unwrap_or(&record);
                out.fields.push((String::new(), preview(bytes, 120)));
            }
        }
        out
    }
}

fn short(value: &serde_json::Value) -> String {
    use serde_json::Value;
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => format!("[{}]", plural(items.len() as u64, "item", "items")),
        Value::Object(map) => format!("{{{}}}", plural(map.len() as u64, "field", "fields")),
        other => other.to_string(),
    }
}

/// One event.
pub fn event_ui(ui: &mut Ui, hovered: &Hovered, cell: &Cell, zone: Zone, theme: &Theme, looks: &Looks) {
    ui.set_max_width(420.0);
    ui.spacing_mut().item_spacing.y = 2.0;
    ui.horizontal(|ui| {
        let (rect, _) = ui.allocate_exact_size(egui::vec2(10.0, BODY), egui::Sense::hover());
        chip::paint_look(ui.painter(), rect.center(), 9.0, looks.of_type(cell.type_ix), theme);
        ui.label(strong(hovered.type_name.clone()));
        ui.label(RichText::new(&hovered.id).font(mono(SMALL)).color(theme.muted));
    });
    let time = hovered.time.map_or_else(|| "no time".to_owned(), |t| format!("{} {}", zone.format(t), zone.name_at(t)));
    ui.label(RichText::new(time).font(mono(SMALL)));
    if let Some(since) = hovered.since {
        let words = format!("{} after the event before it in this lane", duration_ns(since));
        ui.label(RichText::new(words).size(SMALL).color(theme.muted));
    }
    let mut facts = hovered.entities.join("  ");
    if !hovered.service.is_empty() {
        facts = format!("{facts}   from {}", hovered.service);
    }
    ui.label(RichText::new(facts).font(mono(SMALL)).color(theme.muted));
    flagged_ui(ui, cell, theme);
    if !hovered.fields.is_empty() {
        ui.add_space(GRID);
    }
    for (key, value) in &hovered.fields {
        ui.horizontal(|ui| {
            if !key.is_empty() {
                ui.label(RichText::new(key).font(mono(SMALL)).color(theme.json_key));
            }
            ui.label(RichText::new(value).font(mono(SMALL)));
        });
    }
}

fn flagged_ui(ui: &mut Ui, cell: &Cell, theme: &Theme) {
    let Some(flagged) = cell.flagged else { return };
    let word = flagged.flag.word();
    let words =
        if cell.count == 1 { word.to_owned() } else { plural(u64::from(flagged.count), word, &format!("{word}s")) };
    ui.label(RichText::new(words).size(SMALL).color(flagged.flag.color(theme)));
}

/// Several events.
pub fn crowd_ui(ui: &mut Ui, cell: &Cell, type_name: &str, timed: bool, zone: Zone, theme: &Theme) {
    ui.set_max_width(420.0);
    ui.label(strong(plural(u64::from(cell.count), "event", "events")));
    if timed {
        let (from, to) = (TimeNs(cell.first), TimeNs(cell.last));
        let words = format!("{}  +{}", zone.format(from), duration_ns(to.0.saturating_sub(from.0)));
        ui.label(RichText::new(words).font(mono(SMALL)));
    }
    flagged_ui(ui, cell, theme);
    ui.label(RichText::new(format!("mostly {type_name}; double-click zooms in")).size(SMALL).color(theme.muted));
}

/// What rules say of the event, or of the worst one in a crowd.
pub fn findings_ui(ui: &mut Ui, ctx: &PanelCtx<'_>, cell: &Cell) {
    let (Some(flagged), Some(answer)) = (cell.flagged, answers::linted(ctx)) else { return };
    let config = ctx.state.lint_config(ctx.snapshot);
    let of_event = answer.value.as_ref().into_iter().flat_map(|linted| linted.of(flagged.event, config));
    for finding in of_event.take(FINDINGS) {
        let what = crate::analysis::lints::find(finding.rule).map_or("", |lint| lint.what);
        let words = format!("{}: {what}", finding.rule);
        let color = Flag::Finding(finding.severity).color(ctx.theme);
        ui.add(egui::Label::new(RichText::new(words).size(SMALL).color(color)).wrap());
    }
}
