//! Inter for the interface, JetBrains Mono for ids, times, payloads and numbers (its figures are all
//! of one width). egui's own fonts stay behind them for symbols, and behind those the system's for other
//! scripts, which eframe looks for when one is needed.

use std::sync::Arc;

use egui::{Context, FontData, FontDefinitions, FontFamily};

/// Name of the family for headings.
pub const SEMIBOLD: &str = "semibold";
pub const MONO_SEMIBOLD: &str = "mono semibold";

const FILES: [(&str, &[u8]); 4] = [
    ("Inter", include_bytes!("../../../assets/fonts/Inter-Regular.otf")),
    ("Inter SemiBold", include_bytes!("../../../assets/fonts/Inter-SemiBold.otf")),
    ("JetBrains Mono", include_bytes!("../../../assets/fonts/JetBrainsMono-Regular.ttf")),
    ("JetBrains Mono SemiBold", include_bytes!("../../../assets/fonts/JetBrainsMono-SemiBold.ttf")),
];

/// Once, before the first frame.
pub fn install(ctx: &Context) {
    let mut fonts = FontDefinitions::default();
    for (name, bytes) in FILES {
        fonts.font_data.insert(name.to_owned(), Arc::new(FontData::from_static(bytes)));
    }
    let sans = fonts.families.get(&FontFamily::Proportional).cloned().unwrap_or_default();
    let mono = fonts.families.get(&FontFamily::Monospace).cloned().unwrap_or_default();
    let with = |first: &[&str], rest: &[String]| -> Vec<String> {
        first.iter().map(|&s| s.to_owned()).chain(rest.iter().cloned()).collect()
    };
    let families = [
        (FontFamily::Proportional, with(&["Inter", "JetBrains Mono"], &sans)),
        (FontFamily::Monospace, with(&["JetBrains Mono", "Inter"], &mono)),
        (FontFamily::Name(SEMIBOLD.into()), with(&["Inter SemiBold", "JetBrains Mono SemiBold"], &sans)),
        (FontFamily::Name(MONO_SEMIBOLD.into()), with(&["JetBrains Mono SemiBold", "Inter SemiBold"], &mono)),
    ];
    fonts.families.extend(families);
    ctx.set_fonts(fonts);
}
