//! What is being written: for each kind of entity the text per language, and whether it differs from
//! the reducer in use. Nothing typed is lost by looking at another language or kind.

use crate::analysis::state::reducer::{CompileError, ReducerKind, ReducerSource};
use crate::analysis::state::reducers::template::{Survey, cleaned, recognise, template};

/// Languages that a person writes in.
pub const WRITTEN: [ReducerKind; 3] = [ReducerKind::Rules, ReducerKind::JavaScript, ReducerKind::Jq];

/// The reducer of one kind as it stands in the editor.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Draft {
    pub language: ReducerKind,
    /// In the order of [`WRITTEN`].
    texts: [Option<String>; 3],
    /// What was in use when the draft was last the same; nothing for the inferred rules.
    applied: Option<ReducerSource>,
    /// A person typed into the text that is shown.
    touched: bool,
    /// When it was last typed into, in seconds of the window.
    pub edited: f64,
}

impl Draft {
    #[must_use]
    pub fn of(applied: Option<&ReducerSource>) -> Self {
        let mut draft = Self::default();
        draft.adopt(applied);
        draft
    }

    /// Takes over a reducer that was chosen elsewhere.
    pub fn follow(&mut self, applied: Option<&ReducerSource>) {
        if self.applied.as_ref() != applied {
            self.adopt(applied);
        }
    }

    fn adopt(&mut self, applied: Option<&ReducerSource>) {
        self.applied = applied.cloned();
        self.touched = false;
        self.language = applied.map_or(ReducerKind::Inferred, |source| source.kind);
        if let Some((slot, source)) = self.slot(self.language).zip(applied) {
            *slot = Some(source.text.to_string());
        }
    }

    /// Shows another language: what was written in it, else something that fits the log. Rules begin
    /// with those that were found.
    pub fn choose(&mut self, language: ReducerKind, survey: &Survey, inferred: Option<&str>) {
        self.language = language;
        self.touched = false;
        let found = inferred.filter(|text| language == ReducerKind::Rules && !text.trim().is_empty());
        if let Some(slot) = self.slot(language)
            && slot.as_ref().is_none_or(|text| text.trim().is_empty())
        {
            *slot = Some(found.map_or_else(|| template(language, survey), str::to_owned));
        }
    }

    /// Puts a whole text in place of what is there.
    pub fn put(&mut self, language: ReducerKind, text: String) {
        self.language = language;
        self.touched = true;
        if let Some(slot) = self.slot(language) {
            *slot = Some(text);
        }
    }

    /// A whole reducer from the clipboard replaces what nobody has typed into yet; returns whether it
    /// did. All else is pasted where the caret is.
    pub fn paste_whole(&mut self, pasted: &str) -> bool {
        let text = cleaned(pasted);
        let Some(language) = recognise(&text).filter(|_| !self.touched || self.text().trim().is_empty()) else {
            return false;
        };
        self.put(language, text);
        true
    }

    /// After a paste: the text as a whole may now be of another language, as when all was selected.
    pub fn pasted(&mut self) {
        let text = cleaned(self.text());
        match recognise(&text) {
            Some(language) if language != self.language => {
                let before = self.language;
                self.put(language, text);
                // What stood there before it is in use may come back.
                let applied = self.applied.clone().filter(|a| a.kind == before).map(|a| a.text.to_string());
                if let Some(slot) = self.slot(before) {
                    *slot = applied;
                }
            }
            _ => {}
        }
    }

    #[must_use]
    pub fn text(&self) -> &str {
        let at = WRITTEN.iter().position(|kind| *kind == self.language);
        at.and_then(|at| self.texts.get(at)).and_then(Option::as_deref).unwrap_or_default()
    }

    /// The text to type into; nothing for the inferred rules.
    pub fn text_mut(&mut self) -> Option<&mut String> {
        self.slot(self.language).map(Option::get_or_insert_default)
    }

    pub fn typed(&mut self, now: f64) {
        self.touched = true;
        self.edited = now;
    }

    /// The reducer as it stands here; nothing for the inferred rules.
    #[must_use]
    pub fn source(&self) -> Option<ReducerSource> {
        (self.language != ReducerKind::Inferred)
            .then(|| ReducerSource { kind: self.language, text: self.text().into() })
    }

    /// Applying would change something.
    #[must_use]
    pub fn is_changed(&self) -> bool {
        let empty = self.language != ReducerKind::Inferred && self.text().trim().is_empty();
        !empty && self.source() != self.applied
    }

    /// The text differs from the one in use in this language, so there is something to give up.
    #[must_use]
    pub fn can_revert(&self) -> bool {
        self.touched && self.is_changed() || self.applied.as_ref().map(|a| a.kind) != self.kind_shown()
    }

    fn kind_shown(&self) -> Option<ReducerKind> {
        (self.language != ReducerKind::Inferred).then_some(self.language)
    }

    /// Back to the reducer in use.
    pub fn revert(&mut self) {
        let applied = self.applied.clone();
        if let Some(slot) = self.slot(self.language) {
            *slot = None;
        }
        self.adopt(applied.as_ref());
    }

    fn slot(&mut self, language: ReducerKind) -> Option<&mut Option<String>> {
        let at = WRITTEN.iter().position(|kind| *kind == language)?;
        self.texts.get_mut(at)
    }
}

/// `account.js`: a name for the file of a kind's reducer.
#[must_use]
pub fn file_name(kind: &str, language: ReducerKind) -> String {
    let name: String = kind.chars().map(|c| if c.is_alphanumeric() || c == '-' { c } else { '_' }).take(60).collect();
    let name = if name.is_empty() { "reducer".to_owned() } else { name };
    format!("{name}.{}", ending(language))
}

