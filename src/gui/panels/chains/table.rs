//! The chains that were found, a row each. Ids and entities are read for the rows in sight, on another
//! thread.

use std::ops::Range;
use std::sync::Arc;

use egui::Ui;

use super::model::{TITLES, cell};
use crate::analysis::flows::{ChainQuery, ChainSort};
use crate::analysis::trace::correlation_name;
use crate::app::Command;
use crate::app::command::{LayoutCommand, SelectCommand, WindowCommand};
use crate::app::jobs::{FlowsAnswer, Slot};
use crate::gui::panels::PanelCtx;
use crate::gui::panels::parts::preview::one_line;
use crate::gui::widgets::table::{self, Cell, Column, Sort, Table, TableState};
use crate::model::ids::EventIx;

const SORTS: [Option<ChainSort>; 8] = [
    Some(ChainSort::Start),
    Some(ChainSort::Duration),
    Some(ChainSort::Events),
    Some(ChainSort::Services),
    None,
    Some(ChainSort::Missing),
    None,
    None,
];
const BLOCK: u64 = 64;
/// Entities of the first event that are named.
const MOST_ENTITIES: usize = 8;

/// Which answer the rows are taken from, and which of them.
type Page = (usize, Range<usize>);

#[derive(Default)]
pub struct ChainTable {
    table: TableState,
    names: Option<Slot<Page, Vec<Named>>>,
    /// Where the chosen chain stands: in which answer, which chain, and its row.
    place: Option<(usize, u32, Option<u64>)>,
}

/// What a chain's first record says.
struct Named {
    chain: u32,
    id: String,
    entities: String,
}

/// The chains to show: their numbers, and the survey that these belong to.
pub struct List<'a> {
    pub answer: &'a Arc<FlowsAnswer>,
    pub rows: &'a Arc<Vec<u32>>,
}

impl ChainTable {
    /// A click changes the chosen chain and selects its first event; titles change the order.
    pub fn ui(
        &mut self,
        ui: &mut Ui,
        ctx: &PanelCtx<'_>,
        list: &List<'_>,
        query: &mut ChainQuery,
        chosen: &mut Option<u32>,
        out: &mut Vec<Command>,
    ) {
        let List { answer, rows } = *list;
        let (log, flows) = (&answer.snapshot, &answer.flows);
        let columns: Vec<Column<'_>> = TITLES
            .iter()
            .zip(SORTS)
            .map(|(&(title, width, mono), sort)| Column {
                right: matches!(title, "Took" | "Events" | "Services"),
                sortable: sort.is_some(),
                sorted: sort
                    .filter(|sort| *sort == query.sort)
                    .map(|_| if query.reversed { Sort::Falling } else { Sort::Rising }),
                ..table::Column::plain(title, width, mono)
            })
            .collect();
        let chain = |row: u64| usize::try_from(row).ok().and_then(|at| rows.get(at)).copied();
        let table = Table {
            id: ui.scope_id().with("chains"),
            label: "Chains",
            columns: &columns,
            rows: rows.len() as u64,
            selected: chosen.and_then(|wanted| self.place_of(rows, wanted)),
            hovered: None,
        };
        let page = self.names.as_ref().and_then(Slot::answer);
        let names = page.as_deref().map_or(&[][..], |page| page.value.as_slice());
        let named = |wanted: u32| names.iter().find(|named| named.chain == wanted);
        let read = |text: Option<&String>| text.map_or_else(Cell::pending, |text| Cell::text(text.clone()));
        let zone = ctx.state.settings.zone;
        let done = table.show(ui, &mut self.table, |row, column| {
            let Some((at, of)) = chain(row).and_then(|at| Some((at, flows.chains.get(at as usize)?))) else {
                return Cell::pending();
            };
            match column {
                6 => read(named(at).map(|named| &named.id)).color(ctx.theme.muted),
                7 => read(named(at).map(|named| &named.entities)),
                5 => {
                    let color = if of.flags.error { ctx.theme.red } else { ctx.theme.amber };
                    Cell::text(cell(log, flows, of, column, zone)).color(color)
                }
                0 => Cell::text(cell(log, flows, of, column, zone)).color(ctx.theme.muted),
                _ => Cell::text(cell(log, flows, of, column, zone)),
            }
        });
        if let Some(sort) = done.header_clicked.and_then(|at| SORTS.get(at).copied().flatten()) {
            // Times rise first; of the rest the largest is wanted.
            query.reversed = if query.sort == sort { !query.reversed } else { sort != ChainSort::Start };
            query.sort = sort;
        }
        self.read_names(ctx, answer, rows, done.visible.clone());
        if done.double_clicked.is_some() {
            out.push(LayoutCommand::Show("chain").into());
        }
        if done.copy
            && let Some(named) = chosen.and_then(named)
        {
            out.push(WindowCommand::Copy(named.id.clone()).into());
        }
        let picked = done.selected.and_then(chain);
        *chosen = picked.or(*chosen);
        if let Some(of) = picked.and_then(|at| flows.chains.get(at as usize)) {
            out.push(SelectCommand::Event(of.first).into());
        }
    }

