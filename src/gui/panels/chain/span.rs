//! What part of a chain's time is in sight, and its ruler.

use egui::{Align2, Rect, Stroke, Ui, pos2, vec2};

use crate::base::text::duration_ns;
use crate::gui::panels::PanelCtx;
use crate::gui::theme::{GRID, SMALL, mono};

/// Height of the ruler.
pub const RULER: f32 = 24.0;
/// Between two ticks at least.
const TICK: f32 = 96.0;

/// The part of the chain's time that is in sight, as shares of all of it.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    pub from: f64,
    pub to: f64,
    /// Lanes scrolled away at the top, in points.
    pub down: f32,
}

impl Default for Span {
    fn default() -> Self {
        Self { from: -0.02, to: 1.02, down: 0.0 }
    }
}

impl Span {
    /// Its length; it is never empty.
    #[must_use]
    pub fn length(self) -> f64 {
        self.to - self.from
    }

    pub fn zoom(&mut self, factor: f64, around: f64) {
        let len = (self.length() / factor).clamp(1e-7, 1.04);
        let share = (around - self.from) / self.length();
        self.from = around - len * share;
        self.to = self.from + len;
        self.keep_inside();
    }

    pub fn pan(&mut self, by: f64) {
        self.from += by;
        self.to += by;
        self.keep_inside();
    }

    /// Brings a share of the time into sight, to the middle where it is outside.
    pub fn show(&mut self, share: f64) {
        let margin = self.length() * 0.02;
        if !(self.from + margin..=self.to - margin).contains(&share) {
            self.pan(share - f64::midpoint(self.from, self.to));
        }
    }

    fn keep_inside(&mut self) {
        let len = self.length().min(1.04);
        // By rounding the end may lie before the start, which `clamp` would not stand.
        self.from = self.from.clamp(-0.02, (1.02 - len).max(-0.02));
        self.to = self.from + len;
    }
}

/// Distances from the first event.
pub fn ruler(ui: &Ui, ctx: &PanelCtx<'_>, body: Rect, span: Span, len: f64) {
    let theme = ctx.theme;
    let strip = Rect::from_min_max(pos2(body.left(), body.top() - RULER), pos2(body.right(), body.top()));
    let painter = ui.painter_at(strip.union(body));
    painter.hline(strip.x_range(), strip.bottom() - 0.5, Stroke::new(1.0, theme.line));
    let step = step(span.length() * len * f64::from(TICK / body.width().max(1.0)));
    let mut at = (span.from * len / step).ceil() * step;
    while at <= span.to * len {
        let x = body.left() + ((at / len - span.from) / span.length() * f64::from(body.width())) as f32;
        painter.vline(x, strip.bottom() - 4.0..=body.bottom(), Stroke::new(1.0, theme.line));
        if x + 64.0 < body.right() {
            let label = if at.abs() < 0.5 { "first event".to_owned() } else { duration_ns(at as i64) };
            painter.text(
                strip.left_top() + vec2(x - strip.left() + GRID, 4.0),
                Align2::LEFT_TOP,
                label,
                mono(SMALL),
                theme.muted,
            );
        }
        at += step;
    }
}

/// The next round length of time: 1, 2 or 5 of a unit below a minute, whole parts of it above.
fn step(least_ns: f64) -> f64 {
    const MINUTE: f64 = 60e9;
    let mut unit = 1.0;
    while unit < 1e10 {
        for factor in [1.0, 2.0, 5.0] {
            if unit * factor >= least_ns {
                return unit * factor;
            }
        }
        unit *= 10.0;
    }
    let rounds = [0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 360.0, 720.0, 1440.0];
    rounds.iter().map(|minutes| minutes * MINUTE).find(|step| *step >= least_ns).unwrap_or_else(|| {
        let day = 1440.0 * MINUTE;
        (least_ns / day).ceil() * day
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round() {
        for (least, expected) in
            [(0.3, 1.0), (3e6, 5e6), (6e8, 1e9), (1.1e10, 3e10), (2.5e10, 3e10), (7e10, 12e10), (9e13, 17.28e13)]
        {
            assert!((step(least) - expected).abs() < 1.0, "{least}: {}", step(least));
        }
    }

    #[test]
    fn the_span_stays_with_the_chain() {
        let mut span = Span::default();
        span.zoom(4.0, 0.5);
        assert!((span.length() - 0.26).abs() < 1e-9 && (span.from - 0.37).abs() < 1e-9);
        span.pan(9.0);
        assert!((span.to - 1.02).abs() < 1e-9);
        span.show(0.5);
        assert!(span.from < 0.5 && span.to > 0.5);
        span.zoom(1e-9, 0.5);
        assert!((span.from + 0.02).abs() < 1e-9 && (span.to - 1.02).abs() < 1e-9);
    }
}
