//! Filter → rows. Each segment is asked for what its columns know first; records are read only where
//! that leaves a doubt, and only those.
//!
//! Every test gives two sets: rows that surely pass and rows that may. `and`, `or` and `not` work on
//! both, and what lies between them is what has to be read.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread;

use super::super::OnProgress;
use super::super::rows::{Bits, Rows};
use super::columns::ColumnTest;
use super::fields::Comparison;
use super::records::{Record, RecordTest};
use super::text::TextTest;
use super::{blocks, parser};
use crate::base::cancel::Cancel;
use crate::model::filter::{Expr, Filter, Node, Op, Test};
use crate::store::segment::Segment;
use crate::store::snapshot::Snapshot;

/// Threads that read records: the work is bound by memory, more bring little.
const MAX_THREADS: usize = 4;

/// Records are read one by one where fewer than one in this many is in doubt.
const DENSE: u32 = 8;

/// What a filter found.
#[derive(Clone, Debug)]
pub struct Answer {
    pub rows: Rows,
    /// Rows whose record was needed and could not be read; they are not among `rows`.
    pub unread: u64,
    /// `false` where it was cancelled: `rows` are those found until then.
    pub complete: bool,
}

/// `on_progress` is told rows done and rows of the log, from several threads.
#[must_use]
pub fn evaluate(filter: &Filter, snapshot: &Snapshot, cancel: &Cancel, on_progress: OnProgress<'_>) -> Answer {
    let Some(root) = &filter.root else {
        return Answer { rows: Rows::all(snapshot), unread: 0, complete: true };
    };
    let mut tests = Vec::new();
    let tree = compile(root, snapshot, &mut tests);
    let work = Work {
        snapshot,
        tree,
        tests,
        cancel,
        on_progress,
        next: AtomicUsize::new(0),
        done: AtomicU64::new(0),
        unread: AtomicU64::new(0),
    };
    let found = work.run();
    let mut bits = vec![None; snapshot.segments().len()];
    for (i, found) in found {
        bits[i] = Some(found);
    }
    let complete = bits.iter().all(Option::is_some);
    Answer { rows: Rows::from_bits(snapshot, bits), unread: work.unread.into_inner(), complete }
}

/// The filter with its tests numbered.
enum Tree {
    And(Vec<Tree>),
    Or(Vec<Tree>),
    Not(Box<Tree>),
    Test(usize),
}

struct Compiled {
    columns: ColumnTest,
    /// What decides about the rows that pass `columns`; `None` where they pass already.
    record: Option<RecordTest>,
}

fn compile(node: &Node, snapshot: &Snapshot, tests: &mut Vec<Compiled>) -> Tree {
    let all = |parts: &[Node], tests: &mut Vec<Compiled>| parts.iter().map(|p| compile(p, snapshot, tests)).collect();
    match &node.expr {
        Expr::And(parts) => Tree::And(all(parts, tests)),
        Expr::Or(parts) => Tree::Or(all(parts, tests)),
        Expr::Not(inner) => Tree::Not(Box::new(compile(inner, snapshot, tests))),
        Expr::Test(Test::Time { op: Op::IsNot, value }) => {
            // An event without a time is neither at an instant nor at another one.
            let columns = ColumnTest::of_time(Op::Is, value);
            let timed = Compiled { columns: ColumnTest::Time(None, None), record: None };
            tests.extend([timed, Compiled { columns, record: None }]);
            let at = tests.len();
            Tree::And(vec![Tree::Test(at - 2), Tree::Not(Box::new(Tree::Test(at - 1)))])
        }
        Expr::Test(test) => {
            tests.push(compile_test(test, snapshot));
            Tree::Test(tests.len() - 1)
        }
    }
}

fn compile_test(test: &Test, snapshot: &Snapshot) -> Compiled {
    let exact = |columns| Compiled { columns, record: None };
    let read = |columns, record| Compiled { columns, record: Some(record) };
    match test {
        Test::Name { key, pattern } => match ColumnTest::of_name(*key, pattern, snapshot) {
            (columns, true) => exact(columns),
            (columns, false) => read(columns, RecordTest::of_name(*key, pattern)),
        },
        Test::Version { op, value } => exact(ColumnTest::Version { op: *op, value: *value }),
        Test::Time { op, value } => exact(ColumnTest::of_time(*op, value)),
        Test::Is(condition) => exact(ColumnTest::of_condition(*condition)),
        Test::Field { path, op, value } => {
            read(ColumnTest::Everything, RecordTest::Field(path.clone(), Comparison::new(*op, value)))
        }
        Test::Text(text) => read(ColumnTest::Everything, RecordTest::Text(TextTest::literal(text))),
        Test::Regex { pattern, ignore_case } => match parser::regex(pattern, *ignore_case) {
            Ok(regex) => read(ColumnTest::Everything, RecordTest::Text(TextTest::regex(regex))),
            // The parser has compiled it before; one made by hand that is broken matches nothing.
            Err(_) => exact(ColumnTest::Source(Vec::new())),
        },
    }
}

struct Work<'a> {
    snapshot: &'a Snapshot,
    tree: Tree,
    tests: Vec<Compiled>,
    cancel: &'a Cancel,
    on_progress: OnProgress<'a>,
    next: AtomicUsize,
    done: AtomicU64,
    unread: AtomicU64,
}

/// Rows that surely pass, and those that may (the sure ones among them).
#[derive(Clone)]
struct Bounds {
    sure: Bits,
    possible: Bits,
}

