//! What the journal holds, for people and for programs.

use std::io::{self, Write};

use serde_json::json;

use super::args::{RequeueFormat, TrailFormat};
use super::run::tally;
use crate::cli::Exit;
use crate::cli::out::Out;
use crate::model::error::Result;
use crate::model::time::TimeNs;
use crate::requeue::Journal;
use crate::requeue::journal::{Entry, Phase, PlanInfo};

type Printed = Result<io::Result<Exit>>;

pub(super) fn status<W: Write>(journal: &Journal, format: RequeueFormat, out: &mut Out<W>) -> Printed {
    let (plans, doubtful) = (journal.plans()?, journal.doubtful()?);
    let exit = if doubtful.is_empty() { Exit::Fine } else { Exit::Findings };
    let print = || -> io::Result<()> {
        match format {
            RequeueFormat::Json => {
                let plans: Vec<_> = plans.iter().map(plan_json).collect();
                let doubtful: Vec<_> = doubtful.iter().map(entry_json).collect();
                out.json(json!({"plans": plans, "in_doubt": doubtful}).to_string().as_bytes())
            }
            RequeueFormat::Text => text(&plans, &doubtful, out),
        }
    };
    let mut print = print;
    Ok(print().map(|()| exit))
}

fn plan_json(plan: &PlanInfo) -> serde_json::Value {
    let counts: serde_json::Map<_, _> =
        Phase::ALL.iter().map(|phase| (phase.name().to_owned(), plan.counts.of(*phase).into())).collect();
    json!({"id": plan.id, "system": plan.system, "made_at": plan.made_at, "counts": counts, "came_back": plan.came_back})
}

fn entry_json(entry: &Entry) -> serde_json::Value {
    json!({
        "requeue_id": entry.outgoing.requeue_id, "plan": entry.plan, "attempt": entry.attempt,
        "from": entry.outgoing.letter.place.to_string(), "to": entry.outgoing.target.to_string(), "cause": entry.cause,
        "at": time(entry), "evidence": entry.detail, "phase": entry.phase.name(),
    })
}

fn time(entry: &Entry) -> String {
    TimeNs(entry.at.saturating_mul(1_000_000)).to_rfc3339()
}

fn text<W: Write>(plans: &[PlanInfo], doubtful: &[Entry], out: &mut Out<W>) -> io::Result<()> {
    if plans.is_empty() {
        return out.text("Nothing was put back yet");
    }
    for plan in plans {
        out.text(&format!("{}  {}  {}: {}", plan.id, plan.made_at, plan.system, tally(&plan.counts)))?;
        if plan.came_back > 0 {
            out.text(&format!("    {} failed again", plan.came_back))?;
        }
    }
    for entry in doubtful {
        out.text("")?;
        let Entry { outgoing, phase, .. } = entry;
        let from = outgoing.letter.place.to_string();
        out.text(&format!("{}  {}, {from} to {}", outgoing.requeue_id, phase.words(), outgoing.target))?;
        out.text(&format!("    {}: {}", time(entry), entry.detail))?;
    }
    if doubtful.iter().any(|entry| entry.phase == Phase::Ambiguous) {
        out.text("")?;
        out.text("Look into the target, then decide: requeue --decide ID send (again), done (it arrived) or discard")?;
    }
    Ok(())
}

pub(super) fn trail<W: Write>(journal: &Journal, format: TrailFormat, out: &mut Out<W>) -> Printed {
    let print = match format {
        TrailFormat::Csv => {
            let mut lines = Vec::new();
            match journal.trail_csv(&mut lines)? {
                Ok(()) => out.lines(&lines),
                Err(cause) => Err(cause),
            }
        }
        TrailFormat::Json => journal
            .trail()?
            .iter()
            .try_for_each(|row| out.json(&serde_json::to_vec(row).expect("texts and numbers always become JSON"))),
    };
    Ok(print.map(|()| Exit::Fine))
}
