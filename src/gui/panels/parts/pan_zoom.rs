//! What part of a drawing is on screen: a zoom and the place of its origin.

use egui::{Pos2, Rect, Response, Ui, Vec2, vec2};

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct View {
    /// A person moved or zoomed it: it is not fitted any more.
    touched: bool,
    zoom: f32,
    /// The map's origin, from the top left of the canvas.
    origin: Vec2,
}

const ZOOMS: std::ops::RangeInclusive<f32> = 0.2..=2.5;

impl View {
    /// Everything in sight, hardly larger than life and never smaller than `least`; only while nobody
    /// moved it.
    pub fn fit(&mut self, size: [f32; 2], canvas: Rect, least: f32) {
        if self.touched {
            return;
        }
        let [w, h] = size;
        self.zoom =
            (canvas.width() / w.max(1.0)).min(canvas.height() / h.max(1.0)).clamp(least.max(*ZOOMS.start()), 1.25);
        // What does not fit begins at its beginning.
        self.origin = ((canvas.size() - vec2(w, h) * self.zoom) / 2.0).max(vec2(0.0, f32::NEG_INFINITY));
    }

    pub fn let_fit(&mut self) {
        self.touched = false;
    }

    pub fn pan(&mut self, by: Vec2) {
        self.touched = true;
        self.origin += by;
    }

    /// Around a place of the canvas that stays where it is.
    pub fn zoom_by(&mut self, factor: f32, around: Vec2) {
        let zoom = (self.zoom * factor).clamp(*ZOOMS.start(), *ZOOMS.end());
        self.origin = around - (around - self.origin) * (zoom / self.zoom.max(f32::EPSILON));
        self.zoom = zoom;
        self.touched = true;
    }

    #[must_use]
    pub fn zoom(&self) -> f32 {
        self.zoom
    }

    /// The size of text that is `size` points high at life size, in steps of half a point: each size of a
    /// letter is drawn once and kept, and smooth steps would draw all of them anew in every frame.
    #[must_use]
    pub fn text(&self, size: f32) -> f32 {
        ((size * self.zoom * 2.0).round() / 2.0).max(1.0)
    }

    #[must_use]
    pub fn px(&self, at: [f32; 2], canvas: Rect) -> Pos2 {
        canvas.min + self.origin + vec2(at[0], at[1]) * self.zoom
    }

    /// Dragging moves, the wheel and pinching zoom around the pointer.
    pub fn take_input(&mut self, ui: &Ui, response: &Response, canvas: Rect) {
        if response.dragged() {
            self.pan(response.drag_delta());
        }
        if let Some(at) = response.hover_pos() {
            let (wheel, pinch) = ui.input(|i| (i.smooth_scroll_delta().y, i.zoom_delta()));
            let factor = pinch * (wheel * 0.004).exp();
            if (factor - 1.0).abs() > 1e-4 {
                self.zoom_by(factor, at - canvas.min);
            }
        }
    }

    /// Brings a place into the canvas, to its middle where it is outside.
    pub fn show(&mut self, at: [f32; 2], canvas: Rect) {
        let now = self.px(at, canvas);
        if !canvas.shrink(24.0).contains(now) {
            self.touched = true;
            self.origin += canvas.center() - now;
        }
    }
}

#[cfg(test)]
mod tests {
    use egui::pos2;

    use super::*;

    #[test]
    fn zooming_keeps_the_place_under_the_pointer() {
        let canvas = Rect::from_min_size(pos2(10.0, 20.0), vec2(400.0, 300.0));
        let mut view = View::default();
        view.fit([800.0, 300.0], canvas, 0.0);
        assert!((view.zoom() - 0.5).abs() < 1e-6);
        let before = view.px([100.0, 50.0], canvas);
        view.zoom_by(1.7, before - canvas.min);
        assert!(before.distance(view.px([100.0, 50.0], canvas)) < 1e-3);
        view.fit([800.0, 300.0], canvas, 0.0);
        assert!(view.zoom() > 0.8, "moved by hand, it is not fitted");
        view.let_fit();
        view.fit([800.0, 300.0], canvas, 0.0);
        assert!((view.zoom() - 0.5).abs() < 1e-6);
    }
}
