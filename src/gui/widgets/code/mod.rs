//! An editor for a program of a page or two: colours, line numbers, and a message below the line that
//! it is about. The message is not part of the text: the rows below it are moved down on screen.
//!
//! The Tab key writes two blanks; Escape leaves the editor, so that the keyboard is never caught.

use std::ops::Range;
use std::sync::Arc;

use egui::text::{LayoutJob, TextFormat};
use egui::{
    Align2, EventFilter, Galley, Id, Key, Margin, Modifiers, Rect, Response, ScrollArea, Stroke, TextBuffer, TextEdit,
    Ui, pos2, vec2,
};

use super::text::{head, visible};
use crate::gui::theme::{self, BODY, GRID, SMALL, Theme};

/// What a stretch of the text is, for its colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Paint {
    #[default]
    Plain,
    /// Words of the language.
    Word,
    /// Names of members, fields.
    Name,
    /// Event types and functions.
    Call,
    Text,
    Number,
    Comment,
    /// What fits nothing.
    Bad,
}

/// Bytes of the text and what they are, in order and without overlaps; what lies between is plain.
pub type Spans = Vec<(Range<usize>, Paint)>;

/// Something to say about a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// From 0.
    pub line: usize,
    pub message: String,
    /// Wrong, else doubtful.
    pub error: bool,
}

/// What the editor remembers between frames.
#[derive(Clone, Debug, Default)]
pub struct CodeState {
    spans: Option<(String, u8, Spans)>,
    /// Scrolls there in the next frame.
    pub reveal: Option<usize>,
}

/// What a person did in this frame.
pub struct CodeOutput {
    pub response: Response,
    /// Text that was pasted in this frame, as it was on the clipboard.
    pub pasted: Option<String>,
}

/// See the module's documentation.
pub struct Code<'a> {
    pub id: Id,
    /// For screen readers.
    pub label: &'a str,
    pub hint: &'a str,
    pub mark: Option<&'a Mark>,
    /// Tells languages apart, so that colours are found anew when it changes.
    pub language: u8,
    pub spans: &'a dyn Fn(&str) -> Spans,
}

const SIZE: f32 = BODY - 1.0;
const LINE: f32 = 18.0;
/// Room of the message below its line.
const MESSAGE: f32 = 20.0;

impl Code<'_> {
    /// Draws into all the space that is left.
    pub fn show(&self, ui: &mut Ui, text: &mut String, state: &mut CodeState) -> CodeOutput {
        let theme = Theme::from_ui(ui);
        let full = ui.available_rect_before_wrap();
        ui.painter().rect_filled(full, 0.0, theme.sunken);
        let has_focus = ui.memory(|m| m.has_focus(self.id));
        let pasted = if has_focus { keys(ui) } else { None };
        let lines = text.bytes().filter(|b| *b == b'\n').count() + 1;
        let gutter = gutter_width(lines);
        let reveal = state.reveal.take();
        let out = ScrollArea::both().id_salt(self.id.with("scroll")).auto_shrink(false).show(ui, |ui| {
            let mut layouter = |ui: &Ui, buffer: &dyn TextBuffer, _wrap: f32| {
                let job = state.job(buffer.as_str(), self.language, self.spans, theme);
                let galley = ui.fonts_mut(|f| f.layout_job(job));
                match self.mark {
                    Some(mark) => with_room(galley, mark.line),
                    None => galley,
                }
            };
            let edit = TextEdit::multiline(text)
                .id(self.id)
                .font(theme::mono(SIZE))
                .hint_text(self.hint)
                .frame(egui::Frame::NONE.inner_margin(Margin { left: gutter as i8, right: 12, top: 6, bottom: 6 }))
                .min_size(vec2(full.width() - 12.0, full.height() - 12.0))
                .desired_width(f32::INFINITY)
                .event_filter(EventFilter { tab: true, horizontal_arrows: true, vertical_arrows: true, escape: false })
                .layouter(&mut layouter);
            let output = edit.show(ui);
            let response = output.response.response;
            let rows = &output.galley.rows;
            let clip = ui.clip_rect();
            let left = clip.left();
            // The gutter stays where it is while long lines are scrolled.
            let strip = Rect::from_min_max(pos2(left, clip.top()), pos2(left + gutter - 6.0, clip.bottom()));
            ui.painter().rect_filled(strip, 0.0, theme.sunken);
            let caret = output.cursor_range.filter(|_| response.has_focus()).map(|range| {
                let at = range.primary.index.0;
                text.chars().take(at).filter(|c| *c == '\n').count()
            });
            let mut line = 0;
            let mut first_of_line = true;
            for row in rows {
                let top = output.galley_pos.y + row.pos.y;
                let rect = Rect::from_min_size(pos2(left, top), vec2(clip.width(), row.row.size.y));
                if first_of_line {
                    let marked = self.mark.filter(|m| m.line == line);
                    if let Some(mark) = marked {
                        self.message_ui(ui, theme, mark, rect, gutter);
                    }
                    if clip.intersects(rect) {
                        let color = match (marked, caret == Some(line)) {
                            (Some(mark), _) => mark_color(theme, mark.error),
                            (None, true) => theme.text,
                            (None, false) => theme.faint,
                        };
                        let at = pos2(left + gutter - 14.0, rect.top() + LINE * 0.5);
                        let number = (line + 1).to_string();
                        ui.painter().text(at, Align2::RIGHT_CENTER, number, theme::mono(SMALL), color);
                    }
                    if reveal == Some(line) {
                        ui.scroll_to_rect(rect.expand2(vec2(0.0, LINE * 2.0)), None);
                    }
                }
                first_of_line = row.ends_with_newline;
                line += usize::from(row.ends_with_newline);
            }
            response
        });
        let response = out.inner;
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::MultilineTextInput, true, self.label));
        if response.has_focus() {
            super::parts::focus_ring(ui.painter(), full, theme);
        }
        CodeOutput { response, pasted }
    }

    fn message_ui(&self, ui: &Ui, theme: &Theme, mark: &Mark, row: Rect, gutter: f32) {
        let color = mark_color(theme, mark.error);
        let soft = if mark.error { theme.red_soft } else { theme.amber_soft };
        let bar = Rect::from_min_size(row.min, vec2(3.0, LINE + MESSAGE));
        ui.painter().rect_filled(bar, 0.0, color);
        let below = Rect::from_min_size(pos2(row.left() + gutter - 6.0, row.top() + LINE), vec2(row.width(), MESSAGE));
        ui.painter().rect_filled(below.intersect(ui.clip_rect()), 0.0, soft);
        let width = (ui.clip_rect().right() - below.left() - GRID * 3.0).max(40.0);
        let galley = super::text::line(ui.painter(), &mark.message, theme::sans(BODY - 1.0), color, width);
        let at = pos2(below.left() + 6.0, below.center().y - galley.size().y * 0.5);
        ui.painter().galley(at, galley, color);
        let response = ui.interact(below, self.id.with("message"), egui::Sense::hover());
        response.widget_info(|| {
            egui::WidgetInfo::labeled(egui::Role::Label, true, format!("Line {}: {}", mark.line + 1, mark.message))
        });
        response.on_hover_text(visible(head(&mark.message, 2_000)).into_owned());
    }
}

