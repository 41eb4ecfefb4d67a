//! Where the panels are: a tree of tiles that a person can move, resize, hide and maximise. Kept in
//! the settings; a tree that no longer fits gives way to the one of a fresh install, and says so.

mod behavior;

use std::collections::BTreeMap;

use eframe::egui::{self, Ui};
use egui_tiles::{Container, Linear, LinearDir, Tile, TileId, Tiles, Tree};
use serde::{Deserialize, Serialize};

use self::behavior::Panes;
use crate::app::{Command, PanelId};
use crate::gui::panels::{Area, Entry, PANELS, Panel, PanelCtx};
use crate::model::error::{Error, Place};

/// A panel in the tree, by its name, which may come from an older version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pane {
    pub panel: String,
}

impl Pane {
    pub fn entry(&self) -> Option<&'static Entry> {
        PANELS.iter().find(|entry| entry.id == self.panel)
    }
}

/// See the module's documentation.
pub struct Layout {
    tree: Tree<Pane>,
    /// Something was moved since the layout was last kept.
    edited: bool,
}

impl Layout {
    /// The kept layout, or the one of a fresh install with the reason why.
    pub fn load(kept: Option<&serde_json::Value>) -> (Self, Option<Error>) {
        let Some(kept) = kept else { return (Self { tree: fresh(), edited: false }, None) };
        match serde_json::from_value::<Tree<Pane>>(kept.clone()) {
            Ok(tree) if is_sound(&tree) => {
                let mut layout = Self { tree, edited: false };
                layout.complete();
                (layout, None)
            }
            result => {
                let place = Place::Nowhere;
                let error = Error::new("The layout of the panels could not be read", place, "The usual one is used");
                let error = match result {
                    Err(cause) => error.because(cause),
                    Ok(_) => error,
                };
                (Self { tree: fresh(), edited: false }, Some(error))
            }
        }
    }

    pub fn save(&self) -> Option<serde_json::Value> {
        serde_json::to_value(&self.tree).ok()
    }

    pub fn reset(&mut self) {
        self.tree = fresh();
        self.edited = true;
    }

    /// Whether something was moved since this was last asked.
    pub fn take_edited(&mut self) -> bool {
        std::mem::take(&mut self.edited)
    }

    /// In front of its tabs and visible.
    pub fn show(&mut self, panel: PanelId) {
        self.set_visible(panel, true);
        self.tree.make_active(|_, tile| matches!(tile, Tile::Pane(pane) if pane.panel == panel));
    }

    pub fn set_visible(&mut self, panel: PanelId, visible: bool) {
        if let Some(tile) = self.find(panel) {
            self.tree.set_visible(tile, visible);
            self.edited = true;
        }
    }

    pub fn toggle(&mut self, panel: PanelId) {
        let shown = self.find(panel).is_some_and(|tile| self.tree.active_tiles().contains(&tile));
        if shown { self.set_visible(panel, false) } else { self.show(panel) }
    }

    /// Draws all panels, or the one that is maximised.
    pub fn draw(
        &mut self,
        ui: &mut Ui,
        panels: &mut BTreeMap<PanelId, Box<dyn Panel>>,
        ctx: &PanelCtx<'_>,
        out: &mut Vec<Command>,
    ) {
        if let Some(entry) = ctx.state.maximised.and_then(|id| PANELS.iter().find(|e| e.id == id)) {
            behavior::maximised(ui, entry, panels, ctx, out);
            return;
        }
        let mut panes = Panes { panels, ctx, out, edited: false };
        self.tree.ui(&mut panes, ui);
        self.edited |= panes.edited;
    }

    fn find(&self, panel: PanelId) -> Option<TileId> {
        let is_it = |tile: &Tile<Pane>| matches!(tile, Tile::Pane(pane) if pane.panel == panel);
        self.tree.tiles.iter().find_map(|(id, tile)| is_it(tile).then_some(*id))
    }

    /// Drops panels that are no more, and gives those that are new a place beside others of their area.
    fn complete(&mut self) {
        let unknown = |tile: &Tile<Pane>| matches!(tile, Tile::Pane(pane) if pane.entry().is_none());
        let gone: Vec<TileId> = self.tree.tiles.iter().filter(|(_, tile)| unknown(tile)).map(|(id, _)| *id).collect();
        for id in gone {
            self.tree.remove_recursively(id);
        }
        for entry in docked() {
            if self.find(entry.id).is_some() {
                continue;
            }
            let neighbour = docked().filter(|e| e.area == entry.area && e.id != entry.id).find_map(|e| self.find(e.id));
            let tabs = neighbour.and_then(|id| self.tree.tiles.parent_of(id));
            let pane = self.tree.tiles.insert_pane(Pane { panel: entry.id.to_owned() });
            let container = tabs.or(self.tree.root);
            if let Some(Tile::Container(container)) = container.and_then(|id| self.tree.tiles.get_mut(id)) {
                container.add_child(pane);
            } else {
                self.tree = fresh();
                return;
            }
        }
    }
}

