//! The thread that reads tables into a spool: page by page along a unique column, else by a cursor; afterwards, where
//! the source is followed, whatever comes. `gaps` says how rows are not missed that become visible behind later ones.

use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::thread;
use std::time::{Duration, Instant};

use postgres::SimpleQueryRow;

use super::super::broker::place;
use super::super::pump::SpoolWriter;
use super::super::stores::places::Places;
use super::cells::Cells;
use super::connect::{Connection, connect};
use super::gaps::Gaps;
use super::pages::{PAGE, Page, Pages};
use super::plan::{Part, Plan};
use super::settings::Settings;
use crate::model::error::{Error, Result};

pub(super) struct Fill {
    pub connection: Connection,
    pub settings: Settings,
    pub plan: Plan,
    pub places: Arc<Places>,
    pub follow: bool,
}

/// How often a followed store is asked, where nothing wakes us before.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Wait before a lost connection is tried again.
const AGAIN: Duration = Duration::from_secs(2);

/// Rows to come of all tables, as far as the server can tell; none while it was not asked.
type Total = Option<Option<u64>>;

/// How far a table was read.
#[derive(Default)]
struct Done {
    rows: u64,
    /// The last key of the pages.
    key: Option<String>,
    gaps: Gaps,
}

impl Fill {
    pub fn run(&mut self, out: &mut SpoolWriter) -> Result<()> {
        self.connection.stop_when(out.stopped());
        let mut done: Vec<Done> = self.plan.parts.iter().map(|_| Done::default()).collect();
        let mut total = None;
        for at in 0..done.len() {
            self.read(at, &mut done, &mut total, out)?;
        }
        out.flush()?;
        if self.follow {
            self.go_on(&mut done, out)?;
        }
        Ok(())
    }

    /// Everything that is there. `total` is asked for when it is needed for the first time.
    fn read(&mut self, at: usize, done: &mut [Done], total: &mut Total, out: &mut SpoolWriter) -> Result<()> {
        let begun = self.begin(at, done)?;
        if self.settings.window.live {
            return Ok(());
        }
        let read = self.read_all(at, done, total, out);
        if begun && let Some(part) = self.plan.parts.get_mut(at) {
            part.further();
        }
        read
    }

    /// Where reading ends and following begins: the highest number and those missing below it, all of one moment. Says
    /// whether the part is kept to that.
    fn begin(&mut self, at: usize, done: &mut [Done]) -> Result<bool> {
        let (Some(part), Some(done)) = (self.plan.parts.get_mut(at), done.get_mut(at)) else { return Ok(false) };
        let Some(rising) = part.relation.key.rising.clone().filter(|_| self.follow) else { return Ok(false) };
        let rows = match self.connection.rows(&part.numbers(&rising)) {
            Ok(rows) => rows,
            // Without an index over the numbers this can take too long; the rows themselves have them too.
            Err(error) if self.settings.window.live || self.connection.is_lost() => return Err(error),
            Err(_) => return Ok(false),
        };
        let number = |row: &SimpleQueryRow, at| row.get(at)?.parse::<i64>().ok();
        let highest = rows.first().and_then(|row| number(row, 0)).unwrap_or(0);
        done.gaps.begin(highest, rows.iter().skip(1).filter_map(|row| number(row, 0).zip(number(row, 1))));
        if !self.settings.window.live {
            part.no_further_than(&rising, highest);
        }
        Ok(!self.settings.window.live)
    }