fn ending(language: ReducerKind) -> &'static str {
    match language {
        ReducerKind::Inferred | ReducerKind::Rules => "rules",
        ReducerKind::JavaScript => "js",
        ReducerKind::Jq => "jq",
    }
}

/// The language of a file: by its name, else by what is in it.
#[must_use]
pub fn language_of(path: &str, text: &str) -> ReducerKind {
    let by_name = path.rsplit_once('.').and_then(|(_, ending)| match ending.to_ascii_lowercase().as_str() {
        "js" | "mjs" | "cjs" | "ts" => Some(ReducerKind::JavaScript),
        "jq" => Some(ReducerKind::Jq),
        "rules" => Some(ReducerKind::Rules),
        _ => None,
    });
    by_name.or_else(|| recognise(text)).unwrap_or(ReducerKind::Rules)
}

/// What to write under a line, and under which (from 0): the last one where the error names none
/// that is there.
#[must_use]
pub fn error_line(error: &CompileError, text: &str) -> (usize, String) {
    let last = text.lines().count().saturating_sub(1);
    let line = error.line.map_or(last, |line| (line.max(1) as usize - 1).min(last));
    let column = error.column.filter(|_| error.line.is_some());
    let place = column.map_or_else(String::new, |column| format!(" (column {column})"));
    (line, format!("{}{place}", error.message))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLASS: &str = "class Account { apply(event) { this.n = 1 } }";

    fn rules(text: &str) -> ReducerSource {
        ReducerSource { kind: ReducerKind::Rules, text: text.into() }
    }

    #[test]
    fn a_language_begins_with_a_template_and_keeps_what_was_typed() {
        let mut draft = Draft::of(None);
        assert!(!draft.is_changed() && draft.source().is_none() && draft.text_mut().is_none());
        let survey = Survey { kind: "account".to_owned(), ..Survey::default() };
        draft.choose(ReducerKind::Rules, &survey, Some("on A\n  n = 1"));
        assert_eq!(draft.text(), "on A\n  n = 1", "rules begin with those that were found");
        draft.choose(ReducerKind::JavaScript, &survey, Some("on A\n  n = 1"));
        assert!(draft.text().starts_with("class Account"));
        "mine".clone_into(draft.text_mut().expect("a written language"));
        draft.typed(1.0);
        draft.choose(ReducerKind::Jq, &survey, None);
        draft.choose(ReducerKind::JavaScript, &survey, None);
        assert_eq!(draft.text(), "mine");
        assert!(draft.is_changed());
    }

    #[test]
    fn a_reducer_chosen_elsewhere_replaces_the_draft() {
        let mut draft = Draft::of(Some(&rules("on A")));
        assert_eq!((draft.language, draft.text(), draft.is_changed()), (ReducerKind::Rules, "on A", false));
        "on B".clone_into(draft.text_mut().expect("rules"));
        draft.follow(Some(&rules("on A")));
        assert_eq!(draft.text(), "on B", "nothing was applied, nothing changed");
        draft.follow(Some(&rules("on C")));
        assert_eq!(draft.text(), "on C");
        draft.follow(None);
        assert_eq!(draft.language, ReducerKind::Inferred);
    }

    #[test]
    fn pasting_a_whole_reducer_finds_its_language() {
        let mut draft = Draft::of(None);
        assert!(draft.paste_whole(CLASS));
        assert_eq!((draft.language, draft.text()), (ReducerKind::JavaScript, CLASS));
        assert!(!draft.paste_whole("on A\n  n = 1"), "what was put there is kept");
        // All was selected, and the field took it.
        "on A\n  n = 1".clone_into(draft.text_mut().expect("JavaScript"));
        draft.pasted();
        assert_eq!((draft.language, draft.text()), (ReducerKind::Rules, "on A\n  n = 1"));
        assert!(!Draft::of(None).paste_whole("12345"));
    }

    #[test]
    fn reverting_goes_back_to_what_is_in_use() {
        let mut draft = Draft::of(Some(&rules("on A")));
        assert!(!draft.can_revert());
        draft.choose(ReducerKind::JavaScript, &Survey::default(), None);
        assert!(draft.can_revert());
        draft.revert();
        assert_eq!((draft.language, draft.text()), (ReducerKind::Rules, "on A"));
        "x".clone_into(draft.text_mut().expect("rules"));
        draft.typed(0.0);
        draft.revert();
        assert_eq!(draft.text(), "on A");
    }

    #[test]
    fn files_are_named_and_recognised() {
        assert_eq!(file_name("order/line", ReducerKind::JavaScript), "order_line.js");
        assert_eq!(file_name("", ReducerKind::Rules), "reducer.rules");
        for (path, text, expected) in [
            ("a/b.JS", "", ReducerKind::JavaScript),
            ("x.jq", "on A", ReducerKind::Jq),
            ("x.txt", CLASS, ReducerKind::JavaScript),
            ("x", "?", ReducerKind::Rules),
        ] {
            assert_eq!(language_of(path, text), expected, "{path}");
        }
    }

    #[test]
    fn an_error_stands_under_a_line_that_is_there() {
        let error = |line, column| CompileError { message: "wrong".to_owned(), line, column };
        assert_eq!(error_line(&error(Some(2), Some(5)), "a\nb\nc"), (1, "wrong (column 5)".to_owned()));
        assert_eq!(error_line(&error(Some(99), None), "a\nb"), (1, "wrong".to_owned()));
        assert_eq!(error_line(&error(None, Some(1)), ""), (0, "wrong".to_owned()));
    }
}
