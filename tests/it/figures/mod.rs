//! Figures: what is in them, against what is known of the programs they are drawn from.

mod characters;
mod charts;
mod grids;
mod marks;
mod shipped;

use crate::harness::Files;
use plast::report::figures::{Chart, Content, Curve, Figure, Grid, Undrawn, figures};
use plast::runtime::{Options, Silent};
use plast::sema::Overrides;
use plast::session::{self, Checked, Finished};

/// Checks and runs a program with what its plots follow.
pub fn ran(text: &str, files: &Files) -> (Checked, Finished) {
    let checked = session::check("figure.plast", text, files, &Overrides::default())
        .unwrap_or_else(|d| panic!("{text}\n{:#?}", d.diagnostics));
    let which: Vec<usize> = (0..checked.experiment.programs.len()).collect();
    let options = Options { follow: true, ..Options::default() };
    let finished =
        checked.run(&which, &options, &mut Silent).unwrap_or_else(|d| panic!("{:#?}", d.diagnostics));
    (checked, finished)
}

/// Every figure of a program.
pub fn drawn(text: &str) -> Vec<Result<Figure, Undrawn>> {
    let (checked, finished) = ran(text, &Files::default());
    figures(&finished.reading(&checked))
}

/// The only figure of a program.
pub fn one(text: &str) -> Figure {
    let mut all = drawn(text);
    assert_eq!(all.len(), 1);
    all.remove(0).unwrap_or_else(|u| panic!("{u:?}"))
}

pub fn chart(figure: &Figure, panel: usize) -> &Chart {
    match &figure.panels[panel].content {
        Content::Chart(c) => c,
        Content::Grid(_) => panic!("a grid"),
    }
}

pub fn grid(figure: &Figure, panel: usize) -> &Grid {
    match &figure.panels[panel].content {
        Content::Grid(g) => g,
        Content::Chart(_) => panic!("a chart"),
    }
}

pub fn curve<'f>(chart: &'f Chart, name: &str) -> &'f Curve {
    let names: Vec<_> = chart.curves.iter().map(|c| &c.name).collect();
    chart.curves.iter().find(|c| c.name == name).unwrap_or_else(|| panic!("{name} is none of {names:?}"))
}

/// A cell onto which a source of constant output has a weight that decays, as `exp(-t / 100 s)` by Euler's steps.
pub const DECAY: &str = "
clock 100 ms
population source
population target { output y = drive }
rule fade { param lambda = 0.01 /s
  dw/dt = -lambda*w }
synapses ff: source -> target { rule fade; w = 1 }
";
