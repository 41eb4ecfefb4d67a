//! A connection that reads, and for letters that are put back writes. Everything asked is one message of the simple
//! query protocol: a transaction that is read only unless something is to be changed, with settings that hold for it
//! alone. So nothing depends on which server of a pool answers, and nothing that a pooler or a distributed engine might
//! lack (prepared statements, start-up options) is needed.

use std::time::{Duration, Instant};

use postgres::error::SqlState;
use postgres::fallible_iterator::FallibleIterator as _;
use postgres::{Client, SimpleQueryMessage, SimpleQueryRow};
use postgres_native_tls::MakeTlsConnector;

use super::super::broker::{Url, place};
use super::super::stores::table::quoted;
use super::gaps::Transactions;
use super::settings::Settings;
use super::stop::Stop;
use crate::model::error::{Error, Result};

pub(super) struct Connection {
    client: Client,
    tls: MakeTlsConnector,
    url: Url,
    timeout: Duration,
    stop: Option<Stop>,
    listens: bool,
    /// Whether the server says which transactions are open; known once it was asked.
    numbers_transactions: Option<bool>,
}

/// Literals and texts mean the same on every server: times in UTC, bytes as hex, numbers with all their digits.
const FORM: &str = "SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO, YMD'; SET LOCAL IntervalStyle = 'iso_8601'; \
                    SET LOCAL bytea_output = 'hex'; SET LOCAL extra_float_digits = 3; \
                    SET LOCAL standard_conforming_strings = on;";

/// # Errors
/// The step that failed and what to do.
pub(super) fn connect(settings: &Settings) -> Result<Connection> {
    let tls = settings.tls()?;
    // Not by SET: behind a pooler it would stay with a server's connection that other programs get next. Where the
    // option is refused, each question is read only for itself all the same.
    let mut config = settings.config();
    config.options("-c default_transaction_read_only=on");
    match config.connect(tls) {
        Err(cause) if refuses_options(&cause) => connect_to_write(settings),
        said => made(settings, said),
    }
}

/// For letters that are put back; what is only asked is read only there too.
///
/// # Errors
/// The step that failed and what to do.
pub(super) fn connect_to_write(settings: &Settings) -> Result<Connection> {
    made(settings, settings.config().connect(settings.tls()?))
}

fn made(settings: &Settings, said: std::result::Result<Client, postgres::Error>) -> Result<Connection> {
    Ok(Connection {
        client: said.map_err(|cause| failed(&settings.url, &cause))?,
        tls: settings.tls()?,
        url: settings.url.clone(),
        timeout: settings.statement_timeout,
        stop: None,
        listens: false,
        numbers_transactions: None,
    })
}

/// PgBouncer takes no options at the start unless it is told to (08P01); other engines lack the setting.
fn refuses_options(cause: &postgres::Error) -> bool {
    cause.code().is_some_and(|code| {
        [
            SqlState::PROTOCOL_VIOLATION,
            SqlState::FEATURE_NOT_SUPPORTED,
            SqlState::INVALID_PARAMETER_VALUE,
            SqlState::UNDEFINED_OBJECT,
            SqlState::SYNTAX_ERROR,
        ]
        .contains(code)
    })
}

impl Connection {
    /// From now on the server ends what it is asked as soon as `stopped` says so.
    pub fn stop_when(&mut self, stopped: impl Fn() -> bool + Send + 'static) {
        self.stop = Some(Stop::watch(self.client.cancel_token(), self.tls.clone(), stopped));
    }

    /// From now on [`Connection::wait`] ends when somebody notifies this channel.
    ///
    /// # Errors
    /// What the server says: standbys and some poolers refuse it.
    pub fn listen(&mut self, channel: &str) -> Result<()> {
        let asked = self.client.batch_execute(&format!("LISTEN {}", quoted(channel)));
        asked.map_err(|cause| failed(&self.url, &cause))?;
        self.listens = true;
        Ok(())
    }

    /// Waits so long, or until there is a notification. A connection that is lost meanwhile is found out by the next
    /// question.
    pub fn wait(&mut self, longest: Duration) {
        let until = Instant::now() + longest;
        if self.listens {
            let mut notifications = self.client.notifications();
            let first = notifications.timeout_iter(longest).next();
            match first {
                Ok(Some(_)) => {
                    // One look is enough for all that came at once.
                    while let Ok(Some(_)) = notifications.iter().next() {}
                    return;
                }
                Ok(None) => return,
                Err(_) => {}
            }
        }
        std::thread::sleep(until.saturating_duration_since(Instant::now()));
    }

    /// Which transactions are open; none where the server has no numbers for them.
    pub fn transactions(&mut self) -> Option<Transactions> {
        if self.numbers_transactions == Some(false) {
            return None;
        }
        let asked = "SELECT txid_snapshot_xmin(s)::text, txid_snapshot_xmax(s)::text \
                     FROM (SELECT txid_current_snapshot() AS s) AS q";
        let number = |row: &SimpleQueryRow, at| row.get(at)?.parse::<u64>().ok();
        let said = self.rows(asked);
        let known = said.ok().and_then(|rows| {
            let row = rows.first()?;
            Some(Transactions { open_from: number(row, 0)?, next: number(row, 1)? })
        });
        if !self.is_lost() {
            self.numbers_transactions = Some(known.is_some());
        }
        known
    }

    /// How many rows the server expects of a question, without carrying it out.
    pub fn estimate(&mut self, sql: &str) -> Option<u64> {
        let plan = self.value(&format!("EXPLAIN {sql}")).ok()??;
        let digits = plan.split("rows=").nth(1)?;
        digits.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
    }

