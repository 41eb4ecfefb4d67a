//! Counts over time in the height of a line of text.

use egui::{Color32, Painter, Rect, pos2};

/// Draws one bar per count. Anything that happened at all is at least a pixel high; heights follow
/// the square root, so that a single event beside a thousand can still be seen.
pub fn paint(painter: &Painter, rect: Rect, counts: &[u32], color: Color32) {
    let Some(&most) = counts.iter().max() else { return };
    if most == 0 || rect.width() <= 0.0 {
        return;
    }
    let step = rect.width() / counts.len() as f32;
    let mut mesh = egui::Mesh::default();
    for (i, &count) in counts.iter().enumerate().filter(|&(_, &count)| count > 0) {
        let height = ((count as f32 / most as f32).sqrt() * rect.height()).max(1.0);
        let left = rect.left() + i as f32 * step;
        let bar = Rect::from_min_max(
            pos2(left, rect.bottom() - height),
            pos2((left + step - 0.5).max(left + 0.75), rect.bottom()),
        );
        mesh.add_colored_rect(bar, color);
    }
    painter.add(mesh);
}