fn mark_color(theme: &Theme, error: bool) -> egui::Color32 {
    if error { theme.red } else { theme.amber }
}

fn gutter_width(lines: usize) -> f32 {
    let digits = lines.max(10).ilog10() as f32 + 1.0;
    digits * 7.0 + 26.0
}

/// Tab becomes blanks; what is pasted is told as well.
fn keys(ui: &Ui) -> Option<String> {
    ui.input_mut(|i| {
        if i.consume_key(Modifiers::NONE, Key::Tab) {
            i.events.push(egui::Event::Text("  ".to_owned()));
        }
        i.events.iter().find_map(|event| match event {
            egui::Event::Paste(text) => Some(text.clone()),
            _ => None,
        })
    })
}

/// Rows below the line move down, so that there is room for a message.
fn with_room(galley: Arc<Galley>, line: usize) -> Arc<Galley> {
    let mut galley = (*galley).clone();
    let (mut at, mut moved) = (0, false);
    for row in &mut galley.rows {
        if at > line {
            row.pos.y += MESSAGE;
            moved = true;
        }
        at += usize::from(row.ends_with_newline);
    }
    galley.rect.max.y += MESSAGE;
    if moved {
        galley.mesh_bounds.max.y += MESSAGE;
    }
    Arc::new(galley)
}

impl CodeState {
    /// Colours are found once per text.
    fn job(&mut self, text: &str, language: u8, spans: &dyn Fn(&str) -> Spans, theme: &Theme) -> LayoutJob {
        let known = self.spans.as_ref().is_some_and(|(of, kind, _)| of == text && *kind == language);
        if !known {
            self.spans = Some((text.to_owned(), language, spans(text)));
        }
        let empty = Spans::new();
        let spans = self.spans.as_ref().map_or(&empty, |(_, _, spans)| spans);
        layout(text, spans, theme)
    }
}

/// The text in its colours; spans that do not fit the text are left out.
#[must_use]
pub fn layout(text: &str, spans: &Spans, theme: &Theme) -> LayoutJob {
    let mut job = LayoutJob { break_on_newline: true, ..LayoutJob::default() };
    job.wrap.max_width = f32::INFINITY;
    let mut at = 0;
    for (range, paint) in spans {
        if range.start < at || range.start >= range.end || text.get(range.clone()).is_none() {
            continue;
        }
        push(&mut job, text.get(at..range.start), Paint::Plain, theme);
        push(&mut job, text.get(range.clone()), *paint, theme);
        at = range.end;
    }
    push(&mut job, text.get(at..), Paint::Plain, theme);
    job
}

fn push(job: &mut LayoutJob, piece: Option<&str>, paint: Paint, theme: &Theme) {
    let Some(piece) = piece.filter(|p| !p.is_empty()) else { return };
    let color = match paint {
        Paint::Plain => theme.text,
        Paint::Word => theme.json_word,
        Paint::Name => theme.json_key,
        Paint::Call => theme.text,
        Paint::Text => theme.json_text,
        Paint::Number => theme.json_number,
        Paint::Comment => theme.faint,
        Paint::Bad => theme.red,
    };
    let font_id = if paint == Paint::Call { mono_semibold() } else { theme::mono(SIZE) };
    let underline = if paint == Paint::Bad { Stroke::new(1.0, theme.red) } else { Stroke::NONE };
    let format = TextFormat { font_id, color, underline, line_height: Some(LINE), ..TextFormat::default() };
    job.append(piece, 0.0, format);
}

fn mono_semibold() -> egui::FontId {
    egui::FontId::new(SIZE, egui::FontFamily::Name(theme::MONO_SEMIBOLD.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_of_the_text_is_laid_out_whatever_the_spans_say() {
        let text = "on Größe\n  x = 1";
        for spans in [
            vec![],
            vec![(0..2, Paint::Word), (3..10, Paint::Call)],
            vec![(4..6, Paint::Word), (5..7, Paint::Name), (99..120, Paint::Text)],
            vec![(6..7, Paint::Bad), (0..1_000, Paint::Word)],
        ] {
            assert_eq!(layout(text, &spans, &theme::DARK).text, text, "{spans:?}");
        }
    }
}
