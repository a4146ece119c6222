//! Figures: what `plot` and `image` draw.
//!
//! [`figures`] makes a [`Figure`] of each from a [`Reading`](super::Reading): curves, bars and coloured grids with their
//! scales, phases, marks and names, and nothing of how they look. The same figure is then written as SVG
//! ([`Figure::svg`]), as PNG ([`Figure::png`]) or in characters ([`Figure::terminal`]), in the same bytes every time.

mod along;
mod bars;
mod build;
mod curves;
mod decimate;
mod folding;
mod histogram;
mod image;
mod marks;
mod model;
mod palette;
mod phases;
mod png;
mod rows;
mod scales;
mod streamed;
mod svg;
mod terminal;

pub use build::{Undrawn, figures};
pub(in crate::report) use decimate::decimated;
pub use model::{Chart, Content, Curve, Figure, Grid, Mark, Panel, Scale, Shade, Shape, Tick};
pub use terminal::Terminal;