/// Panels with a place in the tree.
fn docked() -> impl Iterator<Item = &'static Entry> {
    PANELS.iter().filter(|e| !matches!(e.area, Area::Header | Area::Top))
}

/// Every child that is named exists, once, and the root is there.
fn is_sound(tree: &Tree<Pane>) -> bool {
    let Some(root) = tree.root else { return false };
    let mut seen = Vec::new();
    let mut open = vec![root];
    while let Some(id) = open.pop() {
        if seen.contains(&id) || seen.len() > 500 {
            return false;
        }
        seen.push(id);
        match tree.tiles.get(id) {
            None => return false,
            Some(Tile::Pane(_)) => {}
            Some(Tile::Container(container)) => {
                if let Container::Linear(linear) = container
                    && linear.children.iter().any(|&c| !(linear.shares[c].is_finite() && linear.shares[c] > 0.0))
                {
                    return false;
                }
                open.extend(container.children().copied());
            }
        }
    }
    true
}

/// Entities, timeline and inspector side by side, the rest below.
fn fresh() -> Tree<Pane> {
    let mut tiles = Tiles::default();
    let tabs_of = |tiles: &mut Tiles<Pane>, area: Area| {
        let panes: Vec<TileId> =
            docked().filter(|e| e.area == area).map(|e| tiles.insert_pane(Pane { panel: e.id.to_owned() })).collect();
        (!panes.is_empty()).then(|| tiles.insert_tab_tile(panes))
    };
    let columns: Vec<(TileId, f32)> = [(Area::Left, 0.19), (Area::Centre, 0.54), (Area::Right, 0.27)]
        .into_iter()
        .filter_map(|(area, share)| Some((tabs_of(&mut tiles, area)?, share)))
        .collect();
    let bottom = tabs_of(&mut tiles, Area::Bottom);
    let linear = |dir, children: Vec<(TileId, f32)>| {
        let mut linear = Linear::new(dir, children.iter().map(|&(id, _)| id).collect());
        children.iter().for_each(|&(id, share)| linear.shares.set_share(id, share));
        linear
    };
    let middle = tiles.insert_container(linear(LinearDir::Horizontal, columns));
    let rows = std::iter::once((middle, 0.62)).chain(bottom.map(|b| (b, 0.38))).collect();
    let root = tiles.insert_container(linear(LinearDir::Vertical, rows));
    Tree::new(egui::Id::unique("panels"), root, tiles)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_layout_comes_back_as_it_was_kept() {
        let (mut layout, error) = Layout::load(None);
        assert!(error.is_none());
        let id = docked().next().expect("there are panels").id;
        layout.set_visible(id, false);
        let kept = layout.save().expect("a tree is data");
        let text = kept.to_string();
        let kept = serde_json::from_str(&text).expect("its own output");
        let (again, error) = Layout::load(Some(&kept));
        assert!(error.is_none(), "{error:?}");
        let tile = again.find(id).expect("still there");
        assert!(!again.tree.is_visible(tile));
    }

    #[test]
    fn a_damaged_layout_gives_the_usual_one_and_is_said() {
        for text in ["null", "{}", "[]", "7", r#"{"root":99,"tiles":{}}"#] {
            let kept: serde_json::Value = serde_json::from_str(text).expect("JSON");
            let (layout, error) = Layout::load(Some(&kept));
            assert!(error.is_some(), "{text}");
            assert!(docked().all(|e| layout.find(e.id).is_some()), "{text}");
        }
    }

    #[test]
    fn panels_that_are_gone_are_dropped_and_new_ones_find_a_place() {
        let mut tree = fresh();
        let first = docked().next().expect("there are panels").id;
        for (_, tile) in tree.tiles.iter_mut() {
            if let Tile::Pane(pane) = tile
                && pane.panel == first
            {
                pane.panel = "from the past".to_owned();
            }
        }
        let kept = serde_json::to_value(&tree).expect("a tree is data");
        let (layout, _) = Layout::load(Some(&kept));
        assert!(layout.find(first).is_some());
        assert!(layout.tree.tiles.tiles().all(|t| !matches!(t, Tile::Pane(p) if p.entry().is_none())));
    }
}
