//! Settings of the rules, kept with the log; and when they look.

use super::layout;
use crate::analysis::lints::{Config, Silence, THRESHOLDS};
use crate::app::command::{LayoutCommand, LintCommand};
use crate::app::effect::{Effect, Effects};
use crate::app::state::State;
use crate::store::snapshot::Snapshot;

pub(super) fn update(state: &mut State, command: LintCommand, log: &Snapshot, effects: &mut Effects) {
    match command {
        LintCommand::Run => {
            state.lints.wanted = true;
            state.lints.stopped = false;
            state.lints.runs += 1;
            layout::update(state, LayoutCommand::Show("lint"), effects);
        }
        LintCommand::Stop => {
            state.lints.stopped = true;
            effects.push(Effect::StopLint);
        }
        LintCommand::Silence { rule, type_name, reason } => change(state, log, effects, |config| {
            config.silences.retain(|silence| (&silence.rule, &silence.type_name) != (&rule, &type_name));
            config.silences.push(Silence { rule, type_name, reason });
        }),
        LintCommand::Tell { rule, type_name } => change(state, log, effects, |config| {
            config.silences.retain(|silence| (&silence.rule, &silence.type_name) != (&rule, &type_name));
        }),
        LintCommand::Threshold(name, value) => change(state, log, effects, |config| {
            if let Some(threshold) = THRESHOLDS.iter().find(|threshold| threshold.name == name) {
                (threshold.set)(config, threshold.bounded(value));
            }
        }),
        LintCommand::DefaultThresholds => change(state, log, effects, |config| {
            *config = Config { silences: std::mem::take(&mut config.silences), ..Config::default() };
        }),
        LintCommand::Open(path) => effects.push(Effect::ReadLintConfig(path)),
        LintCommand::Opened(opened) => change(state, log, effects, |config| config.clone_from(&opened)),
        LintCommand::Marks(shown) => set_marks(state, shown, effects),
        LintCommand::ToggleMarks => set_marks(state, !state.settings.finding_marks, effects),
    }
}

fn set_marks(state: &mut State, shown: bool, effects: &mut Effects) {
    state.settings.finding_marks = shown;
    effects.push(Effect::SaveSettings);
}

/// Changes what is kept for this log, under the address of its first source.
fn change(state: &mut State, log: &Snapshot, effects: &mut Effects, change: impl FnOnce(&mut Config)) {
    let Some(source) = log.sources().first() else { return };
    let mut config = state.lint_config(log).clone();
    change(&mut config);
    // What is as it always is takes no place in the settings.
    if config == Config::default() {
        state.settings.lints.remove(&source.address);
    } else {
        state.settings.lints.insert(source.address.clone(), config);
    }
    effects.push(Effect::SaveSettings);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::Builder;

    #[test]
    fn what_is_set_is_kept_with_the_log_and_forgotten_when_it_is_the_default() {
        let log = Builder::new().simple(1, "A", &[]).build();
        let (mut state, mut effects) = (State::default(), Effects::new());
        let silence = || LintCommand::Silence {
            rule: "event-soup".to_owned(),
            type_name: Some("A".to_owned()),
            reason: "telemetry".to_owned(),
        };
        for command in [silence(), silence(), LintCommand::Threshold("soup_share", 7.0)] {
            update(&mut state, command, &log, &mut effects);
        }
        let config = state.lint_config(&log);
        assert_eq!((config.silences.len(), config.soup_share), (1, 1.0));
        let again = LintCommand::Tell { rule: "event-soup".to_owned(), type_name: Some("A".to_owned()) };
        for command in [again, LintCommand::DefaultThresholds] {
            update(&mut state, command, &log, &mut effects);
        }
        assert!(state.settings.lints.is_empty());
        assert!(effects.iter().all(|effect| *effect == Effect::SaveSettings));
    }
}
