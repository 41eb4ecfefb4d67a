//! Letters of Wolverine's table put back: rows are marked as replayable, which its durability agent takes from there.
//! This is the one thing that is ever written into somebody's database, in one column that exists for it.
//!
//! A row that is marked twice is marked once, and whether it is can be read; so the only doubt is a row that is gone
//! after a crash: Wolverine took it, or somebody deleted it.

use std::collections::BTreeMap;

use postgres::SimpleQueryRow;

use super::super::broker::{Url, place};
use super::super::outlet::{Guarantee, Hold, Outcome, Outgoing, Outlet, Presence};
use super::super::stores::profiles::of_table;
use super::super::stores::table::quoted;
use super::connect::{Connection, connect_to_write, literal};
use super::schema::{Relation, relations};
use super::settings::Settings;
use crate::model::error::{Error, Result};
use crate::model::message::{Place, RowPlace};

pub(super) struct Marks {
    url: Url,
    connection: Connection,
    /// By their names without schema.
    tables: BTreeMap<String, Table>,
}

/// Names as SQL takes them.
struct Table {
    name: String,
    id: String,
    received_at: String,
    replayable: String,
}

/// A row by its id and receiver; without a receiver all rows of the id are meant, of which there is one then.
type Key = (String, Option<String>);

/// What the table says of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Dead,
    Marked,
    Gone,
}

/// The name of the profile whose rows can be marked.
const MARKED: &str = "Wolverine dead letters";

impl Marks {
    /// # Errors
    /// The step of the connection that failed, and that nothing there can be put back.
    pub fn open(url: &Url) -> Result<Self> {
        let settings = Settings::read(url)?;
        let mut connection = connect_to_write(&settings)?;
        let all = relations(&mut connection, settings.schema.as_deref())?;
        let is_meant = |relation: &&Relation| of_table(&relation.table).is_some_and(|profile| profile.name == MARKED);
        let mut tables = BTreeMap::new();
        for relation in all.iter().filter(is_meant) {
            let column = |folded: &str| relation.table.column(folded).map(quoted).unwrap_or_default();
            let table = Table {
                name: relation.quoted(),
                id: column("id"),
                received_at: column("receivedat"),
                replayable: column("replayable"),
            };
            if tables.insert(relation.table.name.clone(), table).is_some() {
                let summary = format!("Several schemas have a table {}", relation.table.name);
                return Err(Error::new(summary, place(url), "Add schema= to the address"));
            }
        }
        if tables.is_empty() {
            let next_step = "Put letters back to a broker or a file: --to";
            return Err(Error::new("Event stores in PostgreSQL are only read", place(url), next_step));
        }
        Ok(Self { url: url.clone(), connection, tables })
    }

    /// What becomes of each letter of a batch: rows are asked for, or marked, a table at a time.
    fn states(&mut self, batch: &[Outgoing], mark: bool) -> Result<Vec<State>> {
        let mut by_table: BTreeMap<&str, Vec<(usize, &RowPlace)>> = BTreeMap::new();
        for (at, outgoing) in batch.iter().enumerate() {
            if let Place::Row(row) = &outgoing.letter.place {
                by_table.entry(&row.table).or_default().push((at, row));
            }
        }
        let mut states = vec![State::Gone; batch.len()];
        for (name, rows) in by_table {
            let Some(table) = self.tables.get(name) else { continue };
            let conditions: Vec<String> = rows.iter().filter_map(|(_, row)| table.is_row(row)).collect();
            if conditions.is_empty() {
                continue;
            }
            let Table { name, id, received_at, replayable } = table;
            let (of_rows, values) = (conditions.join(" OR "), format!("{id}::text, {received_at}, {replayable}::text"));
            let said = if mark {
                let set = format!("UPDATE {name} SET {replayable} = true WHERE NOT {replayable} AND ({of_rows})");
                self.connection.write(&format!("{set} RETURNING {values}"))?
            } else {
                self.connection.rows(&format!("SELECT {values} FROM {name} WHERE {of_rows}"))?
            };
            for (at, row) in rows {
                let state = said.iter().find(|said| is_of(said, row)).map(|said| match said.get(2) {
                    Some("true" | "t") => State::Marked,
                    _ => State::Dead,
                });
                if let (Some(state), Some(slot)) = (state, states.get_mut(at)) {
                    *slot = state;
                }
            }
        }
        Ok(states)
    }

