//! Event by event: each is delivered twice, lost, or exchanged with the next one, at its own place in the
//! true history.

use std::ops::Range;
use std::sync::Arc;

use indexmap::IndexMap;

use super::lab::{Halt, Lab};
use super::report::{Example, PairReport, Report, TypeReport};
use super::{Kind, Request};
use crate::analysis::state::event::Input;
use crate::analysis::state::reducer::StepError;
use crate::analysis::state::value::Value;
use crate::analysis::state::whatif::Plan;
use crate::base::rng::Rng;

/// Neighbouring events that are looked at together.
const BLOCK: u32 = 128;
/// Tries for each type and each pair: more tell nothing new.
const MOST_TRIES: u32 = 200;
/// A loss is folded to the end of the history.
const MOST_LOSSES: usize = 8;
/// How many events later a copy comes.
const LATER: [usize; 4] = [1, 2, 4, 8];

/// A block of the history: its events and the states around them.
struct Block {
    /// The step before its first event.
    start: u32,
    inputs: Vec<Input>,
    states: Vec<Value>,
}

#[derive(Default)]
struct Found {
    types: IndexMap<Arc<str>, TypeReport>,
    pairs: IndexMap<(Arc<str>, Arc<str>), PairReport>,
    /// Per type the steps with an effect.
    effects: IndexMap<Arc<str>, Vec<(u32, Option<crate::model::ids::EventIx>)>>,
}

pub(super) fn look(
    lab: &mut Lab<'_>,
    request: &Request,
    report: &mut Report,
    progress: &mut dyn FnMut(f32),
) -> Result<(), Halt> {
    let mut found = Found::default();
    let blocks = blocks(lab.base.done(), request.sample, request.seed);
    let total = blocks.len().max(1) as f32;
    let mut ended = Ok(());
    for (i, range) in blocks.into_iter().enumerate() {
        ended = look_at(lab, request.kind, range.clone(), &mut found);
        if ended.is_err() {
            break;
        }
        report.looked_at += range.len() as u32;
        progress(i as f32 / total);
    }
    if request.kind == Kind::Loss && ended.is_ok() {
        ended = lose(lab, &mut found);
    }
    report.types = found.types.into_values().collect();
    report.pairs = found.pairs.into_values().collect();
    ended
}

/// All of a short history; of a long one its first and last events and blocks between them.
fn blocks(len: u32, sample: u32, seed: u64) -> Vec<Range<u32>> {
    if len <= sample {
        return (0..len).step_by(BLOCK as usize).map(|start| start..len.min(start + BLOCK)).collect();
    }
    let count = (sample / BLOCK).max(2);
    let mut rng = Rng::new(seed);
    let stride = u64::from(len - BLOCK) / u64::from(count - 1);
    let starts = (0..count).map(|i| match i {
        0 => 0,
        i if i + 1 == count => len - BLOCK,
        i => (u64::from(i) * stride + rng.below(stride.saturating_sub(u64::from(BLOCK)).max(1))) as u32,
    });
    starts.map(|start| start.min(len - BLOCK)).map(|start| start..start + BLOCK).collect()
}

fn look_at(lab: &mut Lab<'_>, kind: Kind, range: Range<u32>, found: &mut Found) -> Result<(), Halt> {
    let (inputs, states) = lab.run(range.start, range.end)?;
    let block = Block { start: range.start, inputs, states };
    for (i, input) in block.inputs.iter().enumerate() {
        let (Some(before), Some(after)) = (block.states.get(i), block.states.get(i + 1)) else { continue };
        let of_type = found
            .types
            .entry(Arc::clone(&input.type_name))
            .or_insert_with(|| TypeReport { type_name: Arc::clone(&input.type_name), ..TypeReport::default() });
        of_type.seen += 1;
        let has_effect = !lab.sight.equal(before, after);
        of_type.without_effect += u32::from(!has_effect);
        match kind {
            Kind::Duplicates if of_type.tried < MOST_TRIES => twice(lab, &block, i, after, of_type)?,
            Kind::Loss if has_effect => {
                let steps = found.effects.entry(Arc::clone(&input.type_name)).or_default();
                steps.push((block.start + i as u32 + 1, input.ix));
            }
            Kind::Reorder { .. } => exchange(lab, &block, i, before, &mut found.pairs)?,
            _ => (),
        }
    }
    Ok(())
}

