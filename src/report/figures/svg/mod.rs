//! A figure as SVG: one page for all its panels, drawn in `currentColor` so that a page around it can be dark.

mod chart;
mod curves;
mod grid;
mod key;
mod marks;
mod page;
mod phases;
mod text;
mod writer;

use super::model::Figure;

impl Figure {
    /// The figure as an SVG file: dark on white.
    pub fn svg(&self) -> String {
        page::svg(self, true)
    }

    /// The figure as an SVG element to stand inside a page, without a background and in the page's text colour.
    pub fn svg_inline(&self) -> String {
        page::svg(self, false)
    }
}

pub(super) use text::FONT;