    /// The answer's rows, all at once: ask for few.
    ///
    /// # Errors
    /// What the server says.
    pub fn rows(&mut self, sql: &str) -> Result<Vec<SimpleQueryRow>> {
        let asked = format!("{}; {sql}; COMMIT", self.begin("READ ONLY"));
        self.ask(&asked)
    }

    /// The rows of two questions, on one way there and back.
    ///
    /// # Errors
    /// What the server says.
    pub fn rows_of_both(&mut self, one: &str, other: &str) -> Result<[Vec<SimpleQueryRow>; 2]> {
        let asked = format!("{}; {one}; {other}; COMMIT", self.begin("READ ONLY"));
        let (mut answers, mut rows) = (Vec::new(), Vec::new());
        for message in self.messages(&asked)? {
            match message {
                SimpleQueryMessage::Row(row) => rows.push(row),
                SimpleQueryMessage::CommandComplete(_) => answers.push(std::mem::take(&mut rows)),
                _ => {}
            }
        }
        // The last answer is COMMIT's.
        answers.pop();
        let other = answers.pop().unwrap_or_default();
        Ok([answers.pop().unwrap_or_default(), other])
    }

    /// Changes something, all of it or nothing. The rows are those that the statement returns.
    ///
    /// # Errors
    /// What the server says.
    pub fn write(&mut self, sql: &str) -> Result<Vec<SimpleQueryRow>> {
        let asked = format!("{}; {sql}; COMMIT", self.begin("READ WRITE"));
        self.ask(&asked)
    }

    /// One value.
    pub fn value(&mut self, sql: &str) -> Result<Option<String>> {
        Ok(self.rows(sql)?.first().and_then(|row| row.get(0).map(str::to_owned)))
    }

    /// Opens a cursor, in a transaction that lasts until [`Connection::end`].
    pub fn declare(&mut self, sql: &str) -> Result<()> {
        let asked = format!("{}; DECLARE eventglass NO SCROLL CURSOR FOR {sql}", self.begin("READ ONLY"));
        self.ask(&asked).map(|_| ())
    }

    pub fn fetch(&mut self, count: usize) -> Result<Vec<SimpleQueryRow>> {
        self.ask(&format!("FETCH {count} FROM eventglass"))
    }

    pub fn end(&mut self) -> Result<()> {
        self.ask("COMMIT").map(|_| ())
    }

    fn begin(&self, access: &str) -> String {
        format!("BEGIN TRANSACTION {access}; SET LOCAL statement_timeout = {}; {FORM}", self.timeout.as_millis())
    }

    fn ask(&mut self, sql: &str) -> Result<Vec<SimpleQueryRow>> {
        let row = |message| match message {
            SimpleQueryMessage::Row(row) => Some(row),
            _ => None,
        };
        Ok(self.messages(sql)?.into_iter().filter_map(row).collect())
    }

    fn messages(&mut self, sql: &str) -> Result<Vec<SimpleQueryMessage>> {
        self.client.simple_query(sql).map_err(|cause| {
            let error = failed(&self.url, &cause);
            // The transaction is over either way; on a lost connection this fails as well.
            let _ = self.client.batch_execute("ROLLBACK");
            error
        })
    }

    pub fn is_lost(&self) -> bool {
        self.client.is_closed()
    }
}

/// What went wrong, in words that say what to do.
pub(super) fn failed(url: &Url, cause: &postgres::Error) -> Error {
    let (what, next_step) = match cause.code() {
        Some(code) if *code == SqlState::INVALID_PASSWORD || *code == SqlState::INVALID_AUTHORIZATION_SPECIFICATION => {
            ("The login was refused", "Check the user and the password")
        }
        Some(code) if *code == SqlState::INVALID_CATALOG_NAME => {
            ("There is no such database", "Check its name: postgres://user@host/DATABASE")
        }
        Some(code) if *code == SqlState::INSUFFICIENT_PRIVILEGE => {
            ("This may not be read", "Ask for SELECT on the table and USAGE on its schema")
        }
        Some(code) if *code == SqlState::QUERY_CANCELED => {
            ("The server took too long", "Read less (newest=, from=, stream=), or allow more time (timeout=5m)")
        }
        Some(code) if *code == SqlState::TOO_MANY_CONNECTIONS => {
            ("The server has no connection left", "Try again later")
        }
        Some(code) if *code == SqlState::CANNOT_CONNECT_NOW => ("The server is starting or stopping", "Try again soon"),
        Some(_) => ("The server refused a question", "See what it says below"),
        None if cause.to_string().contains("TLS") || cause.to_string().contains("ssl") => {
            ("Encryption failed", "Check sslmode= and sslrootcert=")
        }
        None if cause.is_closed() => ("The connection was lost", "Read again"),
        None => ("The server cannot be reached", "Check host, port and network"),
    };
    Error::new(what, place(url), next_step).because(chain(cause))
}

/// The error and what it comes from: the outermost says only `db error`.
fn chain(cause: &postgres::Error) -> String {
    if let Some(said) = cause.as_db_error() {
        let hint = said.hint().map(|hint| format!(" ({hint})")).unwrap_or_default();
        return format!("{}{hint}", said.message());
    }
    let mut text = cause.to_string();
    let mut inner = std::error::Error::source(cause);
    while let Some(error) = inner {
        text.push_str(&format!(": {error}"));
        inner = error.source();
    }
    text
}

/// A text as SQL takes it.
pub(super) fn literal(text: &str) -> String {
    // A NUL can stand in no text of PostgreSQL.
    format!("'{}'", text.replace('\0', "").replace('\'', "''"))
}
