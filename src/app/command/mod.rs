//! All that a person can ask for, as one closed set in groups. Panels push these while they draw;
//! the shell carries them out at the end of the frame. Palette, keys and tests use the same list.
//!
//! To add one: a variant in its group here, an arm in the file of the same name in `app/update/`,
//! and a line in `app/actions.rs` where a person can find it by name.

mod branch;
mod connect;
mod filter;
mod lanes;
mod layout;
mod letters;
mod lint;
mod open;
mod reducer;
mod requeue;
mod select;
mod sql;
mod table;
mod travel;
mod view;
mod window;

pub use branch::BranchCommand;
pub use connect::ConnectCommand;
pub use filter::FilterCommand;
pub use lanes::LaneCommand;
pub use layout::LayoutCommand;
pub use letters::LettersCommand;
pub use lint::LintCommand;
pub use open::OpenCommand;
pub use reducer::ReducerCommand;
pub use requeue::RequeueCommand;
pub use select::SelectCommand;
pub use sql::SqlCommand;
pub use table::TableCommand;
pub use travel::TravelCommand;
pub use view::ViewCommand;
pub use window::WindowCommand;

/// See the module's documentation.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    Branch(BranchCommand),
    Connect(ConnectCommand),
    Filter(FilterCommand),
    Lanes(LaneCommand),
    Layout(LayoutCommand),
    Letters(LettersCommand),
    Lint(LintCommand),
    Open(OpenCommand),
    Reducer(ReducerCommand),
    Requeue(RequeueCommand),
    Select(SelectCommand),
    Sql(SqlCommand),
    Table(TableCommand),
    Travel(TravelCommand),
    View(ViewCommand),
    Window(WindowCommand),
}

macro_rules! group {
    ($($variant:ident($inner:ident)),*) => {
        $(impl From<$inner> for Command {
            fn from(inner: $inner) -> Self {
                Self::$variant(inner)
            }
        })*
    };
}

group!(
    Branch(BranchCommand),
    Connect(ConnectCommand),
    Filter(FilterCommand),
    Lanes(LaneCommand),
    Layout(LayoutCommand),
    Letters(LettersCommand),
    Lint(LintCommand),
    Open(OpenCommand),
    Reducer(ReducerCommand),
    Requeue(RequeueCommand),
    Select(SelectCommand),
    Sql(SqlCommand),
    Table(TableCommand),
    Travel(TravelCommand),
    View(ViewCommand),
    Window(WindowCommand)
);
