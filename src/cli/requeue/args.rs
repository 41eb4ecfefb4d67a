//! What can be typed behind `requeue`.

use std::path::PathBuf;

use clap::{ArgGroup, Args, ValueEnum};

use crate::base::text::parse_duration;

#[derive(Clone, Debug, Default, Args)]
#[command(after_help = AFTER)]
#[command(group(ArgGroup::new("what").required(true).args(["plan", "run", "resume", "status", "decide", "trail", "move_task"])))]
#[command(group(ArgGroup::new("reads").args(["plan", "move_task"])))]
#[command(group(ArgGroup::new("which").args(["all", "group", "ids"])))]
pub struct RequeueArgs {
    /// Where the letters are: brokers, files of messages; several make one log
    #[arg(value_name = "SRC", requires = "reads")]
    pub sources: Vec<String>,

    /// Write what would be sent, to the byte, into this file; nothing is sent
    #[arg(long, value_name = "OUT", requires_all = ["sources", "which"])]
    pub plan: Option<PathBuf>,
    /// Let SQS move all that lies in the dead-letter queue SRC by itself: start (with --yes), list, cancel (with
    /// --yes); its limits are said first
    #[arg(long, value_enum, value_name = "WHAT", requires = "sources", conflicts_with = "which")]
    pub move_task: Option<MoveTaskArg>,
    /// All dead letters
    #[arg(long)]
    pub all: bool,
    /// Those of one cause, by its fingerprint as `dead-letters` tells it
    #[arg(long, value_name = "FP")]
    pub group: Option<String>,
    /// Those with these ids, places (orders-dlt/0/12) or numbers as `dead-letters` tells them
    #[arg(long = "id", value_name = "ID")]
    pub ids: Vec<String>,
    /// Elsewhere than where they came from: orders, topic:orders/3, queue:orders, exchange:shop/order.placed,
    /// another system's address, file:letters.ndjson
    #[arg(long, value_name = "TARGET")]
    pub to: Option<String>,
    /// A jq filter from each value to its new value; letters that it does not fit are left out
    #[arg(long, value_name = "JQ")]
    pub patch: Option<String>,
    /// A JSON patch (RFC 6902) of each value, as text or in a file; letters that it does not fit are left out
    #[arg(long, value_name = "FILE|TEXT")]
    pub json_patch: Option<String>,
    /// Set a header: NAME=VALUE, or take it off: NAME
    #[arg(long = "header", value_name = "NAME[=VALUE]")]
    pub headers: Vec<String>,
    /// Another key for all
    #[arg(long, value_name = "KEY")]
    pub key: Option<String>,
    /// Messages a second; of a move task a whole number up to 500
    #[arg(long, value_name = "N", value_parser = parse_rate)]
    pub rate: Option<f64>,
    /// First steps, after each of which the run looks whether a message came back, and stops if so
    #[arg(long, value_name = "1,5,20", value_delimiter = ',')]
    pub canary: Vec<u32>,
    /// How long it waits after each of these steps
    #[arg(long, value_name = "D", default_value = "10s", value_parser = parse_duration)]
    pub observe: i64,
    /// Letters that were put back before, once more
    #[arg(long)]
    pub again: bool,
    /// Also letters with a null value, which delete what has their key in a compacted topic
    #[arg(long)]
    pub tombstones: bool,
    /// With the message's own time in place of now
    #[arg(long)]
    pub keep_timestamp: bool,
    /// With RabbitMQ's own history of deaths, which RabbitMQ up to 3.13 continues
    #[arg(long)]
    pub keep_death_history: bool,
    /// Header names of your own, targets and groups, as JSON
    #[arg(long, value_name = "FILE")]
    pub config: Option<String>,

    /// Send what a plan says
    #[arg(long, value_name = "PLAN")]
    pub run: Option<PathBuf>,
    /// Yes, write to that system
    #[arg(long)]
    pub yes: bool,
    /// Go on where runs were interrupted: what was sent is looked for, what was not is sent
    #[arg(long)]
    pub resume: bool,
    /// What was put back, what waits, what is in doubt; exits with 1 where something is
    #[arg(long)]
    pub status: bool,
    /// Say of a message in doubt: send (again), done (it arrived), discard
    #[arg(long, num_args = 2, value_names = ["ID", "WHAT"])]
    pub decide: Vec<String>,
    /// Every line of the journal: who, when, what, from where to where
    #[arg(long, value_enum, value_name = "FORM")]
    pub trail: Option<TrailFormat>,

    /// The journal, where it is not the usual one
    #[arg(long, value_name = "FILE")]
    pub journal: Option<PathBuf>,
    #[arg(long, value_enum, default_value_t = RequeueFormat::Text)]
    pub format: RequeueFormat,
}

const AFTER: &str = "Passwords are not in plans: they are in the environment variable EVENTGLASS_PASSWORD.\n\
    Exit codes: 0 all is put back, 1 something failed, came back, was cancelled or is in doubt, 2 wrong usage, 3 a system or \
    the journal did not answer";

fn parse_rate(text: &str) -> Result<f64, String> {
    let rate: f64 = text.parse().map_err(|_| format!("{text:?} is no number"))?;
    if rate.is_finite() && rate > 0.0 { Ok(rate) } else { Err("a rate is more than nothing".to_owned()) }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum RequeueFormat {
    #[default]
    Text,
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum MoveTaskArg {
    /// Start a task and follow it to its end; it goes on when this program is ended
    Start,
    /// The tasks that SQS remembers, at most ten
    List,
    /// Cancel the one that runs; what was moved stays moved
    Cancel,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TrailFormat {
    Csv,
    /// One line of JSON each
    Json,
}
