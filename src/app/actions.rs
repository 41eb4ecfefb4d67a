//! ★ The one table of what can be found by name: the palette lists it, the keys sheet prints it, the
//! shell reads keys from it. A shortcut appears here or nowhere, and only once.

use super::command::{
    BranchCommand as B, Command, ConnectCommand as Cn, FilterCommand as F, LaneCommand as La, LayoutCommand as Lo,
    LintCommand as Li, OpenCommand as O, SelectCommand as S, TableCommand as T, TravelCommand as Tr, ViewCommand as V,
    WindowCommand as W,
};
use super::keys::{Key, Shortcut};
use super::settings::ThemeChoice;
use super::state::{ColorBy, LaneSort, RowOrder};
use super::zone::Zone;

/// Headings of the keys sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    Log,
    Find,
    Step,
    Time,
    Travel,
    Lanes,
    Window,
}

impl Group {
    pub const ALL: [Self; 7] = [Self::Log, Self::Find, Self::Step, Self::Travel, Self::Time, Self::Lanes, Self::Window];

    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Log => "Log",
            Self::Find => "Find",
            Self::Step => "Step",
            Self::Time => "Time",
            Self::Travel => "State",
            Self::Lanes => "Lanes and table",
            Self::Window => "Window",
        }
    }
}

/// One thing a person can do by name.
#[derive(Clone, Copy, Debug)]
pub struct Action {
    pub group: Group,
    /// What it does, in sentence case.
    pub label: &'static str,
    /// More words to find it by.
    pub words: &'static str,
    /// The first is the one that is shown beside the label.
    pub keys: &'static [Shortcut],
    pub command: fn() -> Command,
    /// Makes sense only with a log open.
    pub needs_log: bool,
}

const fn k(key: Key) -> Shortcut {
    Shortcut::key(key)
}

const fn c(key: char) -> Shortcut {
    Shortcut::char(key)
}

const fn ctrl(key: char) -> Shortcut {
    Shortcut::command(key)
}

macro_rules! actions {
    ($($group:ident $log:ident $label:literal $words:literal [$($key:expr),*] $command:expr;)*) => {
        &[$(Action {
            group: Group::$group,
            label: $label,
            words: $words,
            keys: &[$($key),*],
            command: || $command.into(),
            needs_log: actions!(@$log),
        }),*]
    };
    (@log) => { true };
    (@any) => { false };
}

