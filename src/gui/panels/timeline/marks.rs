//! All marks of a panel as one mesh: a hundred thousand shapes cost a hundred milliseconds a frame,
//! the same as one mesh two.
//!
//! Outlines carry a transparent rim one pixel wide, because a mesh is drawn as it is, without
//! egui's own smoothing of edges.

use egui::epaint::{Mesh, Vertex, WHITE_UV};
use egui::{Color32, Pos2, Rect, Vec2, pos2, vec2};

use crate::gui::theme::Mark;

/// Corners of a mark's outline around its centre, for a radius of one. Areas look alike.
fn corners(mark: Mark) -> Vec<Vec2> {
    let ring = |n: usize, turn: f32, size: f32| -> Vec<Vec2> {
        (0..n)
            .map(|i| {
                let angle = std::f32::consts::TAU * (i as f32 / n as f32 + turn);
                vec2(angle.cos(), angle.sin()) * size
            })
            .collect()
    };
    match mark {
        Mark::Circle => ring(10, 0.0, 1.0),
        Mark::Diamond => ring(4, 0.0, 1.2),
        Mark::Square => ring(4, 0.125, 1.2),
        // Lifted a little, so that it seems to sit on the lane's line.
        Mark::Triangle => ring(3, -0.25, 1.3).into_iter().map(|c| c + vec2(0.0, 0.15)).collect(),
        // One bar of it; the other is its mirror image.
        Mark::Cross => vec![vec2(-1.1, -0.8), vec2(-0.8, -1.1), vec2(1.1, 0.8), vec2(0.8, 1.1)],
    }
}

/// Collects marks and bars into one mesh.
#[derive(Debug)]
pub struct MarkMesh {
    mesh: Mesh,
    corners: [Vec<Vec2>; 5],
    /// Width of the transparent rim in points: one physical pixel.
    rim: f32,
}

impl MarkMesh {
    #[must_use]
    pub fn new(pixels_per_point: f32) -> Self {
        Self {
            mesh: Mesh::default(),
            corners: [Mark::Circle, Mark::Square, Mark::Diamond, Mark::Triangle, Mark::Cross].map(corners),
            rim: 1.0 / pixels_per_point.max(0.1),
        }
    }

    /// One event.
    pub fn mark(&mut self, at: Pos2, radius: f32, mark: Mark, color: Color32) {
        self.outline(at, radius, mark, 1.0, color);
        if mark == Mark::Cross {
            self.outline(at, radius, mark, -1.0, color);
        }
    }

    fn outline(&mut self, at: Pos2, radius: f32, mark: Mark, side: f32, color: Color32) {
        let Some(corners) = self.corners.get(mark as usize) else { return };
        let first = self.mesh.vertices.len() as u32;
        let n = corners.len() as u32;
        let (inner, outer) = (radius - self.rim * 0.5, radius + self.rim * 0.5);
        for corner in corners {
            let corner = vec2(corner.x * side, corner.y);
            self.mesh.vertices.push(Vertex { pos: at + corner * inner, uv: WHITE_UV, color });
            self.mesh.vertices.push(Vertex { pos: at + corner * outer, uv: WHITE_UV, color: Color32::TRANSPARENT });
        }
        for i in 0..n {
            let (a, b) = (first + 2 * i, first + 2 * ((i + 1) % n));
            if i > 0 && i + 1 < n {
                self.mesh.add_triangle(first, a, b);
            }
            self.mesh.add_triangle(a, a + 1, b);
            self.mesh.add_triangle(b, a + 1, b + 1);
        }
    }

    /// Many events: a bar.
    pub fn bar(&mut self, rect: Rect, color: Color32) {
        self.mesh.add_colored_rect(rect, color);
    }

    /// The line of a lane, or the rule between two.
    pub fn rule(&mut self, x0: f32, x1: f32, y: f32, width: f32, color: Color32) {
        self.bar(Rect::from_min_max(pos2(x0, y - width * 0.5), pos2(x1, y + width * 0.5)), color);
    }

    #[must_use]
    pub fn finish(self) -> Mesh {
        self.mesh
    }
}

/// How strongly a bucket of `count` events is drawn, 0 to 1, where the fullest in sight has `most`.
/// Logarithmic: a bucket with one event must still be seen beside one with a million.
#[must_use]
pub fn strength(count: u64, most: u64) -> f32 {
    if count == 0 {
        return 0.0;
    }
    let full = (most.max(2) as f32).ln_1p();
    0.35 + 0.65 * ((count as f32).ln_1p() / full).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_a_closed_outline_with_a_rim() {
        for (mark, corners, bars) in
            [(Mark::Circle, 10, 1), (Mark::Diamond, 4, 1), (Mark::Triangle, 3, 1), (Mark::Cross, 4, 2)]
        {
            let mut marks = MarkMesh::new(1.0);
            marks.mark(pos2(10.0, 10.0), 4.0, mark, Color32::WHITE);
            let mesh = marks.finish();
            assert!(mesh.is_valid());
            assert_eq!(mesh.vertices.len(), bars * corners * 2);
            assert_eq!(mesh.indices.len() / 3, bars * (corners - 2 + corners * 2));
            assert!(mesh.calc_bounds().width() < 12.0);
        }
    }

    #[test]
    fn one_event_is_seen_beside_a_million() {
        assert!(strength(1, 1_000_000) > 0.3);
        assert!(strength(1, 1_000_000) < strength(1000, 1_000_000));
        assert!((strength(7, 7) - 1.0).abs() < 1e-6);
        assert!(strength(0, 9).abs() < f32::EPSILON);
    }
}
