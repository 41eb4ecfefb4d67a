//! A table's rows page by page: along a unique column, each page asked for by the last key of the one before; where
//! there is none, by a cursor.

use std::sync::mpsc::SyncSender;

use postgres::SimpleQueryRow;

use super::connect::Connection;
use super::plan::Part;
use crate::model::error::Result;

/// Rows of one page while a table is followed, and of the first one: something is soon to be seen.
pub(super) const PAGE: usize = 2_000;

/// Rows of a page once it is known that they are small.
const LONG_PAGE: usize = 50_000;

/// Bytes that a page should have: two of them are in memory.
const PAGE_BYTES: usize = 16 << 20;

/// Some rows in order; none come after the last page.
pub(super) struct Page {
    pub rows: Vec<SimpleQueryRow>,
    pub is_last: bool,
}

pub(super) struct Pages<'p> {
    part: &'p Part,
    /// The last key so far.
    after: Option<String>,
    wanted: usize,
    /// Whether there is a cursor.
    begun: bool,
}

impl<'p> Pages<'p> {
    /// Those behind this key; all of them without one.
    pub fn after(part: &'p Part, key: Option<String>) -> Self {
        Self { part, after: key, wanted: PAGE, begun: false }
    }

    /// # Errors
    /// What the server says.
    pub fn next(&mut self, connection: &mut Connection) -> Result<Page> {
        let paged = self.part.relation.key.paged();
        let rows = match paged {
            Some(key) => connection.rows(&self.part.page(key, self.after.as_deref(), self.wanted))?,
            None => {
                if !std::mem::replace(&mut self.begun, true) {
                    connection.declare(&self.part.all())?;
                }
                connection.fetch(self.wanted)?
            }
        };
        let is_last = rows.len() < self.wanted;
        if is_last && paged.is_none() {
            connection.end()?;
        }
        self.after = self.part.last_key(&rows).map(str::to_owned).or_else(|| self.after.take());
        self.wanted = next_page(&rows, self.part.members.len());
        Ok(Page { rows, is_last })
    }

    /// Asks for one page after the other and hands them over, until there is none left or nobody takes them.
    pub fn each(mut self, connection: &mut Connection, pages: &SyncSender<Result<Page>>) {
        loop {
            let page = self.next(connection);
            let is_last = page.as_ref().map_or(true, |page| page.is_last);
            if pages.send(page).is_err() || is_last {
                return;
            }
        }
    }
}

/// As many rows as these let expect in so many bytes.
fn next_page(rows: &[SimpleQueryRow], members: usize) -> usize {
    let some = rows.iter().step_by(rows.len() / 64 + 1);
    let (count, bytes) = some.fold((0, 0), |(count, bytes), row| {
        let values = (0..members).filter_map(|ix| row.get(ix));
        (count + 1, bytes + values.map(|value| value.len() + 32).sum::<usize>())
    });
    let average = bytes.checked_div(count).unwrap_or(1).max(1);
    (PAGE_BYTES / average).clamp(100, LONG_PAGE)
}