    /// The next page is asked for while this one is written. A few rows come without another thread, and without asking
    /// how many there will be.
    fn read_all(&mut self, at: usize, done: &mut [Done], total: &mut Total, out: &mut SpoolWriter) -> Result<()> {
        let Self { connection, plan, places, follow, .. } = self;
        let plan: &Plan = plan;
        let Some(part) = plan.parts.get(at) else { return Ok(()) };
        let mut pages = Pages::after(part, done.get(at).and_then(|done| done.key.clone()));
        let mut take = |page: Page, total: Option<u64>| {
            let Page { rows, is_last } = page;
            let Some(of_part) = done.get_mut(at) else { return Ok(true) };
            write(plan, places, *follow, at, &rows, of_part, out)?;
            // The next page may take its time.
            out.flush()?;
            let read = done.iter().map(|done| done.rows).sum::<u64>();
            let is_end = is_last && at + 1 == done.len();
            if let Some(total) = total {
                out.records(read, if is_end { read } else { total.max(read) });
            }
            Ok::<_, Error>(is_last || out.is_stopped())
        };
        if part.key_at.is_some() && take(pages.next(connection)?, total.flatten())? {
            return Ok(());
        }
        let total = *total.get_or_insert_with(|| estimate(connection, &plan.parts));
        thread::scope(|scope| {
            let (send, received) = sync_channel(1);
            let ask = thread::Builder::new().name("postgres pages".to_owned());
            ask.spawn_scoped(scope, move || pages.each(connection, &send)).map_err(|cause| {
                Error::new("No thread can be started", place(&self.settings.url), "Close other programs").because(cause)
            })?;
            while let Ok(page) = received.recv() {
                if take(page?, total)? {
                    break;
                }
            }
            Ok(())
        })
    }

    /// What comes from now on, for as long as anyone looks.
    fn go_on(&mut self, done: &mut [Done], out: &mut SpoolWriter) -> Result<()> {
        let still: Vec<&str> = (self.plan.parts.iter())
            .filter(|part| part.relation.key.rising.is_none())
            .map(|part| part.relation.table.name.as_str())
            .collect();
        if !still.is_empty() {
            let summary = format!("Rows that come to {} later are not shown", still.join(" and "));
            let next_step = "It has no column that counts up; read it again";
            out.warn(Error::new(summary, place(&self.settings.url), next_step));
        }
        if still.len() == self.plan.parts.len() {
            return Ok(());
        }
        self.listen(out);
        while !out.is_stopped() {
            out.caught_up()?;
            self.connection.wait(LOOK_EVERY);
            for (at, done) in done.iter_mut().enumerate() {
                if let Err(error) = self.look(at, done, out) {
                    if !self.connection.is_lost() {
                        return Err(error);
                    }
                    out.warn(Error::new("The connection was lost; it is tried again", place(&self.settings.url), ""));
                    if !self.reconnect(out) {
                        return Ok(());
                    }
                }
            }
        }
        Ok(())
    }

    fn listen(&mut self, out: &SpoolWriter) {
        let Some(channel) = self.plan.channel(&self.settings.listen) else { return };
        if let Err(error) = self.connection.listen(&channel) {
            let summary = format!("{channel} cannot be listened to: new rows are looked for twice a second instead");
            let next_step = "Nothing needs to be done; listen=off leaves it alone";
            out.warn(Error::new(summary, place(&self.settings.url), next_step).because(error.details));
        }
    }