    /// The row of a chain; looked for when the rows or the chain are others.
    fn place_of(&mut self, rows: &Arc<Vec<u32>>, wanted: u32) -> Option<u64> {
        let answer = Arc::as_ptr(rows) as usize;
        if let Some((of, chain, place)) = self.place
            && (of, chain) == (answer, wanted)
        {
            return place;
        }
        let place = rows.iter().position(|at| *at == wanted).map(|at| at as u64);
        self.place = Some((answer, wanted, place));
        place
    }

    fn read_names(&mut self, ctx: &PanelCtx<'_>, answer: &Arc<FlowsAnswer>, rows: &Arc<Vec<u32>>, visible: Range<u64>) {
        let from = (visible.start / BLOCK).saturating_sub(1) * BLOCK;
        let to = ((visible.end / BLOCK + 2) * BLOCK).min(rows.len() as u64);
        let block = from as usize..to as usize;
        let slot = self.names.get_or_insert_with(|| Slot::new("chain ids", ctx.waker.clone()));
        let (answer, rows) = (Arc::clone(answer), Arc::clone(rows));
        slot.ask((Arc::as_ptr(&rows) as usize, block.clone()), 0, move |job| {
            let rows = rows.get(block).unwrap_or_default();
            let read = |at: &u32| named(&answer, *at);
            rows.iter().take_while(|_| !job.cancel.is_cancelled()).filter_map(read).collect()
        });
    }
}

fn named(answer: &FlowsAnswer, at: u32) -> Option<Named> {
    let chain = answer.flows.chains.get(at as usize)?;
    let id = chain.correlation.and_then(|of| correlation_name(&answer.snapshot, of, chain.first));
    let id = id.map_or_else(|| "tied by causes".to_owned(), |id| one_line(&id, 120));
    let entities = answer.snapshot.envelope(chain.first).unwrap_or_default().entities;
    let entities: Vec<String> = entities.iter().take(MOST_ENTITIES).map(ToString::to_string).collect();
    Some(Named { chain: at, id, entities: one_line(&entities.join("  "), 120) })
}

/// The events of a chain, for looking at it as a whole.
#[must_use]
pub fn events(answer: &FlowsAnswer, at: u32) -> Vec<EventIx> {
    use crate::analysis::trace::{Start, Trace, trace};
    let Some(chain) = answer.flows.chains.get(at as usize) else { return Vec::new() };
    if let Some(correlation) = chain.correlation {
        return answer.snapshot.correlation_events(correlation).collect();
    }
    match trace(&answer.snapshot, &Start::Event(chain.first), &crate::base::cancel::Cancel::new()) {
        Some(Trace::Chain(chain)) => chain.links.iter().map(|link| link.event).collect(),
        _ => Vec::new(),
    }
}
