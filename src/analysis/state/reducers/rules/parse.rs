//! Text → [`Rules`]. Stops at the first mistake, with its place and what may have been meant.

use std::sync::Arc;

use super::ast::{Action, Content, Expr, Line, Pick, Place, Rules, Step};
use super::expr::Cursor;
use super::lex::{Token, lex};
use crate::analysis::state::reducer::CompileError;
use crate::base::text::one_edit;

/// What a line can begin with, and what can follow a place.
const STARTS: [&str; 8] = ["on", "start", "merge", "replace", "delete", "snapshot", "ignore", "append"];
const VERBS: [&str; 3] = ["append", "remove", "merge"];

/// # Errors
/// The first mistake, with line and column.
pub fn parse(text: &str) -> Result<Rules, CompileError> {
    let mut rules = Rules::default();
    let mut reached = Reached::default();
    for (i, line) in text.lines().enumerate() {
        let number = u32::try_from(i + 1).unwrap_or(u32::MAX);
        let (tokens, comment_at) = lex(line);
        let mut cursor = Cursor::new(line, number, &tokens, comment_at);
        let content = content(&mut cursor)?;
        reached.check(&content, &cursor)?;
        let comment = comment_at.and_then(|at| line.get(at + 1..)).map(|comment| comment.trim().to_owned());
        rules.lines.push(Line { content, comment });
    }
    Ok(rules)
}

fn content(cursor: &mut Cursor<'_>) -> Result<Content, CompileError> {
    let content = match cursor.next_word() {
        None if cursor.is_at_end() => return Ok(Content::Blank),
        Some("on") if !cursor.is_place_then_sign() => on(cursor)?,
        Some("start") if !cursor.is_place_then_sign() => start(cursor)?,
        _ => Content::Do(action(cursor)?),
    };
    cursor.end()?;
    Ok(content)
}

fn start(cursor: &mut Cursor<'_>) -> Result<Content, CompileError> {
    cursor.skip();
    let at = cursor.column();
    let place = cursor.place()?;
    if place.is_root() || !place.0.iter().all(|step| matches!(step, Step::Member(_))) {
        return Err(cursor.error_at(at, "what is there at the start is named plainly, as in `start balance = 0`"));
    }
    cursor.expect("=")?;
    let at = cursor.column();
    let value = cursor.expr()?;
    let mut constant = true;
    value.walk(&mut |expr| constant &= !matches!(expr, Expr::Payload(_) | Expr::State(_) | Expr::Event(_)));
    if !constant {
        return Err(cursor.error_at(at, "before the first event there are only plain values: 0, \"new\", [], {}"));
    }
    Ok(Content::Start { place, value })
}

fn on(cursor: &mut Cursor<'_>) -> Result<Content, CompileError> {
    cursor.skip();
    let mut types: Vec<Arc<str>> = Vec::new();
    loop {
        match cursor.take() {
            Some(Token::Word(name)) if name != "when" => types.push(name.as_str().into()),
            Some(Token::Text(name)) => types.push(name.as_str().into()),
            _ => {
                cursor.back();
                return Err(cursor.error("a type's name belongs here, as in `on OrderPlaced`"));
            }
        }
        if !cursor.is(",") {
            break;
        }
        cursor.skip();
    }
    let when = if cursor.next_word() == Some("when") {
        cursor.skip();
        Some(cursor.expr()?)
    } else if cursor.is_at_end() {
        None
    } else {
        return Err(cursor.error("names of types are separated by commas; one with blanks stands in quotes"));
    };
    Ok(Content::On { types, when })
}

