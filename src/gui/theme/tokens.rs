//! The numbers behind the colours, dark and light. Event types' colours can be told apart with the
//! common kinds of colour blindness (after Okabe and Ito, without its orange and vermilion, which
//! stand for doubtful and failed here), and differ in lightness too.

#![expect(clippy::disallowed_methods, reason = "the one place where colours are written as numbers")]

use egui::Color32;

use super::Theme;

const fn hex(rgb: u32) -> Color32 {
    Color32::from_rgb((rgb >> 16) as u8, (rgb >> 8) as u8, rgb as u8)
}

const fn black(alpha: u8) -> Color32 {
    Color32::from_black_alpha(alpha)
}

pub const DARK: Theme = Theme {
    dark: true,
    window: hex(0x0B_0D12),
    panel: hex(0x12_151C),
    raised: hex(0x1A_1E27),
    sunken: hex(0x0D_0F15),
    hover: hex(0x1E_2330),
    stripe: hex(0x14_1821),
    line: hex(0x24_2A36),
    outline: hex(0x3A_4252),
    text: hex(0xE6_E9EF),
    muted: hex(0xA3_ACBC),
    faint: hex(0x7B_8598),
    accent: hex(0x9B_8CFF),
    accent_soft: hex(0x2A_2750),
    on_accent: hex(0x0B_0D12),
    red: hex(0xFF_6B6B),
    red_soft: hex(0x3A_1A1F),
    amber: hex(0xF5_A524),
    amber_soft: hex(0x35_2812),
    veil: black(140),
    shadow: black(110),
    bar: hex(0x5F_6B80),
    series: [
        hex(0x56_B4E9),
        hex(0x2F_BF8F),
        hex(0xE8_DC5A),
        hex(0x3F_7FD0),
        hex(0xD6_89B8),
        hex(0x9A_DBD0),
        hex(0x9C_9B3C),
        hex(0xB8_9A7C),
        hex(0xC3_D0E0),
    ],
    json_key: hex(0xA9_C7F0),
    json_text: hex(0xA8_D5A2),
    json_number: hex(0xE8_DC9A),
    json_word: hex(0xD6_A5CC),
};

pub const LIGHT: Theme = Theme {
    dark: false,
    window: hex(0xE3_E6EC),
    panel: hex(0xFC_FCFD),
    raised: hex(0xF3_F5F8),
    sunken: hex(0xFF_FFFF),
    hover: hex(0xEC_EFF5),
    stripe: hex(0xF7_F8FB),
    line: hex(0xE0_E4EB),
    outline: hex(0xB9_C1CE),
    text: hex(0x17_1B24),
    muted: hex(0x4D_5666),
    faint: hex(0x6B_7587),
    accent: hex(0x5B_46E0),
    accent_soft: hex(0xE4_E0FF),
    on_accent: hex(0xFF_FFFF),
    red: hex(0xC6_2A2F),
    red_soft: hex(0xFD_E7E8),
    amber: hex(0xA8_6200),
    amber_soft: hex(0xFD_F0D9),
    veil: black(70),
    shadow: black(40),
    bar: hex(0x9A_A5B6),
    series: [
        hex(0x2C_93D0),
        hex(0x00_8A66),
        hex(0xA8_9A00),
        hex(0x1D_4FA3),
        hex(0xB2_5590),
        hex(0x3F_A79B),
        hex(0x6B_6A14),
        hex(0x8C_6B49),
        hex(0x5C_6B80),
    ],
    json_key: hex(0x1D_4FA3),
    json_text: hex(0x1F_6B3A),
    json_number: hex(0x7A_5B00),
    json_word: hex(0x8A_3A76),
};

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance as in WCAG 2.
    fn luminance(c: Color32) -> f64 {
        let channel = |v: u8| {
            let v = f64::from(v) / 255.0;
            if v <= 0.040_45 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(c.r()) + 0.7152 * channel(c.g()) + 0.0722 * channel(c.b())
    }

    fn contrast(a: Color32, b: Color32) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn text_can_be_read_on_every_ground() {
        for t in [DARK, LIGHT] {
            for ground in [t.panel, t.raised, t.sunken, t.hover, t.stripe, t.accent_soft] {
                for (text, least) in [(t.text, 7.0), (t.muted, 4.5), (t.faint, 3.4)] {
                    let got = contrast(text, ground);
                    assert!(got >= least, "{text:?} on {ground:?}: {got:.2} < {least} (dark: {})", t.dark);
                }
            }
            for (text, ground) in [(t.on_accent, t.accent), (t.red, t.red_soft), (t.amber, t.amber_soft)] {
                assert!(contrast(text, ground) >= 4.0, "{text:?} on {ground:?} (dark: {})", t.dark);
            }
        }
    }

    #[test]
    fn marks_stand_out_from_the_panel_and_from_each_other() {
        for t in [DARK, LIGHT] {
            for (i, &a) in t.series.iter().enumerate() {
                assert!(contrast(a, t.panel) >= 2.4, "series {i} (dark: {}): {:.2}", t.dark, contrast(a, t.panel));
                for &b in &t.series[..i] {
                    let distance = [(a.r(), b.r()), (a.g(), b.g()), (a.b(), b.b())]
                        .iter()
                        .map(|&(x, y)| (f64::from(x) - f64::from(y)).powi(2))
                        .sum::<f64>()
                        .sqrt();
                    assert!(distance > 45.0, "{a:?} and {b:?} (dark: {})", t.dark);
                }
            }
        }
    }
}
