//! What can be typed. Only clap's view of it: `request` turns it into what is ready to use.

mod formats;

pub use self::formats::*;
pub use super::read_models::args::{CheckReadModelArgs, ProcessedArgs, RebuildReadModelArgs};
pub use super::requeue::args::RequeueArgs;
use crate::base::text::{parse_bytes, parse_duration};
use crate::input::codecs::settings::{OPTIONS, Settings};
use crate::model::charset::Charset;
use crate::model::error::Result;
use clap::{Args, Parser, Subcommand, ValueEnum};

/// See who did what to which entity when, in any event log.
#[derive(Debug, Parser)]
#[command(name = "eventglass", version, max_term_width = 100, after_help = AFTER)]
pub struct Typed {
    #[command(subcommand)]
    pub command: Option<Command>,

    /// Files, folders, globs or `-` to open in the window; without any it starts with its start page
    #[arg(value_name = "SRC")]
    pub sources: Vec<String>,

    #[command(flatten)]
    pub common: Common,
}

const AFTER: &str = "A file that is named like a command is opened with its folder: ./info\n\n\
    Exit codes: 0 fine, 1 findings, 2 wrong usage, 3 a source could not be read";

#[derive(Debug, Subcommand)]
pub enum Command {
    /// What a log holds: counts, types, services, kinds of entities, from when to when
    Info(InfoArgs),
    /// The events, or those that a filter lets through
    Events(EventsArgs),
    /// The entities with their counts, first and last event
    Entities(EntitiesArgs),
    /// An entity's state after any of its events, and why it is so
    State(Box<StateArgs>),
    /// Whether fixtures that `state --fixture` wrote still hold; 1 where one does not
    Check(CheckArgs),
    /// A correlation chain: who caused what, across services
    Trace(TraceArgs),
    /// All correlation chains of a log, or those that are incomplete, slow or failed
    Chains(ChainsArgs),
    /// Which service causes what in which other, how often and how fast
    Map(MapArgs),
    /// Answer a SELECT over the log's events, entities and chains
    #[command(after_help = super::sql::tables_help())]
    Sql(SqlArgs),
    /// Compare a read model's table with what the events make; exits with 1 where they differ
    CheckReadModel(CheckReadModelArgs),
    /// Make a read model's rows anew from the events: CSV, SQL upserts or a SQLite file
    RebuildReadModel(RebuildReadModelArgs),
    /// Which events a consumer never processed, twice, or out of order; exits with 1 where there are any
    Processed(ProcessedArgs),
    /// What is wrong with a log, as rules see it; exits with 1 where there is something
    Lint(LintArgs),
    /// Dead letters by cause; exits with 1 where there are any
    DeadLetters(DeadLettersArgs),
    /// Dead letters put back: plan, run, resume, status
    Requeue(Box<RequeueArgs>),
    /// The window on a Kafka inside this program: a shop, a consumer that fails, dead letters to put back
    Demo,
    /// Make an event log to try things on, with the truth about it in OUT.truth.json
    Generate(GenerateArgs),
}

#[derive(Clone, Debug, Default, Args)]
pub struct Common {
    /// Which field is what, as JSON, in place of what would be recognised
    #[arg(long, global = true, value_name = "FILE")]
    pub mapping: Option<String>,

    /// Neither use nor write saved indexes
    #[arg(long, global = true)]
    pub no_cache: bool,

    /// Unpack compressed sources up to this size each (500M, 20G), however small they are packed
    #[arg(long, global = true, value_name = "SIZE", value_parser = parse_bytes)]
    pub max_unpacked: Option<u64>,

    /// What the text of files is written in where that is not UTF-8 or UTF-16: windows-1252, Shift_JIS, …
    #[arg(long, global = true, value_name = "NAME")]
    pub encoding: Option<Charset>,

    /// Schema registry for bodies of messages, with Confluent's API; its password in EVENTGLASS_REGISTRY_PASSWORD
    #[arg(long, global = true, value_name = "URL")]
    pub registry: Option<String>,

    /// What bodies of messages are written in, in place of what would be recognised: json, avro, protobuf, msgpack, cbor, xml, yaml, text, raw
    #[arg(long, global = true, value_name = "CODEC")]
    pub value: Option<String>,