fn action(cursor: &mut Cursor<'_>) -> Result<Action, CompileError> {
    if !cursor.is_place_then_sign() {
        match cursor.next_word() {
            Some("merge") => return merge(cursor, Place::default()),
            Some("replace") => {
                cursor.skip();
                return Ok(Action::Replace(cursor.expr()?));
            }
            Some("snapshot") => {
                cursor.skip();
                return Ok(Action::Snapshot(cursor.expr()?));
            }
            Some("delete") => {
                cursor.skip();
                return Ok(Action::Delete(if cursor.is_at_end() { Place::default() } else { cursor.place()? }));
            }
            Some("ignore") => {
                cursor.skip();
                return Ok(Action::Ignore);
            }
            _ => (),
        }
    }
    let (first, at) = (cursor.next_word().map(str::to_owned), cursor.column());
    let place = cursor.place()?;
    if let Some(sign) = ["=", "+=", "-="].into_iter().find(|sign| cursor.is(sign)) {
        if place.is_root() {
            return Err(cursor.error_at(at, "the whole state is set by `replace`"));
        }
        cursor.skip();
        let value = cursor.expr()?;
        return Ok(match sign {
            "=" => Action::Set { place, value },
            _ => Action::Add { place, value, negative: sign == "-=" },
        });
    }
    match cursor.next_word() {
        Some("append") if !place.is_root() => {
            cursor.skip();
            let each = cursor.next_word() == Some("each") && cursor.is_before_value();
            if each {
                cursor.skip();
            }
            Ok(Action::Append { place, value: cursor.expr()?, each })
        }
        Some("remove") => {
            cursor.skip();
            let (key, value) = cursor.key_and_value()?;
            Ok(Action::Remove { place, key, value })
        }
        Some("merge") => merge(cursor, place),
        _ => Err(unknown(cursor, first.as_deref(), at)),
    }
}

fn merge(cursor: &mut Cursor<'_>, place: Place) -> Result<Action, CompileError> {
    cursor.skip();
    let value = cursor.expr()?;
    let pick = match cursor.next_word() {
        Some("only") => Pick::Only(names(cursor)?),
        Some("without") => Pick::Without(names(cursor)?),
        _ => Pick::All,
    };
    Ok(Action::Merge { place, value, pick })
}

fn names(cursor: &mut Cursor<'_>) -> Result<Vec<Arc<str>>, CompileError> {
    let mut names = Vec::new();
    loop {
        cursor.skip();
        names.push(cursor.name("a field's name belongs here")?);
        if !cursor.is(",") {
            return Ok(names);
        }
    }
}

/// A line that begins with a place and goes on with nothing that is known.
fn unknown(cursor: &Cursor<'_>, first: Option<&str>, first_at: usize) -> CompileError {
    let near = |word: &str, known: &[&'static str]| known.iter().copied().find(|known| one_edit(known, word));
    if let Some(word) = cursor.next_word()
        && let Some(meant) = near(word, &VERBS)
    {
        return cursor.error(&format!("`{word}` is not known; did you mean `{meant}`?"));
    }
    if let Some(word) = first
        && let Some(meant) = near(word, &STARTS)
    {
        return cursor.error_at(first_at, &format!("`{word}` is not known; did you mean `{meant}`?"));
    }
    cursor.error("one of `=`, `+=`, `-=`, `append`, `remove`, `merge` belongs here")
}

/// Rules that no event can come to are mistakes: they would be overlooked in silence.
#[derive(Default)]
struct Reached {
    in_block: bool,
    /// Types that earlier blocks took whole, and their lines.
    taken: Vec<(Arc<str>, u32)>,
}

impl Reached {
    fn check(&mut self, content: &Content, cursor: &Cursor<'_>) -> Result<(), CompileError> {
        match content {
            Content::Start { .. } if self.in_block => {
                return Err(cursor.error_at(0, "`start` stands before the first `on`"));
            }
            Content::Do(_) if !self.in_block => {
                return Err(cursor.error_at(0, "for which events? Write `on` and a type above"));
            }
            Content::On { types, when } => {
                self.in_block = true;
                for name in types {
                    if let Some((by, line)) = self.taken.iter().find(|(by, _)| &**by == "*" || by == name) {
                        let message = format!("never reached: line {line} takes `{by}` already");
                        return Err(cursor.error_at(0, &message));
                    }
                }
                if when.is_none() {
                    self.taken.extend(types.iter().map(|name| (name.clone(), cursor.number())));
                }
            }
            _ => (),
        }
        Ok(())
    }
}
