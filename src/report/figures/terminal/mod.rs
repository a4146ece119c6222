//! A figure in characters: curves in Braille dots, grids in blocks; letters and signs where a terminal has neither
//! Unicode nor colours.

mod bars;
mod canvas;
mod chart;
mod grid;
mod paint;

use super::model::{Content, Figure, Shape};

/// What a terminal can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terminal {
    /// Columns.
    pub width: usize,
    /// Whether signs beyond ASCII may be used.
    pub unicode: bool,
    /// Whether colours are used.
    pub color: bool,
}

impl Figure {
    /// The figure in characters, line by line, no line wider than the terminal.
    pub fn terminal(&self, terminal: &Terminal) -> String {
        let terminal = &Terminal { width: terminal.width.max(24), ..*terminal };
        let mut lines = vec![paint::strong(&paint::cut(&self.title, terminal.width), terminal)];
        if self.panels.iter().all(|p| matches!(p.content, Content::Grid(_))) {
            lines.extend(grid::lines(self, terminal));
        } else {
            for panel in &self.panels {
                let Content::Chart(c) = &panel.content else { continue };
                if !panel.title.is_empty() {
                    lines.push(paint::cut(&format!("  {}", panel.title), terminal.width));
                }
                if c.curves.iter().all(|c| c.shape == Shape::Bars) {
                    lines.extend(bars::lines(c, terminal));
                } else {
                    lines.extend(chart::lines(c, terminal));
                }
            }
            lines.extend(chart::key(self, terminal));
        }
        lines.extend(self.notes.iter().map(|n| {
            paint::faint(&paint::cut(&format!("  {}", paint::plain(n, terminal)), terminal.width), terminal)
        }));
        lines.iter().map(|l| l.trim_end().to_string() + "\n").collect()
    }
}