impl Work<'_> {
    fn run(&self) -> Vec<(usize, Bits)> {
        let reads = self.tests.iter().any(|test| test.record.is_some());
        let wanted = if reads { thread::available_parallelism().map_or(1, usize::from) } else { 1 };
        let threads = wanted.min(MAX_THREADS).min(self.snapshot.segments().len()).max(1);
        if threads == 1 {
            return self.segments();
        }
        thread::scope(|scope| {
            let spawn = |i| thread::Builder::new().name(format!("search {i}")).spawn_scoped(scope, || self.segments());
            let others: Vec<_> = (1..threads).filter_map(|i| spawn(i).ok()).collect();
            let mut found = self.segments();
            for other in others {
                found.extend(other.join().unwrap_or_default());
            }
            found
        })
    }

    /// Takes segments until there are no more. One that was cut short by cancelling is left out.
    fn segments(&self) -> Vec<(usize, Bits)> {
        let mut found = Vec::new();
        let mut blocks = blocks::Reader::default();
        loop {
            let i = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(segment) = self.snapshot.segments().get(i) else { return found };
            let Some(bits) = self.segment(segment, &mut blocks) else { return found };
            found.push((i, bits));
            self.report(segment.len());
        }
    }

    fn report(&self, rows: u32) {
        let done = self.done.fetch_add(u64::from(rows), Ordering::Relaxed) + u64::from(rows);
        (self.on_progress)(done, self.snapshot.len());
    }

    fn segment(&self, segment: &Segment, blocks: &mut blocks::Reader) -> Option<Bits> {
        if self.cancel.is_cancelled() {
            return None;
        }
        let mut bounds: Vec<Bounds> = self.tests.iter().map(|test| Bounds::of(test, segment)).collect();
        let whole = self.tree.bounds(&bounds, segment.len());
        let mut open = whole.possible.clone().and_not(&whole.sure);
        if open.is_empty() {
            return Some(whole.sure);
        }
        let Some(source) = self.snapshot.sources().get(segment.source().at()) else { return Some(whole.sure) };
        let mut sure = whole.sure;
        if open.count() > segment.len() / DENSE && self.scan_texts(segment, source, blocks, &mut bounds)? {
            let whole = self.tree.bounds(&bounds, segment.len());
            open = whole.possible.clone().and_not(&whole.sure);
            sure = whole.sure;
        }
        for (n, row) in open.iter().enumerate() {
            if n % 256 == 0 && self.cancel.is_cancelled() {
                return None;
            }
            let Some(bytes) = blocks.record(segment, source, row, open.count()) else {
                self.unread.fetch_add(1, Ordering::Relaxed);
                continue;
            };
            let record = Record::new(bytes, source.decode.as_ref());
            if self.tree.passes(row, &bounds, &self.tests, &record) {
                sure.insert(row);
            }
        }
        Some(sure)
    }

    /// Searches all of a segment for the texts, which makes their bounds exact. `false` where there
    /// are none; `None` when cancelled.
    fn scan_texts(
        &self,
        segment: &Segment,
        source: &crate::model::source::SourceInfo,
        blocks: &mut blocks::Reader,
        bounds: &mut [Bounds],
    ) -> Option<bool> {
        let texts = self.tests.iter().enumerate().filter_map(|(i, test)| match &test.record {
            Some(RecordTest::Text(text)) => Some((i, text, Bits::none(segment.len()))),
            _ => None,
        });
        let mut texts: Vec<_> = texts.collect();
        if texts.is_empty() {
            return Some(false);
        }
        let unread = blocks.each_block(segment, source, self.cancel, &mut |block, rows| {
            for (_, text, found) in &mut texts {
                text.scan(block, rows, &mut |i| found.insert(rows.row(i)));
            }
        })?;
        self.unread.fetch_add(u64::from(unread), Ordering::Relaxed);
        for (i, _, found) in texts {
            bounds[i] = Bounds { sure: found.clone(), possible: found };
        }
        Some(true)
    }
}

impl Bounds {
    fn of(test: &Compiled, segment: &Segment) -> Self {
        let possible = test.columns.rows(segment);
        let sure = if test.record.is_some() { Bits::none(segment.len()) } else { possible.clone() };
        Self { sure, possible }
    }
}

impl Tree {
    fn bounds(&self, tests: &[Bounds], len: u32) -> Bounds {
        match self {
            Self::Test(i) => tests[*i].clone(),
            Self::Not(inner) => {
                let inner = inner.bounds(tests, len);
                Bounds { sure: inner.possible.not(), possible: inner.sure.not() }
            }
            Self::And(parts) => {
                let all = Bounds { sure: Bits::all(len), possible: Bits::all(len) };
                parts
                    .iter()
                    .map(|part| part.bounds(tests, len))
                    .fold(all, |a, b| Bounds { sure: a.sure.and(&b.sure), possible: a.possible.and(&b.possible) })
            }
            Self::Or(parts) => {
                let none = Bounds { sure: Bits::none(len), possible: Bits::none(len) };
                parts
                    .iter()
                    .map(|part| part.bounds(tests, len))
                    .fold(none, |a, b| Bounds { sure: a.sure.or(&b.sure), possible: a.possible.or(&b.possible) })
            }
        }
    }

    /// Decides about a row that is in doubt.
    fn passes(&self, row: u16, bounds: &[Bounds], tests: &[Compiled], record: &Record<'_>) -> bool {
        match self {
            Self::And(parts) => parts.iter().all(|part| part.passes(row, bounds, tests, record)),
            Self::Or(parts) => parts.iter().any(|part| part.passes(row, bounds, tests, record)),
            Self::Not(inner) => !inner.passes(row, bounds, tests, record),
            Self::Test(i) => {
                let (bounds, test) = (&bounds[*i], &tests[*i]);
                bounds.sure.contains(row)
                    || (bounds.possible.contains(row) && test.record.as_ref().is_some_and(|test| test.passes(record)))
            }
        }
    }
}
