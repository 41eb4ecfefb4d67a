//! Systems that messages are read from by URL. ★ A broker is a [`Broker`] in a folder of its own and a line in
//! [`BROKERS`].
//!
//! A broker's messages go to a spool as records of `model::message`, so that above `sources` they are a log
//! like any other.

use super::mover::Mover;
use super::outlet::Outlet;
use super::stage::{Context, Stage};
use crate::base::cancel::Cancel;
use crate::model::error::{Error, Place, Result};

mod aws_name;
pub mod options;
pub mod reading;
pub mod steps;
#[cfg(test)]
pub mod testing;
pub mod url;

pub use aws_name::AwsName;
pub use url::{Url, is_url};

/// A kind of system that holds messages.
pub trait Broker: Send + Sync {
    /// As shown: `Kafka`.
    fn name(&self) -> &'static str;

    /// Schemes of its URLs, the usual one first.
    fn schemes(&self) -> &'static [&'static str];

    /// An address as an example, for messages about wrong ones.
    fn example(&self) -> &'static str;

    /// Reads `url` as far as can be told without asking the system.
    ///
    /// # Errors
    /// What is wrong with it, with the part that is.
    fn check(&self, url: &Url) -> Result<()>;

    /// Starts reading the window that `url` describes into a spool. Waits until the system has answered.
    ///
    /// # Errors
    /// The step that failed (name, connection, encryption, login, metadata) and what to do.
    fn open(&self, url: &Url, context: &Context) -> Result<Stage>;

    /// Tries a connection step by step and stops at the first that fails. Blocks, for some ten seconds at most.
    fn test(&self, url: &Url, cancel: &Cancel) -> Vec<Step>;

    /// The topics or queues there are. Blocks.
    ///
    /// # Errors
    /// The step that failed.
    fn overview(&self, url: &Url, cancel: &Cancel) -> Result<Overview>;

    /// A connection that may write to the system of `url`.
    ///
    /// # Errors
    /// The step that failed, and where writing is not possible at all, why.
    fn outlet(&self, url: &Url) -> Result<Box<dyn Outlet>>;

    /// A connection that lets the system move the whole queue of `url` by itself.
    ///
    /// # Errors
    /// The step that failed; of most systems, that they cannot.
    fn mover(&self, url: &Url) -> Result<Box<dyn Mover>> {
        let what = format!("{} does not move queues by itself", self.name());
        Err(Error::new(what, place(url), "Put the letters back by a plan: eventglass requeue … --plan"))
    }
}

/// One step of a connection test: name, connection, encryption, login, metadata.
#[derive(Clone, Debug)]
pub struct Step {
    pub name: &'static str,
    /// What was found, or what failed and what to do.
    pub result: Result<String>,
}

/// What a system holds, as far as one may see it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Overview {
    /// `Kafka 4.1, 3 brokers`
    pub system: String,
    /// Topics or queues, by name.
    pub places: Vec<PlaceInfo>,
    /// What could not be told, and why: no rights, no management plugin.
    pub notes: Vec<String>,
}

/// A topic or queue.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PlaceInfo {
    pub name: String,
    /// What a URL of it looks like, without the password.
    pub url: String,
    /// Messages there are; in a compacted topic at most so many.
    pub messages: Option<u64>,
    pub bytes: Option<u64>,
    pub partitions: Option<u32>,
    /// In words: `7 days`, `compacted`, `quorum queue`.
    pub keeps: String,
    pub readers: Vec<Reader>,
    /// Its name or a policy says that dead letters lie in it.
    pub dead_letters: bool,
    /// Made by the system for itself.
    pub internal: bool,
}

/// Who reads a topic or queue.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reader {
    /// The consumer group or the consumer's tag.
    pub name: String,
    pub members: u32,
    /// Messages it has not read yet, over all partitions.
    pub lag: Option<u64>,
    /// In the system's own word: `Stable`, `Empty`.
    pub state: String,
}

/// All of them.
pub const BROKERS: &[&dyn Broker] = &[
    &super::kafka::Kafka,
    &super::amqp::RabbitMq,
    &super::redis::Redis,
    &super::postgres::Postgres,
    #[cfg(feature = "kurrent")]
    &super::kurrent::KurrentDb,
    #[cfg(feature = "aws")]
    &super::sqs::Sqs,
];

/// The broker of this scheme.
///
/// # Errors
/// When there is none.
pub fn of(url: &Url) -> Result<&'static dyn Broker> {
    BROKERS.iter().find(|broker| broker.schemes().contains(&url.scheme.as_str())).copied().ok_or_else(|| {
        let known: Vec<&str> = BROKERS.iter().map(|broker| broker.example()).collect();
        let next_step = format!("Addresses look like {}", known.join(" or "));
        Error::new(format!("{}:// is no address that eventglass knows", url.scheme), place(url), next_step)
    })
}

/// Reads `url` as far as can be told without asking anyone.
///
/// # Errors
/// What is wrong with it.
pub fn check(url: &Url) -> Result<()> {
    of(url)?.check(url)?;
    url.bodies.check()
}

/// `url` without its password, for errors.
#[must_use]
pub fn place(url: &Url) -> Place {
    Place::File { path: url.to_string(), offset: None }
}