    /// Schema of bare bodies: .avsc, .proto or a descriptor set
    #[arg(long, global = true, value_name = "FILE")]
    pub schema: Option<String>,

    /// Full name of the Protobuf message in the schema's file
    #[arg(long, global = true, value_name = "NAME")]
    pub message: Option<String>,

    /// No progress and no warnings; errors are still told
    #[arg(short, long, global = true)]
    pub quiet: bool,
}

impl Common {
    /// How bodies of messages are read.
    ///
    /// # Errors
    /// Which option is wrong.
    pub fn bodies(&self) -> Result<Settings> {
        let mut settings = Settings::default();
        let options = [&self.registry, &self.value, &self.schema, &self.message];
        for (name, value) in OPTIONS.iter().zip(options) {
            if let Some(value) = value {
                settings.add(name, value);
            }
        }
        settings.check()?;
        Ok(settings)
    }
}

#[derive(Debug, Args)]
pub struct InfoArgs {
    /// Files, folders, globs or `-`; several make one log
    #[arg(value_name = "SRC", required = true)]
    pub sources: Vec<String>,
    #[arg(long, value_enum, default_value_t = InfoFormat::Text)]
    pub format: InfoFormat,
}

#[derive(Debug, Args)]
pub struct EventsArgs {
    /// Files, folders, globs or `-`; several make one log
    #[arg(value_name = "SRC", required = true)]
    pub sources: Vec<String>,
    /// As in the window: type:OrderPlaced entity:order:456 data.total>50 "text"
    #[arg(long, value_name = "F")]
    pub filter: Option<String>,
    /// Only events of this entity
    #[arg(long, value_name = "KIND:ID")]
    pub entity: Option<String>,
    /// Only events at this time or later: 2026-02-16, 2026-02-16T10:30:00Z
    #[arg(long, value_name = "T")]
    pub from: Option<String>,
    /// Only events before this time
    #[arg(long, value_name = "T")]
    pub to: Option<String>,
    /// No more than this many events
    #[arg(long, value_name = "N")]
    pub limit: Option<u64>,
    #[arg(long, value_enum, default_value_t = EventsFormat::Text)]
    pub format: EventsFormat,
}

#[derive(Debug, Args)]
pub struct EntitiesArgs {
    /// Files, folders, globs or `-`; several make one log
    #[arg(value_name = "SRC", required = true)]
    pub sources: Vec<String>,
    /// Only entities of this kind
    #[arg(long, value_name = "K")]
    pub kind: Option<String>,
    #[arg(long, value_enum, default_value_t = EntitiesFormat::Text)]
    pub format: EntitiesFormat,
}

#[derive(Clone, Debug, Default, Args)]
#[command(after_help = STATE_AFTER)]
pub struct StateArgs {
    /// Files, folders, globs or `-`; several make one log
    #[arg(value_name = "SRC", required = true)]
    pub sources: Vec<String>,
    /// The entity: account:account-123
    #[arg(long, value_name = "KIND:ID")]
    pub entity: String,
    /// The state at this time, events of the whole day or minute that is named included
    #[arg(long, value_name = "TIME", group = "place")]
    pub at: Option<String>,
    /// The state after the event with this version of the stream
    #[arg(long, value_name = "N", group = "place")]
    pub version: Option<u32>,
    /// The state after the event with this id
    #[arg(long, value_name = "ID", group = "place")]
    pub event: Option<String>,
    /// The state after the event with this number, as `events` prints it
    #[arg(long, value_name = "N", group = "place")]
    pub ix: Option<u64>,
    /// How states are made: a file of rules, or .js, .mjs, .jq; inferred from the log without one
    #[arg(long, value_name = "FILE")]
    pub reducer: Option<std::path::PathBuf>,
    /// The state after every event, one a line (NDJSON)
    #[arg(long, group = "question")]
    pub every: bool,
    /// What differs between two versions (3..7), or times (2026-02-16..2026-02-17); where events have
    /// no versions, numbers count the entity's events
    #[arg(long, value_name = "A..B", group = "question", conflicts_with = "place")]
    pub diff: Option<String>,
    /// Every event that changed this place: /items/0/sku or items[0].sku
    #[arg(long, value_name = "PATH", group = "question")]
    pub blame: Option<String>,
    /// The first event after which this holds: 'balance < 0 and not exists closedAt'
    #[arg(long, value_name = "EXPR", group = "question", conflicts_with = "place")]
    pub bisect: Option<String>,
    /// What becomes of the state when deliveries go wrong, with advice; the exit code is 1 where it matters
    #[arg(long, value_enum, value_name = "HOW", group = "question")]
    pub simulate: Option<Simulate>,
    /// For --simulate: another seed gives other random histories
    #[arg(long, value_name = "S", default_value_t = 1, requires = "simulate")]
    pub seed: u64,
    /// For --simulate: how many random histories
    #[arg(long, value_name = "N", default_value_t = 100, requires = "simulate")]
    pub rounds: u32,
    /// For --simulate reorder: how many events late one may come
    #[arg(long, value_name = "N", default_value_t = 5, requires = "simulate")]
    pub window: u32,
    /// Write the events with the state after each as a test: JSON for `check`, given-when-then where the
    /// name ends in .feature or .txt
    #[arg(long, value_name = "OUT", group = "question")]
    pub fixture: Option<std::path::PathBuf>,
    /// Fold repeats of an event id as events of their own
    #[arg(long)]
    pub keep_duplicates: bool,
    #[arg(long, value_enum, default_value_t = StateFormat::Text)]
    pub format: StateFormat,
}