/// Group, whether it needs a log, label, other words, keys, command.
pub const ACTIONS: &[Action] = actions! {
    Log any "Open files…" "load log folder" [ctrl('O')] O::Pick;
    Log any "Connect to a broker…" "kafka rabbitmq amqp topic queue url" [ctrl('O').shift()] Cn::Show(None);
    Log log "Save session…" "workspace project keep share file branches pins" [ctrl('S')] W::AskSession;
    Log log "Read again" "reload refresh" [ctrl('R')] O::Reload;
    Log log "Read again, unpacking without the limit" "compressed gzip zstd bomb guard" [] O::ReloadUnlimited;
    Log log "Stop reading" "cancel indexing" [] O::StopReading;
    Log log "Close log" "start page" [ctrl('W')] O::Close;
    Log any "Forget recent files" "clear history" [] O::ClearRecent;

    Find any "Command palette" "actions search" [ctrl('K')] W::Palette;
    Find log "Filter events" "search query find" [c('/'), ctrl('F')] F::Focus;
    Find log "Clear filter" "all events reset" [] F::Clear;
    Find log "Stop the search" "cancel filter" [] F::Cancel;

    Step log "Previous event of the entity" "back left" [k(Key::Left)] S::PreviousOfEntity;
    Step log "Next event of the entity" "forward right" [k(Key::Right)] S::NextOfEntity;
    Step log "First event of the entity" "begin" [k(Key::Home)] S::FirstOfEntity;
    Step log "Last event of the entity" "end" [k(Key::End)] S::LastOfEntity;
    Step log "Play or pause the entity" "run animate" [k(Key::Space)] S::Play;
    Step log "Go to the cause" "causation parent chain" [k(Key::Left).shift()] S::Cause;
    Step log "Go to the first effect" "causation child chain" [k(Key::Right).shift()] S::Effect;
    Step log "Follow the chain of the event" "correlation trace waterfall sequence graph" [c('C')] S::Chain;
    Step log "Back in the selection history" "previous" [c('['), k(Key::Left).alt()] S::Back;
    Step log "Forward in the selection history" "next" [c(']'), k(Key::Right).alt()] S::Forward;
    Step log "Clear the selection" "deselect nothing" [] S::Clear;

    Travel log "Go to an event, version or time" "jump place yesterday" [c('T')] Lo::Focus("state");
    Travel log "Before the first event" "start empty state" [] Tr::Step(0);
    Travel log "Ten events back" "step previous" [k(Key::Left).with_command()] Tr::By(-10);
    Travel log "Ten events forward" "step next" [k(Key::Right).with_command()] Tr::By(10);
    Travel log "State before, after or changes" "diff compare" [c('B')] Tr::NextShow;
    Travel log "Play faster" "speed pace" [c('.')] Tr::Faster;
    Travel log "Play slower" "speed pace" [c(',')] Tr::Slower;
    Travel log "First event where…" "bisect find when condition" [c('W')] Lo::Focus("history");
    Travel log "Forget the condition that was looked for" "bisect" [] Tr::ForgetBisect;
    Travel log "Stop folding the history" "cancel" [] Tr::StopFold;
    Travel log "Fold the history again" "restart rebuild" [] Tr::FoldAgain;
    Travel log "Fold repeated events too" "duplicates" [] Tr::KeepDuplicates(true);
    Travel log "Fold repeated events once" "duplicates" [] Tr::KeepDuplicates(false);
    Travel log "Edit the reducer" "rules javascript jq state code" [c('E')] Lo::Focus("reducer");
    Travel log "Begin a what-if branch" "skip change insert move events" [] B::Begin;
    Travel log "Simulate faulty delivery" "duplicates loss reorder idempotent" [] Lo::Focus("delivery");
    Travel log "Compare states" "diff entities reducers two points" [] Lo::Focus("compare");
    Travel log "Unpin all fields" "plots columns watch" [] Tr::UnwatchAll;

    Time log "Zoom in on time" "magnify" [c('+'), c('=')] V::ZoomIn;
    Time log "Zoom out of time" "wider" [c('-')] V::ZoomOut;
    Time log "Fit the whole log" "all everything reset range" [c('0')] V::Fit;
    Time log "Fit the entity" "lifetime range" [c('9')] V::FitEntity;
    Time log "Pan to the left" "earlier" [c('A')] V::Pan(-0.25);
    Time log "Pan to the right" "later" [c('D')] V::Pan(0.25);
    Time log "Go to the start of the log" "begin first" [k(Key::Home).alt()] V::PanToStart;
    Time log "Go to the end of the log" "last latest" [k(Key::End).alt()] V::PanToEnd;
    Time log "Collapse silent gaps" "hide pauses breaks" [c('G')] V::ToggleGaps;
    Time any "Next time zone" "utc local source" [c('Z')] V::NextZone;
    Time any "Show times in UTC" "zone" [] V::Zone(Zone::Utc);
    Time any "Show times in local time" "zone" [] V::Zone(Zone::Local);
    Time log "Undo the view" "back range zoom filter" [ctrl('Z')] V::Undo;
    Time log "Redo the view" "again" [ctrl('Z').shift(), ctrl('Y')] V::Redo;

    Lanes log "Sort lanes by first event" "order" [] La::Sort(LaneSort::First);
    Lanes log "Sort lanes by last event" "order" [] La::Sort(LaneSort::Last);
    Lanes log "Sort lanes by count" "order busiest" [] La::Sort(LaneSort::Count);
    Lanes log "Sort lanes by name" "order id" [] La::Sort(LaneSort::Name);
    Lanes log "Group lanes by kind" "entities" [] La::GroupByKind(true);
    Lanes log "Do not group lanes" "flat entities" [] La::GroupByKind(false);
    Lanes log "Only lanes in view" "visible range hide empty all" [c('V')] La::ToggleInView;
    Lanes log "Colour by event type" "color" [] La::ColorBy(ColorBy::Type);
    Lanes log "Colour by service" "color" [] La::ColorBy(ColorBy::Service);
    Lanes log "Show all kinds of entity" "reset" [] La::Kinds(Vec::new());
    Lanes log "Mark findings on the timeline, or not" "lint marks rules" [] Li::ToggleMarks;
    Log log "Lint the log again" "rules findings check" [] Li::Run;
    Lanes log "Unpin all lanes" "pins" [] La::UnpinAll;
    Lanes log "Order rows by time" "sort table" [] T::Order(RowOrder::Time);
    Lanes log "Order rows by position" "sort table" [] T::Order(RowOrder::Position);
    Lanes log "Reset columns" "table" [] T::ResetColumns;

    Window any "Keys" "help shortcuts keyboard" [k(Key::F(1)), c('?')] W::Keys;
    Window any "Larger" "zoom in interface text size" [ctrl('+'), ctrl('=')] W::ZoomIn;
    Window any "Smaller" "zoom out interface text size" [ctrl('-')] W::ZoomOut;
    Window any "Normal size" "zoom reset 100" [ctrl('0')] W::Zoom(100);
    Window any "Dark theme" "appearance night" [] W::Theme(ThemeChoice::Dark);
    Window any "Light theme" "appearance day" [] W::Theme(ThemeChoice::Light);
    Window any "Theme of the system" "appearance auto" [] W::Theme(ThemeChoice::System);
    Window log "Give panels their places back" "restore maximised" [] Lo::Restore;
    Window log "Reset the layout" "panels default arrangement" [] Lo::Reset;
    Window any "Close what is on top" "cancel escape" [k(Key::Escape)] W::Escape;
    Window any "Dismiss notices" "toasts messages" [] W::DismissNotices;
    Window any "Quit" "exit" [ctrl('Q')] W::Quit;
};

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn no_two_actions_share_a_shortcut() {
        let mut seen: BTreeMap<Shortcut, &str> = BTreeMap::new();
        for action in ACTIONS {
            for &key in action.keys {
                assert!(
                    seen.insert(key, action.label).is_none_or(|other| other == action.label),
                    "{key} is used twice, by {:?} too",
                    action.label
                );
            }
        }
    }

    #[test]
    fn labels_are_unique_and_in_sentence_case() {
        let mut labels: Vec<_> = ACTIONS.iter().map(|a| a.label).collect();
        labels.sort_unstable();
        let all = labels.len();
        labels.dedup();
        assert_eq!(labels.len(), all);
        assert!(labels.iter().all(|l| l.starts_with(char::is_uppercase) && !l.ends_with('.')));
    }
}
