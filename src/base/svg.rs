//! What drawings as SVG share: the light ground, the colours, and text that cannot break out of it.

use std::fmt::Write as _;

/// Text, and what is said beside it.
pub const INK: &str = "#1f2430";
pub const FAINT: &str = "#6b7280";
pub const LINE: &str = "#7c8794";
pub const BOX: &str = "#eef2f7";
/// The critical path.
pub const SURE: &str = "#5b47d6";
/// Only what is doubtful is amber.
pub const DOUBTFUL: &str = "#b45309";

/// Opens a drawing of this size, in points.
#[must_use]
pub fn start(w: f32, h: f32) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w:.0}\" height=\"{h:.0}\" viewBox=\"0 0 {w:.0} {h:.0}\" \
         font-family=\"Inter, Helvetica, Arial, sans-serif\" font-size=\"12\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n"
    )
}

#[must_use]
pub fn end() -> &'static str {
    "</svg>\n"
}

/// Adds a piece of the drawing.
pub fn put(drawing: &mut String, piece: std::fmt::Arguments<'_>) {
    drawing.write_fmt(piece).expect("writing to a String");
}

/// At most so many characters of a name, the last one a mark that there are more.
#[must_use]
pub fn cut(name: &str, most: usize) -> String {
    if name.chars().count() <= most {
        return name.to_owned();
    }
    name.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

/// Text for XML; characters that XML has no form for become a mark.
#[must_use]
pub fn escaped(text: &str) -> String {
    let plain: String = text
        .chars()
        .map(|c| if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') { '\u{fffd}' } else { c })
        .collect();
    quick_xml::escape::escape(plain.as_str()).into_owned()
}
