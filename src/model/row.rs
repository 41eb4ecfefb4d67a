//! What a decoder hands to the store for one record: borrowed slices, nothing owned.
//!
//! The hot path fills one [`Row`] per event and reuses its lists, so a row costs no allocation.

use super::ids::ByteOffset;
use super::issue::Issue;
use super::time::TimeNs;

/// Where a record lies in its source's backing bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    pub offset: ByteOffset,
    pub len: u32,
}

/// The indexed fields of one event. Text is already unescaped where the source escapes it.
#[derive(Clone, Debug, Default)]
pub struct Row<'a> {
    pub span: Span,
    pub time: Option<TimeNs>,
    pub type_name: &'a [u8],
    pub service: Option<&'a [u8]>,
    pub id: Option<&'a [u8]>,
    pub version: Option<u32>,
    /// `(kind, id)`, the stream (the aggregate instance that `version` counts) first, without repeats.
    pub entities: &'a [(&'a [u8], &'a [u8])],
    pub correlations: &'a [&'a [u8]],
    pub causes: &'a [&'a [u8]],
}

/// Some rows that follow one another, column by column. What is to be done for many rows is done
/// quickest like this: a short loop for each column, whose steps do not wait for one another.
///
/// Columns are as long as `spans`; an empty text is none. Lists name the row, from 0 on, in the order of
/// rows.
#[derive(Clone, Copy, Debug, Default)]
pub struct RowGroup<'a> {
    pub spans: &'a [Span],
    pub times: &'a [Option<TimeNs>],
    pub type_names: &'a [&'a [u8]],
    pub services: &'a [&'a [u8]],
    pub ids: &'a [&'a [u8]],
    pub versions: &'a [Option<u32>],
    pub entities: &'a [RowEntity<'a>],
    pub correlations: &'a [(u32, &'a [u8])],
    pub causes: &'a [(u32, &'a [u8])],
}

/// An entity of a row; those of one row are as in [`Row::entities`].
#[derive(Clone, Copy, Debug, Default)]
pub struct RowEntity<'a> {
    pub row: u32,
    pub kind: &'a [u8],
    pub id: &'a [u8],
}

impl<'a> RowGroup<'a> {
    /// The rows one by one.
    pub fn each(&self, mut take: impl FnMut(&Row<'_>)) {
        let Self { mut entities, mut correlations, mut causes, .. } = *self;
        let (mut of_row, mut correlations_of_row, mut causes_of_row) = (Vec::new(), Vec::new(), Vec::new());
        let some = |text: &&'a [u8]| (!text.is_empty()).then_some(*text);
        for (i, &span) in self.spans.iter().enumerate() {
            of_row.clear();
            of_row.extend(first_of_row(&mut entities, i, |e| e.row).iter().map(|e| (e.kind, e.id)));
            correlations_of_row.clear();
            correlations_of_row.extend(first_of_row(&mut correlations, i, |c| c.0).iter().map(|c| c.1));
            causes_of_row.clear();
            causes_of_row.extend(first_of_row(&mut causes, i, |c| c.0).iter().map(|c| c.1));
            take(&Row {
                span,
                time: self.times.get(i).copied().flatten(),
                type_name: self.type_names.get(i).copied().unwrap_or_default(),
                service: self.services.get(i).and_then(some),
                id: self.ids.get(i).and_then(some),
                version: self.versions.get(i).copied().flatten(),
                entities: &of_row,
                correlations: &correlations_of_row,
                causes: &causes_of_row,
            });
        }
    }
}

/// Takes what belongs to `row` from the front of `list`.
fn first_of_row<'a, T>(list: &mut &'a [T], row: usize, row_of: impl Fn(&T) -> u32) -> &'a [T] {
    let (mine, rest) = list.split_at(list.iter().take_while(|item| row_of(item) as usize == row).count());
    *list = rest;
    mine
}

/// Takes the records of one source in their order.
pub trait RowSink {
    fn event(&mut self, row: &Row<'_>);
    /// Several events.
    fn events(&mut self, group: &RowGroup<'_>) {
        group.each(|row| self.event(row));
    }
    fn undecodable(&mut self, span: Span, issue: Issue);
}
