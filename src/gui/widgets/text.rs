//! Text that comes from outside, made safe to look at: what would be invisible or would rearrange
//! its neighbours (control characters, zero widths, marks of direction) is written out.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::sync::Arc;

use egui::text::{LayoutJob, TextFormat, TextWrapping};
use egui::{Color32, FontId, Galley, Painter};

use crate::base::unusual::is_unusual;

/// Longest text that is laid out for one line, in bytes; a table cell never shows more.
const LINE_BYTES: usize = 2_048;

/// `a\u{202e}b` → `a\u{202E}b` in plain letters; borrowed where nothing is unusual.
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_unusual) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if is_unusual(c) => {
                let written = write!(out, "\\u{{{:04X}}}", u32::from(c));
                debug_assert!(written.is_ok(), "writing to a String cannot fail");
            }
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// The first bytes of a text, cut between characters.
#[must_use]
pub fn head(text: &str, bytes: usize) -> &str {
    if text.len() <= bytes {
        return text;
    }
    let mut end = bytes;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// One line that ends in `…` where it does not fit. Text that does not change costs no layout.
#[must_use]
pub fn line(painter: &Painter, text: &str, font: FontId, color: Color32, width: f32) -> Arc<Galley> {
    let text = visible(head(text, LINE_BYTES));
    let mut job = LayoutJob::single_section(text.into_owned(), TextFormat::simple(font, color));
    job.wrap = TextWrapping { max_width: width.max(0.0), max_rows: 1, break_anywhere: true, ..Default::default() };
    job.break_on_newline = false;
    painter.layout_job(job)
}

/// One line that begins with `…` where it does not fit: of `com.shop.orders.OrderPlaced` the end tells.
#[must_use]
pub fn line_end(painter: &Painter, text: &str, font: FontId, color: Color32, width: f32) -> Arc<Galley> {
    let text = visible(head(text, LINE_BYTES));
    let whole = painter.layout_no_wrap(text.clone().into_owned(), font.clone(), color);
    if whole.size().x <= width {
        return whole;
    }
    let dots = painter.layout_no_wrap("…".to_owned(), font.clone(), color).size().x;
    let glyphs = whole.rows.first().map_or(&[][..], |row| &row.glyphs);
    let hidden = glyphs.partition_point(|glyph| whole.size().x - glyph.pos.x + dots > width);
    let rest: String = text.chars().skip(hidden).collect();
    line(painter, &format!("…{rest}"), font, color, width)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_written_out() {
        for (text, shown) in [
            ("plain ä 漢 🙂", "plain ä 漢 🙂"),
            ("a\u{202e}b", "a\\u{202E}b"),
            ("zero\u{200b}width", "zero\\u{200B}width"),
            ("tab\there\nnext\u{0}", "tab\\there\\nnext\\u{0000}"),
            ("\u{feff}bom", "\\u{FEFF}bom"),
        ] {
            assert_eq!(visible(text), shown);
        }
    }

    #[test]
    fn cutting_never_splits_a_character() {
        for n in 0..12 {
            assert!("a漢b🙂c".starts_with(head("a漢b🙂c", n)));
        }
    }

    #[test]
    fn of_what_does_not_fit_the_end_is_kept() {
        let mut shown = Vec::new();
        egui_kittest::Harness::new_ui(|ui| {
            let font = FontId::proportional(14.0);
            let whole = line_end(ui.painter(), "shop.orders.OrderPlaced", font.clone(), Color32::WHITE, 1_000.0);
            let cut = line_end(ui.painter(), "shop.orders.OrderPlaced", font, Color32::WHITE, 100.0);
            assert!(cut.size().x <= 100.0 && cut.size().x > 80.0);
            shown = vec![whole.text().to_owned(), cut.text().to_owned()];
        })
        .run();
        assert_eq!(shown[0], "shop.orders.OrderPlaced");
        assert!(shown[1].starts_with('…') && shown[1].ends_with("OrderPlaced"), "{}", shown[1]);
    }
}
