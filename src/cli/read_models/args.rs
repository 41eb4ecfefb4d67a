//! What can be typed after `check-read-model`, `rebuild-read-model` and `processed`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::cli::args::StateFormat;

#[derive(Clone, Debug, Args)]
pub struct FoldedArgs {
    /// Files, folders, globs or `-`; several make one log
    #[arg(value_name = "SRC", required = true)]
    pub sources: Vec<String>,
    /// The column with the entity's id
    #[arg(long, value_name = "COLUMN")]
    pub key: String,
    /// How states are made: a file of rules, or .js, .mjs, .jq; inferred from the log without one
    #[arg(long, value_name = "FILE")]
    pub reducer: Option<PathBuf>,
    /// The kind of entity; taken from the key's name (`order_id`: order) without it
    #[arg(long, value_name = "KIND")]
    pub kind: Option<String>,
    /// Which place of the state a column shows, where its name does not tell: `buyer=/customer/name`; jq over the
    /// state in parentheses: `lines=(.items | length)`; or @first.time, @last.time, @version, @events
    #[arg(long = "column", value_name = "NAME=PLACE")]
    pub columns: Vec<String>,
    /// Only entities whose last state fulfils this belong into the table: 'not exists closedAt'
    #[arg(long, value_name = "EXPR")]
    pub only: Option<String>,
}

#[derive(Debug, Args)]
pub struct CheckReadModelArgs {
    #[command(flatten)]
    pub folded: FoldedArgs,
    /// The read model: FILE?table=orders_view or postgres://user@host/database?table=orders_view
    #[arg(long, value_name = "URL")]
    pub table: String,
    #[arg(long, value_enum, default_value_t = StateFormat::Text)]
    pub format: StateFormat,
}

#[derive(Debug, Args)]
pub struct RebuildReadModelArgs {
    #[command(flatten)]
    pub folded: FoldedArgs,
    #[arg(long, value_enum)]
    pub format: RebuildFormat,
    /// A new file; nothing is ever written into a database that exists
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// The table's name in SQL and SQLite
    #[arg(long, value_name = "NAME", default_value = "read_model")]
    pub name: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RebuildFormat {
    Csv,
    /// INSERT … ON CONFLICT DO UPDATE, a row each
    Sql,
    Sqlite,
}

#[derive(Debug, Args)]
pub struct ProcessedArgs {
    /// Files, folders, globs or `-`; several make one log
    #[arg(value_name = "SRC", required = true)]
    pub sources: Vec<String>,
    /// The table: FILE?table=processed_events or postgres://user@host/database?table=processed_events
    #[arg(long, value_name = "URL")]
    pub table: String,
    /// The column with the event's id
    #[arg(long, value_name = "COLUMN", default_value = "event_id")]
    pub column: String,
    /// The column with the time of processing; rows count in their own order without it
    #[arg(long, value_name = "COLUMN")]
    pub time: Option<String>,
    /// The column with the consumer's name, where several share the table
    #[arg(long, value_name = "COLUMN")]
    pub consumer: Option<String>,
    /// Types that a consumer must process; those of which it has processed any without it
    #[arg(long = "type", value_name = "TYPE")]
    pub types: Vec<String>,
    #[arg(long, value_enum, default_value_t = StateFormat::Text)]
    pub format: StateFormat,
}