const STATE_AFTER: &str = "An event that cannot be folded leaves the state as it was; the answer says so \
    (complete: false) and the exit code is 0.";

#[derive(Clone, Debug, Default, Args)]
pub struct CheckArgs {
    /// Fixtures as `state --fixture` writes them
    #[arg(value_name = "FIXTURE", required = true)]
    pub fixtures: Vec<std::path::PathBuf>,
    /// Another reducer than the one in the fixture: rules, or .js, .mjs, .jq
    #[arg(long, value_name = "FILE")]
    pub reducer: Option<std::path::PathBuf>,
    #[arg(long, value_enum, default_value_t = StateFormat::Text)]
    pub format: StateFormat,
}

#[derive(Debug, Args)]
#[command(group(clap::ArgGroup::new("start").required(true).args(["correlation", "event"])))]
pub struct TraceArgs {
    /// Files, folders, globs or `-`; several make one log
    #[arg(value_name = "SRC", required = true)]
    pub sources: Vec<String>,
    /// The chain of this correlation id
    #[arg(long, value_name = "ID")]
    pub correlation: Option<String>,
    /// The chains that the event with this id belongs to
    #[arg(long, value_name = "ID")]
    pub event: Option<String>,
    #[arg(long, value_enum, default_value_t = TraceFormat::Text)]
    pub format: TraceFormat,
    /// What the drawing shows; `waterfall` and `graph` want `--format svg`
    #[arg(long = "as", value_enum, default_value_t = Drawing::Sequence, value_name = "DRAWING")]
    pub drawing: Drawing,
}

#[derive(Debug, Args)]
pub struct ChainsArgs {
    /// Files, folders, globs or `-`; several make one log
    #[arg(value_name = "SRC", required = true)]
    pub sources: Vec<String>,
    /// Only chains in which a cause, a usual effect or the usual end is missing
    #[arg(long)]
    pub incomplete: bool,
    /// Only chains in which something failed, by the names of their types
    #[arg(long)]
    pub error: bool,
    /// Only chains of at least this many events
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub min_size: u32,
    /// Only chains through a service whose name has this in it
    #[arg(long, value_name = "S")]
    pub service: Option<String>,
    /// Only chains with a type whose name has this in it
    #[arg(long = "type", value_name = "T")]
    pub type_name: Option<String>,
    /// Only chains that took at least this long: 250ms, 30s, 5m, 2h, 1d
    #[arg(long, value_name = "D", value_parser = parse_duration)]
    pub min_duration: Option<i64>,
    /// In this order, the largest first but for `start`
    #[arg(long, value_enum, default_value_t = ChainOrder::Start)]
    pub sort: ChainOrder,
    /// No more than this many chains
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
    #[arg(long, value_enum, default_value_t = ChainsFormat::Text)]
    pub format: ChainsFormat,
}

