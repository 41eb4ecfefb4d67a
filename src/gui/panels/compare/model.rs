//! What is compared, as it is chosen, and the lines that answers become.

use crate::analysis::state::compare::short;
use crate::analysis::state::diff::Change;
use crate::analysis::state::reducer::{ReducerKind, ReducerSource};
use crate::analysis::state::value::Value;
use crate::model::ids::EntityIx;

/// Which two things.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    #[default]
    Steps,
    Entities,
    Reducers,
}

impl Mode {
    pub const ALL: [Self; 3] = [Self::Steps, Self::Entities, Self::Reducers];

    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Steps => "Two points in time",
            Self::Entities => "Two entities",
            Self::Reducers => "Two reducers",
        }
    }
}

/// What is compared.
#[derive(Clone, Debug, PartialEq)]
pub enum Question {
    Steps(u32, u32),
    Entities(EntityIx),
    Reducers(Rival),
}

/// A difference: place, left, right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    pub place: String,
    pub left: String,
    pub right: String,
}

#[must_use]
pub fn differences(changes: &[Change]) -> Vec<Difference> {
    let side = |value: &Option<Value>| value.as_ref().map_or_else(|| "–".to_owned(), short);
    let of = |c: &Change| Difference { place: c.path.dotted(), left: side(&c.before), right: side(&c.after) };
    changes.iter().map(of).collect()
}

/// A line of two histories beside each other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    pub left_step: Option<u32>,
    pub right_step: Option<u32>,
    pub type_name: String,
    /// What differs after it, or why either failed.
    pub words: String,
    /// Red: one of both failed.
    pub failed: bool,
}

impl Line {
    /// Only one of both has an event here.
    #[must_use]
    pub fn is_alone(&self) -> bool {
        self.left_step.is_some() != self.right_step.is_some()
    }

    /// `=`, or which side has it.
    #[must_use]
    pub fn sign(&self) -> &'static str {
        match (self.left_step, self.right_step) {
            (Some(_), None) => "←",
            (None, Some(_)) => "→",
            _ => "",
        }
    }
}

/// The other reducer.
#[derive(Clone, Debug, PartialEq)]
pub enum Rival {
    Inferred,
    /// What stood in the editor when it was handed over.
    Text(ReducerSource),
}

/// The reducers that the one in use may be compared with.
#[must_use]
pub fn rivals(in_use: &ReducerSource, handed: Option<&ReducerSource>) -> Vec<(String, Rival)> {
    let mut found = Vec::new();
    if let Some(source) = handed.filter(|source| *source != in_use) {
        found.push((format!("the editor's {}", source.kind.label()), Rival::Text(source.clone())));
    }
    if in_use.kind != ReducerKind::Inferred {
        found.push(("the inferred rules".to_owned(), Rival::Inferred));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::state::diff::diff;
    use crate::analysis::state::value::parse;

    #[test]
    fn differences_have_two_sides() {
        let [a, b] = [r#"{"n":1,"gone":true}"#, r#"{"n":2,"items":["x"]}"#].map(|t| parse(t.as_bytes()).expect("JSON"));
        let shown: Vec<String> =
            differences(&diff(&a, &b, 9)).iter().map(|d| format!("{} {} {}", d.place, d.left, d.right)).collect();
        assert_eq!(shown, ["n 1 2", "items – [\"x\"]", "gone true –"]);
    }

    #[test]
    fn a_line_says_which_side_has_it() {
        let line = |left_step, right_step| Line { left_step, right_step, ..Line::default() };
        for (line, sign, alone) in
            [(line(Some(1), Some(1)), "", false), (line(Some(2), None), "←", true), (line(None, Some(3)), "→", true)]
        {
            assert_eq!((line.sign(), line.is_alone()), (sign, alone));
        }
    }

    #[test]
    fn a_reducer_is_not_compared_with_itself() {
        let source = |kind| ReducerSource { kind, text: "x".into() };
        let (rules, inferred, js) =
            (source(ReducerKind::Rules), source(ReducerKind::Inferred), source(ReducerKind::JavaScript));
        let names = |in_use, handed| -> Vec<String> { rivals(in_use, handed).into_iter().map(|(n, _)| n).collect() };
        assert_eq!(names(&rules, Some(&rules)), ["the inferred rules"]);
        assert_eq!(names(&rules, Some(&js)), ["the editor's JavaScript", "the inferred rules"]);
        assert!(names(&inferred, None).is_empty());
    }
}
