//! Filter → rows. Each segment is asked for what its columns know first; records are read only where
//! that leaves a doubt, and only those.
//!
//! Every test gives two sets: rows that surely pass and rows that may. `and`, `or` and `not` work on
//! both, and what lies between them is what has to be read.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread;

use super::super::OnProgress;
use super::super::rows::{Bits, Found, Rows};
use super::columns::ColumnTest;
use super::fields::Comparison;
use super::records::{Record, RecordTest};
use super::text::TextTest;
use super::{blocks, parser};
use crate::base::cancel::Cancel;
use crate::model::filter::{Expr, Filter, Node, Op, Path, Root, Step, Test};
use crate::model::source::SourceInfo;
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
    filter: Filter,
    /// Segments that were looked through and their unread rows.
    segments: Vec<Option<(Arc<Segment>, u32)>>,
}

/// `on_progress` is told rows done and rows of the log, from several threads.
#[must_use]
pub fn evaluate(filter: &Filter, snapshot: &Snapshot, cancel: &Cancel, on_progress: OnProgress<'_>) -> Answer {
    evaluate_again(filter, snapshot, None, cancel, on_progress)
}

/// The same for a log that has grown: segments that `before` has looked through with the same filter
/// and that have not changed since are not looked through again.
#[must_use]
pub fn evaluate_again(
    filter: &Filter,
    snapshot: &Snapshot,
    before: Option<&Answer>,
    cancel: &Cancel,
    on_progress: OnProgress<'_>,
) -> Answer {
    let Some(root) = &filter.root else {
        let rows = Rows::all(snapshot);
        return Answer { rows, unread: 0, complete: true, filter: filter.clone(), segments: Vec::new() };
    };
    let before = before.filter(|before| before.filter == *filter);
    let known: Vec<Option<u32>> = (snapshot.segments().iter().enumerate())
        .map(|(i, segment)| match before.and_then(|before| before.segments.get(i)) {
            Some(Some((known, unread))) if Arc::ptr_eq(known, segment) => Some(*unread),
            _ => None,
        })
        .collect();
    let mut tests = Vec::new();
    let tree = compile(root, snapshot, &mut tests);
    let work =
        Work { snapshot, tree, tests, cancel, on_progress, known, next: AtomicUsize::new(0), done: AtomicU64::new(0) };
    let mut found = vec![None; snapshot.segments().len()];
    let mut segments = vec![None; snapshot.segments().len()];
    let mut unread_rows = 0;
    for (i, of_segment, unread) in work.run() {
        found[i] = Some(of_segment);
        segments[i] = Some((Arc::clone(&snapshot.segments()[i]), unread));
        unread_rows += u64::from(unread);
    }
    let complete = found.iter().all(Option::is_some);
    let rows = Rows::from_found(snapshot, found, before.map(|before| &before.rows));
    Answer { rows, unread: unread_rows, complete, filter: filter.clone(), segments }
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
    /// What every record of JSON text that passes has in its bytes.
    sign: Option<TextTest>,
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
            let timed = exact(ColumnTest::Time(None, None));
            tests.extend([timed, exact(columns)]);
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
    let read = |columns, record| Compiled { columns, record: Some(record), sign: None };
    match test {
        Test::Name { key, pattern } => match ColumnTest::of_name(*key, pattern, snapshot) {
            (columns, true) => exact(columns),
            (columns, false) => read(columns, RecordTest::of_name(*key, pattern)),
        },
        Test::Version { op, value } => exact(ColumnTest::Version { op: *op, value: *value }),
        Test::Time { op, value } => exact(ColumnTest::of_time(*op, value)),
        Test::Is(condition) => exact(ColumnTest::of_condition(*condition)),
        Test::Field { path, op, value } => {
            let test = RecordTest::Field(path.clone(), Comparison::new(*op, value));
            Compiled { sign: sign_of(path), ..read(ColumnTest::Everything, test) }
        }
        Test::Text(text) => read(ColumnTest::Everything, RecordTest::Text(TextTest::literal(text))),
        Test::Regex { pattern, ignore_case } => match parser::regex(pattern, *ignore_case) {
            Ok(regex) => read(ColumnTest::Everything, RecordTest::Text(TextTest::regex(regex))),
            // The parser has compiled it before; one made by hand that is broken matches nothing.
            Err(_) => exact(ColumnTest::Source(Vec::new())),
        },
    }
}

fn exact(columns: ColumnTest) -> Compiled {
    Compiled { columns, record: None, sign: None }
}

/// The longest plain name on a path into JSON.
fn sign_of(path: &Path) -> Option<TextTest> {
    let plain = |name: &&str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    let names = path.steps.iter().filter_map(|step| match step {
        Step::Member(name) => Some(name.as_str()),
        _ => None,
    });
    let name = names.filter(plain).max_by_key(|name| name.len())?;
    (path.root != Root::Headers).then(|| TextTest::member(name))
}