#[derive(Debug, Args)]
pub struct MapArgs {
    /// Files, folders, globs or `-`; several make one log
    #[arg(value_name = "SRC", required = true)]
    pub sources: Vec<String>,
    #[arg(long, value_enum, default_value_t = MapFormat::Text)]
    pub format: MapFormat,
}

#[derive(Debug, Args)]
pub struct SqlArgs {
    /// Files, folders, globs or `-`; several make one log
    #[arg(value_name = "SRC", required = true)]
    pub sources: Vec<String>,
    /// One SELECT in SQLite's SQL
    #[arg(value_name = "SQL", required = true)]
    pub statement: String,
    #[arg(long, value_enum, default_value_t = SqlFormat::Table)]
    pub format: SqlFormat,
}

#[derive(Debug, Args)]
pub struct LintArgs {
    /// Files, folders, globs or `-`; several make one log
    #[arg(value_name = "SRC", required_unless_present = "explain")]
    pub sources: Vec<String>,
    /// Tell about the rules instead, or about one of them: what, why, how to mend, thresholds
    #[arg(long, value_name = "RULE", num_args = 0..=1, default_missing_value = "", conflicts_with = "sources")]
    pub explain: Option<String>,
    /// Only these rules
    #[arg(long = "rule", value_name = "R")]
    pub rules: Vec<String>,
    /// Thresholds and silenced rules, as JSON
    #[arg(long, value_name = "FILE")]
    pub config: Option<String>,
    #[arg(long, value_enum, default_value_t = LintFormat::Text)]
    pub format: LintFormat,
}

#[derive(Debug, Args)]
pub struct DeadLettersArgs {
    /// Files, folders, globs or `-`; several make one log
    #[arg(value_name = "SRC", required = true)]
    pub sources: Vec<String>,
    /// Header names of your own, targets and groups, as JSON
    #[arg(long, value_name = "FILE")]
    pub config: Option<String>,
    #[arg(long, value_enum, default_value_t = DeadLettersFormat::Text)]
    pub format: DeadLettersFormat,
}

#[derive(Debug, Args)]
pub struct GenerateArgs {
    /// Lines to write, damaged and repeated ones included; 3000000 make 1 GB
    #[arg(long, value_name = "N")]
    pub events: u64,
    /// Another seed gives another log, the same seed always the same one
    #[arg(long, value_name = "S", default_value_t = 42)]
    pub seed: u64,
    #[arg(value_name = "OUT")]
    pub out: std::path::PathBuf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DeadLettersFormat {
    Text,
    /// One group a line
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum EntitiesFormat {
    Text,
    Ndjson,
}

/// What a delivery does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Simulate {
    /// At least once: events come again, at once or later
    Duplicates,
    /// At most once: events are missing
    Loss,
    /// Events come late
    Reorder,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum StateFormat {
    #[default]
    Text,
    Json,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_arguments_are_well_formed() {
        Typed::command().debug_assert();
    }

    #[test]
    fn sources_without_a_command_are_for_the_window() {
        let typed = |line: &str| Typed::try_parse_from(line.split(' '));
        let window = typed("eventglass a.ndjson b.ndjson --mapping m.json -q").expect("a window");
        assert!(window.command.is_none());
        assert_eq!(window.sources, ["a.ndjson", "b.ndjson"]);
        assert_eq!(window.common.mapping.as_deref(), Some("m.json"));
        assert!(window.common.quiet);
        assert!(typed("eventglass").is_ok_and(|t| t.sources.is_empty()));
    }

    #[test]
    fn commands_take_the_common_options_on_either_side() {
        for line in ["eventglass --no-cache info a", "eventglass info --no-cache a", "eventglass info a --no-cache"] {
            let typed = Typed::try_parse_from(line.split(' ')).expect(line);
            assert!(typed.common.no_cache && matches!(typed.command, Some(Command::Info(_))), "{line}");
        }
    }

    #[test]
    fn wrong_usage_is_refused() {
        for line in ["eventglass info", "eventglass events a --limit x", "eventglass generate out", "eventglass --no"] {
            assert!(Typed::try_parse_from(line.split(' ')).is_err(), "{line}");
        }
    }
}
