use crate::source::Span;

/// A drawing of one `plot` or `image` of a file.
///
/// Made by [`figures`](super::figures). Every number in it is in the unit that its scale names.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// Its file name without an ending: `1-rate-vs-t`.
    pub stem: String,
    /// What was written: `rate vs t`.
    pub title: String,
    /// Where it was written.
    pub span: Span,
    /// Its panels in reading order; at least one.
    pub panels: Vec<Panel>,
    /// How many panels belong side by side; 0 where it does not matter.
    pub columns: usize,
    /// What must be said of it: over what a mean was taken, what was left out.
    pub notes: Vec<String>,
}

/// A part of a figure with axes of its own.
#[derive(Debug, Clone, PartialEq)]
pub struct Panel {
    /// Of which case or place it is; empty where there is one panel only.
    pub title: String,
    /// What is in it.
    pub content: Content,
}

/// Kinds of panels.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// Curves, points or bars.
    Chart(Chart),
    /// Rows and columns in colours.
    Grid(Grid),
}

/// Curves over a common horizontal axis.
#[derive(Debug, Clone, PartialEq)]
pub struct Chart {
    /// The horizontal axis.
    pub x: Scale,
    /// The vertical axis.
    pub y: Scale,
    /// Whether the horizontal axis is the time of the run.
    pub time: bool,
    /// What is drawn, the first at the bottom.
    pub curves: Vec<Curve>,
    /// When phases went on.
    pub phases: Vec<Shade>,
    /// Where expectations are, and what the plot marks.
    pub marks: Vec<Mark>,
}

/// An axis of a chart.
#[derive(Debug, Clone, PartialEq)]
pub struct Scale {
    /// What it is: `rate`.
    pub label: String,
    /// In which unit; empty for plain numbers.
    pub unit: String,
    /// Its lower end.
    pub lo: f64,
    /// Its upper end; above the lower.
    pub hi: f64,
    /// Its ticks, all within it.
    pub ticks: Vec<Tick>,
    /// Whether its ticks are names at 0, 1, 2 ... and no numbers.
    pub names: bool,
}

/// A tick of a scale.
#[derive(Debug, Clone, PartialEq)]
pub struct Tick {
    /// Where.
    pub at: f64,
    /// How it is written.
    pub text: String,
}

/// How the points of a curve are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Joined.
    Line,
    /// One sign each.
    Points,
    /// Joined, with a sign each.
    LineAndPoints,
    /// A bar from zero to each.
    Bars,
    /// The outline of a histogram; `x` are the edges, one more than there are numbers.
    Steps,
}

/// One curve.
#[derive(Debug, Clone, PartialEq)]
pub struct Curve {
    /// What it is called; empty where it is the only one.
    pub name: String,
    /// Its place among the colours, and of how many.
    pub color: (usize, usize),
    /// Whether it is of the control run.
    pub control: bool,
    /// How it is drawn.
    pub shape: Shape,
    /// Where its points are, ascending unless it is a course of one record against another; as many as `y`, or one more for [`Shape::Steps`].
    pub x: Vec<f64>,
    /// Its values; NaN where there is none.
    pub y: Vec<f64>,
    /// The least and the largest of what each value is the mean of.
    pub range: Option<(Vec<f64>, Vec<f64>)>,
    /// How far each value may be off, to both sides.
    pub error: Option<Vec<f64>>,
}

/// A stretch of the horizontal axis that has a name.
#[derive(Debug, Clone, PartialEq)]
pub struct Shade {
    /// The name of the phase.
    pub name: String,
    /// Where it begins.
    pub from: f64,
    /// Where it ends.
    pub to: f64,
    /// Whether it holds still what learns.
    pub frozen: bool,
}

/// Something marked in a chart.
#[derive(Debug, Clone, PartialEq)]
pub struct Mark {
    /// What it says.
    pub text: String,
    /// From where to where on the horizontal axis; the same twice for one place, infinite for all along.
    pub x: (f64, f64),
    /// From where to where on the vertical axis; infinite where only one end is known.
    pub y: (f64, f64),
    /// Whether what is expected there is so; none where nothing is expected.
    pub held: Option<bool>,
    /// The colour of the curve it belongs to, if it is of one.
    pub color: Option<(usize, usize)>,
}

/// Numbers in rows and columns.
#[derive(Debug, Clone, PartialEq)]
pub struct Grid {
    /// What its rows are called.
    pub row: String,
    /// What its columns are called.
    pub column: String,
    /// Names of the rows, where these have any.
    pub row_names: Option<Vec<String>>,
    /// Names of the columns, where these have any.
    pub column_names: Option<Vec<String>>,
    /// How many rows.
    pub rows: usize,
    /// How many columns.
    pub columns: usize,
    /// The numbers, row by row; NaN where there is none.
    pub values: Vec<f64>,
    /// The scale of the colours, the same for all panels of a figure.
    pub scale: Scale,
    /// Whether zero has a colour of its own in the middle of the scale.
    pub signed: bool,
}

impl Figure {
    /// Curves by the name, the colour and the shape they share in all panels, in the order they first come.
    pub fn key(&self) -> Vec<&Curve> {
        let mut key: Vec<&Curve> = Vec::new();
        for panel in &self.panels {
            let Content::Chart(chart) = &panel.content else { continue };
            for curve in &chart.curves {
                let known = |k: &&Curve| k.name == curve.name && k.control == curve.control;
                if !curve.name.is_empty() && !key.iter().any(known) {
                    key.push(curve);
                }
            }
        }
        key
    }
}

impl Grid {
    /// The mean of a block of cells, cut at the edges of the grid; NaN where none of them has a number.
    pub(super) fn mean(&self, rows: std::ops::Range<usize>, columns: std::ops::Range<usize>) -> f64 {
        let (mut sum, mut n) = (0.0, 0u32);
        for row in rows.start..rows.end.min(self.rows) {
            for column in columns.start..columns.end.min(self.columns) {
                let v = self.values[row * self.columns + column];
                if v.is_finite() {
                    (sum, n) = (sum + v, n + 1);
                }
            }
        }
        if n == 0 { f64::NAN } else { sum / f64::from(n) }
    }
}

impl Scale {
    /// Where a value lies on it, 0 at its lower end and 1 at its upper.
    pub fn place(&self, value: f64) -> f64 {
        (value - self.lo) / (self.hi - self.lo)
    }

    /// Its label with the unit: `rate (Hz)`.
    pub fn caption(&self) -> String {
        match (self.label.is_empty(), self.unit.is_empty()) {
            (_, true) => self.label.clone(),
            (true, false) => self.unit.clone(),
            (false, false) => format!("{} ({})", self.label, self.unit),
        }
    }
}