    fn error(&self, summary: &str, next_step: &str) -> Error {
        Error::new(summary, place(&self.url), next_step)
    }
}

impl Table {
    /// None where the id is none, so that no row can have it.
    fn is_row(&self, row: &RowPlace) -> Option<String> {
        let is_id = row.id.len() == 36 && row.id.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
        let of_receiver = match &row.received_at {
            Some(receiver) => format!(" AND {} = {}", self.received_at, literal(receiver)),
            None => String::new(),
        };
        is_id.then(|| format!("({} = {}{of_receiver})", self.id, literal(&row.id)))
    }
}

fn is_of(said: &SimpleQueryRow, row: &RowPlace) -> bool {
    let key: Key = (said.get(0).unwrap_or_default().to_owned(), said.get(1).map(str::to_owned));
    key.0.eq_ignore_ascii_case(&row.id) && (row.received_at.is_none() || key.1 == row.received_at)
}

impl Outlet for Marks {
    fn guarantee(&self) -> Guarantee {
        Guarantee::FoundAgain
    }

    fn hold(&mut self, batch: &[Outgoing]) -> Result<Vec<Hold>> {
        let hold = |state| match state {
            State::Dead => Hold::Held,
            State::Marked => Hold::Gone("it is marked as replayable already: Wolverine will take it".to_owned()),
            State::Gone => Hold::Gone("it is not in its table any more".to_owned()),
        };
        Ok(self.states(batch, false)?.into_iter().map(hold).collect())
    }

    fn mark(&mut self, _batch: &[Outgoing]) -> Result<String> {
        Ok(String::new())
    }

    fn send(&mut self, batch: &[Outgoing]) -> Vec<Outcome> {
        let states = match self.states(batch, true) {
            Ok(states) => states,
            // An answer that says no came after everything was taken back; none at all is a doubt.
            Err(error) if self.connection.is_lost() => return vec![Outcome::Unknown(error); batch.len()],
            Err(error) => return vec![Outcome::Refused(error); batch.len()],
        };
        let outcome = |state| match state {
            State::Marked => Outcome::Confirmed("marked as replayable".to_owned()),
            State::Dead | State::Gone => {
                let next_step = "Read the table again";
                Outcome::Refused(self.error("The row is gone, or somebody else marked it", next_step))
            }
        };
        states.into_iter().map(outcome).collect()
    }

    /// Wolverine takes the row itself.
    fn settle(&mut self, batch: &[Outgoing]) -> Vec<Outcome> {
        vec![Outcome::Confirmed("Wolverine takes it from its table".to_owned()); batch.len()]
    }

    fn release(&mut self, _batch: &[Outgoing]) {}

    fn look_for(&mut self, batch: &[Outgoing], _mark: &str) -> Result<Vec<Presence>> {
        let presence = |state| match state {
            State::Marked => Presence::There("it is marked as replayable".to_owned()),
            State::Dead => Presence::Absent,
            State::Gone => {
                Presence::CannotTell("its row is gone: Wolverine took it, or somebody deleted it".to_owned())
            }
        };
        Ok(self.states(batch, false)?.into_iter().map(presence).collect())
    }

    fn returned(&mut self, batch: &[Outgoing], _mark: &str) -> Result<Vec<Presence>> {
        let presence = |state| match state {
            State::Dead => Presence::There("its row lies there unmarked again".to_owned()),
            State::Marked | State::Gone => Presence::Absent,
        };
        Ok(self.states(batch, false)?.into_iter().map(presence).collect())
    }
}