    /// Both questions about numbers and rows are asked before anything is taken down, so that a connection that is lost
    /// between them loses no row; numbers come first, so that each of them that is in the window is among the rows.
    fn look(&mut self, at: usize, done: &mut Done, out: &mut SpoolWriter) -> Result<()> {
        let Some(rising) = self.plan.parts.get(at).and_then(|part| part.relation.key.rising.clone()) else {
            return Ok(());
        };
        if !done.gaps.is_empty() {
            let (asked, transactions) = (Instant::now(), self.connection.transactions());
            let (part, stretches) = (&self.plan.parts[at], done.gaps.stretches());
            let mut numbers = Vec::new();
            if part.is_filtered() {
                numbers = self.connection.rows(&part.numbers_within(&rising, &stretches))?;
            }
            let rows = self.connection.rows(&part.within(&rising, &stretches))?;
            numbers_of(&numbers).for_each(|number| done.gaps.seen(number));
            self.write(at, &rows, done, out)?;
            done.gaps.give_up(asked, transactions);
            if let Some(news) = done.gaps.news(transactions) {
                let summary = format!("Numbers of {} were passed over and never came", label(&self.plan.parts[at]));
                let next_step = "Mostly what took them was rolled back; read again to look for them once more";
                out.warn(Error::new(summary, place(&self.settings.url), next_step).because(news));
            }
        }
        loop {
            let part = &self.plan.parts[at];
            let after = done.gaps.highest();
            let (numbers, rows) = match after.filter(|_| part.is_filtered()) {
                None => {
                    let after = after.map(|number| number.to_string());
                    (Vec::new(), self.connection.rows(&part.page(&rising, after.as_deref(), PAGE))?)
                }
                Some(after) => {
                    let numbers = self.connection.rows(&part.numbers_after(&rising, after))?;
                    let rows = match numbers_of(&numbers).last() {
                        Some(last) => self.connection.rows(&part.within(&rising, &[(after + 1, last)]))?,
                        None => Vec::new(),
                    };
                    (numbers, rows)
                }
            };
            numbers_of(&numbers).for_each(|number| done.gaps.seen(number));
            self.write(at, &rows, done, out)?;
            if rows.len().max(numbers.len()) < PAGE || out.is_stopped() {
                return out.flush();
            }
        }
    }

    fn reconnect(&mut self, out: &SpoolWriter) -> bool {
        while !out.is_stopped() {
            thread::sleep(AGAIN);
            if let Ok(connection) = connect(&self.settings) {
                self.connection = connection;
                self.connection.stop_when(out.stopped());
                self.listen(out);
                return true;
            }
        }
        false
    }

    fn write(&self, at: usize, rows: &[SimpleQueryRow], done: &mut Done, out: &mut SpoolWriter) -> Result<()> {
        write(&self.plan, &self.places, self.follow, at, rows, done, out)
    }
}

/// Rows to come, as far as the server can tell without counting: nobody waits for a count of a big table.
fn estimate(connection: &mut Connection, parts: &[Part]) -> Option<u64> {
    parts.iter().map(|part| connection.estimate(&part.rows())).sum()
}

fn write(
    plan: &Plan,
    places: &Places,
    follow: bool,
    at: usize,
    rows: &[SimpleQueryRow],
    done: &mut Done,
    out: &mut SpoolWriter,
) -> Result<()> {
    let part = &plan.parts[at];
    let rising = part.relation.key.rising.as_ref();
    let rising = rising.and_then(|name| part.members.iter().position(|member| member == name));
    if done.rows == 0 && !rows.is_empty() {
        places.table(out.position(), &label(part));
    }
    let shape = part.shape(plan.profile, plan.parts.len() > 1);
    let mut cells = Cells::of(&part.kinds);
    for row in rows {
        done.rows += 1;
        cells.take(row);
        let number = rising.and_then(|ix| cells.text(ix)?.parse::<i64>().ok());
        if let Some(number) = number.filter(|_| follow) {
            done.gaps.seen(number);
        }
        places.row(out.position(), number.unwrap_or(done.rows.cast_signed()))?;
        out.record(|_, line| shape.write(line, &|ix| cells.get(ix)))?;
    }
    if let Some(last) = part.last_key(rows) {
        done.key = Some(last.to_owned());
    }
    Ok(())
}

/// `messages global_position`
fn label(part: &Part) -> String {
    let name = &part.relation.table.name;
    match &part.relation.key.rising {
        Some(rising) => format!("{name} {rising}"),
        None => format!("{name} row"),
    }
}

/// The first values, which are numbers.
fn numbers_of(rows: &[SimpleQueryRow]) -> impl Iterator<Item = i64> + Clone {
    rows.iter().filter_map(|row| row.get(0)?.parse().ok())
}