fn twice(lab: &mut Lab<'_>, block: &Block, i: usize, after: &Value, of_type: &mut TypeReport) -> Result<(), Halt> {
    let Some(input) = block.inputs.get(i) else { return Ok(()) };
    let copy = std::slice::from_ref(input);
    let (again, error) = lab.apply(after, copy)?;
    of_type.tried += 1;
    of_type.refused += u32::from(error.is_some());
    let step = block.start + i as u32 + 1;
    if !lab.sight.equal(after, &again) {
        of_type.differing += 1;
        let example = example(lab, (step, None), input, (after, &again), error);
        Example::keep_smaller(&mut of_type.example, example);
        return Ok(());
    }
    for later in LATER {
        let Some(state) = block.states.get(i + 1 + later) else { break };
        let (again, error) = lab.apply(state, copy)?;
        if !lab.sight.equal(state, &again) {
            let example = example(lab, (step, Some(step + later as u32)), input, (state, &again), error);
            Example::keep_smaller(&mut of_type.late, example);
            break;
        }
    }
    Ok(())
}

fn exchange(
    lab: &mut Lab<'_>,
    block: &Block,
    i: usize,
    before: &Value,
    pairs: &mut IndexMap<(Arc<str>, Arc<str>), PairReport>,
) -> Result<(), Halt> {
    let (Some([first, second]), Some(truth)) = (block.inputs.get(i..i + 2), block.states.get(i + 2)) else {
        return Ok(());
    };
    let mut names = [&first.type_name, &second.type_name];
    names.sort();
    let pair = pairs.entry((Arc::clone(names[0]), Arc::clone(names[1]))).or_insert_with(|| PairReport {
        first: Arc::clone(&first.type_name),
        second: Arc::clone(&second.type_name),
        ..PairReport::default()
    });
    if pair.tried >= MOST_TRIES {
        return Ok(());
    }
    let (other, error) = lab.apply(before, &[second.clone(), first.clone()])?;
    pair.tried += 1;
    if !lab.sight.equal(truth, &other) {
        pair.differing += 1;
        let step = block.start + i as u32 + 1;
        let example = example(lab, (step, Some(step + 1)), first, (truth, &other), error);
        let kept = pair.example.as_ref().map(|example| example.step);
        Example::keep_smaller(&mut pair.example, example);
        if pair.example.as_ref().map(|example| example.step) != kept {
            pair.first = Arc::clone(&first.type_name);
            pair.second = Arc::clone(&second.type_name);
        }
    }
    Ok(())
}

/// Loses events of each type, one at a time, the last ones first: they are the cheapest to follow.
fn lose(lab: &mut Lab<'_>, found: &mut Found) -> Result<(), Halt> {
    for (type_name, steps) in &found.effects {
        let Some(of_type) = found.types.get_mut(type_name) else { continue };
        let apart = steps.len().div_ceil(MOST_LOSSES).max(1);
        for (step, event) in steps.iter().rev().step_by(apart) {
            let mut plan = Plan::whole(lab.base.done());
            plan.remove(step - 1);
            let end = lab.end_of(plan)?;
            of_type.tried += 1;
            if let Some(end) = end {
                of_type.differing += 1;
                let (changes, more_changes) = lab.changes(lab.base.last(), &end);
                let example =
                    Example { step: *step, event: *event, other_step: None, changes, more_changes, error: None };
                Example::keep_smaller(&mut of_type.example, example);
            }
        }
    }
    Ok(())
}

fn example(
    lab: &Lab<'_>,
    (step, other_step): (u32, Option<u32>),
    input: &Input,
    (truth, other): (&Value, &Value),
    error: Option<StepError>,
) -> Example {
    let (changes, more_changes) = lab.changes(truth, other);
    Example { step, event: input.ix, other_step, changes, more_changes, error }
}