struct Work<'a> {
    snapshot: &'a Snapshot,
    tree: Tree,
    tests: Vec<Compiled>,
    cancel: &'a Cancel,
    on_progress: OnProgress<'a>,
    /// Unread rows of segments that need not be looked through again.
    known: Vec<Option<u32>>,
    next: AtomicUsize,
    done: AtomicU64,
}

/// Rows that surely pass, and those that may (the sure ones among them).
#[derive(Clone)]
struct Bounds {
    sure: Bits,
    possible: Bits,
}

impl Work<'_> {
    fn run(&self) -> Vec<(usize, Found, u32)> {
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

    /// Takes segments until there are no more: what was found and how many rows could not be read. One
    /// that was cut short by cancelling is left out.
    fn segments(&self) -> Vec<(usize, Found, u32)> {
        let mut found = Vec::new();
        let mut blocks = blocks::Reader::default();
        loop {
            let i = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(segment) = self.snapshot.segments().get(i) else { return found };
            if let Some(unread) = self.known.get(i).copied().flatten() {
                found.push((i, Found::Same, unread));
            } else {
                let mut unread = 0;
                let Some(bits) = self.segment(segment, &mut blocks, &mut unread) else { return found };
                found.push((i, Found::Bits(bits), unread));
            }
            self.report(segment.len());
        }
    }

    fn report(&self, rows: u32) {
        let done = self.done.fetch_add(u64::from(rows), Ordering::Relaxed) + u64::from(rows);
        (self.on_progress)(done, self.snapshot.len());
    }

    fn segment(&self, segment: &Segment, blocks: &mut blocks::Reader, unread: &mut u32) -> Option<Bits> {
        if self.cancel.is_cancelled() {
            return None;
        }
        let mut bounds: Vec<Bounds> = self.tests.iter().map(|test| Bounds::of(test, segment)).collect();
        let mut whole = self.tree.bounds(&bounds, segment.len());
        if whole.open().is_empty() {
            return Some(whole.sure);
        }
        let Some(source) = self.snapshot.sources().get(segment.source().at()) else { return Some(whole.sure) };
        if whole.open().count() > segment.len() / DENSE && self.scan_texts(segment, source, blocks, &mut bounds)? {
            whole = self.tree.bounds(&bounds, segment.len());
        }
        let open = whole.open();
        let wanted = open.count();
        for (n, row) in open.iter().enumerate() {
            if n % 256 == 0 && self.cancel.is_cancelled() {
                return None;
            }
            let Some(bytes) = blocks.record(segment, source, row, wanted) else {
                *unread += 1;
                continue;
            };
            let record = Record::new(bytes, source.decode.as_ref());
            if self.tree.passes(row, &bounds, &self.tests, &record) {
                whole.sure.insert(row);
            }
        }
        Some(whole.sure)
    }

    /// Searches all of a segment for the texts, which makes their bounds exact, and for the signs of
    /// other tests, which narrows theirs. `false` where there are none; `None` when cancelled.
    fn scan_texts(
        &self,
        segment: &Segment,
        source: &SourceInfo,
        blocks: &mut blocks::Reader,
        bounds: &mut [Bounds],
    ) -> Option<bool> {
        let signs = self.tests.iter().any(|test| test.sign.is_some()) && blocks.is_json(segment, source);
        let texts = self.tests.iter().enumerate().filter_map(|(i, test)| match (&test.record, &test.sign) {
            (Some(RecordTest::Text(text)), _) => Some((i, text, Bits::none(segment.len()))),
            (_, Some(sign)) if signs => Some((i, sign, Bits::none(segment.len()))),
            _ => None,
        });
        let mut texts: Vec<_> = texts.collect();
        if texts.is_empty() {
            return Some(false);
        }
        let readable = blocks.each_block(segment, source, self.cancel, &mut |block, rows| {
            for (_, text, found) in &mut texts {
                text.scan(block, rows, &mut |i| found.insert(rows.row(i)));
            }
        })?;
        for (i, _, found) in texts {
            // What could not be read stays in doubt, so that reading it once more counts it.
            let possible = found.or(&readable.clone().inverted()).and(&bounds[i].possible);
            if matches!(self.tests[i].record, Some(RecordTest::Text(_))) {
                bounds[i].sure = possible.clone().and(&readable);
            }
            bounds[i].possible = possible;
        }
        Some(true)
    }
}

impl Bounds {
    /// Rows in doubt.
    fn open(&self) -> Bits {
        self.possible.clone().and_not(&self.sure)
    }

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
                Bounds { sure: inner.possible.inverted(), possible: inner.sure.inverted() }
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
